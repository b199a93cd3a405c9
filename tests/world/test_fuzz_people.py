"""Random people under every condition: nothing about them or their pictures is ever odd."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from sameperson.world.body.model import load_body
from sameperson.world.pictures.conditions import tracklets_of
from sameperson.world.pictures.crop import Crop, Shot, render_shots
from sameperson.world.plan import CONDITIONS, NEEDS, WorldPlan

SIZE = (64, 32)
SHARE = 0.75
"""How much of the body's bounds a detector's box must hold."""
SPILL = 0.15
"""By how much of their height people may reach out of a camera's frame: it sees where they stand, not where they step.

Of dancers only the middle of the stage is sure to be seen.
"""


def plan_of(condition: str, people: int, seed: int) -> WorldPlan:
    """So many people, half of them to be tested on, under a condition at some degree."""
    degree, shots = float(np.random.default_rng(seed).random()), NEEDS.get(condition, {}).get("shots", 1)
    cameras = NEEDS.get(condition, {}).get("cameras", 2)
    outfits = NEEDS.get(condition, {}).get("outfits", 1)
    return WorldPlan(
        people, max(1, people // 2), cameras, outfits, shots, seed=seed, size=SIZE, condition=condition, degree=degree
    )


def one_shot_each(plan: WorldPlan) -> Iterator[tuple[int, Shot]]:
    """The last shot of each person's first, second or third take."""
    for pid in range(1, plan.people + 1):
        take = list(islice(tracklets_of(plan, pid), 1 + pid % (3 if plan.outfits > 1 else 2)))[-1]
        yield pid, take.shots[-1]


def columns(rows: np.ndarray) -> Iterator[np.ndarray]:
    """The plain arrays that a structured one is made of."""
    if rows.dtype.names is None:
        yield rows
        return
    for name in rows.dtype.names:
        yield from columns(rows[name])


def check_dressed(shot: Shot) -> None:
    """All that the kernels are given of a figure is finite and in range."""
    body = load_body()
    for figure in (shot.figure, *shot.bystanders):
        mesh = figure.dressed.mesh
        for values in (mesh.points, mesh.normals, mesh.place, mesh.limb, mesh.skin_weight, figure.dressed.joints):
            assert np.isfinite(values).all()
        assert np.isfinite(figure.dressed.keypoint_moments).all()
        assert np.isfinite(figure.rotations).all() and np.isfinite(figure.position).all()
        np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-3)
        np.testing.assert_allclose(mesh.skin_weight.sum(1), 1, atol=1e-3)
        assert mesh.triangles.min() >= 0 and mesh.triangles.max() < len(mesh.points)
        assert mesh.skin_index.min() >= 0
        assert mesh.skin_index.max() < len(body.bones) + len(figure.dressed.attachments)
        assert np.ptp(mesh.points, axis=0).max() < 2.3 and np.abs(mesh.points).max() < 2.3
        assert all(np.isfinite(numbers).all() for numbers in columns(mesh.look))


def check_crop(shot: Shot, crop: Crop) -> None:
    """One picture and its labels."""
    for values in (crop.depth, crop.keypoints, crop.points, crop.box, crop.bounds):
        assert np.isfinite(values).all()
    assert crop.image.std() > 0.5
    assert crop.amodal.any()
    if not shot.bystanders and not shot.props:
        assert crop.mask.any() and crop.visible_share == 1
    assert np.ptp(crop.points[:, 2]) < 2.6 and crop.points[:, 2].min() > -0.05
    left, top, right, bottom = crop.bounds
    width, height = shot.camera.size
    assert left < right and top < bottom
    assert max(-left, -top, right - width, bottom - height) < SPILL * (bottom - top)
    across = min(right, crop.box[2]) - max(left, crop.box[0])
    down = min(bottom, crop.box[3]) - max(top, crop.box[1])
    assert across * down >= SHARE * (right - left) * (bottom - top)


def check(condition: str, people: int, seed: int) -> int:
    """Draw so many people and look at each; returns how many."""
    plan = plan_of(condition, people, seed)
    chosen = list(one_shot_each(plan))
    for (pid, shot), crop in zip(chosen, render_shots([shot for _, shot in chosen], SIZE, 1), strict=True):
        try:
            check_dressed(shot)
            check_crop(shot, crop)
        except AssertionError as error:
            raise AssertionError(f"person {pid} of {plan}") from error
    return len(chosen)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("condition", CONDITIONS)
def test_sixty_people(condition):
    assert check(condition, 6, seed=101) == 6


@pytest.mark.slow
@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("seed", range(10))
def test_two_thousand_people(condition, seed):
    """Two to three minutes in all on one core."""
    assert check(condition, 20, seed) == 20
