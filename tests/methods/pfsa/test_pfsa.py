"""PFSA: attention against loops over cells, the losses by hand, what each option does, and what it embeds."""

import math

import pytest
import torch
from torch import nn

from sameperson.data.batch import Batch
from sameperson.methods.baseline.method import BaselineMethod
from sameperson.methods.build import build_method
from sameperson.methods.load import export_weights, load_network
from sameperson.methods.pfsa.attention import attend
from sameperson.methods.pfsa.method import PFSAMethod
from sameperson.methods.pfsa.options import Options as PFSA
from sameperson.models.map_network import MapNetwork
from sameperson.overrides import load_recipe


class TwoStages(MapNetwork):
    """A backbone of two convolutions, each a stage."""

    channels = 6

    def __init__(self) -> None:
        super().__init__()
        self.fine, self.coarse = nn.Conv2d(3, 4, 3, stride=4), nn.Conv2d(4, 6, 1)

    def forward(self, images):
        return self.stages(images)[-1]

    def stages(self, images):
        fine = self.fine(images).relu()
        return [fine, self.coarse(fine).relu()]


def method(**settings) -> PFSAMethod:
    torch.manual_seed(0)
    given = {"stripes": 2, "reduced": 5, "dropout": 0.0} | settings
    net = PFSAMethod(TwoStages(), [4, 6], PFSA.model_validate(given), people=4)
    for layer in (*net.classifiers, *(layers[1] for layers in net.deep)):  # type: ignore[index]
        nn.init.normal_(layer.weight)  # type: ignore[arg-type]  # so that losses are not all log(people)
    return net


def batch(seed: int = 0) -> Batch:
    """Four people of one colour each, two pictures each."""
    draw = torch.Generator().manual_seed(seed)
    pids = torch.arange(8) // 2
    colours = torch.randn(4, 3, 1, 1, generator=torch.Generator().manual_seed(9))
    images = colours[pids] + 0.3 * torch.randn(8, 3, 17, 9, generator=draw)
    zeros = torch.zeros(8, dtype=torch.int64)
    return Batch(images, pids, zeros, zeros, zeros)


def weights_by_hand(cells: list[list[float]], attention: str, temperature: float = 1.0) -> list[list[float]]:
    """The weight of each cell, from its sum of channels."""
    flat = [value for row in cells for value in row]
    if attention == "softmax":
        numbers = [math.exp((value - max(flat)) / temperature) for value in flat]
    else:
        numbers = [max(value, 0.0) for value in flat] if attention == "sum" and max(flat) > 0 else [1.0] * len(flat)
    weights = [number / sum(numbers) * len(flat) for number in numbers]
    return [weights[start : start + len(cells[0])] for start in range(0, len(flat), len(cells[0]))]


@pytest.mark.parametrize(("attention", "temperature"), [("sum", 1), ("softmax", 1), ("softmax", 7), ("none", 1)])
def test_each_cell_is_weighed_by_the_sum_of_its_channels(attention, temperature):
    maps = torch.randn(3, 4, 3, 2, generator=torch.Generator().manual_seed(1))
    maps[2] = -maps[2].abs()  # no cell is above 0
    found = attend(maps, attention, temperature)
    for one, weighed in zip(maps, found):
        sums = [[sum(one[c, r, k].item() for c in range(4)) for k in range(2)] for r in range(3)]
        wanted = torch.tensor(weights_by_hand(sums, attention, temperature))
        torch.testing.assert_close(weighed, one * wanted, rtol=1e-4, atol=1e-5)
        assert wanted.mean().item() == pytest.approx(1)


def test_a_softmax_of_many_channels_saturates_unless_its_temperature_is_high():
    maps = torch.rand(1, 2048, 4, 4, generator=torch.Generator().manual_seed(1))
    maps[0, :, 2, 1] += 0.05
    shares = {t: (attend(maps, "softmax", t) / maps)[0, 0].max().item() / 16 for t in (1, 500)}
    assert shares[1] > 0.999 and shares[500] < 0.15
    assert (attend(maps, "sum") / maps)[0, 0].max().item() / 16 < 0.1


