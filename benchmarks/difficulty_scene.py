"""How hard is it to find the people of a film again in its other cameras?

    python benchmarks/difficulty_scene.py scene-v1 --weights runs/difficulty/plain-v1-small-0-run0 --json scene-v1.json

People are cropped from the film by their true boxes. The first picture of each person in each camera is a query; all
others are the gallery (Market-1501's protocol). --weights takes runs of the baseline on `plain-v1` by difficulty.py,
which have seen none of these people. The other rows are as in difficulty.py.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from pathlib import Path

import numpy as np
from difficulty import by_network, features_of_words, figures, line, oracle, pooled, scored

from sameperson.data.dataset import Dataset
from sameperson.data.split import query_and_gallery
from sameperson.evaluation.raw_pixels import RawPixels
from sameperson.methods.load import load_network
from sameperson.overrides import load_recipe
from sameperson.retrieval.user_network import Preprocessing, open_network
from sameperson.training.run_folder import WEIGHTS
from sameperson.world.benchmarks import SCENES, SIZES, scene_plan
from sameperson.world.films.crops import cut_film
from sameperson.world.films.write import make_film
from sameperson.world.plan import WORLD_VERSION

START = "baseline/world_benchmark"
"""The recipe that begins with the package's weights for 128x64."""
SIZE = (128, 64)
EVERY = 6
"""Frames from one picture of a person to the next."""


def main() -> None:
    """Make, cut, score, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", choices=list(SCENES))
    parser.add_argument("--scale", choices=SIZES, default="small")
    parser.add_argument("--weights", type=Path, nargs="*", default=[], help="runs of difficulty.py plain-v1")
    parser.add_argument("--network", type=Path, help="a network file of yours (.onnx, or .xml) to score as well")
    parser.add_argument("--channels", choices=("RGB", "BGR"), default="BGR", help="what that network wants")
    parser.add_argument("--out", type=Path, default=Path("runs/difficulty"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    plan = scene_plan(options.benchmark, options.scale)
    film = options.out / f"{options.benchmark}-{options.scale}-film"
    if not film.exists():
        make_film(film, plan, workers=os.cpu_count() or 1)
    samples = cut_film(film, options.out / f"{options.benchmark}-{options.scale}-crops", EVERY)
    query, gallery = query_and_gallery(samples)
    dataset = Dataset(options.benchmark, samples.take(slice(0)), query, gallery)
    runs = [by_network(dataset, load_network(folder / WEIGHTS), True) for folder in options.weights]
    systems = {"raw pixels": by_network(dataset, RawPixels(SIZE), False)}
    systems["the package's weights"] = by_network(dataset, load_network(load_recipe(START).backbone.weights), True)
    if options.network:
        real = open_network(options.network, Preprocessing(channels=options.channels))
        systems[options.network.stem] = by_network(dataset, real, False)
    table = {
        name: figures(scored(dataset, asked, among, "market1501", "cosine")) for name, (asked, among) in systems.items()
    }
    if runs:
        judged = [scored(dataset, asked, among, "market1501", "cosine") for asked, among in runs]
        table[f"baseline, {len(runs)} seeds"] = pooled(judged, query.pid)
    with (film / "people.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    words = features_of_words(rows, ())
    truth = {int(row["pid"]): feature for row, feature in zip(rows, words, strict=True)}
    asked, among = (
        oracle(np.array([truth[int(pid)] for pid in part.pid]), seed) for seed, part in enumerate((query, gallery))
    )
    table["oracle: true words"] = figures(scored(dataset, asked, among, "market1501", "euclidean"))
    for name, one in table.items():
        sys.stdout.write(line(name, "market1501", one) + "\n")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        counts = {"people": query.people, "queries": len(query), "gallery": len(gallery), "frames": plan.frames}
        result = {"benchmark": options.benchmark, "scale": options.scale, "world_version": WORLD_VERSION}
        result |= {"seed": plan.seed, "command": "python benchmarks/difficulty_scene.py " + " ".join(sys.argv[1:])}
        result |= {"counts": counts, "figures": {"market1501": table}}
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
