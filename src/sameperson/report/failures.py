"""The failure report of an evaluation: slices in the CE2P study's order, worst searches, look-alikes, alternatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from sameperson.evaluation.failures.alternatives import RESAMPLES, alternatives, changed_first_answers
from sameperson.evaluation.failures.camera_pairs import MOST, camera_pairs
from sameperson.evaluation.failures.look_alikes import look_alikes
from sameperson.evaluation.failures.picture_priors import PicturePriors
from sameperson.evaluation.failures.picture_scores import SCORES, PictureScores, score_pictures
from sameperson.evaluation.failures.slices import (
    Slice,
    SliceFigures,
    clothes_changed,
    missing_slices,
    slice_figures,
    slices_of,
)
from sameperson.evaluation.failures.top_answers import top_answers
from sameperson.evaluation.failures.written_attributes import written_attributes
from sameperson.evaluation.paired_comparison import PairedComparison, compare_paired
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.result import Evaluation
from sameperson.evaluation.stats import Accuracy as Measured
from sameperson.report.drawn_priors import drawn
from sameperson.report.examples import Searches, answered, camera_name, first_of_each, hardest, shown
from sameperson.report.failure_values import (
    BeforeAfter,
    CameraPairShown,
    CameraTable,
    Change,
    Drawn,
    Failed,
    Failures,
    LookAlikesShown,
    SliceDifference,
    SliceShown,
)
from sameperson.report.values import Accuracy, Answer
from sameperson.types import Ranking

WORST, ANSWERS = 12, 5
"""Worst searches that are shown, and first answers to each."""
EXTREMES, WORST_IN_SLICE = 8, 2
"""Pictures of a slice that are shown, and its worst searches."""
PAIRS, TABLE = 12, 12
"""Pairs of cameras with intervals, and the most cameras of a table."""
LOOK_ALIKES, EXAMPLES = 8, 3
"""Pairs of people that are shown, and queries of each change for the better and for the worse."""
MOST_COLOURS = 30
"""Labels above which no legend says their colours."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Other:
    """A second model on the same queries, to stand beside the first. names: of the first and of this one.

    runs: how the first and this one did, one run a seed; searches: of the first seed.
    """

    names: tuple[str, str]
    searches: Searches
    runs: tuple[Sequence[Evaluation], Sequence[Evaluation]]


@dataclass(frozen=True, eq=False)
class Analysis:
    """An evaluation ready to be told: its searches, the scores of its queries, and all first answers.

    folder: from which paths start; show: whether the pictures are files that a page can show.
    """

    searches: Searches
    protocol: Protocol
    priors: PicturePriors
    scores: PictureScores
    slices: Sequence[Slice]
    figures: Sequence[SliceFigures]
    ranking: Ranking
    right: np.ndarray
    folder: Path
    show: bool
    _drawn: dict[int, str] = field(default_factory=dict, repr=False)

    @property
    def result(self) -> Evaluation:
        """How the searches went."""
        return self.searches.evaluation

    def draw(self, rows: Sequence[int]) -> None:
        """Draw the priors of these queries, each once."""
        waiting = sorted({int(row) for row in rows} - set(self._drawn))
        self._drawn.update((row, drawn(seen)) for row, seen in self.priors.read(waiting))

    def query(self, row: int, says: str = "") -> Drawn:
        """A query as it is shown; `draw` must have been called for it."""
        return Drawn(shown=shown(self.searches.queries, row, self.folder), drawn=self._drawn.get(row, ""), says=says)

    def extreme(self, row: int, name: str) -> Drawn:
        """A query with its score; its priors are drawn where they show what was measured."""
        value = SCORES[name].written(float(self.scores.values[name][row]))
        told = self.query(row, value)
        return told if name in SEEN_IN_PRIORS else told.model_copy(update={"drawn": ""})

    def failed(self, row: int) -> Failed:
        """A search with what came and what should have come."""
        queries, pictures = self.searches.queries, self.searches.pictures
        asked = answered(queries.take([row]), pictures, self.first(row), self.folder)[0]
        precision, first = self.result.average_precision[row], self.result.first_rank[row] + 1
        right = int(self.right[row])
        return Failed(
            asked=asked.model_copy(update={"ap": float(precision), "first": int(first)}),
            query=self.query(row),
            right=shown(pictures, right, self.folder) if right >= 0 else None,
            slices=tuple(one.title for one in self.slices if one.inside[row] and one.group not in USUAL),
        )

    def first(self, row: int) -> Ranking:
        """The first answers to a query."""
        return first_answers(self.ranking, row)