def test_the_attention_is_a_part_of_the_gradient():
    """By finite differences, since the weights depend on the maps too."""
    maps = torch.rand(1, 2, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(3)).float()
    maps.requires_grad_()
    attend(maps, "sum").square().sum().backward()
    step, found = 1e-2, maps.grad
    assert found is not None
    more, less = maps.detach().clone(), maps.detach().clone()
    more[0, 1, 0, 1] += step
    less[0, 1, 0, 1] -= step
    slope = (attend(more, "sum").square().sum() - attend(less, "sum").square().sum()) / (2 * step)
    assert found[0, 1, 0, 1].item() == pytest.approx(slope.item(), rel=1e-2)


def reduced_by_hand(layers: nn.Sequential, rows: torch.Tensor) -> torch.Tensor:
    """Linear, batch normalisation by the batch's own statistics, ReLU."""
    out = rows @ layers[0].weight.T  # type: ignore[union-attr, operator]
    return ((out - out.mean(0)) / (out.var(0, unbiased=False) + 1e-5).sqrt()).clamp_min(0)


def smoothed(logits: torch.Tensor, pids: torch.Tensor, e: float) -> float:
    log = logits.log_softmax(1)
    return -((1 - e) * log.gather(1, pids[:, None])[:, 0] + e * log.mean(1)).mean().item()


@pytest.mark.parametrize("attention", ["none", "sum"])
def test_the_losses_are_means_over_stripes_and_over_stages(attention):
    net = method(part_weight=0.7, deep_weight=0.4, label_smoothing=0.2, attention=attention)
    some = batch()
    losses = net.losses(some, "main")
    fine, last = (attend(stage, attention) for stage in net.backbone.stages(some.images))
    assert last.shape == (8, 6, 4, 2)
    part = []
    for stripe, rows in enumerate((last[:, :, :2], last[:, :, 2:])):
        features = reduced_by_hand(net.reductions[stripe], rows.mean((2, 3)))  # type: ignore[arg-type]
        part.append(smoothed(features @ net.get_parameter(f"classifiers.{stripe}.weight").T, some.pids, 0.2))
    deep = []
    for number, stage in enumerate((fine, last)):
        layers = net.deep[number]
        features = reduced_by_hand(layers[0], stage.mean((2, 3)))  # type: ignore[index]
        deep.append(smoothed(features @ net.get_parameter(f"deep.{number}.1.weight").T, some.pids, 0.2))
    found = {name: value.item() for name, value in losses.items()}
    wanted = {"identity_part": 0.7 * sum(part) / 2, "identity_deep": 0.4 * sum(deep) / 2}
    assert found == pytest.approx(wanted, rel=1e-4)


def test_a_loss_without_weight_is_left_out_with_its_layers():
    net = method(deep_weight=0.0, triplet_weight=1.0, triplet_margin="soft")
    assert set(net.losses(batch(), "main")) == {"identity_part", "triplet"} and not len(net.deep)
    assert set(method(part_weight=0.0).losses(batch(), "main")) == {"identity_deep"}
    assert net.losses(batch(), "main")["triplet"] != method(triplet_weight=1.0).losses(batch(), "main")["triplet"]


def test_every_parameter_learns_and_the_backbone_at_its_own_rate():
    net = method(backbone_lr=0.1, triplet_weight=1.0)
    torch.stack(list(net.losses(batch(), "main").values())).sum().backward()
    assert not [name for name, value in net.named_parameters() if value.grad is None]
    (phase,) = net.phases()
    scales = {id(p): group.lr_scale for group in phase.groups for p in group.parameters}
    named = dict(net.named_parameters())
    assert len(scales) == len(named)
    assert all(scales[id(p)] == (0.1 if name.startswith("backbone.") else 1) for name, p in named.items())


