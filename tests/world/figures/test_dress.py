"""Dressed meshes: whole, lean, and moving as the body inside them does."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sameperson.world.body.mesh import normals
from sameperson.world.body.model import load_body
from sameperson.world.body.pose import walk
from sameperson.world.clothes.garment_types import BOTTOMS, OUTERS, TOPS
from sameperson.world.clothes.outfit import Bag, Bottom, Cloth, Outfit, Shoes, Skirt, Top
from sameperson.world.clothes.pieces import Layer
from sameperson.world.clothes.random_outfit import sample_outfit
from sameperson.world.clothes.tailoring import SEWN_DETAILS
from sameperson.world.figures.accessories import handle
from sameperson.world.figures.dress import dress
from sameperson.world.figures.figure import Figure, bone_transforms, world_keypoints
from sameperson.world.people.identity import sample_identity
from sameperson.world.render.kernels.zbuffer import LAYER_MASK

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
    found = world_keypoints(figures, bone_transforms(body, figures), np.full(count, 0.1))

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
    bones = bone_transforms(body, [Figure(dressed, rotations[0], 0.0, np.zeros(2))])[0]
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


def vertices_of(dressed, layer):
    """(points, places) of one layer's vertices."""
    used = np.unique(dressed.mesh.triangles[layers_of(dressed) == layer])
    return dressed.mesh.points[used], dressed.mesh.place[used]


def test_a_loose_top_falls_straight_where_the_back_is_hollow(people):
    body = load_body()
    identity, _, _ = people[1]
    plain = Cloth(((0.5, 0.5, 0.5),) * 3)
    tee = Outfit(Top("tee", 0.3, 0.0, 0.57, 0.01, plain), Shoes(-0.75, (0, 0, 0), (0, 0, 0), -0.8, (0, 0, 0)))
    dressed = dress(body, identity, replace(tee, bottom=Bottom("jeans", -0.77, 0.01, plain)))
    bare = body.rest(torch.tensor([identity.betas]))[0].numpy()[: body.body_vertices]
    skin = body.template[: body.body_vertices]
    cloth, place = vertices_of(dressed, Layer.TOP)

    def behind(points, places, height):
        """How far back the spine is at a height."""
        near = (np.abs(places[:, 0]) < 0.03) & (np.abs(places[:, 2] - height) < 0.02) & (places[:, 1] > 0.0)
        return points[near, 1].max()

    hollow, blades = (behind(cloth, place, z) - behind(bare, skin, z) for z in (0.20, 0.40))
    assert 0.005 < blades < 0.05 and hollow > 1.3 * blades


def test_trousers_are_whole_behind_parting_coat_tails(people):
    body = load_body()
    identity, _, _ = people[3]
    plain = Cloth(((0.5, 0.5, 0.5),) * 3)
    legs = Bottom("jeans", -0.77, 0.01, plain)
    shirt = Outfit(Top("tee", 0.3, 0.0, 0.57, 0.01, plain), Shoes(-0.75, (0, 0, 0), (0, 0, 0), -0.8, (0, 0, 0)), legs)
    coat = Top("coat", 0.97, 0.05, 0.6, 0.018, plain, opening=0.05)
    coated = replace(shirt, outer=coat, tails=Skirt(-0.35, 0.018, plain, 0.03))
    places = [vertices_of(dress(body, identity, outfit), Layer.LEGWEAR)[1] for outfit in (shirt, coated)]

    def thighs(place):
        """How many vertices cover the thighs in front and between the legs."""
        x, y, z = place.T
        return np.count_nonzero((np.abs(z + 0.15) < 0.1) & ((y < -0.02) | (np.abs(x) < 0.05)))

    alone, under = (thighs(place) for place in places)
    assert under == alone > 0


def test_coat_tails_lie_on_the_coat(people):
    body = load_body()
    identity, _, _ = people[2]
    plain = Cloth(((0.5, 0.5, 0.5),) * 3)
    shirt = Outfit(
        Top("shirt", 0.95, -0.02, 0.59, 0.016, plain),
        Shoes(-0.75, (0, 0, 0), (0, 0, 0), -0.8, (0, 0, 0)),
        Bottom("joggers", -0.75, 0.024, plain),
        outer=Top("coat", 0.97, 0.05, 0.6, 0.022, plain),
        tails=Skirt(-0.35, 0.022, plain, 0.004),
    )
    dressed = dress(body, identity, shirt)
    coat, at = vertices_of(dressed, Layer.OUTER)
    tails, below = vertices_of(dressed, Layer.TAILS)
    belt = coat[(np.abs(at[:, 2] - 0.06) < 0.02)]
    rim = tails[np.abs(below[:, 2] - 0.06) < 0.02]
    gap = np.linalg.norm(rim[:, None] - belt[None], axis=2).min(1)
    assert np.median(gap) < 0.03


def test_things_suit_the_size_of_their_wearer(people):
    body = load_body()
    identity, outfit, _ = people[1]
    child = replace(identity, betas=tuple(body.betas_of({"age": 0.3, "stature": 0.3}).tolist()))
    grown = replace(identity, betas=tuple(body.betas_of({"age": 0.7, "stature": 0.45}).tolist()))
    packed = replace(outfit, bag=Bag("backpack", 1.0, (0.1, 0.1, 0.1)))
    heights = [np.ptp(vertices_of(dress(body, who, packed), Layer.BAG)[0][:, 2]) for who in (child, grown)]
    assert 0.5 < heights[0] / heights[1] < 0.95
    assert 0.25 < heights[1] < 0.6


def test_a_handle_is_a_tube_that_faces_outwards():
    points, triangles = handle(0.15, 0.13, 0.008)
    rings = points.reshape(-1, 4, 3)
    outward = (rings - rings.mean(1, keepdims=True)).reshape(-1, 3) / 0.008
    assert ((normals(points, triangles) * outward).sum(1) > 0.9).all()


def test_every_kind_knows_how_it_is_sewn():
    assert set(SEWN_DETAILS) == set(TOPS) | set(OUTERS) | set(BOTTOMS) - {"skirt"}
    assert all(0 < make.folds < 1.3 for make in SEWN_DETAILS.values())