SEEN_IN_PRIORS = ("hidden", "several", "pose", "bag")
"""Scores that are measured on priors; parsing drawn over a dark or coarse picture would hide what is wrong with it."""
USUAL = ("viewpoint", "height")
"""Slices that every query is in one of, so that they explain little."""


def first_answers(ranking: Ranking, row: int) -> Ranking:
    """The first ANSWERS answers to a query, as a ranking of one query."""
    return Ranking(ranking.indices[[row], :ANSWERS], ranking.distances[[row], :ANSWERS], ranking.protocol)


def failures_of(
    searches: Searches,
    protocol: Protocol,
    priors: PicturePriors,
    folder: Path,
    *,
    show: bool = True,
    other: Other | None = None,
    progress: Progress | None = None,
) -> Failures:
    """Analyse where searches fail. priors: what lies beside the queries. folder: from which paths start.

    show: whether the pictures are files that a page can show. progress: called with queries scored, in all.
    """
    queries, pictures, result = searches.queries, searches.pictures, searches.evaluation
    scores = score_pictures(priors, progress=progress)
    written = written_attributes(queries)
    changed = clothes_changed(queries, pictures, protocol)
    slices = slices_of(scores, queries, written, changed)
    figures = slice_figures(slices, result, queries)
    ranking, right = top_answers(
        searches.query, queries, searches.gallery, pictures, protocol, searches.similarity, ANSWERS
    )
    one = Analysis(searches, protocol, priors, scores, slices, figures, ranking, right, folder, show)
    counted = np.isfinite(result.average_precision)
    pairs = look_alikes(ranking, queries, pictures, counted & (result.first_rank > 0), len(queries))
    heights = np.unique(scores.heights[scores.heights > 0])
    return Failures(
        protocol=result.protocol,
        unit=result.unit,
        queries=result.queries,
        wrong=int((result.first_rank[counted] > 0).sum()),
        confused=sum(pair.times for pair in pairs),
        all_right=bool((result.average_precision[counted] == 1).all()),
        unread=int((scores.heights == 0).sum()),
        height=int(heights[0]) if len(heights) == 1 else None,
        missing=missing_slices(scores, written, changed is not None),
        colours=colours(priors) if show else {},
        slices=shown_slices(one),
        worst=worst_searches(one),
        cameras=camera_table(one),
        look_alikes=shown_look_alikes(one),
        changes=changes(one),
        beside=None if other is None else beside(one, other),
        beside_names=("", "") if other is None else other.names,
    )


def shown_slices(one: Analysis) -> tuple[SliceShown, ...]:
    """All slices with their figures, and for those by a score with pictures."""
    ap, pid = one.result.average_precision, one.searches.queries.pid
    extremes: list[list[int]] = []
    worst: list[list[int]] = []
    for part in one.slices:
        inside = np.flatnonzero(part.inside & part.known)
        by_score = one.show and part.group in one.scores.values and part.group in SCORES
        ordered = one.scores.worst(part.group, inside).tolist() if by_score else []
        extremes.append(first_of_each(ordered, pid, EXTREMES))
        hard = np.where(part.inside & (one.result.first_rank > 0), ap, np.nan)
        worst.append(hardest(hard, pid, WORST_IN_SLICE) if one.show and part.group not in USUAL else [])
    one.draw([row for rows in (*extremes, *worst) for row in rows])
    return tuple(
        SliceShown(
            group=part.group,
            title=part.title,
            rule=part.rule,
            source=part.source,
            queries=figures.queries,
            people=figures.people,
            rest=figures.rest,
            **{name: accuracy(getattr(figures, name)) for name in COMPARED},
            place=figures.place,
            sure=figures.sure,
            says=SCORES[part.group].says if part.group in SCORES else "",
            extremes=tuple(one.extreme(row, part.group) for row in far),
            worst=tuple(one.failed(row) for row in bad),
        )
        for part, figures, far, bad in zip(one.slices, one.figures, extremes, worst, strict=True)
    )


