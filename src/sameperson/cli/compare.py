"""`sameperson compare`: two pictures, one person or two."""

from __future__ import annotations

import argparse
from pathlib import Path

from sameperson.cli.common.calibration_args import add_calibration, calibration_of, without_calibration
from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.network_args import add_network, network_name, network_of

NAME = "compare"
HELP = "say whether two pictures show the same person, and how surely"
EXAMPLE = "sameperson compare people/query/0030_c1*.jpg people/query/0030_c2*.jpg"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("a", type=Path, metavar="A", help="a picture of one person")
    parser.add_argument("b", type=Path, metavar="B", help="another picture of one person")
    parser.add_argument("--flip", action="store_true", help="look at both mirrored as well")
    add_calibration(parser)
    add_json(parser)
    add_network(parser)


def run(args: argparse.Namespace) -> int:
    """Compare, and say it in one line."""
    from sameperson.checks import existing_file
    from sameperson.evaluation.embed_pair import embed_pair
    from sameperson.evaluation.rank import rank_top
    from sameperson.report.ranked_lists import percent
    from sameperson.retrieval.calibrate import SAME

    for path in (args.a, args.b):  # told before a network is loaded
        existing_file(path, "a picture")
    network = network_of(args)
    calibration = calibration_of(args, network, f"{network.fingerprint}-flip" if args.flip else network.fingerprint)
    embeddings = embed_pair(network, args.a, args.b, flip=args.flip)
    distance = float(rank_top(embeddings.take([0]), embeddings.take([1]), 1).distances[0, 0])
    probability = None if calibration is None else float(calibration.probability(distance))
    if probability is None:
        print(f"distance {distance:.3f}")
        print(f"same or different is left open: {without_calibration(args)}")
    else:
        verdict = "same person" if probability >= SAME else "different people"
        print(f"{verdict}  (probability of the same person {percent(probability)}, distance {distance:.3f})")
    write_json(
        args.json,
        {
            "a": str(args.a),
            "b": str(args.b),
            "distance": distance,
            "probability": probability,
            "same": None if probability is None else probability >= SAME,
            "network": network_name(args),
            "fingerprint": network.fingerprint,
        },
    )
    return 0
