"""How well does a network tell real people apart in one film?

    python benchmarks/film_crops.py CROPS.csv [--network FILE ...]

CROPS.csv lists crops of a film: path, pid, camid, frame. A pair of one person counts only where its frames are at least
12 apart, so that nobody is found again in the next frame; pairs of two people always count. Every crop with such a
partner is a query among all other crops that count. Raw pixels, which any network has to beat, are measured in the same
run. Where the network brings a calibration, or one is given, the expected calibration error of its probabilities for
these pairs is printed, beside the error on the people that it was fitted to. One film of a few people is a smoke test:
choose no setting by it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, atomic
from sameperson.cli.common.calibration_args import add_calibration, calibration_of
from sameperson.cli.common.network_args import add_network, network_name, network_of
from sameperson.data.readers.pictures import read_pictures
from sameperson.evaluation.embed import embed
from sameperson.evaluation.network import Network
from sameperson.evaluation.raw_pixels import RawPixels
from sameperson.retrieval.calibrate import Calibration, calibration_error
from sameperson.types import Samples

APART = 12
"""Frames that two pictures of one person lie apart at least."""


def main() -> None:
    """Measure the network and raw pixels, and print both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("crops", type=Path, metavar="CROPS.csv", help="path, pid, camid and frame of each crop")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the same as JSON")
    add_network(parser)
    add_calibration(parser)
    options = parser.parse_args()
    try:
        samples = read_pictures(options.crops)
        network, name = network_of(options), network_name(options)
        calibration = calibration_of(options, network, network.fingerprint)
        found = {
            name: measure(network, samples, calibration),
            "raw pixels": measure(RawPixels((128, 64)), samples),
        }
    except InputError as error:
        parser.error(str(error))
    for name, figures in found.items():
        said = "  ".join(f"{what} {value:.3f}" for what, value in figures.items() if what != "queries")
        print(f"{name}: {said}  ({figures['queries']} queries)")
    if options.json is not None:
        with atomic(options.json) as temporary:
            temporary.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def measure(network: Network, samples: Samples, calibration: Calibration | None = None) -> dict[str, float]:
    """The area under the ROC curve of all pairs that count, mAP and rank-1 of the queries, and calibration errors."""
    embeddings, samples, _ = embed(network, samples)
    features = embeddings.features.astype(np.float64)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    similarity = features @ features.T
    other = samples.pid[:, None] != samples.pid
    same = ~other & (np.abs(samples.frame[:, None] - samples.frame) >= APART)
    ranked = [hits_of(similarity[row], same[row], other[row]) for row in np.flatnonzero(same.any(axis=1))]
    right, wrong = similarity[np.triu(same)], similarity[np.triu(other)]
    figures = {
        "AUC": area(right, wrong),
        "mAP": float(np.mean([precision_of(hits) for hits in ranked])),
        "rank-1": float(np.mean([hits[0] for hits in ranked])),
        "queries": len(ranked),
    }
    if calibration is not None:
        truth = np.repeat([True, False], [len(right), len(wrong)])
        probability = calibration.probability(1 - np.concatenate([right, wrong]))
        figures["calibration error"] = calibration_error(probability, truth)
        if calibration.error is not None:
            figures["calibration error where fitted"] = calibration.error
    return figures


def hits_of(similarity: NDArray[np.float64], same: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which places of a query's ranked list show the same person."""
    counted = same | other
    return same[counted][np.argsort(-similarity[counted], kind="stable")]


def precision_of(hits: NDArray[np.bool_]) -> float:
    """The average precision of a ranked list."""
    places = np.flatnonzero(hits)
    return float(np.mean((np.arange(len(places)) + 1) / (places + 1)))


def area(right: NDArray[np.float64], wrong: NDArray[np.float64]) -> float:
    """The share of (right, wrong) pairs in which the right one is more similar; ties count half."""
    wrong = np.sort(wrong)
    below, upto = (np.searchsorted(wrong, right, side) for side in ("left", "right"))
    return float(np.mean((below + upto) / 2 / len(wrong)))


if __name__ == "__main__":
    main()
