"""DanceReID's split: who trains and who tests.

The published generator trains on people 17 to 87, of whom 35 to 39 are test people, and leaves 12 to 16 out; the
complement of the test people gives the 71 identities that the paper states.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from sameperson.checks import InputError, read_json
from sameperson.data.prepare.annotation import Film

PUBLISHED_PEOPLE = 100
TEST = (*range(12), *range(35, 40), *range(88, 100))
"""29 people of 6 films."""
LEAKY_TRAINVAL = range(17, 88)
"""Whom the published generator trains on."""
PARTS = ("trainval", "query", "gallery")
Split = Mapping[str, Sequence[int]]
"""Of PARTS, numbers of people."""


def split_of(films: Sequence[Film], given: Path | None = None) -> Split:
    """Who trains and who tests: as a file says, or, for the paper's films, as published and without its leak.

    Raises InputError for other films without a file, and for a file that trains on whom it tests.
    """
    everyone = {pid for film in films for pid in film.pids}
    if given is not None:
        return read_split(given, everyone)
    whole = all(len({pid in TEST for pid in film.pids}) == 1 for film in films)
    if everyone != set(range(PUBLISHED_PEOPLE)) or not whole:
        found = f"{len(films)} films with {len(everyone)} people"
        expected = "the paper's 21 films with 100 people, or a split of your own"
        raise InputError(found, expected, "give --videos video_data.csv, or --split splits.json")
    return disjoint(sorted(everyone - set(TEST)), TEST, TEST)


def read_split(path: Path, everyone: Collection[int]) -> Split:
    """The first split of a splits.json."""
    content = read_json(path, "a JSON file with a split")
    try:
        first: Any = content[0] if isinstance(content, list) else content
        parts = [first[name] for name in PARTS]
    except (LookupError, TypeError) as error:
        expected = '[{"trainval": people, "query": people, "gallery": people}]'
        raise InputError(f"{path}: no split ({error!r})", expected, "write it so") from error
    for name, people in zip(PARTS, parts, strict=True):
        if not isinstance(people, list) or any(type(pid) is not int for pid in people):
            raise InputError(f"{path}: {name} is no list of numbers", "numbers of people", "mend the file")
        strangers = sorted(set(people) - set(everyone))
        if strangers:
            found = f"{path}: {name} names person {strangers[0]}"
            raise InputError(found, f"one of the {len(everyone)} people of the films", "mend the file")
    shared = sorted(set(parts[0]) & {*parts[1], *parts[2]})
    if shared:
        found = f"{path}: trains on {len(shared)} of its test people ({', '.join(map(str, shared[:5]))})"
        then = "take them out of trainval; the published split.json has this fault (17-87 with 35-39)"
        raise InputError(found, "training and testing on different people", then)
    return disjoint(*parts)


def disjoint(trainval: Sequence[int], query: Sequence[int], gallery: Sequence[int]) -> Split:
    """A split of which nobody trains and tests; whoever calls has told the user otherwise."""
    if set(trainval) & {*query, *gallery}:
        raise AssertionError("people of trainval are tested")
    return {name: sorted(set(people)) for name, people in zip(PARTS, (trainval, query, gallery), strict=True)}


def present(split: Split, people: Collection[int]) -> Split:
    """A split with only those people of whom there are pictures."""
    return {name: [pid for pid in pids if pid in people] for name, pids in split.items()}
