"""Does ISP beat the strong baseline on the same backbone, and its own ablations, on a world benchmark?

    python benchmarks/isp.py occluded-v1 --seeds 3 --out runs/isp --json benchmarks/results/isp-occluded-v1.json
    python benchmarks/isp.py plain-v1 --arms isp,baseline --jobs 2 --set train.epochs=12

The arms are `isp` (recipe isp/world_small), `no-parts` (ISP with the global feature alone), `stripes` (ISP with as many
equal stripes as parts) and `baseline` (recipe isp/world_small_baseline). "ISP without ARM" compares ISP's own weights
by one feature for each picture. Size full takes isp/world_gpu and isp/world_gpu_baseline. The output says where recipes
differ in more than the method.

Each run is a folder in --out: a killed run continues, and a finished one is not trained again. Intervals are over test
people, each query with its mean over the seeds; intervals of differences are over people and seeds. ISP's parts are
compared with the world's true labels, which training never uses.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ablation import Arm, Match, Training, arms_table, differences_table, fingerprint, judge, say, train_all, unequal

from sameperson.checks import InputError
from sameperson.cli.common.json_output import write_json
from sameperson.cli.common.label_sources import from_folder, from_network
from sameperson.data.dataset import Dataset
from sameperson.data.readers import read_dataset
from sameperson.evaluation.segmentation import Confusion, agreement, brought_together, shared_tasks
from sameperson.overrides import load_recipe
from sameperson.training.metrics import read_metrics
from sameperson.training.run_folder import WEIGHTS
from sameperson.types import Samples
from sameperson.world.benchmarks import BENCHMARKS, SIZES, benchmark_plan
from sameperson.world.dataset import make_world
from sameperson.world.plan import WORLD_VERSION, WorldPlan

OF_SIZE = {"small": "world_small", "full": "world_gpu"}
LABELS = ("parsing", "masks", "parts")
"""What the tree needs beside its pictures."""
ISP, BASELINE, NO_PARTS, STRIPES = "isp", "baseline", "no-parts", "stripes"
NO_ARM = "ISP without ARM"
NAMES = {ISP: "ISP", BASELINE: "baseline", NO_PARTS: "no parts", STRIPES: "stripes for parts"}
CHANGED = {NO_PARTS: ("method.parts=none", "method.match=concat"), STRIPES: ("method.parts=stripes",)}
PARSED = ("foreground", "head", "legs", "shoes", "mask")
BAG = 20
"""Of the world's labels."""
Figures = dict[str, Any]


def arms_of(options: argparse.Namespace, tree: Path) -> dict[str, Arm]:
    """The arms that were asked for."""
    own, plain = options.recipes or (f"isp/{OF_SIZE[options.size]}{end}" for end in ("", "_baseline"))
    common = (*options.set, f"data.root={tree}", f"train.device={options.device}")
    return {
        key: Arm(NAMES[key], plain if key == BASELINE else own, (*CHANGED.get(key, ()), *common))
        for key in NAMES
        if key in options.arms
    }


def world_of(options: argparse.Namespace) -> tuple[Path, bool]:
    """The tree, made unless it is there, and whether it is the benchmark's."""
    plan = replace(benchmark_plan(options.benchmark, options.size, options.seed), labels=LABELS)
    tree = options.tree or options.out / f"{options.benchmark}-{options.size}-{options.seed}-world"
    if not options.tree and not tree.exists():
        say(f"{tree}: {plan.people} people to draw")
        make_world(tree, plan, workers=options.workers)
    note = tree / "world.json"
    known = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
    return tree, {key: known.get(key) for key in told(plan)} == told(plan)


def called(options: argparse.Namespace) -> str:
    """What asks for the same figures anywhere: no one's folders with it."""
    words = [options.benchmark, "--size", options.size, "--seed", str(options.seed), "--seeds", str(options.seeds)]
    words += ["--arms", ",".join(options.arms), *(["--set", *options.set] if options.set else [])]
    return " ".join(["python benchmarks/isp.py", *words])


