"""Outfits at random: sensible, varied, mostly quiet, and the same for the same seed."""

import json
from collections import Counter
from dataclasses import asdict, replace

import numpy as np
import pytest

from sameperson.world.clothes.dress_codes import DRESS_CODES
from sameperson.world.clothes.garment_types import BOTTOMS, OUTERS, TOPS
from sameperson.world.clothes.outfit import Pattern
from sameperson.world.clothes.random_outfit import (
    CHILD,
    DressStyle,
    sample_dress_style,
    sample_outfit,
    sample_outfit_in_style,
)
from sameperson.world.people.identity import sample_identity
from sameperson.world.pictures.attributes import describe
from sameperson.world.render.labels import Label
from sameperson.world.render.uniforms import look_row


@pytest.fixture(scope="module")
def outfits():
    rng = np.random.default_rng(0)
    people = [sample_identity(np.random.default_rng(seed)) for seed in range(8)]
    return [sample_outfit(rng, people[k % 8]) for k in range(1500)]


def test_a_seed_decides_an_outfit():
    identity = sample_identity(np.random.default_rng(1))
    one, two, other = (sample_outfit(np.random.default_rng(seed), identity) for seed in (5, 5, 6))
    assert one == two and hash(one) == hash(two) and one != other


def test_outfits_are_plain_values(outfits):
    for outfit in outfits[:50]:
        assert json.loads(json.dumps(asdict(outfit)))["top"]["kind"] == outfit.top.kind


def test_every_kind_and_pattern_is_worn(outfits):
    tops = Counter(outfit.top.kind for outfit in outfits)
    outers = Counter(outfit.outer.kind for outfit in outfits if outfit.outer)
    bottoms = Counter(outfit.bottom.kind for outfit in outfits if outfit.bottom)
    patterns = {outfit.top.cloth.pattern for outfit in outfits}
    assert set(tops) == set(TOPS) and set(outers) == set(OUTERS)
    assert set(bottoms) == set(BOTTOMS) - {"skirt"}
    assert patterns >= set(Pattern) - {Pattern.DENIM, Pattern.SIDE_STRIPE}
    assert max(tops.values()) < 0.5 * len(outfits)


def test_most_clothes_are_muted(outfits):
    def saturation(colour):
        return 1 - min(colour) / max(colour)

    first = [outfit.top.cloth.colours[0] for outfit in outfits]
    dull = [max(colour) < 0.12 or saturation(colour) < 0.45 for colour in first]
    assert 0.8 < np.mean(dull) < 0.95
    assert 0.65 < np.mean([outfit.top.cloth.pattern == Pattern.PLAIN for outfit in outfits]) < 0.85


def test_crowds_look_alike_yet_not_the_same(outfits):
    def seen(outfit):
        worn = describe(outfit)
        upper = worn["top"] if worn["outer"] == "none" else worn["outer"]
        return upper.split()[0], worn["bottom"].split()[0]

    crowd = [seen(outfit) for outfit in outfits[:300]]
    count = Counter(crowd)
    assert 0.4 < np.mean([count[one] > 3 for one in crowd]) < 0.85
    assert len(set(crowd)) > 40 and len(set(outfits[:300])) == 300


def test_garments_go_together():
    office = [
        sample_outfit_in_style(np.random.default_rng(k), DressStyle("office", 0.0, 1.0, False)) for k in range(60)
    ]
    summer = [
        sample_outfit_in_style(np.random.default_rng(k), DressStyle("summer", 0.0, 1.0, False)) for k in range(60)
    ]
    assert not any(outfit.bottom.kind in ("shorts", "joggers") or outfit.top.kind == "hoodie" for outfit in office)
    assert np.mean([outfit.outer is not None for outfit in summer]) < 0.15
    assert all(outfit.scarf is None and outfit.gloves is None for outfit in summer)


def test_age_tells_how_one_dresses():
    someone = sample_identity(np.random.default_rng(4))

    def styles(age):
        who = replace(someone, shape={**someone.shape, "age": age})
        return [sample_dress_style(np.random.default_rng(k), who) for k in range(200)]

    child, adult, old = styles(CHILD - 0.1), styles(0.7), styles(0.95)
    assert {style.code for style in adult} == set(DRESS_CODES)
    assert "office" not in {style.code for style in child}
    assert np.mean([s.loud for s in old]) < np.mean([s.loud for s in adult]) < np.mean([s.loud for s in child])


def test_nobody_goes_without(outfits):
    for outfit in outfits:
        assert outfit.bottom or outfit.skirt
        assert (outfit.outer is not None and outfit.outer.kind == "coat") == (outfit.tails is not None)
        if outfit.top.kind == "dress":
            assert outfit.skirt is not None and outfit.skirt.cloth == outfit.top.cloth
        for colour in outfit.top.cloth.colours:
            assert all(0 < channel < 1 for channel in colour)


def test_the_look_says_what_is_worn(outfits):
    identity = sample_identity(np.random.default_rng(2))
    for outfit in outfits[:100]:
        look = look_row(identity, outfit)[0]
        assert look["top"]["label"] == (Label.DRESS if outfit.top.kind == "dress" else Label.UPPER)
        assert (look["outer"]["label"] == Label.COAT) == (outfit.outer is not None)
        assert (look["legwear"]["label"] == Label.TROUSERS) == (outfit.bottom is not None)
        np.testing.assert_allclose(look["top"]["cloth"]["first"], outfit.top.cloth.colours[0])
        np.testing.assert_allclose(look["skin"], identity.skin)
        assert look["top"]["cloth"]["frequency"] == pytest.approx(1 / outfit.top.cloth.period)
