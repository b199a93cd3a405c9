"""The strong baseline: each option acts, it learns, and it embeds as it says."""

import pytest
import torch

from sameperson.config import Recipe
from sameperson.data.batch import Batch
from sameperson.losses.center import CenterLoss
from sameperson.losses.identity import identity_loss
from sameperson.losses.triplet import triplet_loss
from sameperson.methods.baseline.method import BaselineMethod
from sameperson.methods.baseline.options import Options as Baseline
from sameperson.methods.build import build_method
from sameperson.models.map_network import MapNetwork
from sameperson.models.necks import BNNeck


class Pixels(MapNetwork):
    """A backbone of one convolution."""

    channels = 6

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = torch.nn.Conv2d(3, 6, 3, stride=4)

    def forward(self, images):
        return self.conv(images)


def method(**settings) -> BaselineMethod:
    return BaselineMethod(Pixels(), Baseline(**settings), people=4)


def batch(seed: int = 0) -> Batch:
    """Four people of one colour each, two pictures each."""
    draw = torch.Generator().manual_seed(seed)
    pids = torch.arange(8) // 2
    colours = torch.randn(4, 3, 1, 1, generator=torch.Generator().manual_seed(9))
    images = colours[pids] + 0.3 * torch.randn(8, 3, 16, 8, generator=draw)
    zeros = torch.zeros(8, dtype=torch.int64)
    return Batch(images, pids, zeros, zeros, zeros)


def test_the_losses_are_those_of_the_features_before_and_after_the_neck():
    net = method(label_smoothing=0.2, id_weight=0.5, triplet_weight=2.0, triplet_margin=0.7, center_weight=0.01)
    some = batch()
    losses = net.losses(some, "main")
    before = net.backbone(some.images).mean((2, 3))
    after = (before - before.mean(0)) / (before.var(0, unbiased=False) + 1e-5).sqrt()
    assert net.center is not None
    own = net.center.centers[some.pids]
    expected = {
        "identity": 0.5 * identity_loss(after @ net.classifier.weight.T, some.pids, 0.2),
        "triplet": 2.0 * triplet_loss(before, some.pids, 0.7),
        "center": 0.01 * (before - own).square().sum(1).mean(),
    }
    assert {k: v.item() for k, v in losses.items()} == pytest.approx(
        {k: v.item() for k, v in expected.items()}, rel=1e-4
    )


@pytest.mark.parametrize("name", ["identity", "triplet", "center"])
def test_a_loss_without_weight_is_left_out(name):
    key = "id_weight" if name == "identity" else f"{name}_weight"
    net = method(**{key: 0.0})
    assert set(net.losses(batch(), "main")) == {"identity", "triplet", "center"} - {name}
    assert (net.center is None) == (name == "center")


def test_the_soft_margin_acts():
    assert (
        method(triplet_margin="soft").losses(batch(), "main")["triplet"] != method().losses(batch(), "main")["triplet"]
    )


def test_search_takes_the_feature_after_or_before_the_neck():
    some = batch().images
    after, before, bare = (method(**s) for s in ({}, {"retrieve": "before"}, {"neck": "none"}))
    for net in (after, before, bare):
        net.losses(batch(), "main")  # moves the neck's statistics
        net.eval()
    pooled = after.backbone(some).mean((2, 3))
    assert isinstance(after.neck, BNNeck) and not isinstance(bare.neck, BNNeck)
    assert torch.allclose(before.embed(some, {}).features, pooled, atol=1e-6)
    assert torch.allclose(bare.embed(some, {}).features, pooled, atol=1e-6)
    assert torch.allclose(after.embed(some, {}).features, after.neck(pooled), atol=1e-6)
    assert not torch.allclose(after.embed(some, {}).features, pooled, atol=1e-2)


@pytest.mark.parametrize("pooling", ["gap", "gmp", "gem"])
def test_pooling_and_embedding_shape_the_feature(pooling):
    net = method(pooling=pooling, embedding=3).eval()
    features = net.embed(batch().images, {}).features
    assert features.shape == (8, 3) and features.dtype == torch.float32
    pooled = net.pool(net.backbone(batch().images))
    assert torch.allclose(features, net.neck(net.embedding(pooled)))
    assert net.classifier.weight.shape == (4, 3) and net.center is not None and net.center.centers.shape == (4, 3)


def test_the_centres_have_an_sgd_of_their_own_and_everything_is_moved_once():
    net = method(center_lr=0.25)
    (phase,) = net.phases()
    rest, centers = [list(group.parameters) for group in phase.groups]
    assert [id(p) for p in centers] == [id(p) for p in net.center.parameters()]
    assert (phase.groups[1].optimizer, phase.groups[1].lr) == ("sgd", 0.25)
    assert sorted(id(p) for p in rest + centers) == sorted(id(p) for p in net.parameters())
    assert len(method(center_weight=0.0).phases()[0].groups) == 1


def test_it_learns_four_people():
    """Plain steps of gradient descent; afterwards every picture's nearest other is of the same person."""
    net = method(triplet_margin=1.0, center_weight=0.0)
    for step in range(60):
        loss = torch.stack(list(net.losses(batch(step), "main").values())).sum()
        gradients = torch.autograd.grad(loss, [p for p in net.parameters() if p.requires_grad])
        with torch.no_grad():
            for value, gradient in zip([p for p in net.parameters() if p.requires_grad], gradients):
                value -= 0.1 * gradient
    net.eval()
    some = batch(1000)
    features = torch.nn.functional.normalize(net.embed(some.images, {}).features)
    likeness = (features @ features.T).fill_diagonal_(-2)
    assert torch.equal(some.pids[likeness.argmax(1)], some.pids)
    assert sum(net.train().losses(some, "main").values()) < 0.8 * sum(method().losses(some, "main").values())


def test_half_precision_trains_on_full_precision_features():
    net = method(embedding=5)
    with torch.autocast("cpu", torch.bfloat16):
        losses = net.losses(batch(), "main")
        assert net.features(batch().images).dtype == torch.float32
    exact = method(embedding=5)
    exact.load_state_dict(net.state_dict())
    assert all(loss.dtype == torch.float32 for loss in losses.values())
    exact = {name: loss.item() for name, loss in exact.losses(batch(), "main").items()}
    assert {name: loss.item() for name, loss in losses.items()} == pytest.approx(exact, rel=0.02, abs=0.02)


def test_a_recipe_builds_it():
    recipe = Recipe.model_validate(
        {"data": {"size": (64, 32)}, "backbone": {"name": "osnet_x0_25"}, "method": {"embedding": 16}}
    )
    net = build_method(recipe, people=9)
    assert isinstance(net, BaselineMethod) and net.classifier.weight.shape == (9, 16)
    assert isinstance(net.center, CenterLoss)
