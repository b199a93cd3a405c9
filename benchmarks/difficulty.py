"""How hard is a world benchmark for raw pixels, for networks before and after training, and for the true attributes?

    python benchmarks/difficulty.py plain-v1 --json benchmarks/results/difficulty-plain-v1.json
    python benchmarks/difficulty.py plain-v1 --skip-training --network person-reidentification-retail-0277.xml

The baseline is version 2 of the package's weights, trained further on the benchmark's training people with one small
budget (recipe baseline/world_benchmark) at the size of its pictures, once for each of --seeds seeds. Its last weights
are evaluated.
Intervals are over test people; for the baseline, each query counts with its mean over the seeds. The oracle uses the
attributes in people.csv as features; its second row adds the true body shape. --network adds a network of yours. All
results are kept in --out, so that a killed run continues.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sameperson.config import Recipe
from sameperson.data.dataset import Dataset
from sameperson.data.readers import read_dataset
from sameperson.data.split import hold_out
from sameperson.demo import untrained
from sameperson.evaluation.embed import embed
from sameperson.evaluation.network import Network
from sameperson.evaluation.raw_pixels import RawPixels
from sameperson.evaluation.result import Evaluation, evaluate
from sameperson.evaluation.similarity import Similarity
from sameperson.evaluation.stats import bootstrap
from sameperson.methods.load import TrainedNetwork, load_network
from sameperson.methods.method import Give
from sameperson.overrides import load_recipe
from sameperson.retrieval.user_network import Preprocessing, open_network
from sameperson.training.loop import train
from sameperson.training.run_folder import RESULT, WEIGHTS
from sameperson.types import Embeddings
from sameperson.world.benchmarks import BENCHMARKS, SIZES, benchmark_plan
from sameperson.world.dataset import make_world
from sameperson.world.plan import WORLD_VERSION, WorldPlan
from sameperson.world.population import identity_of

RECIPE = "baseline/world_benchmark"
LASTING = ("hair", "beard", "glasses", "build", "height", "age", "skin")
"""Words of people.csv that stay when clothes change."""
SHAPE_COEFFICIENTS = 10
BATCH = 64
Figures = dict[str, Any]


def features_of_truth(world: Path, plan: WorldPlan, words: tuple[str, ...], shaped: bool) -> dict[int, np.ndarray]:
    """pid and clothes_id, as one number -> what is true of them: a word each, and perhaps the shape."""
    with (world / "people.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    truth = {}
    for row, told in zip(rows, features_of_words(rows, words), strict=True):
        shape = identity_of(plan, int(row["pid"])).betas[: SHAPE_COEFFICIENTS * shaped]
        truth[key(int(row["pid"]), int(row["clothes_id"]))] = np.concatenate([told, shape])
    return truth


def run_folder(options: argparse.Namespace, seed: int) -> Path:
    """Where one training run of the baseline lies."""
    return options.out / f"{options.benchmark}-{options.scale}-{options.seed}-run{seed}"


def features_of_words(rows: list[dict[str, str]], words: tuple[str, ...]) -> np.ndarray:
    """Lines of people.csv (N) -> (N, D): a 1 for each word that is said of them; words: the columns, () for all."""
    columns = sorted(words or rows[0].keys() - {"pid", "clothes_id"})
    known = {column: sorted({row[column] for row in rows}) for column in columns}
    return np.array([np.concatenate([np.equal(known[c], row[c]) for c in columns]) for row in rows], np.float64)


def key(pid: int, clothes: int) -> int:
    """One number for a person in an outfit."""
    return pid * 1_000_000 + clothes


def oracle(truth: np.ndarray, seed: int) -> Embeddings:
    """What is true of N pictures (N, D) as embeddings; what it cannot tell apart is ranked at random."""
    noise = 1e-3 * np.random.default_rng(seed).standard_normal(truth.shape)
    return Embeddings((truth + noise).astype(np.float32), "truth")


def scored(
    dataset: Dataset, query: Embeddings, gallery: Embeddings, protocol: str, metric: Similarity | str
) -> Evaluation:
    """One system under one protocol; metric: or all of how pictures are compared."""
    return evaluate(query, dataset.query, gallery, dataset.gallery, protocol, metric=metric)


def by_network(
    dataset: Dataset, network: Network, flip: bool, give: Give = "features"
) -> tuple[Embeddings, Embeddings]:
    """Queries and gallery as a network sees them."""
    query, gallery = (
        embed(network, samples, batch=BATCH, workers=1, flip=flip, give=give)[0]
        for samples in (dataset.query, dataset.gallery)
    )
    return query, gallery


def figures(evaluation: Evaluation) -> Figures:
    """What goes into the table."""
    told = evaluation.to_json()
    return {name: told[name] for name in ("rank1", "mAP")} | {"queries": int((evaluation.first_rank >= 0).sum())}


def pooled(runs: list[Evaluation], pids: np.ndarray) -> Figures:
    """Several training runs as one system: each query's mean, people resampled; and each run's own value."""
    asked = np.flatnonzero(runs[0].first_rank >= 0)
    values = np.mean([[run.first_rank[asked] == 0, run.average_precision[asked]] for run in runs], axis=0).T
    rank1, precision = bootstrap(values, pids[asked], 2000, 0)
    spread = {
        "rank1_runs": [run.rank1.value for run in runs],
        "mAP_runs": [run.mAP.value for run in runs],
    }
    return {"rank1": rank1.to_json(), "mAP": precision.to_json(), "queries": len(asked), **spread}


def trained(dataset: Dataset, recipe: Recipe, folder: Path) -> TrainedNetwork:
    """The recipe's last weights, trained unless that is done."""
    if not (folder / RESULT).exists():
        train(recipe, folder, dataset=dataset, resume=folder.exists())
    return load_network(folder / WEIGHTS)