def test_dropout_acts_in_training_only():
    net, some = method(dropout=0.5), batch()
    once, again = (net.losses(some, "main")["identity_part"] for _ in range(2))
    assert once != again
    net.eval()
    assert torch.equal(net.embed(some.images, {}).features, net.embed(some.images, {}).features)


@pytest.mark.parametrize("attention", ["sum", "softmax", "none"])
def test_search_takes_stripes_of_length_one(attention):
    net, images = method(attention=attention).eval(), batch().images
    found = net.embed(images, {}).features
    assert found.shape == (8, 12) and found.dtype == torch.float32
    last = attend(net.backbone(images), attention)
    for stripe, rows in enumerate((last[:, :, :2], last[:, :, 2:])):
        mean = rows.mean((2, 3))
        wanted = mean / mean.norm(dim=1, keepdim=True)
        torch.testing.assert_close(found[:, 6 * stripe : 6 * stripe + 6], wanted)


def test_search_takes_the_reduced_stripes_if_asked():
    net = method(retrieve="reduced").eval()
    found = net.embed(batch().images, {}).features
    assert found.shape == (8, 10)
    assert torch.allclose(found[:, :5].norm(dim=1), torch.ones(8))


@pytest.mark.parametrize("retrieve", ["stripes", "reduced"])
def test_weights_hold_what_search_needs(retrieve, tmp_path):
    words = ["method.name=pfsa", "backbone.name=osnet_x0_25", "backbone.weights=none", "data.size=64,32"]
    recipe = load_recipe(None, [*words, f"method.retrieve={retrieve}"])
    net = build_method(recipe, people=3).eval()
    export_weights(tmp_path / "w.safetensors", net, recipe, people=3)
    loaded = load_network(tmp_path / "w.safetensors", device="cpu")
    names = {name.split(".")[0] for name in loaded.method.state_dict() if not name.startswith(net.training_only)}
    assert names == ({"backbone"} if retrieve == "stripes" else {"backbone", "reductions"})
    pictures = torch.randint(0, 256, (2, 3, 64, 32), dtype=torch.uint8)
    mean, std = (torch.tensor(value).view(3, 1, 1) for value in (recipe.data.mean, recipe.data.std))
    with torch.no_grad():
        wanted = net.embed((pictures / 255 - mean) / std, {}).features
    torch.testing.assert_close(loaded.features(pictures).features, wanted, rtol=1e-3, atol=1e-4)


def test_the_papers_network_has_six_stripes_of_2048_and_four_deep_classifiers():
    words = ["backbone.weights=none", "data.size=96,32"]
    net = build_method(load_recipe("pfsa/market1501", words), people=3).eval()
    assert isinstance(net, PFSAMethod)
    assert [layers[0][0].in_features for layers in net.deep] == [256, 512, 1024, 2048]  # type: ignore[index]
    with torch.no_grad():
        images = torch.zeros(1, 3, 96, 32)
        stages = net.backbone.stages(images)
        assert [tuple(stage.shape[2:]) for stage in stages] == [(24, 8), (12, 4), (6, 2), (6, 2)]
        assert net.embed(images, {}).features.shape == (1, 6 * 2048)


def test_the_world_recipe_begins_with_the_start_of_the_baseline():
    """Its map is that of the shipped weights: one stripe without attention is their pooled feature."""
    words = ["method.attention=none", "method.stripes=1"]
    net = build_method(load_recipe("pfsa/world_small", words), people=3).eval()
    plain = build_method(load_recipe("baseline/world_benchmark"), people=3).eval()
    assert isinstance(plain, BaselineMethod)
    images = torch.randn(2, 3, 128, 64, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        torch.testing.assert_close(
            net.embed(images, {}).features, nn.functional.normalize(plain.features(images)), rtol=1e-3, atol=1e-4
        )
