"""Wardrobes: the same person on other days, and outfits that several people share."""

import numpy as np
import pytest

from sameperson.world.clothes.colours import colour_distance
from sameperson.world.clothes.random_outfit import sample_dress_style, sample_outfit, sample_outfit_in_style
from sameperson.world.clothes.wardrobe import legs_change, recolour, sample_wardrobe, similar_outfit, top_changes
from sameperson.world.people.identity import sample_identity


@pytest.fixture(scope="module")
def wardrobes():
    people = [sample_identity(np.random.default_rng(seed)) for seed in range(6)]
    return [sample_wardrobe(np.random.default_rng([3, k]), people[k % 6], 3) for k in range(200)]


def test_the_first_day_is_any_day():
    someone = sample_identity(np.random.default_rng(0))
    for seed in range(20):
        first = sample_wardrobe(np.random.default_rng(seed), someone, 3)[0]
        assert first == sample_outfit(np.random.default_rng(seed), someone)


def test_a_longer_wardrobe_begins_like_a_shorter_one():
    someone = sample_identity(np.random.default_rng(1))
    long, short = (sample_wardrobe(np.random.default_rng(5), someone, days) for days in (4, 2))
    assert len(long) == 4 and long[:2] == short


def test_no_two_days_look_alike(wardrobes):
    for days in wardrobes:
        for k, day in enumerate(days):
            for other in days[:k]:
                assert top_changes(day, other)
                assert day.top.cloth != other.top.cloth


def test_people_have_habits(wardrobes):
    pairs = [(days[0], days[1]) for days in wardrobes]
    assert 0.55 < np.mean([a.shoes == b.shoes for a, b in pairs]) < 0.85
    assert 0.55 < np.mean([a.bag == b.bag for a, b in pairs if a.bag is not None]) < 0.9
    kept = [a.bottom == b.bottom and a.skirt == b.skirt for a, b in pairs]
    coats = [a.outer is not None and b.outer is not None and a.outer.cloth == b.outer.cloth for a, b in pairs]
    assert 0.2 < np.mean(np.logical_or(kept, coats)) < 0.45
    assert np.mean([legs_change(a, b) for a, b in pairs]) > 0.6


def test_a_kept_coat_is_open(wardrobes):
    for first, second, _ in wardrobes:
        if first.outer is not None and second.outer is not None and first.outer.cloth == second.outer.cloth:
            assert second.outer.opening > 0 and (second.tails is None) == (first.tails is None)


def test_recolouring_finds_what_was_not_worn():
    someone = sample_identity(np.random.default_rng(2))
    rng = np.random.default_rng(7)
    worn = [sample_outfit_in_style(rng, sample_dress_style(rng, someone)) for _ in range(2)]
    changed = recolour(rng, worn[1], worn)
    assert changed.top.kind == worn[1].top.kind and changed.outer is None
    for day in worn:
        assert colour_distance(changed.top.cloth.colours[0], day.top.cloth.colours[0]) > 0.2


def test_a_uniform_is_the_same_and_a_costume_nearly():
    someone = sample_identity(np.random.default_rng(3))
    for seed in range(40):
        rng = np.random.default_rng(seed)
        outfit = sample_outfit(rng, someone)
        assert similar_outfit(rng, outfit, 0.0) == outfit
        other = similar_outfit(rng, outfit, 1.0)
        assert other != outfit and not any(
            colour_distance(a, b) > 0.3 for a, b in zip(other.top.cloth.colours, outfit.top.cloth.colours, strict=True)
        )
        assert abs(other.top.hem - outfit.top.hem) <= 0.03 + 1e-9 and other.bag == outfit.bag
        if outfit.skirt is not None and outfit.top.kind == "dress":
            assert other.skirt.cloth == other.top.cloth
        if outfit.tails is not None:
            assert other.tails.cloth == other.outer.cloth and other.outer.hem == outfit.outer.hem
