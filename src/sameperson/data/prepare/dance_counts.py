"""What DanceReID's annotation holds, split by split, beside what its paper says; no film is needed.

H.-I. Ho, M. Shim, D. Wee: Learning from Dances: Pose-Invariant Re-Identification for Multi-Person Tracking.
    ICASSP 2020.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sameperson.data.prepare.annotation import Film
from sameperson.data.prepare.dance_split import LEAKY_TRAINVAL, Split

PAPER = {"trainval": 31_643, "test": 19_526}
"""Pictures at PAPER_EVERY."""
PAPER_EVERY = 5


@dataclass(frozen=True)
class Counted:
    """A split. pictures: annotated boxes in the frames kept; paper: what the paper says, None at another rate."""

    people: int
    films: int
    pictures: int
    paper: int | None


def pictures_of(films: Sequence[Film], people: Collection[int], every: int) -> int:
    """How many annotated boxes of some people lie in the frames kept."""
    return sum(len(kept) for film in films for local, kept in film.kept(every) if film.first + local in people)


def count(films: Sequence[Film], split: Split, every: int) -> dict[str, Counted]:
    """What each of trainval and test holds."""
    counted = {}
    for name, people in (("trainval", set(split["trainval"])), ("test", {*split["query"], *split["gallery"]})):
        seen = [film for film in films if people & set(film.pids)]
        paper = PAPER[name] if every == PAPER_EVERY else None
        counted[name] = Counted(len(people), len(seen), pictures_of(films, people, every), paper)
    return counted


def explained(films: Sequence[Film], split: Split, every: int) -> list[str]:
    """Sentences on why the counts are not the paper's, as far as the annotation shows it."""
    counted = count(films, split, every)
    if all(one.paper in (None, one.pictures) for one in counted.values()):
        return []
    said = [
        f"{name}: {one.pictures - one.paper:+,} pictures against the paper"
        for name, one in counted.items()
        if one.paper is not None and one.pictures != one.paper
    ]
    leaky, right = set(LEAKY_TRAINVAL), set(split["trainval"])
    total = pictures_of(films, leaky, every)
    if total == PAPER["trainval"]:
        out, into = right - leaky, leaky - right
        said.append(
            f"the paper's {total:,} are those of its generator's trainval, people {spans(leaky)}: it leaves out people "
            f"{spans(out)} ({pictures_of(films, out, every):,} pictures) and trains on test people {spans(into)} "
            f"({pictures_of(films, into, every):,}): {counted['trainval'].pictures:,} - "
            f"{pictures_of(films, out, every):,} + {pictures_of(films, into, every):,} = {total:,}"
        )
    else:
        said.append("no split that is known gives the paper's number from this annotation")
    return said


def spans(people: Collection[int]) -> str:
    """Numbers as runs.

    >>> spans({3, 12, 13, 14})
    '3, 12-14'
    """
    runs: list[list[int]] = []
    for pid in sorted(people):
        if runs and pid == runs[-1][1] + 1:
            runs[-1][1] = pid
        else:
            runs.append([pid, pid])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
