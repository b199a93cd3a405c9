"""`sameperson evaluate`: how often a network finds the right person, on a dataset, by a protocol."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sameperson.cli.figures import add_json, write_json
from sameperson.cli.networks import add_network, network_name, network_of
from sameperson.cli.pictures import add_pattern, add_pictures, embed_pictures, positive, told

if TYPE_CHECKING:
    from sameperson.config import Data
    from sameperson.data.dataset import Dataset
    from sameperson.data.inspect import Broken
    from sameperson.evaluate.network import Network
    from sameperson.evaluate.result import Evaluation
    from sameperson.types import Samples

NAME = "evaluate"
HELP = "measure how often the right person is found: CMC, mAP and mINP with intervals"
EXAMPLE = "sameperson evaluate runs/small people --json small.json"
NAMED = 5
"""Queries without a match that are named before they are only counted."""
MEASURES = {"rank1": "rank-1", "rank5": "rank-5", "rank10": "rank-10", "mAP": "mAP", "mINP": "mINP"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("weights", nargs="?", type=Path, metavar="WEIGHTS|RUN", help="weights, or a run's folder")
    parser.add_argument("data", type=Path, metavar="DATA", help="the dataset: a folder, a CSV, a list or a world.json")
    parser.add_argument("--reader", help="how DATA is laid out (market1501; a .csv, .txt or .json says so itself)")
    parser.add_argument("--protocol", help="which gallery pictures count, as cross_clothes (else what suits DATA)")
    parser.add_argument(
        "--metric", choices=("cosine", "euclidean"), help="the distance (as the run was trained, or cosine)"
    )
    parser.add_argument("--resamples", type=positive, default=2000, metavar="N", help="for the intervals (2000)")
    parser.add_argument("--seed", type=int, default=0, help="of the resampling (0)")
    parser.add_argument(
        "--calibrate",
        type=Path,
        metavar="FILE",
        help="also fit distances to probabilities on DATA's training people, whom the network must not know",
    )
    add_pattern(parser)
    add_pictures(parser)
    add_json(parser)
    add_network(parser, weights=False)


def run(args: argparse.Namespace) -> int:
    """Measure, and print the table."""
    from sameperson.checks import choose
    from sameperson.data.readers import read_dataset
    from sameperson.evaluate.protocols import PROTOCOLS
    from sameperson.evaluate.rank import same_person
    from sameperson.evaluate.result import evaluate

    dataset = read_dataset(data_at(args))
    protocol = choose("protocol", args.protocol or dataset.protocol, PROTOCOLS)
    same_person(dataset.query, dataset.gallery, protocol)  # labels that it lacks are told before the network runs
    network = network_of(args)
    recipe = recipe_of(network)
    settings = recipe.get("evaluate", {})
    args.flip = args.flip or settings.get("flip", False)
    metric = args.metric or settings.get("metric", "cosine")
    broken: list[Broken] = []
    queries, asked = embed_pictures(network, dataset.query, args, broken)
    gallery, known = embed_pictures(network, dataset.gallery, args, broken)
    result = evaluate(asked, queries, known, gallery, protocol, metric=metric, resamples=args.resamples, seed=args.seed)
    print(table(result, queries))
    figures = {**result.to_json(), "skipped_files": skipped(result, queries), **told(broken), "data": str(args.data)}
    figures |= {"network": network_name(args), "fingerprint": asked.fingerprint, "recipe": recipe}
    if args.calibrate is not None:
        figures["calibration"] = calibrated(network, dataset, args)
    write_json(args.json, figures)
    return 0


def recipe_of(network: Network) -> Mapping[str, Any]:
    """The recipe our own weights were trained by; empty for a network of the user's."""
    card = getattr(network, "card", None)
    return {} if card is None else card.recipe


def data_at(args: argparse.Namespace) -> Data:
    """The recipe section that reads DATA."""
    from sameperson.config import Data

    reader = args.reader or {".csv": "csv", ".txt": "list", ".json": "live"}.get(args.data.suffix.lower(), "market1501")
    return Data(reader=reader, root=args.data, pattern=args.pattern)


def table(result: Evaluation, queries: Samples) -> str:
    """The figures with their intervals, and who could not be asked for."""
    asked = len(queries) - len(result.skipped)
    who = f"{asked} queries of {result.identities} people among {result.gallery} pictures"
    lines = [f"{who}, protocol {result.protocol}, {result.metric} distance"]
    for measure, called in MEASURES.items() if asked else ():
        accuracy = getattr(result, measure)
        value, low, high = (f"{100 * share:.1f}" for share in (accuracy.value, accuracy.low, accuracy.high))
        lines.append(f"{called:>8}  {value:>5} %   95 % of resamples: {low} to {high}")
    if names := skipped(result, queries):
        count = "1 query has" if len(names) == 1 else f"{len(names)} queries have"
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        lines.append(f"{count} no match in the gallery (left out): {', '.join(names[:NAMED])}{more}")
    return "\n".join(lines)


def skipped(result: Evaluation, queries: Samples) -> list[str]:
    """The files of the queries that no gallery picture matches."""
    return [str(queries.path[row]) for row in result.skipped]


def calibrated(network: Network, dataset: Dataset, args: argparse.Namespace) -> dict[str, Any]:
    """Fit and keep the calibration; its figures."""
    from sameperson.search.calibrate import calibrate, write_calibration

    samples, embeddings = embed_pictures(network, dataset.train, args, [])
    calibration = calibrate(embeddings, samples, seed=args.seed)
    write_calibration(args.calibrate, calibration)
    error = "not measured" if calibration.error is None else f"{calibration.error:.3f}"
    pairs = f"{calibration.positives} pairs of one person and {calibration.negatives} of two"
    print(f"{args.calibrate}: calibrated on {pairs}; calibration error on people left out {error}")
    return asdict(calibration)
