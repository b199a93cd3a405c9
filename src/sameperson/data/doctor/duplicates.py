"""Duplicate pictures: copies of one file, and pictures that look almost the same, where they do harm.

The threshold NEAR was measured on worlds of 60 people (`sameperson world make`, several takes of everyone).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.finding import Finding, Severity, counted, finding
from sameperson.data.doctor.hashes import close_pairs
from sameperson.data.doctor.image_stats import ImageStats
from sameperson.data.doctor.unmatchable import Rule
from sameperson.types import Rows

NEAR = 4
"""Bits of 64 by which the hashes of two near copies differ at most."""
FLAT = 6.0
"""Contrast below which a picture is too plain for its hash to mean anything."""
MANY = 0.5
"""Share of the queries from which copies in the gallery mean that one folder was copied from the other."""
MOST_PAIRS = 2_000_000
"""Pairs of rows that are examined at most; more mean that a whole folder was copied, which the first pairs show."""


def duplicates(splits: AllSplits, stats: ImageStats, rule: Rule) -> Iterator[Finding]:
    """Report copies: of two people, across training and test, as the answer to a query, and within a split."""
    exact = _pairs(splits, *_same_content(stats))
    yield from _copy_findings(splits, rule, *exact, near=False)
    usable = np.flatnonzero(stats.readable & (stats.contrast > FLAT))
    one, other, _ = close_pairs(stats.hash[usable], NEAR)
    one, other = usable[one], usable[other]
    fresh = stats.content[one] != stats.content[other]
    # Frames that follow each other look alike; what matters is only what looks alike where it must not.
    yield from _copy_findings(splits, rule, *_pairs(splits, one[fresh], other[fresh]), near=True)


def _same_content(stats: ImageStats) -> tuple[Rows, Rows]:
    """Pair each repeated file with the first file of the same bytes."""
    files = np.flatnonzero(stats.readable)
    _, first, kind = np.unique(stats.content[files], return_index=True, return_inverse=True)
    copies = np.flatnonzero(first[kind] != np.arange(len(files)))
    return files[first[kind[copies]]], files[copies]


def _pairs(splits: AllSplits, one: Rows, other: Rows) -> tuple[Rows, Rows]:
    """Return all pairs of rows that use the two files of a pair, and pairs of rows in two splits that use one file."""
    if splits.unsplit:  # every picture is there twice, which is a finding of its own
        a, b = splits.first[one[:MOST_PAIRS]], splits.first[other[:MOST_PAIRS]]
        return np.minimum(a, b), np.maximum(a, b)
    order = np.argsort(splits.picture, kind="stable")
    ends = np.cumsum(np.bincount(splits.picture, minlength=len(splits.first)))
    several = np.flatnonzero(np.diff(ends, prepend=0) > 1)
    one, other = np.concatenate([one, several])[:MOST_PAIRS], np.concatenate([other, several])[:MOST_PAIRS]
    size = np.diff(ends, prepend=0)
    count = size[one] * size[other]
    which = np.repeat(np.arange(len(one)), count)
    within = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    a = order[(ends - size)[one[which]] + within // size[other[which]]]
    b = order[(ends - size)[other[which]] + within % size[other[which]]]
    real = (a < b) | (one != other)[which]
    return np.minimum(a, b)[real], np.maximum(a, b)[real]


def _copy_findings(splits: AllSplits, rule: Rule, a: Rows, b: Rows, near: bool) -> Iterator[Finding]:
    known = splits.known[a] & splits.known[b]
    a, b = a[known], b[known]
    same = splits.pid[a] == splits.pid[b]
    kind, alike = ("near-copies", "look the same") if near else ("copies", "are the same file")
    grave: Severity = "warning" if near else "error"

    def report(which: NDArray[np.bool_], name: str, severity: Severity, says: str, then: str) -> Iterator[Finding]:
        pairs = list(zip(a[which].tolist(), b[which].tolist(), strict=True))
        if pairs:
            shows = [[splits.shown(one), splits.shown(other)] for one, other in pairs[:12]]
            where = [f"{splits.path[one]} and {splits.path[other]}" for one, other in pairs]
            text = f"{counted(len(pairs), 'pair')} of pictures {alike} {says}"
            yield finding(f"{kind}-{name}", severity, text, where, then=then, shows=shows)

    yield from report(
        ~same, "of-two-people", grave, "but bear two people's names", "look at them, and mend or remove the wrong label"
    )
    train = splits.inside("train")
    test = splits.inside("query", "gallery")
    across = same & ((train[a] & test[b]) | (test[a] & train[b]))
    if not splits.unsplit:
        yield from report(
            across, "across-splits", grave, "in training and in the test", "remove them from one of the two"
        )
    query, gallery = splits.inside("query"), splits.inside("gallery")
    asked = same & ((query[a] & gallery[b]) | (gallery[a] & query[b]))
    swap = gallery[a] & query[b]
    counts = asked.copy()
    counts[asked] = _counting_pairs(splits, rule, np.where(swap, b, a)[asked], np.where(swap, a, b)[asked])
    if not (splits.unsplit and near):
        says = "in query and gallery and count as right answers"
        yield from report(counts, "answers", grave, says, "remove them from the gallery")
    renamed = asked & ~counts & (splits.picture[a] != splits.picture[b])
    if not near and renamed.any():
        queries = len(np.unique(np.where(swap, b, a)[renamed]))
        severity: Severity = "warning" if queries >= MANY * max(int(query.sum()), 1) else "note"
        says = f"in query and gallery, {queries} of {counted(int(query.sum()), 'query', 'queries')}"
        says += f"; protocol {rule.name} does not count them, others do"
        yield from report(renamed, "in-gallery", severity, says, "remove them from the gallery")
    if not near:
        within = same & (splits.split[a] == splits.split[b])
        yield from report(within, "within-a-split", "note", "within one split", "remove one of each")


def _counting_pairs(splits: AllSplits, rule: Rule, query: Rows, gallery: Rows) -> NDArray[np.bool_]:
    """Return the mask of pairs of query and gallery row that the protocol counts as a match."""
    parts = dict(zip(splits.names, splits.samples, strict=True))
    start = {name: int(first) for name, first in zip(splits.names, splits.starts, strict=True)}
    asked, known = parts["query"], parts["gallery"]
    row, column = query - start["query"], gallery - start["gallery"]
    meet = rule.asks(asked)[row] & rule.searches(known)[column]
    try:
        meet[meet] = ~rule.drops(asked, row[meet], known, column[meet])
    except InputError:  # labels are missing, which `unmatchable_queries` reports
        meet[:] = False
    return meet
