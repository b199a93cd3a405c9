import json
from collections import Counter
from dataclasses import asdict

import numpy as np
import torch

from sameperson.world.body import load_body
from sameperson.world.identity import HAIR_STYLES, Identity, sample_hair, sample_identity

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
    names = list(columns)
    correlation = np.abs(np.corrcoef(np.stack(list(columns.values()))))
    for i, first in enumerate(names):
        for j, second in enumerate(names[:i]):
            pair = (second.removeprefix("shape "), first.removeprefix("shape "))
            if pair not in tied and "hair volume" not in (first, second):
                assert correlation[i, j] < 0.22, (first, second)


def test_people_are_of_human_size() -> None:
    body = load_body()
    rest = body.rest(torch.tensor([one.betas for one in MANY[:100]]))[:, : body.body_vertices, 2]
    heights = (rest.amax(1) - rest.amin(1)).numpy()
    assert 1.4 < heights.min() < 1.6 < np.median(heights) < 1.75 < heights.max() < 2.05


def test_faces_and_hair_are_of_every_kind() -> None:
    styles = Counter(one.hair_style for one in MANY)
    assert set(styles) == set(HAIR_STYLES)
    assert max(styles.values()) < 0.5 * len(MANY)
    assert {one.glasses for one in MANY} == {0, 1, 2}
    assert all(one.beard == 0 for one in MANY if one.shape["femininity"] > 0.5)
    assert np.mean([one.beard > 0 for one in MANY]) > 0.15
    assert all((one.hair_volume == 0) == (one.hair_style == "bald") for one in MANY)
    colours = np.array([[*one.skin, *one.hair, *one.lips, *one.iris] for one in MANY])
    assert colours.min() >= 0
    assert colours.max() <= 1


def test_skin_runs_from_light_to_dark_without_gaps() -> None:
    red = np.sort([one.skin[0] for one in MANY])
    assert red[0] < 0.3
    assert red[-1] > 0.88
    assert np.diff(red).max() < 0.05


def test_hair_greys_with_age() -> None:
    def grey(age: float) -> float:
        rng = np.random.default_rng(0)
        hairs = np.array([sample_hair(rng, 2.0, age) for _ in range(200)])
        return float(((np.ptp(hairs, axis=1) < 0.04) & (hairs[:, 0] > 0.25)).mean())

    assert grey(0.65) == 0
    assert 0.3 < grey(0.85) < 0.7
    assert grey(1.0) > 0.8
