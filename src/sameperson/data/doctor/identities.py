"""Checks of identities: people in two splits, people with too few pictures, and labels that are easily confused."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from sameperson.config import Data
from sameperson.data.dataset import Dataset
from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.finding import Finding, counted, finding, listed
from sameperson.data.doctor.next_commands import NextCommands
from sameperson.types import DISTRACTOR, UNKNOWN

PEOPLE, PICTURES = 16, 4
"""P and K of a recipe's batches, unless it says otherwise (`config.Sampler`)."""
VAL_FRACTION = Data().val_fraction
"""The share of the people that a training holds out."""
HIGH = 100
"""Ids above so many times the number of people are called high: other tools may take ids for class numbers."""
BETWEEN_DIGITS = re.compile(r"(?<=\d)[-_]+(?=\d)")
NO_DIGITS_AROUND = re.compile(r"(?<!\d)[-_]+|[-_]+(?!\d)")
WHOLE_NUMBER = re.compile(r"0*(\d+?)(?:\.0+)?")
"""A number, perhaps with leading zeros, or with the `.0` that spreadsheets and pandas add."""


def shared_people(splits: AllSplits, proposed: NextCommands) -> Iterator[Finding]:
    """Report people who are both in training and in the test or the validation set."""
    if splits.unsplit:
        yield finding(
            "no-split",
            "warning",
            "No split is written down: the same pictures serve for training and for the test, so figures of a "
            "network trained on them mean nothing",
            then="make a split by person",
            command=proposed.split,
        )
        return
    train = np.unique(splits.pid[splits.inside("train") & splits.known])
    test = np.unique(splits.pid[splits.inside("query", "gallery") & splits.known])
    held = np.unique(splits.pid[splits.inside("val") & splits.known])
    both = np.intersect1d(train, test)
    if len(both):
        rows = np.flatnonzero(splits.inside("query", "gallery") & np.isin(splits.pid, both))
        one, first = np.unique(splits.pid[rows], return_index=True)
        shows = [[splits.shown(_first(splits, "train", pid)), splits.shown(int(rows[k]))] for pid, k in zip(one, first)]
        yield finding(
            "shared-people",
            "error",
            f"{counted(len(both), 'person is', 'people are')} both in training ({len(train)}) and in the test "
            f"({len(test)}): the test is then of people already known",
            [splits.who(int(pid)) for pid in both],
            then="split by person; where your numbers start anew in each split, give each person one number",
            command=proposed.split,
            shows=shows,
        )
    known = np.intersect1d(held, np.union1d(train, test))
    if len(known):
        where = [splits.who(int(pid)) for pid in known]
        says = (
            f"{counted(len(known), 'person', 'people')} held out for validation {'is' if len(known) == 1 else 'are'} "
        )
        yield finding("shared-val", "warning", says + "also in training or in the test", where, then="split by person")


def too_few(splits: AllSplits, proposed: NextCommands) -> Iterator[Finding]:
    """Report too few people or pictures for batches of P people with K pictures each."""
    rows = splits.inside("train") & splits.known
    people, each = np.unique(splits.pid[rows], return_counts=True)
    if not splits.inside("train").any():
        yield finding("no-train", "note", "There are no training pictures: this dataset can only be evaluated")
        return
    if len(people) < PEOPLE:
        batch = batch_of(len(people), held_out="val" not in splits.names)
        yield finding(
            "few-people",
            "warning",
            f"{counted(len(people), 'person', 'people')} to train on, fewer than the {PEOPLE} of a usual batch",
            then=f"train with {batch}; what is learned from so few will hardly carry over",
            command=f"{proposed.train} {batch}" if proposed.train and len(people) > 1 else "",
        )
    alone = people[each == 1]
    if len(alone):
        yield finding(
            "one-picture",
            "warning" if len(alone) > len(people) / 2 else "note",
            f"{counted(len(alone), 'person has', 'people have')} one training picture only: a triplet then has no "
            "second picture of them",
            [splits.who(int(pid)) for pid in alone],
            then="add pictures of them, or leave them out of training",
        )
    few = int(np.count_nonzero(each < PICTURES)) - len(alone)
    if few > len(people) / 2:
        says = (
            f"{few} of {len(people)} people have 2 or 3 training pictures, fewer than the {PICTURES} of a usual batch"
        )
        yield finding("few-pictures", "note", says, then="train with sampler.pictures=2")
    crossing = _cameras_each(splits, rows)
    if len(crossing) and (crossing == 1).all() and len(splits.cameras) > 1:
        yield finding(
            "train-one-camera-each",
            "warning",
            "Every person in training is seen by one camera only: a network can tell people apart by their camera",
            then="collect each person under several cameras",
        )


def batch_of(people: int, *, held_out: bool) -> str:
    """Spell the words of a recipe by which so few people can be learned from.

    held_out: whether a training holds some of them out to choose the model on, as it does where there is no `val`.

    >>> batch_of(12, held_out=True), batch_of(3, held_out=True), batch_of(3, held_out=False)
    ('sampler.people=10', 'data.val_fraction=0 sampler.people=3', 'sampler.people=3')
    """
    held = max(2, round(VAL_FRACTION * people)) if held_out else 0
    if people - held < 2:
        return ("data.val_fraction=0 " if held_out else "") + f"sampler.people={max(people, 1)}"
    return f"sampler.people={people - held}"


