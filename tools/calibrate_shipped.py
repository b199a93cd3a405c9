"""Calibrate the package's weights again, on people of the current pictures whom they have never seen.

    sameperson world make runs/plain --benchmark plain-v1
    python tools/calibrate_shipped.py runs/plain

The weights themselves do not change; their card and calibration do.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sameperson.data.readers import read_dataset
from sameperson.evaluation.embed import embed
from sameperson.evaluation.result import evaluate
from sameperson.methods.load import SHIPPED, load_network
from sameperson.models.weights import load_weights
from sameperson.overrides import load_recipe
from sameperson.retrieval.calibrated import calibrate_weights
from sameperson.world.plan import WORLD_VERSION

RECIPE = "baseline/world_shipped"
MOST = 0.98
"""The share of the benchmark's training people, none of whom the weights have learnt from, to calibrate on."""


def main() -> None:
    """Judge on the benchmark's test people, calibrate on its training people, write the card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("world", type=Path, help="plain-v1")
    world: Path = parser.parse_args().world
    recipe = load_recipe(RECIPE, [f"data.root={world}", f"data.val_fraction={MOST}"])
    dataset = read_dataset(recipe.data)
    network = load_network(None)
    query, gallery = (embed(network, samples)[0] for samples in (dataset.query, dataset.gallery))
    figures = evaluate(query, dataset.query, gallery, dataset.gallery).to_json()
    target = next(SHIPPED.glob("*.safetensors"))
    _, card = load_weights(target)
    known = card.results if card else {}
    results = {**known, f"plain-v1, version {WORLD_VERSION} of the pictures": figures}
    print(calibrate_weights(target, recipe, dataset, results=results))
    _, card = load_weights(target)
    if card is not None:
        target.with_suffix(".json").write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    print({name: figures[name] for name in ("rank1", "mAP")})


if __name__ == "__main__":
    main()
