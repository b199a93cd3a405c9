"""What a check found: one sentence, where it shows, and what to type next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
NAMED = 5
"""Paths that a finding names before it only counts."""
ROWS = 12
"""Rows of pictures that a finding shows at most."""


@dataclass(frozen=True)
class Shown:
    """A picture on the page, and what is said under it."""

    file: Path
    caption: str


@dataclass(frozen=True)
class Finding:
    """One thing that a user should know.

    kind: its name, for programs. says: one sentence. where: the first few paths or names; count: of how many.
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
    """A finding that names the first of `where` and counts all of it."""
    names = [str(name) for name in where]
    rows = tuple(tuple(row) for row in shows[:ROWS])
    return Finding(kind, severity, says, tuple(names[:NAMED]), len(names), then, command, rows)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Errors, then warnings, then notes; each in the order in which it was found."""
    return sorted(findings, key=lambda one: SEVERITIES.index(one.severity))


def counted(count: int, what: str, plural: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "picture"), counted(1200, "picture"), counted(2, "person", "people")
    ('1 picture', '1200 pictures', '2 people')
    """
    return f"{count} {what}" if count == 1 else f"{count} {plural or what + 's'}"


def listed(names: Sequence[object], most: int = NAMED) -> str:
    """The first few names, and how many there are beside.

    >>> listed([1, 2, 3], 2)
    '1, 2 and 1 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(str(name) for name in names[:most]) + more
