"""Figures of `sameperson evaluate` as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sameperson.evaluation.open_set import OpenSet
    from sameperson.evaluation.result import Evaluation
    from sameperson.types import Samples

NAMED = 5
"""Queries without a match that are named before they are only counted."""
USUAL = (None, "features")
"""What goes without saying of how pictures are compared,"""
BEYOND = {"match": "visible parts", "expansion": "expanded", "rerank": "re-ranked"}
"""and what is said of the rest."""
MEASURES = {
    "rank1": "rank-1",
    "rank5": "rank-5",
    "rank10": "rank-10",
    "rank20": "rank-20",
    "mAP": "mAP",
    "mINP": "mINP",
}


def table(result: Evaluation, queries: Samples) -> str:
    """The figures with their intervals, and who could not be asked for."""
    units = {"picture": "pictures", "track": "tracklets"}[result.unit]
    who = f"{result.queries} queries of {result.identities} people among {result.gallery} {units}"
    beyond = "".join(f", {said}" for what, said in BEYOND.items() if result.compared[what] not in USUAL)
    lines = [f"{who}, protocol {result.protocol}, {result.metric} distance{beyond}", f"  rules: {result.rules}"]
    lines += [f"  note: {note}" for note in result.notes]
    for measure, called in MEASURES.items() if result.queries else ():
        accuracy = getattr(result, measure)
        value, low, high = (f"{100 * share:.1f}" for share in (accuracy.value, accuracy.low, accuracy.high))
        lines.append(f"{called:>8}  {value:>5} %   95 % of resamples: {low} to {high}")
    if names := skipped(result, queries):
        count = "1 query has" if len(names) == 1 else f"{len(names)} queries have"
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        lines.append(f"{count} no match in the gallery (left out): {', '.join(names[:NAMED])}{more}")
    return "\n".join(lines)


def open_set_table(absent: OpenSet) -> str:
    """What thresholds cost, in lines of text."""
    pairs = f"{absent.genuine} pairs of one person, {absent.impostors} of two"
    errors = f"AUC {100 * absent.auc.value:.2f} %, equal error rate {100 * absent.equal_error:.2f} %"
    lines = [f"open set, protocol {absent.protocol}: {pairs}; {errors}"]
    for rates, rate, right in (
        (absent.verification, "false matches", "pairs of one person accepted"),
        (absent.identification, "false alarms", "people found first and accepted"),
    ):
        for at in rates:
            share = f"{100 * at.right.value:.1f} % ({100 * at.right.low:.1f} to {100 * at.right.high:.1f})"
            lines.append(
                f"  {rate} {at.reached:.2g} (asked {at.rate:g}), distance {at.threshold:.3f}: {share} of {right}"
            )
    return "\n".join(lines)


def skipped(result: Evaluation, queries: Samples) -> list[str]:
    """The files of the queries that no gallery picture matches."""
    return [str(queries.path[row]) for row in result.skipped]
