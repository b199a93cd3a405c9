r"""Ship a finished run's weights with the package: calibrate and judge them on people they never saw, write their card.

    sameperson world make runs/cameras --people 1100 --test-people 1 --cameras 400 --seen-in 10 --shots 1 --seed 7001 \
        --size 128x64 --condition mixed --labels none
    sameperson train baseline/world_cameras --out runs/first
    sameperson train baseline/world_cameras --out runs/second train.epochs=12 \
        backbone.weights=runs/first/best.safetensors
    python tools/widen_osnet.py runs/second/best.safetensors osnet_ain_x0_5 runs/wide.safetensors
    sameperson train baseline/world_start --out runs/third backbone.weights=runs/wide.safetensors
    sameperson world make runs/more --people 2000 --test-people 1 --cameras 900 --seen-in 8 --shots 1 --seed 7003 \
        --size 128x64 --condition mixed --labels none
    sameperson train baseline/world_start_more --out runs/fourth backbone.weights=runs/third/best.safetensors
    sameperson world make runs/larger --people 1101 --test-people 1 --cameras 400 --seen-in 10 --shots 1 --seed 7001 \
        --size 192x96 --condition mixed --labels none
    sameperson train baseline/world_larger --out runs/shipped backbone.weights=runs/fourth/best.safetensors
    sameperson world make runs/plain --benchmark plain-v1 --labels none
    sameperson world make runs/occluded --benchmark occluded-v1 --labels none
    python tools/ship_weights.py runs/shipped runs/plain runs/occluded

They are calibrated on the training people of the first benchmark and judged on the test people of each. None of these
people, and none of these cameras, is among those that the weights learned from.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from sameperson.data.readers import read_dataset
from sameperson.evaluation.embed import embed
from sameperson.evaluation.result import evaluate
from sameperson.methods.load import SHIPPED, load_network
from sameperson.models.weights import load_weights, save_weights
from sameperson.overrides import load_recipe
from sameperson.retrieval.calibrated import calibrate_weights
from sameperson.training.run_folder import WEIGHTS

RECIPE = "baseline/world_larger"
MOST = 0.98
"""The share of a benchmark's training people, none of whom the weights learned from, to calibrate on."""
LIMITS = (
    "It has seen only synthetic people, each in one outfit, at 128x64 and 192x96. On real pictures it is weaker than "
    "its figures here; how it errs across real groups of people has not been measured; its probabilities hold for "
    "synthetic people only. It must not decide about anyone."
)


def main() -> None:
    """Judge, calibrate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("worlds", type=Path, nargs="+", metavar="BENCHMARK", help="trees of world benchmarks")
    options = parser.parse_args()
    recipe = load_recipe(RECIPE)
    target = SHIPPED / f"{recipe.name}.safetensors"
    shutil.copyfile(options.run / WEIGHTS, target)
    network = load_network(target)
    results = {}
    for world in options.worlds:
        dataset = read_dataset(load_recipe(RECIPE, [f"data.root={world}"]).data)
        query, gallery = (embed(network, part, flip=True)[0] for part in (dataset.query, dataset.gallery))
        results[world.name] = evaluate(query, dataset.query, gallery, dataset.gallery, seed=recipe.seed).to_json()
        print(world.name, {name: results[world.name][name] for name in ("rank1", "mAP", "mINP")})
    first = load_recipe(RECIPE, [f"data.root={options.worlds[0]}", f"data.val_fraction={MOST}"])
    about = {
        "name": recipe.name,
        "training_data": "synthetic people of `sameperson world make`: 340 of version 1, 1,055 before 400 cameras, "
        "1,939 before 900 cameras, then 1,067 before 400 cameras at 192x96 (docs/weights.md)",
        "licence": "Apache-2.0",
        "limits": LIMITS,
        "results": results,
    }
    print(calibrate_weights(target, first, **about))
    # How they are evaluated is the recipe's, however the run was: the commands compare no mirror images unless told.
    evaluated = {"name": recipe.name, "evaluate": recipe.portable()["evaluate"]}
    card = network.card.model_copy(update={"recipe": {**network.card.recipe, **evaluated}})
    state, calibrated = load_weights(target)
    card = card.model_copy(update={"calibration": calibrated and calibrated.calibration, **about})
    save_weights(target, state, card)
    card = load_network(target).card
    target.with_suffix(".json").write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
