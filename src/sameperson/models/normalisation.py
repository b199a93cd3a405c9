"""The mean and standard deviation of the pixels that a backbone's published weights were trained on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sameperson.config import Recipe
from sameperson.models.registry import model_of_backbone

KEYS = ("mean", "std")


def with_normalisation_of_weights(recipe: Recipe) -> Recipe:
    """Set `data.mean` and `data.std` to what the weights of the hub or the registry were trained with.

    A value that the recipe or the command line gives stays; so do the values for weights from a file and for none.
    """
    absent = [key for key in KEYS if key not in recipe.data.model_fields_set]
    known = published_values(recipe.backbone.name, recipe.backbone.weights) if absent else {}
    wanted = {key: known[key] for key in absent if key in known}
    return recipe.model_copy(update={"data": recipe.data.model_copy(update=wanted)}) if wanted else recipe


def published_values(name: str, weights: str) -> dict[str, tuple[float, ...]]:
    """Mean and standard deviation, RGB from 0 to 1, of a backbone's published weights; empty where nothing is known."""
    said: Mapping[str, Any] = {}
    if weights == "registry":
        said = model_of_backbone(name).preprocessing
    elif weights == "hub":
        # Only now: timm takes seconds to import.
        from timm.models import get_pretrained_cfg

        with suppress(RuntimeError):  # an unknown tag, of which building the backbone will tell
            published = get_pretrained_cfg(name)
            said = {} if published is None else published.to_dict()
    return {key: tuple(said[key]) for key in KEYS if key in said}
