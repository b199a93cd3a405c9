"""VIPeR (Gray, Brennan and Tao, PETS 2007): 632 people, one picture of each by either of two cameras.

    VIPeR/cam_a/000_45.bmp    person, angle of view: camid 0
    VIPeR/cam_b/000_90.bmp    camid 1

Half of the people are learned from and half are tested on, drawn at random ten times: reader `viper` takes the first
draw, `viper-2` to `viper-10` the others. The draws are seeded, and so always the same. Other tools draw without a seed
and write their draws down: where torchreid's `splits.json` lies beside the pictures, its halves are taken instead, and
its splits 0 and 1 are our first, 2 and 3 our second. All test pictures are query and gallery; the protocol says which
camera asks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.files import pictures_below
from sameperson.data.readers.listed import require_pictures
from sameperson.data.readers.named_files import (
    NameForm,
    looks_like,
    read_names,
    renamed_people,
    root_of,
    sample_columns,
)
from sameperson.data.readers.open_reid_json import json_in
from sameperson.priors.locations import find_priors
from sameperson.types import Samples

FOLDERS = ("cam_a", "cam_b")
RELEASE = "VIPeR"
SPLIT_FILE = "splits.json"
FORM = NameForm(RELEASE, r"(?P<pid>\d{1,6})_\d{1,4}", "000_45.bmp", zero=True)
SEED = 632
"""Of the draws."""
WANTED = "torchreid's list of splits, each with the pictures of train, query and gallery"


def read_viper(root: Path, pattern: str | None = None, *, number: int = 1) -> Dataset:  # noqa: ARG001 - see readers
    """The dataset in `root`, or in the folder of the release inside it, by one of ten draws (from 1).

    Raises InputError for a file of splits that is not torchreid's or lists a picture that is not there.
    """
    place = root_of(root, FOLDERS, FORM, (RELEASE,))
    names = [f"{folder}/{name}" for folder in FOLDERS for name in pictures_below(place / folder)]
    columns = sample_columns(read_names(names, FORM, place), FORM)
    camid = [FOLDERS.index(name.partition("/")[0]) for name in names]
    people = renamed_people(FORM)
    everyone = Samples.of(names, columns["pid"], camid, root=place, priors=find_priors(place), names=people)
    file = next((folder / SPLIT_FILE for folder in (place, Path(root)) if (folder / SPLIT_FILE).is_file()), None)
    if file is None:
        learned = np.isin(everyone.pid, drawn_half(everyone.pid, number))
        train, test = everyone.take(learned), everyone.take(~learned)
    else:
        listed = halves_in(file, number)
        for half in listed:
            require_pictures(place, half, file)
        train, test = (everyone.take(np.isin(names, half)) for half in listed)
    return Dataset("viper", train, test, test, "viper_a_to_b")


def drawn_half(pid: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """The people who are learned from, of those whom `pid` (N,) names: half of them, by the draw of that number."""
    people = np.unique(pid)
    return np.random.default_rng([SEED, number]).permutation(people)[: len(people) // 2]


def halves_in(file: Path, number: int) -> tuple[list[str], list[str]]:
    """The pictures of train and of the test in torchreid's file, as paths below the release's folder.

    A split and the next share their halves and differ in the camera that asks, so that `number` 1 is split 0.
    """
    splits = json_in(file, WANTED)
    if not isinstance(splits, list):
        raise InputError(f"{file}: no list of splits", WANTED, "remove it, and halves are drawn")
    at = 2 * (number - 1)
    if at >= len(splits):
        found = f"{file}: {len(splits)} splits, so none of number {number} (its splits {at} and {at + 1})"
        raise InputError(found, "two for each draw", f"choose one of viper-1 to viper-{max(len(splits) // 2, 1)}")
    parts = {part: _pictures(splits[at], part) for part in ("train", "query", "gallery")}
    bad = next((part for part, names in parts.items() if not names), None)
    if bad is not None:
        raise InputError(f"{file}: split {at} lists no pictures as {bad}", WANTED, "remove it, and halves are drawn")
    return parts["train"], [*parts["query"], *parts["gallery"]]


def _pictures(split: Any, part: str) -> list[str]:
    """`cam_a/000_45.bmp` of each row [path, person, camera] of a split's part; nothing where there is another form."""
    rows = split.get(part) if isinstance(split, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) and row and isinstance(row[0], str) for row in rows):
        return []
    return ["/".join(row[0].replace("\\", "/").split("/")[-2:]) for row in rows]


LAYOUT = Layout(
    name="viper",
    title=RELEASE,
    read=read_viper,
    recognise=lambda path: looks_like(path, FOLDERS, FORM, (RELEASE,)),
    release={"train": Counts(632, 316), "query": Counts(632, 316), "gallery": Counts(632, 316)},
    cameras=2,
    protocols=("viper_a_to_b", "viper_b_to_a"),
    about="half of the people, drawn ten times: viper is the first draw, viper-2 to viper-10 the others; query and "
    "gallery are all test pictures, and the protocol says which camera asks",
)
