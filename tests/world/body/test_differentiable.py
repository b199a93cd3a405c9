"""The body as a module agrees with the body that is drawn, and can be fitted to pictures."""

import dataclasses

import numpy as np
import pytest
import torch

from sameperson.checks import InputError
from sameperson.models.silhouette import soft_silhouette
from sameperson.world.body.differentiable import LearnableBody
from sameperson.world.body.model import load_body
from sameperson.world.body.pose import rotation_matrices, sample_gait, walk


def people(count, seed=0):
    rng = np.random.default_rng(seed)
    betas = torch.from_numpy(rng.normal(0, 0.8, (count, 32)).astype(np.float32))
    return betas, walk(rng.uniform(0, 6, count), [sample_gait(rng) for _ in range(count)])


def silhouettes(module, posed, size, sigma, far=6.0):
    """Seen by a camera 6 m away that looks along Y at a person's middle."""
    height, width = size
    focal = height * far / 2.1
    at = posed.vertices
    depth = at[..., 1] + far
    flat = torch.stack([width / 2 + focal * at[..., 0] / depth, height / 2 - focal * at[..., 2] / depth], -1)
    return soft_silhouette(flat, module.triangles, size, sigma)


@pytest.mark.parametrize("mesh", ["full", "coarse"])
def test_it_poses_the_same_body_as_the_renderer(mesh):
    body, module = load_body(), LearnableBody(mesh)
    betas, rotations = people(3)
    shift = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [-4.0, 0.5, 0.0]])
    rest = body.rest(betas)
    posed = body.skin(rest, body.joints(rest), rotations)
    got = module(betas, rotations, shift)
    torch.testing.assert_close(got.vertices, posed[:, module.index] + shift[:, None], atol=1e-5, rtol=0)
    torch.testing.assert_close(got.keypoints, body.keypoints(posed) + shift[:, None], atol=1e-5, rtol=0)
    places = body.forward_kinematics(body.joints(rest), rotations)[1]
    torch.testing.assert_close(got.joints, places + shift[:, None], atol=1e-5, rtol=0)


def test_a_body_at_rest_takes_fewer_betas_and_rotation_vectors():
    module = LearnableBody("coarse")
    betas, _ = people(2)
    vectors = torch.randn(2, len(module.body.bones), 3) * 0.3
    cut = torch.cat([betas[:, :10], torch.zeros(2, 22)], 1)
    got, full = module(betas[:, :10], vectors), module(cut, rotation_matrices(vectors))
    torch.testing.assert_close(got.vertices, full.vertices)


def test_offsets_move_the_skin_and_bend_with_it_but_leave_joints_and_keypoints():
    module = LearnableBody("coarse")
    betas, rotations = people(2)
    offsets = 0.02 * torch.randn(2, len(module.index), 3)
    bare, dressed = module(betas, rotations), module(betas, rotations, None, offsets)
    assert torch.equal(bare.joints, dressed.joints) and torch.equal(bare.keypoints, dressed.keypoints)
    # every vertex is moved by a blend of rotations: at most as far as it was at rest, and a rigid one just as far
    moved, told = (dressed.vertices - bare.vertices).norm(dim=-1), offsets.norm(dim=-1)
    assert (moved <= told + 1e-5).all()
    rigid = module.weights.amax(1) > 0.999
    assert rigid.sum() > 50
    torch.testing.assert_close(moved[:, rigid], told[:, rigid], atol=1e-4, rtol=0)


@pytest.mark.parametrize("mesh", ["full", "coarse"])
def test_the_skin_is_closed(mesh):
    triangles = LearnableBody(mesh).triangles.numpy()
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    there, back = ({tuple(edge) for edge in side.tolist()} for side in (edges, edges[:, ::-1]))
    assert len(there) == len(edges) and there == back  # each edge once in either direction


def test_the_coarse_skin_casts_the_full_ones_silhouette():
    betas, rotations = people(4, seed=2)
    masks = []
    for mesh in ("full", "coarse"):
        module = LearnableBody(mesh)
        assert mesh == "full" or (len(module.index) < 1300 and len(module.triangles) < 2500)
        masks.append(silhouettes(module, module(betas, rotations), (128, 64), 1e-4) > 0.5)
    full, coarse = masks
    assert float((full & coarse).sum() / (full | coarse).sum()) > 0.97


def test_its_soft_area_is_within_a_few_percent_of_the_hard_one():
    module = LearnableBody("coarse")
    posed = module(*people(4, seed=2))
    hard = silhouettes(module, posed, (256, 128), 1e-4).mean()
    for size, sigma, most in (((64, 32), 0.02, 1.08), ((128, 64), 0.02, 1.03), ((128, 64), 0.05, 1.06)):
        assert 0.99 < float(silhouettes(module, posed, size, sigma).mean() / hard) < most


def test_gradients_reach_every_argument():
    module = LearnableBody("coarse")
    betas, rotations = people(2)
    leaves = [betas, rotations, torch.zeros(2, 3), torch.zeros(2, len(module.index), 3)]
    for leaf in leaves:
        leaf.requires_grad_()
    posed = module(*leaves)
    (silhouettes(module, posed, (64, 32), 0.05).sum() + posed.keypoints.square().sum() + posed.joints.sum()).backward()
    assert all(leaf.grad is not None and torch.isfinite(leaf.grad).all() and leaf.grad.any() for leaf in leaves)


def test_no_rotation_has_a_finite_gradient():
    module = LearnableBody("coarse")
    vectors = torch.zeros(1, len(module.body.bones), 3, requires_grad=True)
    module(torch.zeros(1, 10), vectors).keypoints.square().sum().backward()
    assert vectors.grad is not None and torch.isfinite(vectors.grad).all()


def test_a_body_is_found_again_from_its_silhouette_and_keypoints():
    module, size = LearnableBody("coarse"), (64, 32)
    count = 3
    true_betas, true_turns = people(count, seed=5)
    true_betas = 1.5 * true_betas[:, :4]
    yaw = torch.tensor([0.4, -0.9, 2.0])

    def pose(betas, angle):
        root = rotation_matrices(torch.stack([0 * angle, 0 * angle, angle], 1))
        turns = torch.cat([root[:, None] @ true_turns[:, :1], true_turns[:, 1:]], 1)
        return module(betas, turns, torch.tensor([[0.0, 0.0, 0.0]]))

    with torch.no_grad():
        aim = pose(true_betas, yaw)
        mask = (silhouettes(module, aim, size, 1e-4) > 0.5).float()
    betas = torch.zeros(count, 4, requires_grad=True)
    angle = (yaw + 0.5).requires_grad_()
    optimizer = torch.optim.Adam([betas, angle], 0.1)

    def overlap(image):
        common = (image * mask).sum((1, 2))
        return common / (image.sum((1, 2)) + mask.sum((1, 2)) - common)

    for _ in range(40):
        posed = pose(betas, angle)
        lost = (1 - overlap(silhouettes(module, posed, size, 0.02))).sum()
        loss = lost + 5 * (posed.keypoints[:, :17, ::2] - aim.keypoints[:, :17, ::2]).square().sum(2).mean(1).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        found = silhouettes(module, pose(betas, angle), size, 1e-4)
    assert overlap((found > 0.5).float()).min() > 0.9
    assert (angle - yaw).abs().max() < 0.1


def test_a_mesh_that_is_not_known_or_does_not_fit_the_body_is_refused():
    with pytest.raises(InputError, match="coarse"):
        LearnableBody("corse")
    other = dataclasses.replace(load_body(), body_vertices=7)
    with pytest.raises(InputError, match="coarsen_body"):
        LearnableBody("coarse", other)
