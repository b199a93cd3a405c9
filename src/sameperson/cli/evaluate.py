"""`sameperson evaluate`: how often a network finds the right person, on a dataset, by a protocol."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sameperson.checks import InputError
from sameperson.cli.common.dataset_args import say_what_it_is
from sameperson.cli.common.evaluation_args import (
    Comparison,
    Embedded,
    Judged,
    Subject,
    TestSet,
    add_unit,
    embedded,
    parsed,
    recipe_of,
    say_unit,
)
from sameperson.cli.common.json_output import add_json
from sameperson.cli.common.network_args import add_network, network_name, network_of
from sameperson.cli.common.number_args import resamples, seed
from sameperson.cli.common.picture_args import add_pattern, add_pictures, embed_pictures, told
from sameperson.cli.common.similarity_args import add_similarity
from sameperson.cli.evaluate_features import add_features, judged_features
from sameperson.cli.evaluate_print import open_set_table, table
from sameperson.cli.evaluate_write import add_report, figures_of, stored_labels, try_priors, write_results

if TYPE_CHECKING:
    from sameperson.data.broken_pictures import Broken
    from sameperson.evaluation.protocols.definition import Protocol

NAME = "evaluate"
HELP = "measure how often the right person is found: CMC, mAP and mINP with intervals"
EXAMPLE = "sameperson evaluate runs/small people --json small.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument(
        "weights", nargs="*", type=Path, metavar="WEIGHTS|RUN", help="weights, or a run's folder; two to --compare"
    )
    parser.add_argument(
        "data", nargs="?", type=Path, metavar="DATA", help="the dataset: a folder, a CSV, a list or a world.json"
    )
    add_features(parser)
    parser.add_argument("--reader", help="how DATA is laid out (else what it looks like)")
    add_unit(parser)
    parser.add_argument(
        "--compare",
        action="store_true",
        help="say which of two is better: evaluate A B DATA --compare; A1,A2,A3 are seeds of one method",
    )
    parser.add_argument(
        "--open-set",
        action="store_true",
        help="also when the person may be absent: TPR at FMR, DIR at FAR, AUC, equal error rate",
    )
    parser.add_argument("--resamples", type=resamples, default=2000, metavar="N", help="for the intervals (2000)")
    parser.add_argument("--seed", type=seed, default=0, help="of the resampling and of drawn galleries (0)")
    parser.add_argument(
        "--calibrate",
        type=Path,
        metavar="FILE",
        help="also fit distances to probabilities on DATA's training people, whom the network must not know",
    )
    add_similarity(parser)
    add_protocols(parser)
    add_pattern(parser)
    add_pictures(parser)
    add_json(parser)
    add_report(parser)
    add_network(parser, weights=False)


def add_protocols(parser: argparse.ArgumentParser) -> None:
    """`--protocol`, with all names by what they suit, and `--protocols`."""
    from sameperson.evaluation.protocols.catalogue import by_what_they_suit

    known = "\n".join(f"{suits:>18}: {', '.join(names)}" for suits, names in by_what_they_suit().items())
    group = parser.add_argument_group("protocols", f"which gallery pictures count; for labels of\n{known}")
    group.add_argument("--protocol", metavar="NAME[,NAME]", help="one or several (else what suits DATA)")
    group.add_argument("--protocols", action=Listing, nargs=0, help="say the rules of each, and where they come from")


class Listing(argparse.Action):
    """Prints all protocols, and ends."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print each with its rules and its source."""
        from sameperson.evaluation.protocols.catalogue import PROTOCOLS

        for protocol in PROTOCOLS.values():
            print(f"{protocol.name}: {protocol.rules}\n    [{protocol.source}]")
        parser.exit()


def run(args: argparse.Namespace) -> int:
    """Measure, print the tables, and write what was asked for."""
    if args.data is None and args.weights:
        args.data = args.weights.pop()
    if args.features is not None:
        return tell(args, judged_features(args))
    if args.data is None:
        raise InputError("no dataset", "DATA, or --features FILE", "see sameperson evaluate --help")
    test = TestSet.of(args)
    if args.compare:
        from sameperson.cli.evaluate_pair import compare

        return compare(args, test)
    if len(args.weights) > 1:
        found = f"{len(args.weights)} networks"
        raise InputError(found, "one, or two with --compare", "evaluate them one at a time, or add --compare")
    args.weights = next(iter(args.weights), None)
    subject, how = parsed(args, test, network_of(args, reporting=args.report is not None), network_name(args))
    try_priors(args, test.dataset.query, stored_labels(subject.network))
    return tell(args, judged_network(subject, how), subject)


def judged_network(subject: Subject, how: Comparison) -> Judged:
    """A dataset's queries and gallery, embedded by a network."""
    broken: list[Broken] = []
    sides, test = embedded(subject, broken), subject.test
    figures = told(broken)
    recipe = recipe_of(subject.network)
    return Judged(
        test.path, test.layout, test.dataset, subject.name, recipe, sides, how, test.layout.name, figures=figures
    )


def tell(args: argparse.Namespace, judged: Judged, subject: Subject | None = None) -> int:
    """Print the tables, and write what was asked for. subject: what a calibration is fitted to."""
    sides, how = judged.sides, judged.how
    results = [how.evaluate(sides, protocol) for protocol in how.protocols]
    if judged.layout is not None:
        say_what_it_is(judged.path, judged.layout, judged.dataset, how.protocols)
    print("".join(f"{line}\n" for line in judged.said), end="")
    say_unit(judged.dataset)
    print("\n".join(table(result, sides.queries) for result in results))
    each = {result.protocol: figures_of(result, sides) for result in results}
    for protocol in how.protocols if args.open_set else ():
        each[protocol.name]["open_set"] = measured_open_set(sides, protocol, how)
    figures = {"command": shlex.join(["sameperson", *args.words]), "data": str(judged.path), "reader": judged.reader}
    figures |= {**judged.figures, "network": judged.name, "fingerprint": sides.query.fingerprint}
    figures |= {"recipe": judged.recipe}
    figures |= each[how.protocols[0].name] if len(each) == 1 else {"protocols": each}
    if args.calibrate is not None and subject is not None:
        figures["calibration"] = calibrated(subject, args.calibrate, how.seed)
    if args.json is not None or args.report is not None:
        write_results(args, figures, results[0], sides, how, stored_labels(subject and subject.network))
    return 0


def measured_open_set(sides: Embedded, protocol: Protocol, how: Comparison) -> dict[str, Any]:
    """Print what thresholds cost where the person may be absent; the figures as JSON."""
    from sameperson.evaluation.open_set import open_set

    absent = open_set(
        sides.query, sides.queries, sides.gallery, sides.pictures, protocol, metric=how.similarity, seed=how.seed
    )
    print(open_set_table(absent))
    return absent.to_json()


def calibrated(subject: Subject, file: Path, seed: int) -> dict[str, Any]:
    """Fit and keep the calibration; its figures."""
    from sameperson.retrieval.calibrate import calibrate, write_calibration

    reading = replace(subject.reading, give="features")
    samples, embeddings = embed_pictures(subject.network, subject.test.dataset.train, reading, [])
    calibration = calibrate(embeddings, samples, seed=seed)
    write_calibration(file, calibration)
    error = "not measured" if calibration.error is None else f"{calibration.error:.3f}"
    pairs = f"{calibration.positives} pairs of one person and {calibration.negatives} of two"
    print(f"{file}: calibrated on {pairs}; calibration error on people left out {error}")
    return asdict(calibration)
