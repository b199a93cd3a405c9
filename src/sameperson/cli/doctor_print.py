"""A diagnosis on a terminal: a healthy dataset fits on a screen."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sameperson.data.doctor.examine import Diagnosis
    from sameperson.data.doctor.finding import Finding
    from sameperson.data.doctor.statistics import SplitTable, Spread

WIDTH = 110
SIGNS = {"error": "ERROR  ", "warning": "warning", "note": "note   "}
NOTES = 6
"""Notes that are told in full; the page and the JSON hold all."""


def told(diagnosis: Diagnosis) -> str:
    """The diagnosis as text."""
    opened = diagnosis.opened
    others = f"; it could also be {', '.join(other.name for other in opened.others)}" if opened.others else ""
    lines = [f"{opened.path}: {opened.layout.title} (reader {opened.layout.name}{others})"]
    if opened.layout.about and opened.dataset is not None:
        lines += wrapped(opened.layout.about + ".", "  ")
    if diagnosis.tables:
        lines += ["", *table(diagnosis.tables)]
        lines += ["", f"matched by protocol {diagnosis.protocol}"]
    if (size := diagnosis.sizes) is not None:
        lines.append(f"{size.pictures} readable files, {pixels(size.height)} high and {pixels(size.width)} wide")
    for prior in dict.fromkeys(one.prior for one in diagnosis.priors):
        mine = [one for one in diagnosis.priors if one.prior == prior]
        lines.append(f"{prior}: {sum(one.there for one in mine)} of {sum(one.pictures for one in mine)} pictures")
    shown = [one for one in diagnosis.findings if one.severity != "note"]
    notes = [one for one in diagnosis.findings if one.severity == "note"]
    lines.append("")
    if not shown:
        lines.append("Nothing is wrong with it." if opened.dataset is not None else "")
    for one in [*shown, *notes[:NOTES]]:
        lines += said(one)
    if len(notes) > NOTES:
        lines.append(f"and {len(notes) - NOTES} more notes (--html, --json)")
    if diagnosis.commands:
        lines += ["", "next:", *(f"  {command}" for command in diagnosis.commands)]
    return "\n".join(lines)


def said(one: Finding) -> list[str]:
    """A finding in a few lines."""
    lines = wrapped(f"{SIGNS[one.severity]} {one.says}.", "        ", first="")
    if one.where:
        names = [name if len(name) < WIDTH - 10 else "..." + name[-(WIDTH - 14) :] for name in one.where]
        more = [f"and {one.count - len(names)} more"] if one.count > len(names) else []
        lines += [f"          {name}" for name in [*names[:3], *(more if len(names) <= 3 else [_rest(one)])]]
    if one.then:
        lines += wrapped(f"-> {one.then}", "        ")
    return lines


def _rest(one: Finding) -> str:
    return f"and {one.count - 3} more"


def wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    """Text broken into lines, no word cut."""
    start = indent if first is None else first
    return textwrap.wrap(
        text, WIDTH, initial_indent=start, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def table(tables: tuple[SplitTable, ...]) -> list[str]:
    """The splits, a line each."""
    head = ("", "pictures", "people", "cameras", "pictures each", "cameras each")
    rows = [
        (one.name, str(one.pictures), str(one.people), cameras(one), each(one.pictures_each), each(one.cameras_each))
        for one in tables
    ]
    more = [f"{one.name}: {', '.join(parts)}" for one in tables if (parts := extras(one))]
    wide = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "  ".join([row[0].ljust(wide[0]), *(cell.rjust(width) for cell, width in zip(row[1:], wide[1:], strict=True))])
        for row in (head, *rows)
    ]
    return [*lines, *more]


def cameras(one: SplitTable) -> str:
    """How many cameras; a dash where nobody wrote them down."""
    known = [camera for camera in one.cameras if camera != -1]
    return str(len(known)) if known else "-"


def extras(one: SplitTable) -> list[str]:
    """What only some datasets have."""
    counts = {
        "of junk": one.junk,
        "of distractors": one.distractors,
        "outfits": one.clothes,
        "tracks": one.tracks,
    }
    return [f"{count} {what}" for what, count in counts.items() if count]


def each(spread: Spread | None) -> str:
    """Least, median, most.

    >>> each((1, 3.5, 9)), each(None)
    ('1 / 3.5 / 9', '-')
    """
    return "-" if spread is None else " / ".join(f"{value:g}" for value in spread)


def pixels(spread: Spread) -> str:
    """A size in pixels.

    >>> pixels((64, 64.0, 64)), pixels((30, 120.0, 256))
    ('64', '30 to 256 (median 120)')
    """
    least, median, most = spread
    return f"{least}" if least == most else f"{least} to {most} (median {median:g})"
