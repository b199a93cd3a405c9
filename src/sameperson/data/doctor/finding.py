"""`Finding` holds what a check reports: one sentence, the files concerned, and what to type next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
NAMED = 5
"""How many paths a finding names; it only counts the rest."""
ROWS = 12
"""Rows of pictures that a finding shows at most."""


@dataclass(frozen=True)
class Shown:
    """A picture on the page, with its caption."""

    file: Path
    caption: str


@dataclass(frozen=True)
class Finding:
    """One problem of a dataset that a user should know.

    kind: its name, for programs. says: one sentence. where: the first few paths or names; count: how many there are.
    then: what to do about it. command: what to type, where a command helps.
    shows: rows of pictures that belong together.
    """

    kind: str
    severity: Severity
    says: str
    where: tuple[str, ...] = ()
    count: int = 0
    then: str = ""
    command: str = ""
    shows: tuple[tuple[Shown, ...], ...] = ()


def finding(
    kind: str,
    severity: Severity,
    says: str,
    where: Iterable[object] = (),
    *,
    then: str = "",
    command: str = "",
    shows: Sequence[Sequence[Shown]] = (),
) -> Finding:
    """Make a finding that names the first few of `where` and counts all of them."""
    names = [str(name) for name in where]
    rows = tuple(tuple(row) for row in shows[:ROWS])
    return Finding(kind, severity, says, tuple(names[:NAMED]), len(names), then, command, rows)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings: errors, then warnings, then notes, each in the order in which it was found."""
    return sorted(findings, key=lambda one: SEVERITIES.index(one.severity))


def counted(count: int, what: str, plural: str = "") -> str:
    """Write a number with its noun, in the singular or the plural.

    >>> counted(1, "picture"), counted(1200, "picture"), counted(2, "person", "people")
    ('1 picture', '1200 pictures', '2 people')
    """
    return f"{count} {what}" if count == 1 else f"{count} {plural or what + 's'}"


def listed(names: Sequence[object], most: int = NAMED) -> str:
    """List the first few names, and say how many more there are.

    >>> listed([1, 2, 3], 2)
    '1, 2 and 1 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(str(name) for name in names[:most]) + more