def colours(priors: PicturePriors) -> dict[str, str]:
    """What each label is painted with, where parsing maps are drawn; none for sets of many labels."""
    of = priors.of
    if of is None or "parsing" not in priors.where or len(of.labels) > MOST_COLOURS:
        return {}
    painted = zip(of.labels[1:], of.colours[1:], strict=True)
    return {name: f"#{red:02x}{green:02x}{blue:02x}" for name, (red, green, blue) in painted if name}


COMPARED = ("rank1", "mAP", "rest_rank1", "rest_mAP", "difference_rank1", "difference_mAP")


def worst_searches(one: Analysis) -> tuple[Failed, ...]:
    """The queries of the lowest average precision below 1, each of another person."""
    precision = one.result.average_precision
    rows = [row for row in one.searches.hardest(WORST) if precision[row] < 1] if one.show else []
    one.draw(rows)
    return tuple(one.failed(row) for row in rows)


def camera_table(one: Analysis) -> CameraTable:
    """The mAP of each pair of cameras, and the worst pairs with intervals."""
    side = one.searches
    pairs = camera_pairs(
        side.query, side.queries, side.gallery, side.pictures, one.protocol, side.similarity, one.result.seed
    )
    told = tuple(
        CameraPairShown(
            query=camera_name(pair.query),
            gallery=camera_name(pair.gallery),
            queries=pair.queries,
            people=pair.people,
            rank1=sure_accuracy(pair.rank1),
            mAP=sure_accuracy(pair.mAP),
        )
        for pair in pairs[:PAIRS]
    )
    cameras = sorted({number for pair in pairs for number in (pair.query, pair.gallery)})
    if not cameras:
        there = np.unique(side.pictures.camid[side.pictures.camid >= 0])
        return CameraTable(too_many=len(there) if len(there) > MOST else 0)
    if len(cameras) > TABLE:
        return CameraTable(pairs=told)
    found = {(pair.query, pair.gallery): pair.mAP.value for pair in pairs}
    values = tuple(tuple(found.get((asking, searched)) for searched in cameras) for asking in cameras)
    return CameraTable(cameras=tuple(map(camera_name, cameras)), values=values, pairs=told)


def shown_look_alikes(one: Analysis) -> tuple[LookAlikesShown, ...]:
    """The people who are most often taken for one another, with pictures."""
    if not one.show:
        return ()
    queries, pictures = one.searches.queries, one.searches.pictures
    counted = np.isfinite(one.result.average_precision)
    return tuple(
        LookAlikesShown(
            one=queries.name_of(pair.one),
            other=queries.name_of(pair.other),
            taken=pair.taken,
            asked=pair.asked,
            query=shown(queries, pair.query, one.folder),
            answer=shown(pictures, pair.answer, one.folder),
            right=shown(pictures, int(one.right[pair.query]), one.folder) if one.right[pair.query] >= 0 else None,
        )
        for pair in look_alikes(one.ranking, queries, pictures, counted, LOOK_ALIKES)
    )


def changes(one: Analysis) -> tuple[Change, ...]:
    """What re-ranking, or visible parts, would have changed."""
    side = one.searches
    found = alternatives(
        side.query, side.queries, side.gallery, side.pictures, one.protocol, one.result, side.similarity
    )
    told = []
    for way in found:
        rows = [*way.gained[:EXAMPLES].tolist(), *way.lost[:EXAMPLES].tolist()] if one.show else []
        ranking = one.ranking
        if rows:
            ranking, _ = top_answers(
                side.query, side.queries, side.gallery, side.pictures, one.protocol, way.similarity, ANSWERS
            )
        examples = before_after(one, side, ranking, rows, set(way.gained.tolist()))
        told.append(change(way.name, way.difference, (len(way.gained), len(way.lost)), examples))
    return tuple(told)


