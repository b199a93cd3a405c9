"""What the doctor says as one HTML page, with the pictures in question: it opens offline and loads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sameperson import __version__
from sameperson.checks import atomic, printable
from sameperson.data.doctor.examine import Diagnosis
from sameperson.data.doctor.finding import SEVERITIES
from sameperson.report.data_uri import inline
from sameperson.report.templating import page_environment

SHOWN = 200
"""Pictures on a page, which keeps it to a few megabytes."""
WORDS = {"error": "Wrong", "warning": "Look at this", "note": "Good to know"}


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix of cameras: how many people, and its shade from 0 to 100."""

    people: int
    shade: int


def write_page(diagnosis: Diagnosis, out: str | Path) -> Path:
    """Write the page of a diagnosis and say where it lies; InputError where it cannot be written."""
    page = render(diagnosis)
    out = Path(out)
    with atomic(out) as temporary:
        temporary.write_text(printable(page), encoding="utf-8")
    return out


def render(diagnosis: Diagnosis) -> str:
    """Render the page of a diagnosis. Every name in it is escaped, every picture encoded anew."""
    pages = page_environment()
    left = SHOWN

    def picture(file: Path) -> str | None:
        nonlocal left
        left -= 1
        return inline(file) if left >= 0 else None

    pages.globals["picture"] = picture
    pages.filters["spread"] = lambda spread: "–" if spread is None else " / ".join(f"{value:g}" for value in spread)
    return pages.get_template("doctor.html").render(
        title=f"{diagnosis.opened.path.resolve().name}, examined",
        one=diagnosis,
        groups={WORDS[severity]: (severity, diagnosis.of(severity)) for severity in SEVERITIES},
        matrix=matrix(diagnosis),
        version=__version__,
    )


def matrix(diagnosis: Diagnosis) -> list[list[Cell]]:
    """How many people each two cameras have in common, as cells; empty without cameras to compare."""
    cameras = diagnosis.cameras
    if cameras is None or len(cameras.cameras) < 2:
        return []
    most = max(int(cameras.people.max()), 1)
    return [[Cell(people, round(100 * people / most)) for people in row] for row in cameras.people.tolist()]
