"""MaskReID: the ranking loss against loops over pairs, the two streams, the skips, and its two stages."""

import math

import pytest
import torch
from torch import nn

from sameperson.data.batch import Batch, Priors
from sameperson.methods.baseline.method import BaselineMethod
from sameperson.methods.build import build_method
from sameperson.methods.load import export_weights, load_network
from sameperson.methods.maskreid.method import MaskReIDMethod
from sameperson.methods.maskreid.options import Options as MaskReID
from sameperson.methods.maskreid.ranking import ranking_loss
from sameperson.models.mscan import MSCANMap
from sameperson.overrides import load_recipe

SMALL = ["method.name=maskreid", "backbone.name=osnet_x0_25", "backbone.weights=none", "data.size=64,32"]


def method(**settings) -> MaskReIDMethod:
    torch.manual_seed(0)
    return MaskReIDMethod(MSCANMap(), MaskReID.model_validate({"embedding": 7} | settings), people=4)


def batch(seed: int = 0) -> Batch:
    """Eight pictures of 32x16 with masks; the sixth has none."""
    draw = torch.Generator().manual_seed(seed)
    masks = torch.randint(0, 2, (8, 32, 16), generator=draw).to(torch.uint8)
    masks[0, :4] = 255
    valid = torch.ones(8, dtype=torch.bool)
    valid[5], masks[5] = False, 0
    pids, zeros = torch.arange(8) // 2, torch.zeros(8, dtype=torch.int64)
    images = torch.randn(8, 3, 32, 16, generator=draw)
    return Batch(images, pids, zeros, zeros, zeros, {"mask": masks}, {"mask": valid})


def priors_of(some: Batch) -> Priors:
    return Priors(some.priors, some.valid)


def ranking_by_hand(features: torch.Tensor, pids: list[int], margin: float, pull: float) -> float:
    rows = [[value.item() for value in row] for row in features]

    def cosine(a: list[float], b: list[float]) -> float:
        return sum(x * y for x, y in zip(a, b)) / math.hypot(*a) / math.hypot(*b)

    losses = []
    for k, anchor in enumerate(rows):
        positives = [cosine(anchor, rows[i]) for i in range(len(rows)) if pids[i] == pids[k] and i != k]
        if not positives:
            continue
        negatives = [cosine(anchor, rows[j]) for j in range(len(rows)) if pids[j] != pids[k]]
        push = math.log(1 + sum(math.exp(max(0, s - min(positives) + margin)) for s in negatives))
        losses.append(push + pull / 2 * sum((s - 1) ** 2 for s in positives) / len(positives))
    return sum(losses) / len(losses)


@pytest.mark.parametrize(("margin", "pull"), [(0.15, 2.0), (0.5, 0.0), (0.0, 1.0)])
def test_the_ranking_loss_is_that_of_loops_over_pairs(margin, pull):
    features = torch.randn(9, 5, generator=torch.Generator().manual_seed(2))
    pids = [0, 0, 0, 1, 1, 2, 2, 2, 7]  # the last one has no positive, and is everybody's negative
    found = ranking_loss(features, torch.tensor(pids), margin, pull)
    assert found.item() == pytest.approx(ranking_by_hand(features, pids, margin, pull), rel=1e-5)


def test_nobody_to_rank_costs_nothing():
    features = torch.randn(3, 4, requires_grad=True)
    loss = ranking_loss(features, torch.tensor([0, 1, 2]))
    loss.backward()
    assert loss.item() == 0 and features.grad is not None and not features.grad.any()


def test_ranking_is_exact_under_autocast():
    features, pids = torch.randn(8, 64), torch.arange(8) // 2
    with torch.autocast("cpu", torch.bfloat16):
        found = ranking_loss(features, pids)
    assert found.item() == pytest.approx(ranking_loss(features, pids).item(), rel=1e-6)