def labels_alike(splits: AllSplits) -> Iterator[Finding]:
    """Report people's names that differ only by case, blanks, leading zeros, a `.0` or the form of an accent."""
    names = {pid: name for part in splits.samples for pid, name in part.names.items()}
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for name in names.values():
        alike[_plain(name)].append(name)
    groups = [" and ".join(repr(name) for name in sorted(group)) for group in alike.values() if len(group) > 1]
    if groups:
        says = (
            f"{counted(len(groups), 'person is', 'people are')} written in more than one way, and so count as several"
        )
        yield finding("names-alike", "error", says, groups, then="write each person's name in one way")


def spelt_twice(dataset: Dataset) -> Iterator[Finding]:
    """Report numbers of people and cameras that are written in several ways, such as 7 and 007."""
    for column, what, plural in (("pid", "person", "people"), ("camid", "camera", "cameras")):
        groups = [" and ".join(group) for group in dataset.spellings.get(column, ())]
        if groups:
            says = f"{counted(len(groups), f'{what} is', f'{plural} are')} written with and without leading zeros, and "
            says += f"{'counts' if len(groups) == 1 else 'count'} as one each, because all labels are numbers"
            then = f"write each {what}'s number in one way; if they are two, give one of them a name with a letter"
            yield finding(f"{what}-spellings", "warning", says, groups, then=then)


def odd_numbers(splits: AllSplits) -> Iterator[Finding]:
    """Report suspicious person ids: 0 in training, nobody in the gallery, one person only, very high ids."""
    train = splits.inside("train")
    zero = np.flatnonzero(train & (splits.pid == DISTRACTOR))
    if len(zero):
        where = [str(splits.path[row]) for row in zero]
        says = f"{counted(len(zero), 'training picture')} of person 0, whom this layout takes for nobody in particular"
        yield finding("person-zero", "warning", says, where, then="count people from 1")
    gallery = splits.inside("gallery")
    if gallery.any() and not (gallery & splits.known).any():
        nobody = "The gallery shows no one in particular: every picture there is of person 0 or -1"
        yield finding("gallery-of-nobody", "error", nobody, then="check where the person's number stands in the names")
    people = np.unique(splits.pid[splits.known])
    if len(people) == 1 and splits.inside("query").any():
        says = f"All pictures are of one person ({splits.who(int(people[0]))}): every answer is right"
        yield finding("one-person", "error", says, then="check where the person's number stands in the names")
    if len(people) and people[-1] > HIGH * len(people):
        says = f"Person ids run up to {people[-1]} for {counted(len(people), 'person', 'people')}: no trouble here"
        then = "other tools may take ids for class numbers and stop with an index error; number them from 0 there"
        yield finding("high-ids", "note", says, then=then)


def one_outfit(splits: AllSplits, about_clothes: bool) -> Iterator[Finding]:
    """Report clothes labels that only repeat the identity, and outfit ids that several people share.

    about_clothes: whether the protocol depends on clothes.
    """
    rows = splits.known & (splits.clothes_id != UNKNOWN)
    if not rows.any():
        return
    worn = np.unique(np.stack([splits.pid[rows], splits.clothes_id[rows]], axis=1), axis=0)
    people = len(np.unique(worn[:, 0]))
    if len(worn) == people and about_clothes:
        says = (
            f"Each of {counted(people, 'person', 'people')} wears one outfit throughout: clothes labels say who it is"
        )
        yield finding("one-outfit", "warning", says, then="judge without clothes, and feed these labels to no network")
    owners = np.unique(worn[:, 1], return_counts=True)
    shared = owners[0][owners[1] > 1]
    if len(shared):
        ids = counted(len(shared), "outfit id is", "outfit ids are")
        says = f"{ids} worn by several people ({listed(shared.tolist())})"
        yield finding("shared-outfits", "warning", says, then="number outfits across all people, not for each alone")


def _plain(name: str) -> str:
    """Write a label without what is easily written in two ways; a `_` between digits stays: 1_11 is not 11_1."""
    text = unicodedata.normalize("NFKC", name).casefold()
    text = BETWEEN_DIGITS.sub("_", "".join(text.split()))
    text = NO_DIGITS_AROUND.sub("", text)
    number = WHOLE_NUMBER.fullmatch(text)
    return number[1] if number else text


def _first(splits: AllSplits, split: str, pid: int) -> int:
    return int(np.argmax(splits.inside(split) & (splits.pid == pid)))


def _cameras_each(splits: AllSplits, rows: np.ndarray) -> np.ndarray:
    """Count the cameras that saw each person; empty where no camera is known."""
    rows = rows & (splits.camid != UNKNOWN)
    seen = np.unique(np.stack([splits.pid[rows], splits.camid[rows]], axis=1), axis=0)
    return np.unique(seen[:, 0], return_counts=True)[1]
