"""Checks of file names: names that other tools confuse or that contradict the labels, and stray files."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from sameperson.checks import PICTURES
from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.finding import Finding, counted, finding

LITTER = re.compile(r"(?i)thumbs\.db|desktop\.ini|\.ds_store|\._.*|ehthumbs\.db")
OTHER_PICTURES = (".gif", ".tif", ".tiff", ".heic", ".heif", ".jfif", ".jp2", ".avif", ".ppm", ".pgm")
NUMBER = re.compile(r"-?\d+(?=\D|$)")
AGREEING = 0.8
"""Share of names that start with their person's number from which every name's first number is taken for a person."""


def filenames(splits: AllSplits) -> Iterator[Finding]:
    """Report problems with the names of the dataset's files, and other files that lie beside them."""
    if any(part.source is not None for part in splits.samples):
        return
    yield from _confusable_paths(splits)
    yield from _contradicting_names(splits)
    litter, foreign, unlisted = [], [], []
    for folder, known in _folders(splits).items():
        if not folder.is_dir():
            continue
        for entry in os.scandir(folder):
            if LITTER.fullmatch(entry.name):
                litter.append(entry.path)
            elif entry.name.startswith(".") or entry.is_dir():
                continue
            elif entry.name.lower().endswith(OTHER_PICTURES):
                foreign.append(entry.path)
            elif entry.name.lower().endswith(PICTURES) and entry.name not in known:
                unlisted.append(entry.path)
    if foreign:
        says = f"{counted(len(foreign), 'picture')} beside the others in a form that is not read"
        yield finding(
            "unread-forms", "warning", says, sorted(foreign), then=f"save them as one of {', '.join(PICTURES)}"
        )
    if unlisted:
        says = f"{counted(len(unlisted), 'picture lies', 'pictures lie')} in the same folders but in no split"
        yield finding(
            "unlisted", "note", says, sorted(unlisted), then="check the list or the pattern if they should count"
        )
    if litter:
        says = f"{counted(len(litter), 'file')} that some computer left behind (passed over)"
        yield finding("litter", "note", says, sorted(litter), then="remove them: other tools stumble over them")


def _folders(splits: AllSplits) -> dict[Path, set[str]]:
    """Return each folder that holds pictures of the dataset -> their names."""
    found: defaultdict[Path, set[str]] = defaultdict(set)
    for part in splits.samples:
        for path in part.path.tolist():
            folder, _, name = path.rpartition("/")
            found[part.root / folder].add(name)
    return found


def _confusable_paths(splits: AllSplits) -> Iterator[Finding]:
    paths = np.unique(splits.path).tolist()
    edged = [path for path in paths if any(part != part.strip() for part in PurePosixPath(path).with_suffix("").parts)]
    if edged:
        says = f"{counted(len(edged), 'path has', 'paths have')} a blank at the edge of a name"
        yield finding("blank-edges", "warning", says, [repr(path) for path in edged], then="rename them")
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        alike[unicodedata.normalize("NFC", path).casefold()].append(path)
    groups = [" and ".join(repr(path) for path in group) for group in alike.values() if len(group) > 1]
    if groups:
        says = f"{counted(len(groups), 'group')} of paths differ only by case or by the form of an accent"
        yield finding("paths-alike", "warning", says, groups, then="rename them: on other computers they are one file")


def _contradicting_names(splits: AllSplits) -> Iterator[Finding]:
    """Report files whose first number is another person's, if this dataset's names start with the person's number."""
    firsts = [NUMBER.match(PurePosixPath(path).name) for path in splits.path.tolist()]
    said: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for match, pid in zip(firsts, splits.pid.tolist(), strict=True):
        if match and pid > 0:
            said[pid][int(match[0])] += 1
    if len(said) < 2:
        return
    usual = {pid: numbers.most_common(1)[0][0] for pid, numbers in said.items()}
    total = sum(numbers.total() for numbers in said.values())
    agree = sum(numbers[usual[pid]] for pid, numbers in said.items())
    owner = {number: pid for pid, number in usual.items()}
    if len(owner) < len(usual) or agree < AGREEING * total or agree == total or total < AGREEING * len(splits):
        return
    wrong = [
        f"{path} says {match[0]}, labelled {splits.who(pid)}"
        for path, match, pid in zip(splits.path.tolist(), firsts, splits.pid.tolist(), strict=True)
        if match and pid > 0 and owner.get(int(match[0]), pid) != pid
    ]
    if wrong:
        says = f"{counted(len(wrong), 'file')} named after one person and labelled as another"
        yield finding(
            "name-contradicts-label", "error", says, wrong, then="look at them, and mend the name or the label"
        )
