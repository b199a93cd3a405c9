"""Ship a finished run's weights with the package: calibrate them, evaluate them on unseen people, and write their card.

sameperson world make runs/people --people 400 --test-people 60 --cameras 9 --shots 3 --size 128x64 --seed 7
sameperson train baseline/world_shipped --out runs/shipped
python tools/ship_weights.py runs/shipped
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from sameperson.data.readers import read_dataset
from sameperson.evaluation.embed import embed
from sameperson.evaluation.result import evaluate
from sameperson.methods.load import SHIPPED, load_network
from sameperson.models.weights import load_weights
from sameperson.overrides import load_recipe
from sameperson.retrieval.calibrated import calibrate_weights
from sameperson.training.run_folder import RECIPE, WEIGHTS

LIMITS = (
    "It has seen only synthetic people, each in one outfit, at 128x64. On real pictures it is far weaker than its "
    "figures here; how it errs across real groups of people has not been measured; its probabilities hold for "
    "synthetic people only. It must not decide about anyone."
)


def main() -> None:
    """Judge, calibrate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    run: Path = parser.parse_args().run
    recipe = load_recipe(run / RECIPE)
    dataset = read_dataset(recipe.data)
    network = load_network(run / WEIGHTS)
    query, gallery = (embed(network, samples)[0] for samples in (dataset.query, dataset.gallery))
    figures = evaluate(query, dataset.query, gallery, dataset.gallery, seed=recipe.seed).to_json()
    SHIPPED.mkdir(exist_ok=True)
    target = SHIPPED / f"{recipe.name}.safetensors"
    shutil.copyfile(run / WEIGHTS, target)
    _, card = load_weights(target)
    results = {**(card.results if card else {}), "unseen synthetic people": figures}
    about = {
        "training_data": f"{dataset.train.people} synthetic people of `sameperson world make`, docs/weights.md",
        "licence": "Apache-2.0",
        "limits": LIMITS,
        "results": results,
    }
    calibration = calibrate_weights(target, recipe, dataset, **about)
    _, card = load_weights(target)
    if card is not None:
        target.with_suffix(".json").write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    print(f"{target}: {target.stat().st_size} bytes")
    for name in ("rank1", "mAP", "mINP"):
        print(name, figures[name])
    print(calibration)


if __name__ == "__main__":
    main()