def feature_by_hand(net: MaskReIDMethod, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """One picture: MSCAN written out, the stems joined by hand, three means and the layer."""
    trunk = net.backbone
    assert isinstance(trunk, MSCANMap) and net.masked_stem is not None and net.join is not None
    kernel = net.join.weight[..., 0, 0]
    one = trunk.pool(trunk.conv0(image[None]))
    other = net.masked_stem(torch.where(mask == 1, image, torch.zeros(()))[None])
    maps = torch.einsum("oi,bihw->bohw", kernel[:, :32], one) + torch.einsum("oi,bihw->bohw", kernel[:, 32:], other)
    fine = trunk.conv2(trunk.pool(trunk.conv1(maps)))
    middle = trunk.conv3(trunk.pool(fine))
    coarse = trunk.pool(trunk.conv4(trunk.pool(middle)))
    low, mid, high = (found.mean((2, 3)) for found in (fine, middle, coarse))
    weights = [layer.weight for layer in net.skips]
    feature = high @ net.get_parameter("embedding.weight").T + net.get_parameter("embedding.bias")
    return (feature + low @ weights[0].T + mid @ weights[1].T)[0]  # type: ignore[operator, union-attr]


def test_the_feature_is_made_of_both_streams_and_three_maps():
    net, some = method().eval(), batch()
    assert net.join is not None and net.masked_stem is not None
    nn.init.normal_(net.join.weight, std=0.1)
    nn.init.normal_(net.masked_stem[0][0].weight, std=0.1)  # type: ignore[index, arg-type]
    masks = some.priors["mask"].clone()
    masks[5] = 1  # without a mask, the picture is its own masked copy
    found = net.features(some.images, priors_of(some))
    wanted = torch.stack([feature_by_hand(net, image, mask) for image, mask in zip(some.images, masks)])
    assert found.shape == (8, 7)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


def test_at_first_the_masked_stream_and_the_skips_change_nothing():
    """Later they do: the first steps move what began at zero."""
    net, some = method(embedding=None).eval(), batch()
    with torch.no_grad():
        wanted = net.backbone(some.images).mean((2, 3))
    torch.testing.assert_close(net.features(some.images, priors_of(some)), wanted)
    torch.stack(list(net.losses(some, "main").values())).sum().backward()
    assert net.join is not None and net.join.weight.grad is not None
    assert net.join.weight.grad[:, 32:].abs().sum() > 0
    assert all(layer.weight.grad.abs().sum() > 0 for layer in net.skips)  # type: ignore[union-attr, operator]


@pytest.mark.parametrize(("options", "needs", "skips"), [({"masked": False}, (), 2), ({"skips": False}, ("mask",), 0)])
def test_streams_and_skips_can_be_left_out(options, needs, skips):
    net, some = method(**options).eval(), batch()
    assert net.needs == needs and len(net.skips) == skips
    assert net.features(some.images, priors_of(some) if needs else Priors()).shape == (8, 7)


def test_each_stage_has_its_losses():
    some, rank = batch(), method()
    losses = rank.losses(some, "main")
    features = rank.features(some.images, priors_of(some))
    assert set(losses) == {"ranking"}
    assert losses["ranking"].item() == pytest.approx(ranking_by_hand(features, some.pids.tolist(), 0.15, 2), rel=1e-4)
    names = method(id_weight=1.0, ranking_weight=0.0, triplet_weight=1.0, center_weight=0.1).losses(some, "main")
    assert set(names) == {"identity", "triplet", "center"}


def test_every_parameter_learns():
    net, some = method(id_weight=1.0, neck=True), batch()
    with torch.no_grad():
        assert net.join is not None
        net.join.weight.add_(0.1)
    torch.stack(list(net.losses(some, "main").values())).sum().backward()
    assert not [name for name, p in net.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.any())]
    (phase,) = net.phases()
    assert len({id(p) for g in phase.groups for p in g.parameters}) == len(list(net.parameters()))


def test_the_second_stage_begins_where_the_first_ended(tmp_path):
    recipe = load_recipe(None, [*SMALL, "method.id_weight=1"])
    first = build_method(recipe, people=3).eval()
    with torch.no_grad():
        first.get_parameter("join.weight").normal_()
    file = tmp_path / "first.safetensors"
    assert set(export_weights(file, first, recipe, people=3).needs) == {"mask"}
    second = build_method(load_recipe(None, [*SMALL, f"backbone.weights={file}"]), people=3).eval()
    images = torch.randn(2, 3, 64, 32)
    masks = Priors({"mask": torch.randint(0, 2, (2, 64, 32))}, {"mask": torch.ones(2, dtype=torch.bool)})
    with torch.no_grad():
        wanted = first.embed(images, masks).features
        torch.testing.assert_close(second.embed(images, masks).features, wanted)
        loaded = load_network(file, device="cpu").method
        torch.testing.assert_close(loaded.embed(images, masks).features, wanted, rtol=1e-3, atol=1e-4)


def test_the_world_recipe_begins_with_the_feature_of_the_baseline():
    net = build_method(load_recipe("maskreid/world_small"), people=3).eval()
    plain = build_method(load_recipe("baseline/world_benchmark"), people=3).eval()
    assert isinstance(net, MaskReIDMethod) and isinstance(plain, BaselineMethod)
    images = torch.randn(2, 3, 128, 64, generator=torch.Generator().manual_seed(5))
    masks = Priors({"mask": torch.randint(0, 2, (2, 128, 64))}, {"mask": torch.ones(2, dtype=torch.bool)})
    with torch.no_grad():
        torch.testing.assert_close(net.features(images, masks), plain.features(images), rtol=1e-4, atol=1e-4)
