"""`sameperson evaluate`: how often a network finds the right person, on a dataset, by a protocol."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sameperson.checks import InputError
from sameperson.cli.common.dataset_args import chosen, open_dataset, require_people, say_what_it_is
from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.network_args import add_network, network_name, network_of
from sameperson.cli.common.picture_args import (
    Reading,
    add_pattern,
    add_pictures,
    embed_chunks,
    embed_pictures,
    from_zero,
    positive,
    told,
)
from sameperson.cli.common.similarity_args import add_similarity, habits_of, similarity_of

if TYPE_CHECKING:
    from sameperson.data.broken_pictures import Broken
    from sameperson.data.dataset import Dataset
    from sameperson.evaluate.network import Network
    from sameperson.evaluate.open_set import OpenSet
    from sameperson.evaluate.result import Evaluation
    from sameperson.types import Samples

NAME = "evaluate"
HELP = "measure how often the right person is found: CMC, mAP and mINP with intervals"
EXAMPLE = "sameperson evaluate runs/small people --json small.json"
NAMED = 5
"""Queries without a match that are named before they are only counted."""
USUAL = (None, "features")
"""What goes without saying of how pictures are compared,"""
BEYOND = {"match": "visible parts", "expansion": "expanded", "rerank": "re-ranked"}
"""and what is said of the rest."""
MEASURES = {
    "rank1": "rank-1",
    "rank5": "rank-5",
    "rank10": "rank-10",
    "rank20": "rank-20",
    "mAP": "mAP",
    "mINP": "mINP",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument(
        "weights", nargs="*", type=Path, metavar="WEIGHTS|RUN", help="weights, or a run's folder; two to --compare"
    )
    parser.add_argument("data", type=Path, metavar="DATA", help="the dataset: a folder, a CSV, a list or a world.json")
    parser.add_argument("--reader", help="how DATA is laid out (else what it looks like)")
    parser.add_argument(
        "--compare",
        action="store_true",
        help="say which of two is better: evaluate A B DATA --compare; A1,A2,A3 are seeds of one method",
    )
    parser.add_argument(
        "--open-set",
        action="store_true",
        help="also when the person may be absent: TPR at FMR, DIR at FAR, equal error rate",
    )
    parser.add_argument("--resamples", type=positive, default=2000, metavar="N", help="for the intervals (2000)")
    parser.add_argument("--seed", type=from_zero, default=0, help="of the resampling and of drawn galleries (0)")
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
    add_network(parser, weights=False)


def add_protocols(parser: argparse.ArgumentParser) -> None:
    """`--protocol`, with all names by what they suit, and `--protocols`."""
    from sameperson.evaluate.protocols.catalogue import by_what_they_suit

    known = "\n".join(f"{suits:>18}: {', '.join(names)}" for suits, names in by_what_they_suit().items())
    group = parser.add_argument_group("protocols", f"which gallery pictures count; for labels of\n{known}")
    group.add_argument("--protocol", metavar="NAME[,NAME]", help="one or several (else what suits DATA)")
    group.add_argument("--protocols", action=Listing, nargs=0, help="say the rules of each, and where they come from")


class Listing(argparse.Action):
    """Prints all protocols, and ends."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print each with its rules and its source."""
        from sameperson.evaluate.protocols.catalogue import PROTOCOLS

        for protocol in PROTOCOLS.values():
            print(f"{protocol.name}: {protocol.rules}\n    [{protocol.source}]")
        parser.exit()


