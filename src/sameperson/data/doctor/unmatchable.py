"""Queries that can never match, and why: what other tools call "all query identities do not appear in gallery"."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.data.doctor.finding import Finding, counted, finding
from sameperson.data.doctor.next_commands import NextCommands
from sameperson.images.same_content import same_content
from sameperson.types import DISTRACTOR, UNKNOWN, Rows, Samples

PAIRS = 4_000_000
"""Pairs of a query and a gallery picture of its person that are examined at once: 100 MB."""
KNOWN_AS = 'other tools stop here with "all query identities do not appear in gallery" or "No valid query"'
SILENT = "other tools leave such queries out without a word"


class Rule(Protocol):
    """What the doctor needs to know of a protocol; `evaluation.protocols.doctor_rule.ProtocolRule` implements it."""

    @property
    def name(self) -> str:
        """The protocol's name."""
        ...

    @property
    def clothes(self) -> str:
        """Which pictures of the query's person count, by clothes: any, same or other."""
        ...

    def asks(self, queries: Samples) -> NDArray[np.bool_]:
        """Return the mask (Q,) of queries that the protocol evaluates."""
        ...

    def searches(self, pictures: Samples) -> NDArray[np.bool_]:
        """Return the mask (G,) of gallery pictures that the protocol searches."""
        ...

    def drops(self, queries: Samples, row: Rows, pictures: Samples, column: Rows) -> NDArray[np.bool_]:
        """Return the mask of pairs of one person that do not count; raises InputError where labels are missing."""
        ...


REASONS = {
    "nobody": "they show no one in particular (person 0 or -1)",
    "absent": "their person has no picture in the gallery",
    "own-file": "the gallery holds of their person only the query's own file, or copies of it",
    "own-camera": "the gallery shows their person only under the query's own camera, which protocol {} leaves out",
    "no-camera": "nobody wrote cameras down, and protocol {} leaves out what is under the query's own camera",
    "clothes": "the gallery shows their person only in clothes that protocol {} leaves out",
    "protocol": "protocol {} leaves out every gallery picture of their person",
}
"""Why a query cannot match, in the order in which the reasons are tried."""
THEN = {
    "nobody": "count people from 1, or leave these queries out",
    "absent": "put other pictures of the same people into the gallery: a split is by person, not by picture",
    "own-file": "put other pictures of the same people into the gallery",
    "own-camera": "write down the true cameras; where there is only one, judge camera-blind",
    "no-camera": "write down the cameras, or judge camera-blind",
    "clothes": "label the clothes, or choose a protocol that is blind to clothes",
    "protocol": "choose another protocol, or put other pictures of these people into the gallery",
}


def unmatched(queries: Samples, gallery: Samples, rule: Rule) -> dict[str, Rows]:
    """Find the queries that can never match, by reason: reason -> rows; raises InputError as `rule.drops` does."""
    order = np.argsort(gallery.pid, kind="stable")
    ordered = gallery.pid[order]
    first = np.searchsorted(ordered, queries.pid, "left")
    count = np.searchsorted(ordered, queries.pid, "right") - first
    nobody = queries.pid <= DISTRACTOR
    count[nobody] = 0
    matched = np.zeros(len(queries), bool)
    left = {name: np.ones(len(queries), bool) for name in ("file", "camera")}
    clothed = np.full(len(queries), rule.clothes != "any")
    ends = np.cumsum(count)
    start = 0
    while start < len(queries):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + PAIRS)))
        rows = np.arange(start, stop)
        row = np.repeat(rows, count[start:stop])
        within = np.arange(len(row)) - np.repeat(ends[start:stop] - count[start:stop] - before, count[start:stop])
        column = order[np.repeat(first[start:stop], count[start:stop]) + within]
        matched[row[~rule.drops(queries, row, gallery, column)]] = True
        one_file = (queries.path[row] == gallery.path[column]) & (queries.root == gallery.root)
        asking = np.flatnonzero(~matched[row] & ~one_file)
        one_file[asking] = same_content(queries, row[asking], gallery, column[asking])
        left["file"][row[~one_file]] = False
        left["camera"][row[queries.camid[row] != gallery.camid[column]]] = False
        start = stop
    absent = (count == 0) & ~nobody
    unlabelled = left["camera"] & (queries.camid == UNKNOWN)
    why = [nobody, absent, left["file"], unlabelled, left["camera"], clothed, np.ones(len(queries), bool)]
    reason = np.select(why, np.arange(len(why)), len(why))
    names = ("nobody", "absent", "own-file", "no-camera", "own-camera", "clothes", "protocol")
    found = {name: np.flatnonzero((reason == place) & ~matched) for place, name in enumerate(names)}
    return {name: rows for name, rows in found.items() if len(rows)}


def unmatchable_queries(queries: Samples, gallery: Samples, rule: Rule, proposed: NextCommands) -> list[Finding]:
    """Report the queries that can never match, a finding for each reason; it is an error if no query can match."""
    if not len(queries) or not len(gallery):
        lacking = "query" if not len(queries) else "gallery"
        says = f"There are no {lacking} pictures, so nothing can be measured"
        return [finding("no-" + lacking, "warning", says, then="make a split", command=proposed.split)]
    queries = queries.take(rule.asks(queries))
    gallery = gallery.take(rule.searches(gallery) | (gallery.pid < DISTRACTOR))  # junk matches nobody anyway
    if not len(queries) or not len(gallery):
        what = "queries" if not len(queries) else "gallery pictures"
        says = f"There are no {what} of the cameras that protocol {rule.name} is about"
        return [finding("no-protocol-cameras", "error", says, then="choose another protocol")]
    try:
        why = unmatched(queries, gallery, rule)
    except InputError as error:
        return [finding("labels-missing", "error", error.found, then=error.then)]
    hopeless = sum(len(rows) for rows in why.values())
    everyone = hopeless == len(queries)
    found = []
    for reason, rows in why.items():
        share = f"{len(rows)} of {counted(len(queries), 'query', 'queries')} can never match"
        if len(rows) == len(queries):
            share = f"None of {counted(len(queries), 'query', 'queries')} can ever match"
        says = f"{share}: {REASONS[reason].format(rule.name)} ({KNOWN_AS if everyone else SILENT})"
        blind = reason in ("own-camera", "no-camera") and everyone
        command = proposed.blind if blind else ""
        if reason in ("absent", "own-file", "nobody") and everyone:
            command = proposed.split
        severity = "error" if everyone else "warning"
        where = [str(queries.path[row]) for row in rows]
        found.append(finding(f"unmatched-{reason}", severity, says, where, then=THEN[reason], command=command))
    return found
