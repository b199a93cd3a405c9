"""Pixels are normalised as the weights were trained, unless the user says otherwise."""

import pytest

from sameperson.config import Recipe
from sameperson.models.normalisation import with_normalisation_of_weights
from sameperson.overrides import dump_recipe, load_recipe

HALF, IMAGENET = (0.5, 0.5, 0.5), ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def values(*words: str) -> tuple:
    data = with_normalisation_of_weights(load_recipe("baseline/world_small", words)).data
    return data.mean, data.std


@pytest.mark.parametrize(
    ("name", "weights", "expected"),
    [
        ("tf_efficientnet_lite0", "registry", (HALF, HALF)),
        ("vit_small_patch16_224.augreg_in21k_ft_in1k", "hub", (HALF, HALF)),
        ("resnet50.a1_in1k", "hub", IMAGENET),
        ("tf_efficientnet_lite0", "none", IMAGENET),
        ("osnet_x0_25", "some.safetensors", IMAGENET),
        ("resnet50.nonesuch", "hub", IMAGENET),
    ],
)
def test_the_weights_decide(name, weights, expected):
    assert values(f"backbone.name={name}", f"backbone.weights={weights}") == expected


def test_what_the_user_gives_stays():
    words = ["backbone.name=tf_efficientnet_lite0", "backbone.weights=registry"]
    assert values(*words, "data.mean=0.1,0.2,0.3") == ((0.1, 0.2, 0.3), HALF)
    assert values(*words, "data.std=1,1,1") == (HALF, (1, 1, 1))


def test_a_written_recipe_says_which_and_is_read_back_as_it_is(tmp_path):
    recipe = with_normalisation_of_weights(
        load_recipe(None, ["backbone.name=tf_efficientnet_lite0", "backbone.weights=registry"])
    )
    (tmp_path / "recipe.yaml").write_text(dump_recipe(recipe))
    again = load_recipe(tmp_path / "recipe.yaml")
    assert with_normalisation_of_weights(again) == again == recipe


def test_defaults_are_untouched():
    assert with_normalisation_of_weights(Recipe()) == Recipe()