def run(args: argparse.Namespace) -> int:
    """Measure, and print the tables."""
    from sameperson.evaluate.open_set import open_set
    from sameperson.evaluate.protocols.catalogue import protocols_named
    from sameperson.evaluate.query_gallery import embed_sides, unit_of
    from sameperson.evaluate.result import evaluate

    protocols_named(args.protocol or "market1501")  # a misspelt one is told before a large tree is read
    layout, dataset = open_dataset(args.data, args.reader, args.pattern)
    require_people(args.data, layout, dataset)
    if args.compare:
        from sameperson.cli.evaluate_pair import compare

        return compare(args, layout, dataset)
    if len(args.weights) > 1:
        found = f"{len(args.weights)} networks"
        raise InputError(found, "one, or two with --compare", "evaluate them one at a time, or add --compare")
    args.weights = next(iter(args.weights), None)
    protocols = chosen(args.protocol, dataset)  # labels that they lack are told before the network runs
    network = network_of(args)
    recipe = recipe_of(network)
    how = similarity_of(args, network)
    reading = Reading.of(args, how.match, flip=habits_of(network).get("flip", False))
    broken: list[Broken] = []
    (queries, asked), (gallery, known) = embed_sides(
        dataset,
        lambda samples: embed_pictures(network, samples, reading, broken),
        lambda samples: embed_chunks(network, samples, reading, broken),
    )
    sure = {"metric": how, "seed": args.seed}
    results = [evaluate(asked, queries, known, gallery, one, resamples=args.resamples, **sure) for one in protocols]
    results = [replace(result, unit=unit_of(dataset)) for result in results]
    say_what_it_is(args.data, layout, dataset, protocols)
    print("\n".join(table(result, queries) for result in results))
    figures = {"data": str(args.data), "reader": layout.name, **told(broken)}
    figures |= {"network": network_name(args), "fingerprint": asked.fingerprint, "recipe": recipe}
    each = {result.protocol: {**result.to_json(), "skipped_files": skipped(result, queries)} for result in results}
    for one in protocols if args.open_set else ():
        absent = open_set(asked, queries, known, gallery, one, **sure)
        print(open_set_table(absent))
        each[one.name]["open_set"] = absent.to_json()
    figures |= each[protocols[0].name] if len(each) == 1 else {"protocols": each}
    if args.calibrate is not None:
        figures["calibration"] = calibrated(network, dataset, replace(reading, give="features"), args)
    write_json(args.json, figures)
    return 0


def recipe_of(network: Network) -> Mapping[str, Any]:
    """The recipe our own weights were trained by; empty for a network of the user's."""
    card = getattr(network, "card", None)
    return {} if card is None else card.recipe


def table(result: Evaluation, queries: Samples) -> str:
    """The figures with their intervals, and who could not be asked for."""
    units = {"picture": "pictures", "track": "tracklets"}[result.unit]
    who = f"{result.queries} queries of {result.identities} people among {result.gallery} {units}"
    beyond = "".join(f", {said}" for what, said in BEYOND.items() if result.compared[what] not in USUAL)
    lines = [f"{who}, protocol {result.protocol}, {result.metric} distance{beyond}", f"  rules: {result.rules}"]
    lines += [f"  note: {note}" for note in result.notes]
    for measure, called in MEASURES.items() if result.queries else ():
        accuracy = getattr(result, measure)
        value, low, high = (f"{100 * share:.1f}" for share in (accuracy.value, accuracy.low, accuracy.high))
        lines.append(f"{called:>8}  {value:>5} %   95 % of resamples: {low} to {high}")
    if names := skipped(result, queries):
        count = "1 query has" if len(names) == 1 else f"{len(names)} queries have"
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        lines.append(f"{count} no match in the gallery (left out): {', '.join(names[:NAMED])}{more}")
    return "\n".join(lines)


def open_set_table(absent: OpenSet) -> str:
    """What thresholds cost, in lines of text."""
    pairs = f"{absent.genuine} pairs of one person, {absent.impostors} of two"
    lines = [f"open set, protocol {absent.protocol}: {pairs}; equal error rate {100 * absent.equal_error:.2f} %"]
    for rates, rate, right in (
        (absent.verification, "false matches", "pairs of one person accepted"),
        (absent.identification, "false alarms", "people found first and accepted"),
    ):
        for at in rates:
            share = f"{100 * at.right.value:.1f} % ({100 * at.right.low:.1f} to {100 * at.right.high:.1f})"
            lines.append(
                f"  {rate} {at.reached:.2g} (asked {at.rate:g}), distance {at.threshold:.3f}: {share} of {right}"
            )
    return "\n".join(lines)


def skipped(result: Evaluation, queries: Samples) -> list[str]:
    """The files of the queries that no gallery picture matches."""
    return [str(queries.path[row]) for row in result.skipped]


def calibrated(network: Network, dataset: Dataset, reading: Reading, args: argparse.Namespace) -> dict[str, Any]:
    """Fit and keep the calibration; its figures."""
    from sameperson.search.calibrate import calibrate, write_calibration

    samples, embeddings = embed_pictures(network, dataset.train, reading, [])
    calibration = calibrate(embeddings, samples, seed=args.seed)
    write_calibration(args.calibrate, calibration)
    error = "not measured" if calibration.error is None else f"{calibration.error:.3f}"
    pairs = f"{calibration.positives} pairs of one person and {calibration.negatives} of two"
    print(f"{args.calibrate}: calibrated on {pairs}; calibration error on people left out {error}")
    return asdict(calibration)