def told(plan: WorldPlan) -> Figures:
    """What decides the pictures of a plan, as world.json has it."""
    tree = json.loads(json.dumps(plan.as_json()))
    tree.pop("labels", None)
    return tree


def clusterings(runs: Sequence[Training]) -> dict[str, Figures]:
    """The IoU of the parts that each clustering found with true labels of the training pictures: first, last, all.

    First and last are medians over the runs.
    """
    lines = [[line for line in read_metrics(run.folder) if "parsing/foreground" in line] for run in runs]
    each = [[{key: line[key] for key in line if key != "seconds"} for line in some] for some in lines if some]
    if not each:
        return {}
    ends = {"first": [some[0] for some in each], "last": [some[-1] for some in each]}
    return {name: medians(some, PARSED, "parsing/") for name, some in ends.items()} | {"runs": {"each": each}}


def medians(lines: Sequence[Mapping[str, float]], names: Sequence[str], prefix: str = "") -> Figures:
    """Of each name that all lines have."""
    there = [name for name in names if all(prefix + name in line for line in lines)]
    return {name: statistics.median(line[prefix + name] for line in lines) for name in there}


def parsed(run: Training, tree: Path, samples: Samples) -> Figures:
    """How well what a run's network sees on pictures agrees with the world's labels; empty where there are none.

    IoU of each task and with the masks, and which share of the pixels of bags is foreground.
    """
    places = {"world": tree / "parts", "foreground": tree / "masks"}
    if not all(place.is_dir() for place in places.values()):
        return {}
    seen = from_network(run.folder / WEIGHTS, samples)
    maps = list(seen.maps(seen.rows))
    figures: Figures = {}
    for labels, place in places.items():
        true = from_folder(place, samples, labels)
        confusion = Confusion(seen.labels, true.labels)
        for row, one in zip(true.rows, true.maps(true.rows), strict=True):
            confusion.add(*brought_together(maps[row], one), int(samples.pid[row]))
        tasks = agreement(confusion.counts, shared_tasks(seen.labels, true.labels))
        if labels == "foreground":
            return figures | {"mask": tasks["foreground"].class_iou.to_json()}
        figures = {name: task.class_iou.to_json() for name, task in tasks.items()}
        pixels = confusion.counts.sum(0)[:, BAG]
        figures["bag_found"] = float(pixels[1:].sum() / pixels.sum()) if pixels.sum() else None
    return figures


def parsing_table(found: Mapping[str, Figures]) -> list[str]:
    """Lines of Markdown: what was measured -> the IoU of each task."""
    lines = ["| parts against the truth, IoU | " + " | ".join(PARSED) + " |", "|---" * (1 + len(PARSED)) + "|"]
    for name, shares in found.items():
        cells = (f"{shares[task]:.2f}" if task in shares else "" for task in PARSED)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def parsing(runs: Sequence[Training], tree: Path, dataset: Dataset) -> tuple[list[str], Figures]:
    """The parts that ISP found while it learned, and sees on test pictures: as a table, and as JSON."""
    found: Figures = {}
    rows: dict[str, Figures] = {}
    if on_training := clusterings(runs):
        found["clusterings"] = on_training
        rows = {f"{name} clustering": on_training[name] for name in ("first", "last")}
    if runs[0].recipe.method.model_dump().get("parts") == "clustered":
        each = [
            {
                side: parsed(run, tree, samples)
                for side, samples in (("query", dataset.query), ("test", dataset.gallery))
            }
            for run in runs
        ]
        if all(one["query"] for one in each):
            found["test"] = each
            for side, name in (("query", "the queries, as the network sees them"), ("test", "the gallery, likewise")):
                values = [{task: share["value"] for task, share in one[side].items() if task in PARSED} for one in each]
                rows[name] = medians(values, PARSED)
    return parsing_table(rows) if rows else [], found


