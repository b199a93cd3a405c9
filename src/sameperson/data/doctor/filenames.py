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
from sameperson.data.readers.passed_over import LITTER
from sameperson.types import UNKNOWN

OTHER_PICTURES = (
    ".heic", ".heif", ".hif", ".jp2", ".j2k", ".jxl", ".jxr", ".psd", ".svg", ".exr", ".hdr", ".dng", ".cr2", ".cr3",
    ".nef", ".arw", ".raw", ".tga", ".ico", ".xcf",
)  # fmt: skip
"""Endings of pictures that are not read."""
NUMBER = re.compile(r"-?\d+(?=\D|$)")
AGREEING = 0.8
"""Share of names that start with their person's number from which every name's first number is taken for a person."""


def filenames(splits: AllSplits) -> Iterator[Finding]:
    """Report problems with the names of the dataset's files, and other files that lie beside them."""
    if any(part.source is not None for part in splits.samples):
        return
    yield from _confusable_paths(splits)
    yield from _contradicting_names(splits)
    yield from _mixed_forms(splits)
    litter, unlisted = [], []
    for folder, known in _folders(splits).items():
        if not folder.is_dir():
            continue
        for entry in os.scandir(folder):
            if LITTER.fullmatch(entry.name):
                litter.append(entry.path)
            elif entry.name.startswith(".") or entry.is_dir():
                continue
            elif entry.name.lower().endswith(PICTURES) and entry.name not in known:
                unlisted.append(entry.path)
    foreign = _unread(splits)
    if foreign:
        says = f"{counted(len(foreign), 'picture')} beside the others in a form that is not read"
        yield finding("unread-forms", "warning", says, foreign, then=f"save them as one of {', '.join(PICTURES)}")
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


def _unread(splits: AllSplits) -> list[str]:
    """List the pictures of forms that are not read, in the folders of the dataset and below its first folders."""
    places = {
        part.root / first for part in splits.samples for first in {path.split("/")[0] for path in part.path.tolist()}
    }
    found = {
        str(Path(place, name))
        for start in places
        for place, _, names in os.walk(start)
        for name in names
        if name.lower().endswith(OTHER_PICTURES) and not name.startswith(".")
    }
    for folder in _folders(splits):
        if folder.is_dir():
            found |= {
                entry.path
                for entry in os.scandir(folder)
                if entry.name.lower().endswith(OTHER_PICTURES) and not entry.name.startswith(".") and entry.is_file()
            }
    return sorted(found)


def _mixed_forms(splits: AllSplits) -> Iterator[Finding]:
    """Report pictures of several forms, and a form that only one camera has, which other tools would lose whole."""
    endings = np.array([PurePosixPath(path).suffix.lower() for path in splits.path.tolist()])
    of_file = endings[splits.first]
    forms, counts = np.unique(of_file, return_counts=True)
    if len(forms) < 2:
        return
    cameras, says, where = splits.camid[splits.first], [], []
    for place in np.argsort(-counts, kind="stable").tolist():
        mine = of_file == forms[place]
        seen = np.unique(cameras[mine])
        alone = len(seen) == 1 and seen[0] != UNKNOWN and len(splits.cameras) > 1
        says.append(f"{counts[place]} {forms[place]}" + (f" (all of camera {seen[0]})" if alone else ""))
        where.append(str(splits.path[splits.first[np.argmax(mine)]]))
    text = f"Pictures of {len(forms)} forms, all of which are read: {', '.join(says)}"
    then = "save them as one form if other tools are to read them too: many pass over the rarer ones without a word"
    yield finding("mixed-forms", "note", text, where, then=then)


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
