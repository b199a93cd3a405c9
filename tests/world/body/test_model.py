import numpy as np
import pytest
import torch
from torch import Tensor

from sameperson.checks import InputError
from sameperson.world.body.model import ASSET, EYES, FACE, HAIR, KEYPOINTS, SKIN, SKIRT, TIGHTS, load_body
from sameperson.world.body.pose import rotation_matrices

BODY = load_body()
J = len(BODY.bones)


def people(count: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Rest vertices, joints and wild rotations."""
    rng = torch.Generator().manual_seed(seed)
    rest = BODY.rest(torch.randn(count, 32, generator=rng))
    return rest, BODY.joints(rest), rotation_matrices(0.6 * torch.randn(count, J, 3, generator=rng))


def winding(point: np.ndarray, vertices: np.ndarray, triangles: np.ndarray) -> float:
    """How often a closed surface goes around a point (van Oosterom and Strackee 1983): 1 inside, 0 outside."""
    a, b, c = np.moveaxis(vertices[triangles] - point, 1, 0).astype(np.float64)
    la, lb, lc = (np.linalg.norm(side, axis=1) for side in (a, b, c))
    triple = np.einsum("ij,ij->i", a, np.cross(b, c))
    dots = [np.einsum("ij,ij->i", u, v) for u, v in ((a, b), (b, c), (c, a))]
    return float(np.arctan2(triple, la * lb * lc + dots[0] * lc + dots[1] * la + dots[2] * lb).sum() / (2 * np.pi))


def test_the_asset_is_small_and_carries_its_licence() -> None:
    assert ASSET.stat().st_size < 10e6
    assert "CC0 1.0" in (ASSET.parent / "LICENSE-body.md").read_text()


def test_tables_fit_together() -> None:
    vertices = len(BODY.template)
    assert BODY.triangles.min() == 0
    assert BODY.triangles.max() == vertices - 1
    assert set(BODY.layers.tolist()) == {SKIN, TIGHTS, SKIRT, HAIR, EYES}
    assert BODY.triangles[BODY.layers == SKIN].max() < BODY.body_vertices <= BODY.triangles[BODY.layers != SKIN].min()
    np.testing.assert_allclose(BODY.skin_weight.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(BODY.joint_weight.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(BODY.keypoint_weight.sum(1), 1, atol=1e-5)
    assert all(parent < j for j, parent in enumerate(BODY.parents))
    assert BODY.mean.shape == BODY.template.shape == BODY.basis.shape[1:]


def test_the_template_is_the_one_that_garments_are_cut_in() -> None:
    eyes = BODY.template[np.unique(BODY.triangles[BODY.layers == EYES])]
    np.testing.assert_allclose(eyes.min(0), (-0.0446, -0.1392, 0.7146), atol=2e-4)
    np.testing.assert_allclose(eyes.max(0), (0.0446, -0.1099, 0.7422), atol=2e-4)
    np.testing.assert_allclose(BODY.template[:, 2].min(), -0.8168, atol=2e-2)
    np.testing.assert_allclose(BODY.template[: BODY.body_vertices, 2].max(), 0.8491, atol=2e-4)
    wrist = BODY.template[(BODY.arm > 0.9) & (np.abs(BODY.arm_t - 1) < 0.01)]
    elbow = BODY.template[(BODY.arm > 0.9) & (np.abs(BODY.arm_t - 0.5) < 0.01)]
    np.testing.assert_allclose(np.abs(wrist).mean(0), (0.43, 0.18, 0.24), atol=0.02)
    np.testing.assert_allclose(np.abs(elbow).mean(0)[[0, 2]], (0.31, 0.35), atol=0.02)


def test_average_betas_are_the_mean_and_fewer_betas_use_the_first_directions() -> None:
    np.testing.assert_array_equal(BODY.rest(torch.zeros(1, 32))[0].numpy(), BODY.mean)
    betas = torch.zeros(1, 32)
    betas[0, :3] = torch.tensor([1.0, -2.0, 0.5])
    expected = BODY.mean + BODY.basis[0] - 2 * BODY.basis[1] + 0.5 * BODY.basis[2]
    np.testing.assert_allclose(BODY.rest(betas)[0].numpy(), expected, atol=1e-6)
    torch.testing.assert_close(BODY.rest(betas), BODY.rest(betas[:, :3]))


def test_no_rotation_leaves_everyone_at_rest() -> None:
    rest, joints, _ = people(2)
    still = torch.eye(3).expand(2, J, 3, 3)
    torch.testing.assert_close(BODY.skin(rest, joints, still), rest, atol=1e-5, rtol=0)


def test_skinning_equals_a_loop_over_bones_and_vertices() -> None:
    rest, joints, rotations = people(1, seed=3)
    posed = BODY.skin(rest, joints, rotations)[0].double().numpy()
    moves: list[np.ndarray] = []
    for j in range(J):
        about = np.eye(4)  # turn about the joint's head at rest, then do what the parent does
        about[:3, :3] = rotations[0, j].double().numpy()
        head = joints[0, j].double().numpy()
        about[:3, 3] = head - about[:3, :3] @ head
        moves.append(about if BODY.parents[j] < 0 else moves[BODY.parents[j]] @ about)
    for v in range(0, len(BODY.template), 97):
        point = np.append(rest[0, v].double().numpy(), 1)
        expected = sum(w * moves[j] @ point for j, w in zip(BODY.skin_index[v], BODY.skin_weight[v], strict=True))
        np.testing.assert_allclose(posed[v], expected[:3], atol=1e-4)


def test_a_batch_equals_each_alone() -> None:
    rest, joints, rotations = people(3, seed=1)
    together = BODY.skin(rest, joints, rotations)
    for i in range(3):
        alone = BODY.skin(rest[i : i + 1], joints[i : i + 1], rotations[i : i + 1])
        torch.testing.assert_close(alone[0], together[i], atol=1e-5, rtol=0)


def test_turning_the_root_turns_a_rigid_body() -> None:
    rest, joints, _ = people(1)
    rotations = torch.eye(3).repeat(1, J, 1, 1)
    rotations[0, 0] = rotation_matrices(torch.tensor([0.3, -0.8, 1.1]))
    posed = BODY.skin(rest, joints, rotations)
    some = torch.arange(0, rest.shape[1], 61)
    before, after = ((v[:, some, None] - v[:, None, some]).norm(dim=-1) for v in (rest, posed))
    torch.testing.assert_close(after, before, atol=1e-5, rtol=0)
    torch.testing.assert_close(posed - joints[:, :1], (rest - joints[:, :1]) @ rotations[0, 0].T, atol=1e-5, rtol=0)


def test_a_joint_moves_only_what_hangs_on_it() -> None:
    rest, joints, _ = people(1)
    rotations = torch.eye(3).repeat(1, J, 1, 1)
    knee, foot = BODY.bone("left_shin"), BODY.bone("left_foot")
    rotations[0, knee] = rotation_matrices(torch.tensor([1.0, 0.0, 0.0]))
    moved = (BODY.skin(rest, joints, rotations) - rest)[0].norm(dim=1).numpy()
    share = (BODY.skin_weight * np.isin(BODY.skin_index, [knee, foot])).sum(1)
    assert moved[share == 0].max() < 1e-5
    assert moved[share > 0.5].min() > 1e-3
    shin = np.flatnonzero(share > 0.5)
    assert BODY.template[shin, 0].min() > 0  # only the person's left leg


def test_accessories_move_rigidly_with_their_bone() -> None:
    rest, joints, rotations = people(1, seed=5)
    hand = BODY.bone("right_hand")
    bag = joints[:, hand : hand + 1] + torch.randn(1, 10, 3, generator=torch.Generator().manual_seed(0))
    dressed = torch.cat([rest, bag], 1)
    posed = BODY.skin(dressed, joints, rotations, torch.full((10,), hand))
    torch.testing.assert_close(posed[:, :-10], BODY.skin(rest, joints, rotations))
    turns, places = BODY.forward_kinematics(joints, rotations)
    expected = (bag - joints[:, hand]) @ turns[0, hand].T + places[:, hand]
    torch.testing.assert_close(posed[:, -10:], expected, atol=1e-5, rtol=0)


def test_shape_and_pose_can_be_learned_by_gradient() -> None:
    betas = torch.randn(1, 32, generator=torch.Generator().manual_seed(2)).requires_grad_()
    vectors = (0.3 * torch.randn(1, J, 3, generator=torch.Generator().manual_seed(3))).requires_grad_()

    def height(b: Tensor, v: Tensor) -> Tensor:
        rest = BODY.rest(b)
        return BODY.keypoints(BODY.skin(rest, BODY.joints(rest), rotation_matrices(v)))[..., 2].square().sum()

    height(betas, vectors).backward()
    for leaf, at in ((betas, (0, 0)), (vectors, (0, 5, 0)), (vectors, (0, 0, 2))):
        step = torch.zeros_like(leaf)
        step[at] = 1e-2
        two = [betas.detach(), vectors.detach()]
        which = 0 if leaf is betas else 1
        up, down = ([t + s * step if i == which else t for i, t in enumerate(two)] for s in (1, -1))
        slope = (height(*up) - height(*down)) / 2e-2
        assert leaf.grad is not None
        torch.testing.assert_close(leaf.grad[at], slope, rtol=0.02, atol=5e-3)


def test_limb_keypoints_lie_inside_and_face_and_feet_on_the_skin() -> None:
    rest, joints, _ = people(2, seed=4)
    rotations = rotation_matrices(0.25 * torch.randn(2, J, 3, generator=torch.Generator().manual_seed(4)))
    posed = BODY.skin(rest, joints, rotations)
    solid = BODY.triangles[(BODY.layers == SKIN) | (BODY.layers == EYES)]
    for vertices, points in zip(posed.numpy(), BODY.keypoints(posed).numpy(), strict=True):
        skin = vertices[: BODY.body_vertices]
        for name, point in zip(KEYPOINTS, points, strict=True):
            surface = name in FACE or name.endswith(("toe", "heel"))
            if surface:
                assert np.linalg.norm(skin - point, axis=1).min() < 0.015, name
            else:
                assert winding(point, vertices, solid) > 0.9, name


def test_left_is_the_persons_left_and_the_face_is_in_front() -> None:
    points = dict(zip(KEYPOINTS, BODY.keypoints(torch.from_numpy(BODY.mean)[None])[0].numpy(), strict=True))
    for name, point in points.items():
        if name.startswith("left_"):
            mirrored = points[name.replace("left", "right")]
            assert point[0] > 0.02
            np.testing.assert_allclose(mirrored * [-1, 1, 1], point, atol=0.01, err_msg=name)
    assert points["nose"][1] < points["left_eye"][1] < points["left_ear"][1]
    assert points["left_big_toe"][1] < points["left_ankle"][1] < points["left_heel"][1]
    assert points["left_eye"][2] > points["left_shoulder"][2] > points["left_hip"][2] > points["left_knee"][2]
    assert points["left_small_toe"][0] > points["left_big_toe"][0]


def extent(**shape: float) -> np.ndarray:
    """Width of the trunk at the hips, depth at the belly, height: metres, from named parameters."""
    rest = BODY.rest(torch.from_numpy(BODY.betas_of(shape))[None])[0, : BODY.body_vertices].numpy()
    trunk = rest[(BODY.arm[: BODY.body_vertices] == 0) & (np.abs(BODY.template[: BODY.body_vertices, 2] - 0.1) < 0.1)]
    return np.append(np.ptp(trunk[:, :2], axis=0), np.ptp(rest[:, 2]))


def test_named_parameters_do_what_they_say() -> None:
    average = extent()
    assert 1.5 < average[2] < 1.8
    assert extent(stature=0.5)[2] > average[2] + 0.08
    assert (extent(weight=0.9)[:2] > average[:2] + 0.01).all()
    assert extent(belly=0.8)[1] > average[1] + 0.03
    assert extent(hip_width=0.8)[0] > average[0] + 0.02
    assert extent(thigh_length=0.8)[2] > average[2] + 0.01


def test_a_misspelt_parameter_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean femininity"):
        BODY.betas_of({"feminity": 1.0})
