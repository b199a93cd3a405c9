"""Dressed meshes: whole, lean, and moving as the body inside them does."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sameperson.world.body import load_body
from sameperson.world.dress import dress
from sameperson.world.figure import Figure, bone_moves, keypoints
from sameperson.world.identity import sample_identity
from sameperson.world.kernels.zbuffer import LAYER_MASK
from sameperson.world.layers import Layer
from sameperson.world.outfit import Bag
from sameperson.world.pose import walk
from sameperson.world.wardrobe import sample_outfit

SEEDS = range(6)


@pytest.fixture(scope="module")
def people():
    """(identity, outfit, dressed) of a few at random."""
    found = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        identity = sample_identity(rng)
        outfit = sample_outfit(rng, identity)
        found.append((identity, outfit, dress(load_body(), identity, outfit)))
    return found


def layers_of(dressed):
    return dressed.mesh.flags & LAYER_MASK


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mesh_is_whole(people, seed):
    mesh = people[seed][2].mesh
    joints = len(load_body().bones) + len(people[seed][2].attachments)
    assert mesh.triangles.min() == 0 and mesh.triangles.max() == len(mesh.points) - 1
    assert len(mesh.flags) == len(mesh.triangles) < 30_000
    assert mesh.skin_index.min() >= 0 and mesh.skin_index.max() < joints
    np.testing.assert_allclose(mesh.skin_weight.sum(1), 1, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-3)
    for name in ("points", "normals", "place", "limb"):
        assert np.isfinite(getattr(mesh, name)).all()


def test_what_is_worn_has_its_piece_and_what_is_not_has_none(people):
    for _, outfit, dressed in people:
        present = set(np.unique(layers_of(dressed)))
        worn = {
            Layer.BODY: True,
            Layer.TOP: True,
            Layer.SHOES: True,
            Layer.LEGWEAR: outfit.bottom is not None,
            Layer.SKIRT: outfit.skirt is not None,
            Layer.OUTER: outfit.outer is not None,
            Layer.TAILS: outfit.tails is not None,
            Layer.BAG: outfit.bag is not None,
            Layer.HAT: outfit.headwear is not None,
            Layer.SCARF: outfit.scarf is not None,
        }
        assert {layer for layer in worn if layer in present} == {layer for layer, on in worn.items() if on}


def test_covered_skin_is_left_out(people):
    identity, outfit, dressed = people[0]
    body = load_body()
    short = replace(outfit, top=replace(outfit.top, sleeve=0.2), outer=None)
    long = replace(outfit, top=replace(outfit.top, sleeve=0.96), outer=None)
    skin = [(layers_of(dress(body, identity, clothes)) == Layer.BODY).sum() for clothes in (short, long)]
    assert skin[1] < skin[0] < (body.layers == 0).sum()
    mesh = dressed.mesh
    belly = (mesh.place[:, 2] > 0.2) & (mesh.place[:, 2] < 0.35) & (mesh.limb[:, 0] < 0.1)
    skin_vertices = np.unique(mesh.triangles[layers_of(dressed) == Layer.BODY])
    assert not belly[skin_vertices].any()


def test_outer_clothes_lie_outside_inner_ones(people):
    body = load_body()
    identity, outfit, _ = next(found for found in people if found[1].bottom is not None)
    loose = dress(body, identity, replace(outfit, bottom=replace(outfit.bottom, loose=0.03)))
    tight = dress(body, identity, replace(outfit, bottom=replace(outfit.bottom, loose=0.01)))

    def girth(dressed):
        mesh = dressed.mesh
        knees = np.unique(mesh.triangles[layers_of(dressed) == Layer.LEGWEAR])
        knees = knees[(np.abs(mesh.place[knees, 2] + 0.2) < 0.08) & (mesh.place[knees, 0] > 0)]
        return np.linalg.norm(mesh.points[knees, :2] - mesh.points[knees, :2].mean(0), axis=1).mean()

    assert 0.005 < girth(loose) - girth(tight) < 0.03


def test_keypoints_are_those_of_the_naked_body_in_the_same_pose(people):
    body, count = load_body(), len(people)
    rng = np.random.default_rng(0)
    identities, dressed = [found[0] for found in people], [found[2] for found in people]
    rotations = walk(rng.uniform(0, 6, count), [one.gait for one in identities])
    yaw, position = rng.uniform(0, 6, count), rng.uniform(-3, 3, (count, 2))
    figures = [Figure(dressed[k], rotations[k].numpy(), float(yaw[k]), position[k]) for k in range(count)]
    found = keypoints(figures, bone_moves(body, figures), np.full(count, 0.1))

    rest = body.rest(torch.tensor([one.betas for one in identities]))
    posed = body.keypoints(body.skin(rest, body.joints(rest), rotations)).numpy()
    for k in range(count):
        cos, sin = np.cos(yaw[k]), np.sin(yaw[k])
        x, y, z = posed[k].T
        expected = np.stack([cos * x - sin * y + position[k, 0], sin * x + cos * y + position[k, 1], z - 0.1], 1)
        np.testing.assert_allclose(found[k], expected, atol=1e-4)


@pytest.mark.parametrize(("kind", "hangs"), [("handbag", True), ("satchel", True), ("backpack", False)])
def test_bags_hang_upright_from_their_bone(people, kind, hangs):
    body = load_body()
    identity, outfit, _ = people[1]
    dressed = dress(body, identity, replace(outfit, bag=Bag(kind, 1.0, (0.1, 0.1, 0.1))))
    rotations = walk(np.array([1.0]), [replace(identity.gait, swing=60.0, lean=20.0, sway=15.0)]).numpy()
    bones = bone_moves(body, [Figure(dressed, rotations[0], 0.0, np.zeros(2))])[0]
    bags = np.unique(dressed.mesh.skin_index[np.unique(dressed.mesh.triangles[layers_of(dressed) == Layer.BAG]), 0])
    for bag in bags:
        attachment = dressed.attachments[bag - len(body.bones)]
        assert np.allclose(bones[bag, :3, 2], (0, 0, 1), atol=1e-5) == hangs
        bone = bones[attachment.joint]
        np.testing.assert_allclose(bones[bag, :3, 3], bone[:3, :3] @ attachment.anchor + bone[:3, 3], atol=1e-5)


def test_dressing_again_gives_the_same_mesh(people):
    identity, outfit, dressed = people[2]
    again = dress(load_body(), identity, outfit)
    for name, value in vars(dressed.mesh).items():
        np.testing.assert_array_equal(value, getattr(again.mesh, name), err_msg=name)
