"""Slices: groups of queries that share what makes them hard, and how much worse each does than the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluation.failures.body_pose import VIEWS
from sameperson.evaluation.failures.picture_scores import NEEDED, SCORES, PictureScores
from sameperson.evaluation.failures.written_attributes import Words, with_bag
from sameperson.evaluation.protocols.apply import apply_protocol
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.protocols.pairs import OwnPictures
from sameperson.evaluation.result import FIGURES, Evaluation
from sameperson.evaluation.stats import BLOCK, Accuracy, bootstrap, tail_of
from sameperson.types import UNKNOWN, Samples

Mask = NDArray[np.bool_]
HEIGHTS = (64, 96, 128, 192, 256)
"""Pixels at which heights of pictures are told apart."""
KINDS = 8
"""The most values of a written attribute that are told apart."""
GROUPS = ("hidden", "several", "resolution", "light", "clothes", "change", "viewpoint", "pose", "bag", "height")
"""What slices are about, in the order of a report: the CE2P study's four causes first."""


@dataclass(frozen=True, eq=False)
class Slice:
    """Queries that share something. group: what it is about (GROUPS); title: its name; rule: who is in it, in words.

    source: what that was measured on. inside: (Q,) the queries in it; known: (Q,) those of which it is known.
    """

    group: str
    title: str
    rule: str
    source: str
    inside: Mask
    known: Mask


FEWEST_PEOPLE = 5
"""People below whom a slice is never surely worse or better than the rest."""


@dataclass(frozen=True)
class SliceFigures:
    """A slice beside the other queries of which it is known. difference: slice less rest, in rank-1 and in mAP.

    queries, people, rest: how many count. place: 1 for the slice that costs most mAP, 0 where there is nothing to
    compare.
    """

    queries: int
    people: int
    rest: int
    rank1: Accuracy
    mAP: Accuracy
    rest_rank1: Accuracy
    rest_mAP: Accuracy
    difference_rank1: Accuracy
    difference_mAP: Accuracy
    place: int = 0

    @property
    def sure(self) -> bool:
        """Whether the slice is surely worse or better: the interval of the difference in mAP does not hold 0.

        People are drawn anew for the interval, so a slice of fewer than FEWEST_PEOPLE has one that is far too narrow.
        """
        return self.people >= FEWEST_PEOPLE and (self.difference_mAP.low > 0 or self.difference_mAP.high < 0)


def slices_of(
    scores: PictureScores, queries: Samples, written: dict[str, tuple[Words, str]], changed: Mask | None = None
) -> list[Slice]:
    """Cut queries into slices, in the order of GROUPS.

    written: attributes that somebody wrote down. changed: (Q,) queries whose person is found in other clothes alone;
    None where clothes are not known.
    """
    found = [by_score(scores, name) for name in SCORES if name in scores.values and name not in written]
    if changed is not None:
        rule = "every right answer wears other clothes"
        found.append(Slice("change", "Change of clothes", rule, "clothes_id", changed, queries.clothes_id != UNKNOWN))
    if "viewpoint" in written:
        found += by_words("viewpoint", "Seen from: ", *written["viewpoint"])
    elif "viewpoint" in scores.sources:
        known = scores.views != ""
        titles = {"front": "Seen from the front", "side": "Seen from the side", "back": "Seen from behind"}
        found += [
            Slice(
                "viewpoint",
                titles[view],
                "by shoulders and hips",
                scores.sources["viewpoint"],
                scores.views == view,
                known,
            )
            for view in VIEWS
        ]
    if "pose" in written:
        found += by_words("pose", "Pose: ", *written["pose"])
    if "bag" in written:
        words, where = written["bag"]
        found.append(Slice("bag", "With a bag", "as written", where, with_bag(words), words != ""))
    found += by_height(scores.heights)
    return sorted(found, key=lambda one: GROUPS.index(one.group))


def by_score(scores: PictureScores, name: str) -> Slice:
    """The queries whose score makes them hard."""
    score = SCORES[name]
    rule = score.rule.format(score.written(scores.limits[name]))
    return Slice(name, score.title, rule, scores.sources[name], scores.hard(name), np.isfinite(scores.values[name]))


def by_words(group: str, before: str, words: Words, where: str) -> list[Slice]:
    """A slice for each value of a written attribute, the most frequent ones."""
    known = words != ""
    kinds, counts = np.unique(words[known].astype(str), return_counts=True)
    kept = sorted(kinds[np.argsort(-counts, kind="stable")[:KINDS]])
    return [Slice(group, f"{before}{kind}", "as written", where, words == kind, known) for kind in kept]


def by_height(heights: NDArray[np.int64]) -> list[Slice]:
    """The queries by the height of their pictures; none where all fall into one bin."""
    bins = np.digitize(heights, HEIGHTS)
    known = heights > 0
    there = np.unique(bins[known])
    if len(there) < 2:
        return []
    edges = (0, *HEIGHTS)
    titles = [f"{low} to {high - 1} px high" for low, high in zip(edges, HEIGHTS)] + [f"{HEIGHTS[-1]} px high and more"]
    titles[0] = f"Under {HEIGHTS[0]} px high"
    return [
        Slice("height", titles[k], "height of the picture", "the pixels", known & (bins == k), known) for k in there
    ]


