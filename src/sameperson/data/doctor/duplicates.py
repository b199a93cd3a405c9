"""Pictures that are there twice: the same file, or nearly the same look, where it matters.

How near is near was measured on worlds of 60 people (`sameperson world make`, several takes of everyone): see NEAR.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.data.doctor.all_splits import Whole
from sameperson.data.doctor.finding import Finding, Severity, finding, some
from sameperson.data.doctor.hashes import close_pairs
from sameperson.data.doctor.image_stats import Looks
from sameperson.data.doctor.unmatchable import Rule
from sameperson.types import Rows

NEAR = 4
"""Bits of 64 by which the hashes of two near copies differ at most."""
FLAT = 6.0
"""Contrast below which a picture's look says nothing."""
MOST_PAIRS = 2_000_000
"""Pairs of rows that are looked at; more mean a whole folder copied, which the first of them show."""


def twins(whole: Whole, looks: Looks, rule: Rule) -> Iterator[Finding]:
    """Findings about copies: of two people, across training and test, as the answer to a query, and within a split."""
    exact = _pairs(whole, *_same_content(looks))
    yield from _told(whole, rule, *exact, near=False)
    usable = np.flatnonzero(looks.readable & (looks.contrast > FLAT))
    one, other, _ = close_pairs(looks.hash[usable], NEAR)
    one, other = usable[one], usable[other]
    fresh = looks.content[one] != looks.content[other]
    # Frames that follow each other look alike; what matters is only what looks alike where it must not.
    yield from _told(whole, rule, *_pairs(whole, one[fresh], other[fresh]), near=True)


def _same_content(looks: Looks) -> tuple[Rows, Rows]:
    """Files of the same bytes: each with the first of its kind."""
    files = np.flatnonzero(looks.readable)
    _, first, kind = np.unique(looks.content[files], return_index=True, return_inverse=True)
    copies = np.flatnonzero(first[kind] != np.arange(len(files)))
    return files[first[kind[copies]]], files[copies]


def _pairs(whole: Whole, one: Rows, other: Rows) -> tuple[Rows, Rows]:
    """Rows that use two files, all combinations; a file that lies in two splits is there twice as well."""
    if whole.unsplit:  # every picture is there twice, which is told as such
        a, b = whole.first[one[:MOST_PAIRS]], whole.first[other[:MOST_PAIRS]]
        return np.minimum(a, b), np.maximum(a, b)
    order = np.argsort(whole.picture, kind="stable")
    ends = np.cumsum(np.bincount(whole.picture, minlength=len(whole.first)))
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


def _told(whole: Whole, rule: Rule, a: Rows, b: Rows, near: bool) -> Iterator[Finding]:
    known = whole.known[a] & whole.known[b]
    a, b = a[known], b[known]
    same = whole.pid[a] == whole.pid[b]
    kind, alike = ("near-copies", "look the same") if near else ("copies", "are the same file")
    grave: Severity = "warning" if near else "error"

    def tell(which: NDArray[np.bool_], name: str, severity: Severity, says: str, then: str) -> Iterator[Finding]:
        pairs = list(zip(a[which].tolist(), b[which].tolist(), strict=True))
        if pairs:
            shows = [[whole.shown(one), whole.shown(other)] for one, other in pairs[:12]]
            where = [f"{whole.path[one]} and {whole.path[other]}" for one, other in pairs]
            text = f"{some(len(pairs), 'pair')} of pictures {alike} {says}"
            yield finding(f"{kind}-{name}", severity, text, where, then=then, shows=shows)

    yield from tell(
        ~same, "of-two-people", grave, "but bear two people's names", "look at them, and mend or remove the wrong label"
    )
    train = whole.inside("train")
    test = whole.inside("query", "gallery")
    across = same & ((train[a] & test[b]) | (test[a] & train[b]))
    if not whole.unsplit:
        yield from tell(
            across, "across-splits", grave, "in training and in the test", "remove them from one of the two"
        )
    query, gallery = whole.inside("query"), whole.inside("gallery")
    asked = same & ((query[a] & gallery[b]) | (gallery[a] & query[b]))
    swap = gallery[a] & query[b]
    counts = asked.copy()
    counts[asked] = _counts(whole, rule, np.where(swap, b, a)[asked], np.where(swap, a, b)[asked])
    if not (whole.unsplit and near):
        says = "in query and gallery and count as right answers"
        yield from tell(counts, "answers", grave, says, "remove them from the gallery")
    if not near:
        within = same & (whole.split[a] == whole.split[b])
        yield from tell(within, "within-a-split", "note", "within one split", "remove one of each")


def _counts(whole: Whole, rule: Rule, query: Rows, gallery: Rows) -> NDArray[np.bool_]:
    """Which pairs the protocol lets count."""
    parts = dict(zip(whole.names, whole.samples, strict=True))
    start = {name: int(first) for name, first in zip(whole.names, whole.starts, strict=True)}
    asked, known = parts["query"], parts["gallery"]
    row, column = query - start["query"], gallery - start["gallery"]
    meet = rule.asks(asked)[row] & rule.searches(known)[column]
    try:
        meet[meet] = ~rule.drops(asked, row[meet], known, column[meet])
    except InputError:  # labels are lacking, which `matching` has said
        meet[:] = False
    return meet