def options_of() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", choices=list(BENCHMARKS))
    parser.add_argument("--size", "--scale", choices=SIZES, default="small")
    parser.add_argument("--seed", type=int, default=0, help="0 is the benchmark itself; others are other people")
    parser.add_argument("--seeds", type=int, default=3, help="training runs of each arm")
    parser.add_argument("--arms", default=",".join(NAMES), help="some of them, with commas (%(default)s)")
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="for all arms")
    parser.add_argument("--recipes", type=Path, nargs=2, metavar=("ISP", "BASELINE"), help="others than the size's")
    parser.add_argument(
        "--tree", type=Path, help="the benchmark's tree with labels parsing,masks,parts, if there is one"
    )
    parser.add_argument("--jobs", type=int, default=1, help="runs trained side by side, a thread each")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that draw")
    parser.add_argument("--out", type=Path, default=Path("runs/isp-benchmark"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.arms = options.arms.split(",")
    if min(options.seeds, options.jobs) < 1:
        parser.error("--seeds and --jobs are at least 1")
    if unknown := set(options.arms) - set(NAMES):
        parser.error(f"--arms {','.join(sorted(unknown))}: expected some of {','.join(NAMES)}")
    return options


def measure(options: argparse.Namespace) -> None:
    """Make, train, judge, tell."""
    options.out.mkdir(parents=True, exist_ok=True)
    tree, itself = world_of(options)
    arms = arms_of(options, tree)
    recipes = {key: load_recipe(arm.recipe, arm.words) for key, arm in arms.items()}
    named = f"{options.benchmark}-{options.size}-{options.seed}"
    runs = {key: [Training(arm, s, options.out / f"{named}-{key}-run{s}") for s in range(options.seeds)]
            for key, arm in arms.items()}  # fmt: skip
    train_all([some[seed] for seed in range(options.seeds) for some in runs.values()], options.jobs)

    dataset = read_dataset(recipes[next(iter(recipes))].data)
    protocols = BENCHMARKS[options.benchmark].protocols
    ways: list[tuple[str, str, Match]] = [(key, arm.name, "own") for key, arm in arms.items()]
    if ISP in recipes and recipes[ISP].method.model_dump()["match"] == "parts":
        ways.insert(1, (ISP, NO_ARM, "features"))
    judged = {name: judge(dataset, runs[key], protocols, match, options.device) for key, name, match in ways}
    pids, tables = dataset.query.pid, {}
    what = options.benchmark if itself else f"{tree} (not {options.benchmark} itself)"
    people = f"{dataset.query.people} people, {len(dataset.query)} queries"
    for protocol in protocols:
        ours = {name: of[protocol] for name, of in judged.items()}
        lines, figures = arms_table(ours, pids)
        gaps, differences = differences_table(NAMES[ISP], ours, pids) if ISP in arms else ([], {})
        tables[protocol] = {"figures": figures, "differences": differences}
        print("\n".join([f"{what}, {people}, protocol `{protocol}`, {options.seeds} seeds, per cent:\n", *lines, ""]))
        print("\n".join([*gaps, ""]))
    lines, parts = parsing(runs[ISP], tree, dataset) if ISP in arms else ([], {})
    print("\n".join(lines))
    differing = unequal(recipes)
    if differing:
        print(f"\nThe recipes differ beyond the method in {', '.join(differing)}.")
    counts = {"train_people": dataset.train.people, "train_pictures": len(dataset.train)}
    counts |= {"test_people": dataset.query.people, "queries": len(dataset.query), "gallery": len(dataset.gallery)}
    result = {
        "benchmark": options.benchmark if itself else None,
        "scale": options.size,
        "world_version": WORLD_VERSION,
        "world_seed": options.seed,
        "command": called(options),
        "counts": counts,
        "protocols": tables,
        "parsing": parts,
        "unequal": differing,
        "recipes": {
            key: {
                "fingerprint": fingerprint(recipe),
                "recipe": {name: value for name, value in recipe.portable().items() if name != "seed"},
            }
            for key, recipe in recipes.items()
        },
        "runs": {key: [run.told() for run in some] for key, some in runs.items()},
    }
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
    write_json(options.json, result)


def main() -> None:
    """Measure, or say what is wrong."""
    try:
        measure(options_of())
    except InputError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
