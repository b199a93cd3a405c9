"""The JSON files of open-reid: identities in meta.json, splits in splits.json, DanceReID's dances in video.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sameperson.checks import InputError, read_json

PARTS = ("trainval", "query", "gallery")
SPLITS = ("splits.json", "split.json")
"""The name that loaders open, and the one that DanceReID's generator writes."""
GENERATED = range(17, 88)
"""The people whom DanceReID's published generator trains on, five test people among them."""
SHOWN = 5


def json_in(file: Path, expected: str) -> Any:
    """Load a JSON file; raises InputError where there is no file, and for one that is not JSON."""
    return read_json(file, expected)


def identities_in(meta: Path) -> list[list[Any]]:
    """Read each person's files from meta.json: names, or a list of names for each camera."""
    expected = '{"identities": [the files of each person, by camera or in one list]}'
    content = json_in(meta, expected)
    people = content.get("identities") if isinstance(content, dict) else None
    if not isinstance(people, list):
        raise InputError(f"{meta}: no list of identities", expected, "check which file this is")
    for pid, files in enumerate(people):
        if not isinstance(files, list) or not all(_is_files(item) for item in files):
            raise InputError(f"{meta}: identity {pid} is no list of files", expected, "write meta.json anew")
    return people


def _is_files(item: Any) -> bool:
    names = item if isinstance(item, list) else [item]
    return all(isinstance(name, str) and name.isprintable() for name in names)


def people_in(file: Path, count: int) -> dict[str, list[int]]:
    """Read the people of trainval, query and gallery of the first split; count: how many people meta.json lists.

    Raises InputError for people whom meta.json does not list, and for those who are both in training and in the test.
    """
    expected = '[{"trainval": [...], "query": [...], "gallery": [...]}], numbers of people from 0'
    content = json_in(file, expected)
    split = content[0] if isinstance(content, list) and content else content
    if not isinstance(split, dict):
        raise InputError(f"{file}: no list of splits", expected, "check which file this is")
    people = {}
    for part in PARTS:
        people[part] = _numbers(split.get(part))
        if people[part] is None:
            raise InputError(f"{file}: {part} is no list of numbers", expected, "write it anew")
        beyond = [pid for pid in people[part] if not 0 <= pid < count]
        if beyond:
            found = f"{file}: {part} names person {beyond[0]}" + (f" and {len(beyond) - 1} more" if beyond[1:] else "")
            raise InputError(found, f"0 to {count - 1}, whom meta.json lists", "both files must be of one preparation")
    require_disjoint(file, people)
    return {part: sorted(set(numbers)) for part, numbers in people.items()}


def require_disjoint(file: Path, people: dict[str, list[int]]) -> None:
    """Raise InputError for people who are both in training and in the test, which makes every figure worthless."""
    tested = {*people["query"], *people["gallery"]}
    shared = sorted(tested & set(people["trainval"]))
    if not shared:
        return
    names = ", ".join(map(str, shared[:SHOWN])) + (", ..." if shared[SHOWN:] else "")
    then = "take them out of trainval"
    if set(people["trainval"]) == set(GENERATED):
        others = sorted(set(range(max(tested) + 1)) - tested)
        then = f"this is the leak of DanceReID's published generator: train on the other {len(others)}, {_runs(others)}"
    raise InputError(f"{file}: people {names} are in trainval and are tested", "nobody in both", then)


def _runs(numbers: list[int]) -> str:
    """Write sorted numbers as runs.

    >>> _runs([1, 2, 3, 7])
    '1-3 and 7'
    """
    breaks = [place for place in range(len(numbers)) if place == 0 or numbers[place] != numbers[place - 1] + 1]
    runs = [numbers[start:end] for start, end in zip(breaks, [*breaks[1:], len(numbers)], strict=True)]
    return " and ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def videos_in(file: Path) -> dict[int, int]:
    """Read the number of each person's video, in the file's order; empty where there is no video.json."""
    expected = '{"name of a video": [its people], ...}'
    if not file.exists():
        return {}
    content = json_in(file, expected)
    found: dict[int, int] = {}
    for number, (name, people) in enumerate(content.items() if isinstance(content, dict) else [("", None)]):
        pids = _numbers(people)
        if pids is None:
            raise InputError(f"{file}: {name or 'its content'} is no list of people", expected, "write it anew")
        for pid in pids:
            if found.setdefault(pid, number) != number:
                raise InputError(f"{file}: person {pid} is in two videos", "each person in one video", "write it anew")
    return found


def _numbers(value: Any) -> list[int] | None:
    """Return the value if it is a list of whole numbers, else None."""
    good = isinstance(value, list) and all(isinstance(item, int) and not isinstance(item, bool) for item in value)
    return value if good else None