def beside(one: Analysis, other: Other) -> Change:
    """Two models side by side: the second less the first, in all, by slice, and in searches that change."""
    first, second = other.runs
    pids = one.searches.queries.pid
    pooled = compare_paired(second, first, pids, RESAMPLES, one.result.seed)
    gained, lost = changed_first_answers(other.searches.evaluation, one.result)
    rows = [*gained[:EXAMPLES].tolist(), *lost[:EXAMPLES].tolist()] if one.show else []
    side = other.searches
    ranking = one.ranking
    if rows:
        ranking, _ = top_answers(
            side.query, side.queries, side.gallery, side.pictures, one.protocol, side.similarity, ANSWERS
        )
    examples = before_after(one, side, ranking, rows, set(gained.tolist()))
    told = change(other.names[1], pooled, (len(gained), len(lost)), examples)
    return told.model_copy(update={"slices": slice_differences(one, other)})


def slice_differences(one: Analysis, other: Other) -> tuple[SliceDifference, ...]:
    """The mAP of two models in each slice that has a query which both answer."""
    told = []
    for part in one.slices:
        runs = [[only(run, part.inside & part.known) for run in side] for side in other.runs]
        answered_by_all = np.logical_and.reduce([np.isfinite(run.average_precision) for side in runs for run in side])
        if not answered_by_all.any():
            continue
        gap = compare_paired(runs[1], runs[0], one.searches.queries.pid, RESAMPLES, one.result.seed)
        means = [float(np.mean([run.average_precision[answered_by_all].mean() for run in side])) for side in runs]
        told.append(
            SliceDifference(
                title=part.title,
                queries=gap.queries,
                a=means[0],
                b=means[1],
                difference=sure_accuracy(gap.difference["mAP"]),
                sure=gap.sure("mAP"),
            )
        )
    return tuple(told)


def only(run: Evaluation, rows: np.ndarray) -> Evaluation:
    """An evaluation in which only some queries (Q,) count."""
    return replace(run, per_query=np.where(rows[:, None], run.per_query, np.nan))


def before_after(
    one: Analysis, side: Searches, ranking: Ranking, rows: Sequence[int], better: set[int]
) -> tuple[BeforeAfter, ...]:
    """Queries with their first answers as they are, and by another ranking of the gallery of `side`."""
    queries = one.searches.queries

    def answers(gallery: Searches, by: Ranking, row: int) -> tuple[Answer, ...]:
        found = answered(queries.take([row]), gallery.pictures, first_answers(by, row), one.folder)
        return found[0].answers

    return tuple(
        BeforeAfter(
            query=shown(queries, row, one.folder),
            before=answers(one.searches, one.ranking, row),
            after=answers(side, ranking, row),
            better=row in better,
        )
        for row in rows
    )


def change(
    name: str, difference: PairedComparison, counts: tuple[int, int], examples: tuple[BeforeAfter, ...]
) -> Change:
    """A change in figures. counts: first answers that become right, and wrong."""
    return Change(
        name=name,
        queries=difference.queries,
        gained=counts[0],
        lost=counts[1],
        rank1=sure_accuracy(difference.difference["rank1"]),
        mAP=sure_accuracy(difference.difference["mAP"]),
        sure=difference.sure("mAP"),
        examples=examples,
    )


def accuracy(measured: Measured) -> Accuracy | None:
    """A figure as a report reads it; None where there is none."""
    return sure_accuracy(measured) if np.isfinite(measured.value) else None


def sure_accuracy(measured: Measured) -> Accuracy:
    """A figure as a report reads it; without resamples its interval is the value alone."""
    low, high = (end if np.isfinite(end) else measured.value for end in (measured.low, measured.high))
    return Accuracy(value=measured.value, low=low, high=high)
