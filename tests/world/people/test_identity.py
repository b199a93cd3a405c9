import json
from collections import Counter
from dataclasses import asdict

import numpy as np
import torch

from sameperson.world.body.model import load_body
from sameperson.world.body.pose import Gait
from sameperson.world.people.haircut import DYES, STYLES, maybe_dye, sample_hair_colour, sample_hair_style
from sameperson.world.people.identity import ADULT_AGE, HAIR_STYLES, OLD_AGE, Identity, gait_at_age, sample_identity
from sameperson.world.people.skin import sample_beard

MANY = [sample_identity(np.random.default_rng([11, pid])) for pid in range(400)]


def traits(people: list[Identity]) -> dict[str, np.ndarray]:
    """Numbers that should vary, by name."""
    names = {f"shape {name}": np.array([one.shape[name] for one in people]) for name in people[0].shape}
    return names | {
        "skin": np.array([sum(one.skin) for one in people]),
        "hair volume": np.array([one.hair_volume for one in people]),
        "brows": np.array([one.brows for one in people]),
        "stride": np.array([one.gait.stride for one in people]),
        "swing": np.array([one.gait.swing for one in people]),
    }


def test_the_same_seed_is_the_same_person() -> None:
    assert sample_identity(np.random.default_rng(3)) == sample_identity(np.random.default_rng(3))
    assert sample_identity(np.random.default_rng(3)) != sample_identity(np.random.default_rng(4))


def test_a_person_survives_json_and_hashing() -> None:
    one = MANY[0]
    assert json.loads(json.dumps(asdict(one)))["betas"] == list(one.betas)
    assert len({one, MANY[1], one}) == 2


def test_betas_come_from_the_named_shape() -> None:
    for one in MANY[:5]:
        np.testing.assert_allclose(one.betas, load_body().betas_of(one.shape), rtol=1e-6)


def test_traits_vary_and_do_not_betray_each_other() -> None:
    columns = traits(MANY)
    assert all(column.std() > 1e-3 for column in columns.values())
    tied = {("features_a", "features_b"), ("features_a", "features_c"), ("features_b", "features_c")}  # sum to one
    tied |= {("age", "belly"), ("age", "stride"), ("age", "swing")}  # children have no paunch, the old walk with care
    names = list(columns)
    correlation = np.abs(np.corrcoef(np.stack(list(columns.values()))))
    for i, first in enumerate(names):
        for j, second in enumerate(names[:i]):
            pair = (second.removeprefix("shape "), first.removeprefix("shape "))
            if pair not in tied and "hair volume" not in (first, second):
                assert correlation[i, j] < 0.22, (first, second)


def test_people_are_as_tall_as_people_are() -> None:
    body = load_body()
    rest = body.rest(torch.tensor([one.betas for one in MANY]))[:, : body.body_vertices, 2]
    heights = (rest.amax(1) - rest.amin(1)).numpy()
    grown, child = (np.array([one.shape["age"] > ADULT_AGE for one in MANY]), [one.shape["age"] < 0.42 for one in MANY])
    feminine = np.array([one.shape["femininity"] > 0.5 for one in MANY])
    for chosen, average in ((grown & feminine, 1.64), (grown & ~feminine, 1.77)):
        assert abs(heights[chosen].mean() - average) < 0.03
        assert 0.05 < heights[chosen].std() < 0.09
    assert 0.95 < heights.min() < 1.25
    assert 1.15 < np.median(heights[child]) < 1.45
    assert heights.max() < 2.05


def test_most_are_slim_or_medium_and_a_few_are_heavy() -> None:
    weight = np.array([one.shape["weight"] for one in MANY])
    assert np.median(weight) < 0.38
    assert 0.02 < (weight > 0.7).mean() < 0.12


def test_all_ages_are_there() -> None:
    age = np.array([one.shape["age"] for one in MANY])
    assert 0.22 < age.min() < 0.32
    assert 0.03 < (age < 0.42).mean() < 0.10
    assert 0.05 < (age > OLD_AGE).mean() < 0.25
    assert 0.5 < ((age > ADULT_AGE) & (age < 0.8)).mean() < 0.8


def test_the_old_stoop_and_children_hurry() -> None:
    gait = Gait()
    assert gait_at_age(gait, 0.7) == gait
    assert gait_at_age(gait, 1.0).lean > gait.lean + 5
    assert gait_at_age(gait, 1.0).stride < 0.8 * gait.stride
    assert gait_at_age(gait, 0.3).cadence > gait.cadence > gait_at_age(gait, 1.0).cadence


def test_faces_and_hair_are_of_every_kind() -> None:
    styles = Counter(one.hair_style for one in MANY)
    assert set(styles) == set(HAIR_STYLES)
    assert max(styles.values()) < 0.25 * len(MANY)
    assert {one.glasses for one in MANY} == {0, 1, 2}
    assert all(one.beard == 0 for one in MANY if one.shape["femininity"] > 0.5)
    assert np.mean([one.beard > 0 for one in MANY]) > 0.15
    assert all((one.hair_volume == 0) == (one.hair_style == "bald") for one in MANY)
    assert all((one.cut.reach > 0) == (STYLES[one.hair_style].falls is not None) for one in MANY)
    assert {one.cut.fringe > 0 for one in MANY} == {one.cut.parting != 0 for one in MANY} == {True, False}
    colours = np.array([[*one.skin, *one.hair, *one.lips, *one.iris, *one.face.brow] for one in MANY])
    assert colours.min() >= 0
    assert colours.max() <= 1


def test_skin_runs_from_light_to_dark_without_gaps() -> None:
    red = np.sort([one.skin[0] for one in MANY])
    assert red[0] < 0.3
    assert red[-1] > 0.88
    assert np.diff(red).max() < 0.05


def test_children_have_neither_beards_nor_bald_heads() -> None:
    rng = np.random.default_rng(0)
    assert not any(sum(sample_beard(rng, feminine=False, age=0.4)) for _ in range(100))
    assert not {sample_hair_style(rng, False, 0.5) for _ in range(300)} & {"bald", "horseshoe"}
    assert {sample_hair_style(rng, False, 0.9) for _ in range(300)} >= {"bald", "horseshoe"}


def test_a_few_dye_their_hair() -> None:
    rng, natural = np.random.default_rng(0), np.array([0.1, 0.06, 0.04])
    colours = [maybe_dye(rng, natural) for _ in range(400)]
    changed = [one for one in colours if not np.array_equal(one, natural)]
    assert 0.02 < len(changed) / 400 < 0.09
    assert all(min(np.abs(one / dye - (one / dye).mean()).max() for dye in DYES) < 1e-9 for one in changed)


def test_hair_greys_with_age() -> None:
    def grey(age: float) -> float:
        rng = np.random.default_rng(0)
        hairs = np.array([sample_hair_colour(rng, 2.0, age) for _ in range(200)])
        return float(((np.ptp(hairs, axis=1) < 0.04) & (hairs[:, 0] > 0.25)).mean())

    assert grey(0.65) == 0
    assert 0.3 < grey(0.85) < 0.7
    assert grey(1.0) > 0.8