def missing_slices(scores: PictureScores, written: dict[str, tuple[Words, str]], clothes: bool) -> dict[str, str]:
    """What no slice could be made of -> what would have to be there."""
    lacking = {name: needed for name, needed in scores.missing.items() if name not in written}
    if not clothes:
        lacking["change"] = "a clothes_id for the pictures"
    if "bag" in lacking:
        lacking["bag"] = f"{NEEDED['bag']}, or a column bag in labels.csv"
    return {name: lacking[name] for name in GROUPS if name in lacking}


def clothes_changed(queries: Samples, pictures: Samples, protocol: Protocol) -> Mask | None:
    """Which queries (Q,) have right answers in other clothes alone; None where clothes are not known at all."""
    if (queries.clothes_id == UNKNOWN).all() or (pictures.clothes_id == UNKNOWN).all():
        return None
    applied = apply_protocol(protocol, queries, pictures)
    asked, searched = queries.take(applied.query_rows), pictures.take(applied.gallery_rows)
    pairs = OwnPictures.of(asked, searched, applied.protocol).pairs(0, len(asked))
    same = asked.clothes_id[pairs.row] == searched.clothes_id[pairs.column]
    alike = np.bincount(pairs.row[same], minlength=len(asked))
    answered = np.bincount(pairs.row, minlength=len(asked))
    changed = np.zeros(len(queries), bool)
    changed[applied.query_rows] = (answered > 0) & (alike == 0)
    return changed


def slice_figures(slices: Sequence[Slice], result: Evaluation, queries: Samples) -> list[SliceFigures]:
    """Compute each slice's accuracy, that of the rest, and the difference, with intervals over identities.

    Slices are placed by how far below the rest their mAP is; those that are empty, or hold everything, have no place.
    """
    values = result.per_query[:, [FIGURES.index("rank1"), FIGURES.index("mAP")]]
    counted = np.isfinite(values).all(axis=1)
    found = []
    for one in slices:
        inside, outside = counted & one.known & one.inside, counted & one.known & ~one.inside
        mine, theirs = (
            bootstrap(values[side], queries.pid[side], result.resamples, result.seed) for side in (inside, outside)
        )
        gap = difference(values, (inside, outside), queries.pid, result.resamples, result.seed)
        people = len(np.unique(queries.pid[inside]))
        found.append(
            SliceFigures(
                queries=int(inside.sum()),
                people=people,
                rest=int(outside.sum()),
                rank1=mine[0],
                mAP=mine[1],
                rest_rank1=theirs[0],
                rest_mAP=theirs[1],
                difference_rank1=gap[0],
                difference_mAP=gap[1],
            )
        )
    return placed(found)


def placed(figures: Sequence[SliceFigures]) -> list[SliceFigures]:
    """Number the slices by their difference in mAP, the lowest first."""
    gaps = np.array([one.difference_mAP.value for one in figures])
    order = [k for k in np.argsort(gaps, kind="stable") if np.isfinite(gaps[k])]
    places = {int(k): place for place, k in enumerate(order, start=1)}
    return [replace(one, place=places.get(k, 0)) for k, one in enumerate(figures)]


def difference(
    values: NDArray[np.float64], sides: tuple[Mask, Mask], pids: NDArray[np.int64], resamples: int, seed: int
) -> list[Accuracy]:
    """Compute the mean of one group of queries less that of another, in each column of `values` (Q, M).

    The interval resamples people, each with all their queries in both groups; resamples that leave a group empty do
    not count. NaN where a group is empty.
    """
    if not all(side.any() for side in sides):
        return [Accuracy(np.nan, np.nan, np.nan)] * values.shape[1]
    either = sides[0] | sides[1]
    _, person = np.unique(pids[either], return_inverse=True)
    people = int(person.max()) + 1
    sums, counts = [], []
    for side in sides:
        mine = side[either]
        summed = np.zeros((people, values.shape[1]))
        np.add.at(summed, person[mine], values[either][mine])
        sums.append(summed)
        counts.append(np.bincount(person[mine], minlength=people).astype(np.float64))
    value = sums[0].sum(0) / counts[0].sum() - sums[1].sum(0) / counts[1].sum()
    rng = np.random.default_rng(seed)
    gaps = [_gaps(sums, counts, min(BLOCK, resamples - done), rng) for done in range(0, resamples, BLOCK)]
    resampled = np.concatenate(gaps) if gaps else np.zeros((0, values.shape[1]))
    if not len(resampled):
        return [Accuracy(float(v), np.nan, np.nan) for v in value]
    tail = tail_of(people)
    low, high = np.quantile(resampled, [tail, 1 - tail], axis=0)
    return [Accuracy(float(v), float(a), float(b)) for v, a, b in zip(value, low, high, strict=True)]


def _gaps(
    sums: list[NDArray[np.float64]], counts: list[NDArray[np.float64]], resamples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The differences (n, M) of resamples in which both groups have a query."""
    people = len(counts[0])
    drawn = rng.integers(people, size=(resamples, people)) + people * np.arange(resamples)[:, None]
    times = np.bincount(drawn.ravel(), minlength=resamples * people).reshape(resamples, people).astype(np.float64)
    totals = [times @ count for count in counts]
    there = (totals[0] > 0) & (totals[1] > 0)
    one, other = ((times[there] @ sums[k]) / totals[k][there, None] for k in (0, 1))
    return one - other
