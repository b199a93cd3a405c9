"""What `sameperson evaluate` writes: the figures as JSON, and a page with searches and where they fail."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sameperson.cli.common.evaluation_args import Comparison, Embedded
from sameperson.cli.common.json_output import strict, write_json
from sameperson.cli.evaluate_print import skipped

if TYPE_CHECKING:
    from sameperson.evaluation.failures.picture_priors import PicturePriors
    from sameperson.evaluation.result import Evaluation
    from sameperson.report.failures import Other
    from sameperson.report.run import Pictures
    from sameperson.types import Samples

SHOWN, ANSWERS = 4, 10
"""Searches of each kind that the page shows, and answers to each."""
TRIED = 8
"""Queries whose priors are read before anything long is done."""


def add_report(parser: argparse.ArgumentParser) -> None:
    """`--report`, and in which labels the parsing maps are that it looks at."""
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="write the figures as one HTML page, with searches, and where and why they fail",
    )
    parser.add_argument(
        "--labels",
        metavar="SET",
        help="label set of the parsing maps beside the pictures, for --report (as the weights read them, or lip)",
    )


def figures_of(result: Evaluation, sides: Embedded) -> dict[str, Any]:
    """The figures by one protocol as JSON: with the CMC, by camera, and the queries that no gallery picture matches."""
    from sameperson.evaluation.by_camera import by_camera

    cameras = [one.to_json() for one in by_camera(result, sides.queries)]
    found = {**result.to_json(), "cmc": result.cmc.tolist(), "cameras": cameras}
    return {**found, "skipped_files": skipped(result, sides.queries)}


def write_results(
    args: argparse.Namespace,
    figures: dict[str, Any],
    result: Evaluation,
    sides: Embedded,
    how: Comparison,
    labels: str,
    other: Other | None = None,
) -> None:
    """Write the figures as JSON and as a page, with some searches by the first protocol, and where they fail.

    labels: the set of the parsing maps beside the pictures. other: a second model to stand beside this one.
    """
    from sameperson.report.examples import Searches
    from sameperson.report.html import write_page
    from sameperson.report.run import Pictures, evaluation_of

    searches = Searches(result, sides.query, sides.queries, sides.gallery, sides.pictures, how.similarity)
    file = args.json or args.report.with_suffix(".json")
    if sides.queries.source is None:  # pictures of a world that is drawn as it is read are no files
        first, folder = how.protocols[0], file.parent
        examples = searches.asked(searches.drawn(SHOWN, how.seed), first, folder, ANSWERS)
        hardest = searches.asked(searches.hardest(SHOWN), first, folder, ANSWERS)
        shown = Pictures(examples=examples, hardest=hardest)
        if args.features is None or there(shown, folder):
            figures["pictures"] = shown.model_dump(mode="json")
    if args.report is not None and result.queries:
        figures["failures"] = analysed(args, searches, how, labels, other, show="pictures" in figures)
    write_json(args.json, figures)
    if args.report is not None:
        print(write_page(evaluation_of(strict(figures), file), args.report))


def analysed(
    args: argparse.Namespace, searches: Any, how: Comparison, labels: str, other: Other | None, *, show: bool
) -> dict[str, Any]:
    """Where the searches fail, as JSON. show: whether the pictures are files."""
    from sameperson.cli.common.progress import counting
    from sameperson.report.failures import failures_of

    priors = priors_of(args, searches.queries, labels)
    folder = (args.json or args.report).parent
    with counting("pictures looked at") as tell:
        found = failures_of(searches, how.protocols[0], priors, folder, show=show, other=other, progress=tell)
    return found.model_dump(mode="json")


def priors_of(args: argparse.Namespace, queries: Samples, labels: str) -> PicturePriors:
    """Open what lies beside the queries, for the report. Raises InputError for what is damaged or not known."""
    from sameperson.cli.common.network_args import weights_file
    from sameperson.evaluation.failures.picture_priors import open_picture_priors
    from sameperson.methods.load import load_network

    given = None if args.parser is None else weights_file(args.parser, "give weights of a method that parses")
    parser = None if given is None else load_network(given)
    return open_picture_priors(queries, args.labels or labels, parser)


def try_priors(args: argparse.Namespace, queries: Samples, labels: str) -> None:
    """Open and read the priors of a few queries, where a report will want them, before anything long is done."""
    if args.report is not None:
        for _ in priors_of(args, queries, labels).read(range(min(TRIED, len(queries)))):
            pass


def there(shown: Pictures, folder: Path) -> bool:
    """Whether the pictures of the searches are files, which those of stored features need not be; said where not."""
    files = [one.file for search in (*shown.examples, *shown.hardest) for one in (search.query, *search.answers)]
    lost = [file for file in files if not (folder / file).is_file()]
    if lost:
        print(f"note: no searches are shown, since {folder / lost[0]} is not there", file=sys.stderr)
    return not lost


def stored_labels(network: Any) -> str:
    """The label set in which a network reads parsing maps, as its weights say; LIP's without any."""
    for form in getattr(network, "needs", {}).values():
        if "parsing.labels" in form:
            return str(form["parsing.labels"])
    return "lip"