def systems(
    options: argparse.Namespace, dataset: Dataset, world: Path, plan: WorldPlan
) -> Iterator[tuple[str, str, Figures]]:
    """Every line of the table: name, protocol, figures."""
    benchmark = BENCHMARKS[options.benchmark]
    words = [f"data.root={world}", f"train.device={options.device}", f"data.size={plan.size[0]},{plan.size[1]}"]
    base = load_recipe(RECIPE, words)
    whose: dict[str, tuple[Embeddings, Embeddings]] = {"raw pixels": by_network(dataset, RawPixels(plan.size), False)}
    if options.network:
        real = open_network(options.network, Preprocessing(channels=options.channels))
        whose[options.network.stem] = by_network(dataset, real, False)
    runs = []
    for seed in range(0 if options.skip_training else options.seeds):
        recipe = load_recipe(RECIPE, [*words, f"seed={seed}"])
        network = trained(dataset, recipe, run_folder(options, seed))
        if seed == 0:
            empty = recipe.model_copy(update={"backbone": recipe.backbone.model_copy(update={"weights": "none"})})
            whose["untrained"] = by_network(dataset, untrained(network, empty, dataset), base.evaluate.flip)
            start = load_network(recipe.backbone.weights)
            whose["the package's weights"] = by_network(dataset, start, base.evaluate.flip)
        runs.append(by_network(dataset, network, base.evaluate.flip))
    for protocol in benchmark.protocols:
        for name, (query, gallery) in whose.items():
            yield name, protocol, figures(scored(dataset, query, gallery, protocol, "cosine"))
        if runs:
            judged = [scored(dataset, query, gallery, protocol, "cosine") for query, gallery in runs]
            yield f"baseline, {len(runs)} seeds", protocol, pooled(judged, dataset.query.pid)
        attributes = LASTING if protocol == "cross_clothes" else ()
        for name, shaped in (("oracle: true words", False), ("oracle: true words and shape", True)):
            truth = features_of_truth(world, plan, attributes, shaped)
            query, gallery = (
                oracle(np.array([truth[key(*who)] for who in zip(part.pid, part.clothes_id, strict=True)]), seed)
                for seed, part in enumerate((dataset.query, dataset.gallery))
            )
            yield name, protocol, figures(scored(dataset, query, gallery, protocol, "euclidean"))


def training_cost(folder: Path) -> Figures:
    """How long a finished training took."""
    result = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    return {key: result[key] for key in ("seed", "epochs", "steps", "seconds", "device")}


def line(name: str, protocol: str, told: Figures) -> str:
    """A line of a Markdown table."""

    def percent(of: dict[str, float]) -> str:
        return f"{100 * of['value']:.1f} ({100 * of['low']:.1f} to {100 * of['high']:.1f})"

    return f"| {name} | {protocol} | {percent(told['rank1'])} | {percent(told['mAP'])} |"


def main() -> None:
    """Make, train, score, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", choices=list(BENCHMARKS))
    parser.add_argument("--scale", choices=SIZES, default="small")
    parser.add_argument("--seed", type=int, default=0, help="0 is the benchmark itself; others are other people")
    parser.add_argument("--seeds", type=int, default=3, help="training runs of the baseline")
    parser.add_argument("--skip-training", action="store_true")
    parser.add_argument(
        "--network", type=Path, help="a network file of yours (.onnx, or OpenVINO .xml) to score as well"
    )
    parser.add_argument("--channels", choices=("RGB", "BGR"), default="BGR", help="what that network wants")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that draw")
    parser.add_argument("--out", type=Path, default=Path("runs/difficulty"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    plan = benchmark_plan(options.benchmark, options.scale, options.seed)
    world = options.out / f"{options.benchmark}-{options.scale}-{options.seed}-world"
    if not world.exists():
        make_world(world, plan, workers=options.workers)
    recipe = load_recipe(RECIPE, [f"data.root={world}"])
    dataset = read_dataset(recipe.data)
    table: dict[str, dict[str, Figures]] = {}
    for name, protocol, told in systems(options, dataset, world, plan):
        table.setdefault(protocol, {})[name] = told
        sys.stdout.write(line(name, protocol, told) + "\n")
    learned, held = hold_out(dataset.train, recipe.data.val_fraction, 0)
    counts = {
        "train_people": learned.people,
        "validation_people": held.people,
        "test_people": dataset.query.people,
        "train_pictures": len(learned),
        "queries": len(dataset.query),
        "gallery": len(dataset.gallery),
        "mean_visible": visible(world),
    }
    seeds = range(0 if options.skip_training else options.seeds)
    training = [training_cost(run_folder(options, seed)) for seed in seeds]
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        command = "python benchmarks/difficulty.py " + " ".join(sys.argv[1:])
        result = {"benchmark": options.benchmark, "scale": options.scale, "world_version": WORLD_VERSION}
        result |= {"seed": plan.seed, "command": command, "counts": counts}
        result |= {"training": training, "figures": table}
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def visible(world: Path) -> float:
    """The mean share of a person that shows in a query."""
    with (world / "labels.csv").open(newline="", encoding="utf-8") as file:
        return round(
            statistics.mean(float(row["visible"]) for row in csv.DictReader(file) if row["split"] == "query"), 4
        )


if __name__ == "__main__":
    main()
