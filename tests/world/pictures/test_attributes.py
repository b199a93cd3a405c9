"""Attribute names against outfits and people made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sameperson.world.clothes.colours import BRIGHT, MUTED, colour_name
from sameperson.world.clothes.outfit import Bag, Bottom, Cloth, Headwear, Outfit, Pattern, Shoes, Skirt, Top
from sameperson.world.clothes.random_outfit import sample_outfit
from sameperson.world.people.identity import sample_identity
from sameperson.world.pictures.attributes import attributes, cloth_name, describe

BLACK, WHITE, RED, BLUE = (0.02, 0.02, 0.02), (0.75, 0.74, 0.73), (0.45, 0.03, 0.03), (0.03, 0.1, 0.42)


def plain(colour):
    return Cloth((colour, BLACK, BLACK))


TEE = Top("tee", 0.3, 0.0, 0.57, 0.01, plain(WHITE))
FACE = replace(sample_identity(np.random.default_rng(0)).face, moustache=0.0, goatee=0.0)
SHOES = Shoes(-0.75, BLACK, WHITE, -0.7, WHITE)
SUMMER = Outfit(TEE, SHOES, bottom=Bottom("shorts", -0.3, 0.02, plain(BLACK)), headwear=Headwear("cap", RED))
WINTER = Outfit(
    replace(TEE, kind="long sleeve", sleeve=0.95, cloth=Cloth((RED, WHITE, BLACK), Pattern.HOOPS)),
    replace(SHOES, top=-0.5),
    skirt=Skirt(-0.4, 0.01, plain(BLUE)),
    outer=Top("coat", 0.97, 0.05, 0.6, 0.02, plain(BLACK)),
    tails=Skirt(-0.4, 0.02, plain(BLACK), 0.01),
    bag=Bag("satchel", 1.0, (0.12, 0.07, 0.04)),
    scarf=plain(WHITE),
    gloves=BLACK,
)


def test_a_summer_outfit():
    assert describe(SUMMER) == {
        "top": "white tee",
        "sleeves": "short",
        "outer": "none",
        "bottom": "black shorts",
        "shoes": "black shoes",
        "bag": "none",
        "headwear": "red cap",
        "scarf": "none",
        "gloves": "none",
    }


def test_a_winter_outfit():
    assert describe(WINTER) == {
        "top": "red hoops long sleeve",
        "sleeves": "long",
        "outer": "black coat",
        "bottom": "blue skirt",
        "shoes": "black boots",
        "bag": "brown satchel",
        "headwear": "none",
        "scarf": "white scarf",
        "gloves": "black gloves",
    }


def test_a_dress_has_no_skirt_of_its_own():
    dress = Outfit(replace(TEE, kind="dress", sleeve=-1.0), SHOES, skirt=Skirt(-0.4, 0.01, plain(WHITE)))
    assert describe(dress)["top"] == "white dress" and describe(dress)["bottom"] == "none"
    assert describe(dress)["sleeves"] == "none"


def test_every_colour_of_the_palette_keeps_its_name():
    for name, colour in {**{name: colour for name, (colour, _) in MUTED.items()}, **BRIGHT}.items():
        assert colour_name(colour) == name
        assert colour_name(tuple(1.08 * np.array(colour))) == name
    assert cloth_name(Cloth((BLUE, BLUE, BLUE), Pattern.DENIM)) == "blue"


@pytest.mark.parametrize(
    ("changes", "shape", "expected"),
    [
        ({"hair_style": "bald"}, {}, {"hair": "none"}),
        ({"hair_style": "short", "hair": (0.03, 0.025, 0.02)}, {}, {"hair": "black short"}),
        ({"hair_style": "long", "hair": (0.55, 0.40, 0.20)}, {}, {"hair": "blond long"}),
        ({"hair_style": "bun", "hair": (0.55, 0.55, 0.55)}, {}, {"hair": "grey bun"}),
        ({"beard": 0.0, "glasses": 1, "face": FACE}, {}, {"beard": "none", "glasses": "clear"}),
        ({"beard": 0.0, "face": replace(FACE, moustache=0.9)}, {}, {"beard": "moustache"}),
        ({"beard": 0.0, "face": replace(FACE, moustache=0.9, goatee=0.8)}, {}, {"beard": "goatee"}),
        ({"beard": 0.35, "glasses": 0}, {}, {"beard": "stubble", "glasses": "none"}),
        ({"beard": 0.8, "glasses": 2}, {}, {"beard": "full", "glasses": "dark"}),
        ({}, {"weight": 0.1, "stature": 0.2, "age": 0.3}, {"build": "slim", "height": "short", "age": "child"}),
        ({}, {"weight": 0.3, "stature": 0.39, "age": 0.7}, {"build": "medium", "height": "medium", "age": "adult"}),
        ({}, {"weight": 0.9, "stature": 0.5, "age": 0.95}, {"build": "heavy", "height": "tall", "age": "old"}),
        ({"skin": (0.93, 0.76, 0.66)}, {}, {"skin": "light"}),
        ({"skin": (0.24, 0.16, 0.12)}, {}, {"skin": "dark"}),
    ],
)
def test_what_is_seen_of_a_person(changes, shape, expected):
    someone = sample_identity(np.random.default_rng(0))
    found = attributes(replace(someone, **changes, shape={**someone.shape, **shape}), SUMMER)
    assert found.items() >= expected.items()
    assert found.items() >= describe(SUMMER).items()


def test_the_same_questions_are_answered_for_everyone():
    keys = set(attributes(sample_identity(np.random.default_rng(1)), WINTER))
    for seed in range(30):
        rng = np.random.default_rng(seed)
        someone = sample_identity(rng)
        found = attributes(someone, sample_outfit(rng, someone))
        assert set(found) == keys and all(found.values())
