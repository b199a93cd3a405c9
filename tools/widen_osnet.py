r"""Widen trained weights: the new network computes the same as the old one, and training takes it further.

python tools/widen_osnet.py runs/narrow/best.safetensors osnet_ain_x0_5 runs/wide.safetensors
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.methods.build import build_method
from sameperson.methods.load import export_weights, load_network
from sameperson.models.widen import widened

NOISE = 0.15
"""Of the repeated weights, as a share of their layer's standard deviation: the features stay 95 % similar."""


def main() -> None:
    """Load, widen, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("name", help="the wider backbone")
    parser.add_argument("out", type=Path)
    parser.add_argument("--noise", type=float, default=NOISE)
    options = parser.parse_args()
    try:
        widen(options.weights, options.name, options.out, options.noise)
    except InputError as error:
        parser.error(str(error))
    print(options.out)


def widen(weights: Path, name: str, out: Path, noise: float) -> None:
    """Write the weights of the wider backbone `name`. Raises InputError for weights that cannot be widened to it."""
    narrow = load_network(weights)
    recipe = Recipe.model_validate(narrow.card.recipe)
    backbone = recipe.backbone.model_copy(update={"name": name, "weights": "none"})
    recipe = recipe.model_copy(update={"backbone": backbone})
    method = build_method(recipe, people=1)
    # The classifier is not among the weights of a network; training makes a new one.
    wide = {name: value for name, value in method.state_dict().items() if not name.startswith(method.training_only)}
    old = {name: value for name, value in narrow.method.state_dict().items() if name in wide}
    method.load_state_dict(widened(old, wide, noise, source=str(weights)), strict=False)
    export_weights(out, method, recipe, people=narrow.card.people, training_data=narrow.card.training_data)


if __name__ == "__main__":
    main()
