"""Write results as one HTML page, which opens offline, loads nothing, and reads on a desk, on a phone and on paper."""

from __future__ import annotations

from pathlib import Path

from sameperson import __version__
from sameperson.checks import atomic, printable
from sameperson.report.data_uri import inline
from sameperson.report.formatting import between, chance, duration, percent, points, points_between
from sameperson.report.run import METRICS_SHOWN, DemoResult, ProtocolFigures, RunFolder, read_results
from sameperson.report.run_charts import cmc, intervals, learning, slice_differences
from sameperson.report.templating import page_environment


def write_report(results: str | Path, out: str | Path | None = None) -> Path:
    """Render a run's folder or an evaluation's JSON to `out`, and return where the page lies.

    Without `out` it is `report.html` in the folder, or the JSON's own name with .html.

    Raises InputError where there are no results or the page cannot be written.
    """
    results = Path(results)
    run = read_results(results)
    beside = results.with_suffix(".html") if results.is_file() else results / "report.html"
    return write_page(run, beside if out is None else Path(out))


def write_page(run: RunFolder, out: Path) -> Path:
    """Render results to the file `out`, and return it. Raises InputError where it cannot be written."""
    page = render(run)
    with atomic(out) as temporary:
        temporary.write_text(printable(page), encoding="utf-8")
    return out


def render(run: RunFolder) -> str:
    """Render the page of results. Every word that comes from them is escaped."""
    pages = page_environment()
    pages.filters |= {"percent": percent, "chance": chance, "between": between, "duration": duration}
    pages.filters |= {"points": points, "points_between": points_between}
    pages.globals["picture"] = lambda file: inline(run.folder / file)
    return pages.get_template("report.html").render(
        title=title_of(run),
        run=run,
        demo=run.demo,
        training=run.training,
        evaluation=run.evaluation,
        facts=facts(run),
        judged=run.judged,
        failures=run.failures,
        slices=None if run.failures is None else slice_differences(run.failures),
        parsed=run.parsed,
        metrics=METRICS_SHOWN,
        learning=learning(run.history),
        cmc=cmc(run.judged),
        intervals=intervals(run.judged),
        version=__version__,
    )


def title_of(run: RunFolder) -> str:
    """What the page is called: by what was run or judged, else by its folder."""
    if run.demo is not None:
        return "Strangers, found again"
    if run.evaluation is not None:
        return f"{Path(run.evaluation.network).name} on {Path(run.evaluation.data).name}"
    return f"Training run {run.folder.resolve().name if run.training is None else run.training.name}"


def flips(demo: DemoResult) -> bool:
    """Whether pictures were embedded both ways."""
    return bool(demo.recipe.get("evaluate", {}).get("flip"))


def facts(run: RunFolder) -> dict[str, str]:
    """What one must know to make the run again, and the counts behind its figures."""
    if run.demo is not None:
        demo = run.demo
        return {
            "Seed": str(demo.seed),
            "Protocol": demo.protocol,
            "Training": f"{demo.train_pictures} pictures of {demo.train_identities} people; "
            f"the weights were chosen on {demo.validation_identities} others",
            "Test": f"{demo.queries} searches for {demo.test_identities} people among {demo.gallery} pictures",
            **({"Features": "each picture's and its mirror image's, added"} if flips(demo) else {}),
            **demo.versions,
        }
    if run.evaluation is not None:
        return {
            "Dataset": f"{run.evaluation.data}, read as {run.evaluation.reader}",
            "Network": f"{run.evaluation.network}, fingerprint {run.evaluation.fingerprint}",
            **{f"Protocol {name}": counted(of) for name, of in run.evaluation.protocols.items()},
            **trained(run),
        }
    return trained(run)


def trained(run: RunFolder) -> dict[str, str]:
    """What one must know of a training run."""
    if run.training is not None:
        train = run.training
        held_out = (
            f"{train.validation_queries} searches for {train.validation_identities} people "
            f"among {train.validation_gallery} pictures, protocol {train.protocol}"
        )
        if train.labels:
            known = f" of {train.validation_identities} people" if train.validation_identities else ""
            held_out = f"{train.validation_pictures} pictures{known}, labels {train.labels}"
        known = f" of {train.train_identities} people" if train.train_identities else ""
        return {
            "Seed": str(train.seed),
            "Training": f"{train.train_images} pictures{known}, {train.epochs} epochs, "
            f"{train.steps} steps on {train.device} in {duration(train.seconds)}",
            "Held out": held_out,
            "Kept": f"the weights after epoch {train.best_epoch}",
        }
    return {}


def counted(figures: ProtocolFigures) -> str:
    """The counts behind a protocol's figures."""
    searches = f"{figures.queries} searches for {figures.query_identities} people among {figures.gallery} pictures"
    left_out = f"; {figures.skipped_queries} without a right answer left out" if figures.skipped_queries else ""
    return f"{searches}{left_out}; {figures.resamples} resamples, seed {figures.seed}"
