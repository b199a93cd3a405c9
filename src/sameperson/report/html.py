"""A run as one HTML page: it opens offline, loads nothing, and reads on a desk, on a phone and on paper."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from sameperson import __version__
from sameperson.checks import atomic
from sameperson.report.charts import cmc, intervals, learning
from sameperson.report.pictures import inline
from sameperson.report.run import METRICS_SHOWN, RunFolder, read_run
from sameperson.report.words import between, chance, duration, percent


def write_report(folder: str | Path, out: str | Path | None = None) -> Path:
    """Render the run in `folder` to `out` (`report.html` in the folder without one) and say where it lies.

    Raises InputError where the folder holds no run or the page cannot be written.
    """
    page = render(read_run(folder))
    out = Path(folder) / "report.html" if out is None else Path(out)
    with atomic(out) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return out


def render(run: RunFolder) -> str:
    """The page. Every word that comes from the run is escaped."""
    pages = Environment(
        loader=PackageLoader("sameperson.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"percent": percent, "chance": chance, "between": between, "duration": duration}
    pages.globals["picture"] = lambda file: inline(run.folder / file)
    return pages.get_template("report.html").render(
        title=title_of(run),
        run=run,
        demo=run.demo,
        judged=run.judged,
        metrics=METRICS_SHOWN,
        learning=learning(run.history),
        cmc=cmc(run.judged),
        intervals=intervals(run.judged),
        version=__version__,
    )


def title_of(run: RunFolder) -> str:
    """What the page is called: by what was run, else by its folder."""
    return f"Training run {run.folder.resolve().name}" if run.demo is None else "Strangers, found again"
