from dataclasses import replace

import numpy as np
import pytest
import torch

from sameperson.world.body.mesh import Floats
from sameperson.world.body.model import load_body
from sameperson.world.clothes.pieces import Layer
from sameperson.world.clothes.random_outfit import sample_outfit
from sameperson.world.figures.accessories import tied_hair
from sameperson.world.figures.dress import dress
from sameperson.world.figures.long_hair import ROWS, grid_triangles, hair_radii, long_hair_mesh, radial_extent
from sameperson.world.people.haircut import Haircut
from sameperson.world.people.identity import Identity, sample_identity

BODY = load_body()


def person(seed: int, length: float = 0.4, wave: float = 0.0) -> tuple[Identity, Floats]:
    """Someone with hair down to a height on the template, and their body at rest."""
    one = sample_identity(np.random.default_rng(seed))
    one = replace(one, hair_style="long", hair_length=length, cut=Haircut(reach=2.0, wave=wave))
    return one, BODY.rest(torch.tensor([one.betas]))[0].numpy()


def test_hair_that_does_not_fall_is_not_there() -> None:
    one, rest = person(0)
    assert long_hair_mesh(BODY, rest, replace(one, cut=Haircut()), 0.0) is None


@pytest.mark.parametrize("seed", range(6))
def test_hair_hangs_outside_the_head_and_from_crown_to_back(seed: int) -> None:
    one, rest = person(seed)
    found = long_hair_mesh(BODY, rest, one, 0.01)
    assert found is not None
    points = found["points"]
    head = rest[: BODY.body_vertices][BODY.template[: BODY.body_vertices, 2] > 0.68]
    levels = np.linspace(head[:, 2].min() + 0.02, points[:, 2].max() - 0.05, 6)
    angles = np.linspace(-1.7, 1.7, 9)
    centre = np.array([0.0, (head[:, 1].min() + head[:, 1].max()) / 2, 0.0])
    skin, hair = radial_extent(head, centre, angles, levels), radial_extent(points, centre, angles, levels)
    assert (hair > skin - 0.004).all()
    assert (hair < skin + 0.12).all()
    assert points[:, 2].max() < rest[:, 2].max()
    top, shoulder = rest[: BODY.body_vertices, 2].max(), BODY.joints(torch.from_numpy(rest)[None])[0, :, 2].numpy()
    assert top - points[:, 2].min() > 0.2
    assert points[:, 2].min() < shoulder[BODY.bone("left_collar")] + 0.02


def test_the_sheet_follows_the_head_above_and_the_back_below() -> None:
    one, rest = person(1, length=0.35)
    found = long_hair_mesh(BODY, rest, one, 0.0)
    assert found is not None
    assert (found["skin_index"][0, :2] == [BODY.bone("head"), BODY.bone("spine_top")]).all()
    np.testing.assert_allclose(found["skin_weight"].sum(1), 1, atol=1e-6)
    weight = found["skin_weight"].reshape(ROWS, -1, 4)
    assert (weight[0, :, 0] == 1).all()
    assert (weight[-1, :, 1] == 1).all()


def test_faces_of_the_sheet_look_outwards() -> None:
    one, rest = person(2)
    found = long_hair_mesh(BODY, rest, one, 0.0)
    assert found is not None
    out = found["points"][:, :2] - found["points"][:, :2].mean(0)
    assert ((out * found["normals"][:, :2]).sum(1) > 0).mean() > 0.9


def test_waves_swing_below_the_ears_only() -> None:
    straight, rest = person(3)
    wavy, _ = person(3, wave=0.01)
    one, other = long_hair_mesh(BODY, rest, straight, 0.0), long_hair_mesh(BODY, rest, wavy, 0.0)
    assert one is not None
    assert other is not None
    moved = np.linalg.norm(other["points"] - one["points"], axis=1).reshape(ROWS, -1).max(1)
    assert moved[0] == 0
    assert 0.008 < moved.max() <= 0.0101


def test_hair_falls_straight_until_something_pushes_it_out() -> None:
    far = np.zeros((12, 15))
    far[:4] = 0.08
    far[8:, 4:11] = 0.1
    radius = hair_radii(far, np.linspace(-2, 2, 15), 0.01)
    assert radius[:7].max() < 0.095
    assert radius[10, 7] > 0.1
    assert radius[10, 0] < 0.095
    assert radius.shape == far.shape


def test_the_reach_of_points_is_theirs_in_their_direction() -> None:
    points = np.array([[0.0, 0.2, 1.0], [0.3, 0.0, 1.0], [0.0, 0.5, 2.0]])
    far = radial_extent(points, np.zeros(3), np.array([0.0, np.pi / 2, np.pi]), np.array([1.0, 1.5]))
    np.testing.assert_allclose(far, [[0.2, 0.3, 0.0], [0.0, 0.0, 0.0]], atol=1e-9)


def test_a_grid_has_two_triangles_a_cell() -> None:
    assert sorted(map(sorted, grid_triangles(2, 3).tolist())) == [[0, 1, 4], [0, 3, 4], [1, 2, 5], [1, 4, 5]]


@pytest.mark.parametrize("length", [0.3, 0.6])
def test_long_hair_is_worn_over_everything(length: float) -> None:
    one, _ = person(4, length=length)
    mesh = dress(BODY, one, sample_outfit(np.random.default_rng(4), one)).mesh
    assert ((mesh.flags & 255) == int(Layer.TRESSES)).sum() > 500


def buns(style: str, hat: str, knot: float = 0.0, length: float = 0.5) -> list[Floats]:
    """The meshes of someone's tied hair, around their places on the template."""
    one, _ = person(5, length=length)
    one = replace(one, hair_style=style, cut=Haircut(knot=knot))
    return [points + np.add(anchor, shift) for anchor, (points, _), shift in tied_hair(one, hat)]


def test_tied_hair_is_behind_or_on_top_of_the_head_and_fits_no_headscarf() -> None:
    for style in ("bun", "ponytail", "plait"):
        found = buns(style, "")
        assert found
        assert np.concatenate(found)[:, 1].min() > 0.03
        assert not buns(style, "headscarf")
    assert buns("bun", "", knot=0.9)[0][:, 2].min() > 0.84
    assert not buns("bun", "cap")
    assert len(buns("ponytail", "cap")) == 2
    assert not buns("short", "")


@pytest.mark.parametrize("style", ["ponytail", "plait"])
def test_tails_hang_as_low_as_hair_is_long(style: str) -> None:
    ends = [np.concatenate(buns(style, "", length=length))[:, 2].min() for length in (0.6, 0.5, 0.4)]
    assert ends[0] > ends[1] > ends[2]
    assert ends[2] > 0.3
