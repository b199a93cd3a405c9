"""DanceReID's published labels: which films there are, who dances in them, and in which frames each can be trusted.

`annotation.json` maps film -> person (from 0) -> frames. `video_data.csv` lists the films of the paper; its column PID
is the last number of each film's people when all are counted in its order. Numbers come from these files alone, never
from which films could be downloaded.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, existing_text, nearest, read_json

Frames = Mapping[int, NDArray[np.int64]]
"""Person of a film, from 0 -> frames, ascending."""
COLUMNS = ("PID", "File_name", "Num_person")
LATEST_FRAME = 10_000_000
"""Four days of film."""


@dataclass(frozen=True, eq=False)
class Film:
    """One film. number: its place in the table; key: its name in annotation.json; file: what the table calls it.

    first: the number of its first person among those of all films; people: how many dance in it; frames: of each.
    other: a second name under which it may be found.
    """

    number: int
    key: str
    file: str
    first: int
    people: int
    frames: Frames
    other: str = ""

    @property
    def folder(self) -> str:
        """The name of its own folder.

        >>> Film(7, "FTSl3VWnCaU", "", 31, 4, {}).folder
        '007_FTSl3VWnCaU'
        """
        return f"{self.number:03d}_{self.key}"

    @property
    def pids(self) -> range:
        """The numbers of its people."""
        return range(self.first, self.first + self.people)

    def kept(self, every: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Each person of the film with the frames that are kept of every so many: those whose number it divides."""
        for local, frames in sorted(self.frames.items()):
            yield local, frames[frames % every == 0]


def read_films(annotation: Path, table: Path | None) -> tuple[Film, ...]:
    """The films of a table, in its order; without one all that are annotated, in the annotation's order.

    Raises InputError for files of another form, a film that is not annotated, and numbers that contradict each other.
    """
    labels = read_annotation(annotation)
    if table is None:
        films, first = [], 0
        for number, (key, frames) in enumerate(labels.items()):
            people = max(frames, default=-1) + 1
            films.append(Film(number, key, f"{key}.mp4", first, people, frames))
            first += people
        return tuple(films)
    films, first = [], 0
    for line, row in table_rows(table):
        last, people = whole(table, line, "PID", row["PID"]), whole(table, line, "Num_person", row["Num_person"])
        if last - first + 1 != people or people < 1:
            found = f"{table}: line {line}: PID {last} after {first - 1} makes {last - first + 1} people, not {people}"
            raise InputError(found, "as PID the number of the film's last person", "mend the line")
        key, other = key_of(table, line, row, labels), row.get("Youtube_id", "")
        strangers = [local for local in labels[key] if local >= people]
        if strangers:
            found = f"{annotation}: {key} has a person {strangers[0]}"
            raise InputError(found, f"{people} people, counted from 0, as {table.name} says", "mend one of the two")
        if any(film.key == key for film in films):
            raise InputError(f"{table}: line {line}: {key} for the second time", "a film a line", "remove the line")
        films.append(Film(len(films), key, row["File_name"], first, people, labels[key], other))
        first = last + 1
    if not films:
        raise InputError(f"{table}: no films", "a film a line", "check which file this is")
    return tuple(films)


def read_annotation(path: Path) -> dict[str, dict[int, NDArray[np.int64]]]:
    """Film -> person -> frames, from annotation.json."""
    content = read_json(path, "annotation.json of DanceReID", "download it again", "no JSON")
    if not isinstance(content, dict) or not content:
        raise InputError(f"{path}: {type(content).__name__}", "film -> person -> frames", "check which file this is")
    return {film: dict(people_in(path, film, people)) for film, people in content.items()}


def people_in(path: Path, film: str, people: Any) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """The people of one film and their frames."""
    if not isinstance(people, dict):
        raise InputError(f"{path}: {film} is {type(people).__name__}", "person -> frames", "check which file this is")
    for name, frames in people.items():
        if not (name.isascii() and name.isdigit() and len(name) < 5):
            raise InputError(f"{path}: {film} has a person {name!r}", "people counted from 0", "mend the file")
        good = isinstance(frames, list) and all(type(frame) is int and 0 <= frame <= LATEST_FRAME for frame in frames)
        if not good:
            raise InputError(f"{path}: the frames of person {name} in {film}", "numbers from 0", "mend the file")
        yield int(name), np.unique(np.array(frames, np.int64))


def table_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of each film in video_data.csv."""
    existing_text(path, "video_data.csv of DanceReID")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            missing = [name for name in COLUMNS if name not in header]
            if missing:
                found = f"{path}: no column {missing[0]}"
                raise InputError(found, f"columns {', '.join(COLUMNS)}", nearest(missing[0], filter(None, header)))
            for row in reader:
                cells = dict(zip(header, row, strict=False))
                if any(row):
                    yield reader.line_num, {name: cells.get(name, "").strip() for name in header if name}
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no table ({error})", "video_data.csv as UTF-8", "download it again") from error


def key_of(path: Path, line: int, row: Mapping[str, str], known: Mapping[str, Any]) -> str:
    """The annotation's name of a film: in the published table it is in File_name; Youtube_id is another for three."""
    stem = Path(row["File_name"]).stem
    for name in (stem.partition("_")[2], stem, row.get("Youtube_id", "")):
        if name in known:
            return name
    found = f"{path}: line {line}: {row['File_name']} is not annotated"
    raise InputError(found, "a film of annotation.json", nearest(stem.partition("_")[2] or stem, known))


def whole(path: Path, line: int, column: str, cell: str) -> int:
    """A whole number of a cell."""
    if not (cell.isascii() and cell.isdigit() and len(cell) < 7):
        raise InputError(f"{path}: line {line}: {column} {cell!r}", "a whole number from 0", "mend the line")
    return int(cell)
