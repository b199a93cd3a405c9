"""SPReID: regions against loops over pixels, the three features, what each option does, and its two stages."""

import pytest
import torch
from torch import nn

from sameperson.checks import InputError
from sameperson.data.batch import Batch, Priors
from sameperson.losses.triplet import triplet_loss
from sameperson.methods.baseline.method import BaselineMethod
from sameperson.methods.build import build_method
from sameperson.methods.load import export_weights, load_network
from sameperson.methods.spreid.body_regions import joined, region_means, region_shares
from sameperson.methods.spreid.method import SPReIDMethod
from sameperson.methods.spreid.options import Options as SPReID
from sameperson.models.map_network import MapNetwork
from sameperson.overrides import load_recipe

SMALL = ["backbone.name=osnet_x0_25", "backbone.weights=none", "data.size=64,32"]
SPREID = ["method.name=spreid", "data.parsing.merge=spreid"]


class Pixels(MapNetwork):
    """A backbone of one convolution, an eighth of the picture; its activations are of both signs."""

    channels = 5

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 5, 3, stride=8, padding=1)

    def forward(self, images):
        return self.conv(images)


def method(**settings) -> SPReIDMethod:
    torch.manual_seed(0)
    net = SPReIDMethod(Pixels(), SPReID.model_validate({"cell": 8} | settings), people=4)
    nn.init.normal_(net.head.classifier.weight)  # so that losses are not all log(people)
    return net


def batch(seed: int = 0) -> Batch:
    """Eight pictures of 32x16 with label maps; the sixth has no map, that of the last shows nobody."""
    draw = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 5, (8, 32, 16), generator=draw).to(torch.uint8)
    labels[0][labels[0] == 4] = 255
    labels[7] = 0
    valid = torch.ones(8, dtype=torch.bool)
    valid[5] = False
    labels[5] = 0
    pids, zeros = torch.arange(8) // 2, torch.zeros(8, dtype=torch.int64)
    images = torch.randn(8, 3, 32, 16, generator=draw)
    return Batch(images, pids, zeros, zeros, zeros, {"parsing": labels}, {"parsing": valid})


def priors_of(some: Batch) -> Priors:
    return Priors(some.priors, some.valid)


def by_hand(net: SPReIDMethod, some: Batch) -> list[list[torch.Tensor]]:
    """The three features of each picture by a loop over cells of 8x8 pixels."""
    found = []
    for maps, labels, has in zip(net.backbone(some.images), some.priors["parsing"], some.valid["parsing"]):
        cells = [(row, column) for row in range(4) for column in range(2)]
        whole = torch.stack([maps[:, r, c] for r, c in cells]).mean(0)
        sums = {region: torch.zeros(5) for region in range(5)}
        areas = dict.fromkeys(range(5), 0.0)
        for r, c in cells:
            for label in labels[8 * r : 8 * r + 8, 8 * c : 8 * c + 8].flatten().tolist():
                for region in (0, label) if 1 <= label <= 4 else ():  # 0 stands for the foreground
                    sums[region] = sums[region] + maps[:, r, c]
                    areas[region] += 1
        if not has or not areas[0]:
            found.append([whole, whole, whole])
            continue
        parts = torch.stack([sums[region] / areas[region] for region in range(1, 5) if areas[region]])
        found.append([whole, sums[0] / areas[0], parts.amax(0) if net.settings.parts == "max" else parts.mean(0)])
    return found


@pytest.mark.parametrize("how", ["max", "mean"])
def test_the_features_are_those_of_loops_over_cells(how):
    net, some = method(parts=how), batch()
    found = net.features(some.images, priors_of(some))
    wanted = torch.stack([torch.cat(rows) for rows in by_hand(net, some)])
    assert found.shape == (8, 15) and found.dtype == torch.float32
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"foreground": False}, [0, 2]),
        ({"parts": "none"}, [0, 1]),
        ({"whole": False}, [1, 2]),
        ({"foreground": False, "parts": "none"}, [0]),
    ],
)
def test_each_feature_can_be_left_out(options, kept):
    net, some = method(**options), batch()
    wanted = torch.stack([torch.cat([rows[at] for at in kept]) for rows in by_hand(method(), some)])
    torch.testing.assert_close(net.features(some.images, priors_of(some)), wanted, rtol=1e-4, atol=1e-5)
    assert net.needs == (() if kept == [0] else ("parsing",))
    assert net.head.classifier.weight.shape == (4, 5 * len(kept))


def test_an_absent_region_is_no_zero_in_the_maximum():
    means = torch.tensor([[[-2.0, 1.0], [-1.0, -3.0], [0.0, 0.0]]])
    present = torch.tensor([[True, True, False]])
    assert joined(means, present, "max").tolist() == [[-1.0, 1.0]]
    assert joined(means, present, "mean").tolist() == [[-1.5, -1.0]]
    assert joined(means, ~present & False, "max").tolist() == [[0.0, 0.0]]


def test_a_small_region_weighs_as_much_as_a_large_one():
    """One pixel of a shoe in a cell gives that cell's whole activation."""
    labels = torch.zeros(1, 8, 8, dtype=torch.uint8)
    labels[0, 7, 7] = 4
    shares = region_shares(labels, (2, 2))
    assert shares[0, 3].tolist() == [[0, 0], [0, 1 / 16]] and shares[0, :3].abs().sum() == 0
    means, present = region_means(torch.arange(8.0).view(1, 2, 2, 2), shares)
    assert means[0, 3].tolist() == [3, 7] and present.tolist() == [[False, False, False, True]]


def test_cells_may_be_finer_than_the_map():
    net, some = method(cell=4), batch()
    maps = net.backbone(some.images)
    fine = nn.functional.interpolate(maps, size=(8, 4), mode="bilinear", align_corners=True)
    one = [(fine[0] * (some.priors["parsing"][0].view(8, 4, 4, 4) == 1).float().mean((1, 3))).sum((1, 2))]
    area = (some.priors["parsing"][0] == 1).sum() / 16
    means, _ = region_means(fine[:1], region_shares(some.priors["parsing"][:1], (8, 4)))
    torch.testing.assert_close(means[0, 0], one[0] / area, rtol=1e-4, atol=1e-5)
    found = net.features(some.images, priors_of(some))
    assert not torch.allclose(found[:, 5:10], method().features(some.images, priors_of(some))[:, 5:10])


def test_the_paper_learns_by_an_identity_loss_alone():
    net, some = method(), batch()
    losses = net.losses(some, "main")
    logits = net.features(some.images, priors_of(some)) @ net.head.classifier.weight.T
    wanted = -logits.log_softmax(1).gather(1, some.pids[:, None]).mean()
    assert {name: value.item() for name, value in losses.items()} == pytest.approx(
        {"identity": wanted.item()}, rel=1e-4
    )


def test_the_losses_of_the_baseline_are_there_too():
    net, some = method(neck="bnneck", triplet_weight=2.0, triplet_margin="soft", center_weight=0.01), batch()
    losses = net.losses(some, "main")
    features = net.features(some.images, priors_of(some))
    assert set(losses) == {"identity", "triplet", "center"}
    assert losses["triplet"].item() == pytest.approx(2 * triplet_loss(features, some.pids, "soft").item(), rel=1e-4)
    assert net.head.center is not None
    apart = (features - net.head.center.centers[some.pids]).square().sum(1).mean().item()
    assert losses["center"].item() == pytest.approx(0.01 * apart, rel=1e-4)
    torch.stack(list(losses.values())).sum().backward()
    assert not [name for name, p in net.named_parameters() if p.requires_grad and p.grad is None]


def test_the_classifier_and_the_centres_have_rates_of_their_own():
    net = method(classifier_lr=10.0, center_weight=0.01, center_lr=0.25)
    (phase,) = net.phases()
    rates = {id(p): (g.lr_scale, g.optimizer, g.lr) for g in phase.groups for p in g.parameters}
    named = dict(net.named_parameters())
    assert len(rates) == len(named)
    assert rates[id(named["head.classifier.weight"])] == (10, "recipe", None)
    assert rates[id(named["head.center.centers"])] == (1, "sgd", 0.25)
    assert rates[id(named["backbone.conv.weight"])] == (1, "recipe", None)


def test_search_takes_the_feature_after_or_before_the_neck():
    some = batch()
    net, bare = method(neck="bnneck").eval(), method(neck="bnneck", retrieve="before").eval()
    nn.init.uniform_(net.get_parameter("head.neck.bn.weight"))
    features = net.features(some.images, priors_of(some))
    torch.testing.assert_close(net.embed(some.images, priors_of(some)).features, net.head.neck(features))
    torch.testing.assert_close(bare.embed(some.images, priors_of(some)).features, features)


def test_maps_of_another_label_set_are_refused():
    with pytest.raises(InputError, match=r"parsing maps of lip.*data\.parsing\.merge=spreid"):
        build_method(load_recipe(None, [*SMALL, "method.name=spreid"]), people=3)
    with pytest.raises(InputError, match=r"at least one feature"):
        words = ["method.whole=false", "method.foreground=false", "method.parts=none"]
        build_method(load_recipe(None, [*SMALL, *SPREID, *words]), people=3)
    maps = ["method.name=spreid", "data.parsing.labels=spreid"]
    assert build_method(load_recipe(None, [*SMALL, *maps]), people=3).needs == ("parsing",)


def test_the_second_stage_begins_where_the_first_ended(tmp_path):
    words = [*SMALL, *SPREID, "method.neck=bnneck"]
    recipe = load_recipe(None, words)
    first = build_method(recipe, people=3).eval()
    with torch.no_grad():
        first.get_parameter("head.neck.bn.weight").uniform_()
    file = tmp_path / "first.safetensors"
    card = export_weights(file, first, recipe, people=3)
    assert card.needs == {"parsing": {"parsing.labels": "lip", "parsing.merge": "spreid", "parsing.swap_sides": True}}
    second = build_method(load_recipe(None, [*words, f"backbone.weights={file}", "data.size=96,48"]), people=3).eval()
    images = torch.randn(2, 3, 96, 48)
    maps = Priors({"parsing": torch.randint(0, 5, (2, 96, 48))}, {"parsing": torch.ones(2, dtype=torch.bool)})
    with torch.no_grad():
        torch.testing.assert_close(second.embed(images, maps).features, first.embed(images, maps).features)
    pictures = torch.randint(0, 256, (2, 3, 64, 32), dtype=torch.uint8)
    network = load_network(file, device="cpu")
    at_test = Priors({"parsing": maps["parsing"][:, :64, :32].to(torch.uint8)}, maps.valid)
    mean, std = (torch.tensor(value).view(3, 1, 1) for value in (recipe.data.mean, recipe.data.std))
    with torch.no_grad():
        wanted = first.embed((pictures / 255 - mean) / std, at_test).features
    torch.testing.assert_close(network.features(pictures, priors=at_test).features, wanted, rtol=1e-3, atol=1e-3)


def test_the_world_recipe_begins_with_the_feature_of_the_baseline():
    net = build_method(load_recipe("spreid/world_small"), people=3).eval()
    plain = build_method(load_recipe("baseline/world_benchmark"), people=3).eval()
    assert isinstance(net, SPReIDMethod) and isinstance(plain, BaselineMethod)
    images = torch.randn(2, 3, 128, 64, generator=torch.Generator().manual_seed(5))
    nothing = Priors({"parsing": torch.zeros(2, 128, 64)}, {"parsing": torch.zeros(2, dtype=torch.bool)})
    with torch.no_grad():
        wanted = plain.features(images)
        torch.testing.assert_close(net.features(images, nothing), wanted.repeat(1, 3))
    one, other = load_recipe("spreid/world_small"), load_recipe("baseline/world_benchmark")
    assert (one.optim, one.train, one.sampler) == (other.optim, other.train, other.sampler)
    assert one.data.augment == other.data.augment
    for key in ("id_weight", "triplet_weight", "triplet_margin", "center_weight", "label_smoothing", "neck"):
        assert getattr(one.method, key) == getattr(other.method, key)


def test_the_papers_network_gives_6144_numbers():
    net = build_method(load_recipe("spreid/market1501", ["backbone.weights=none"]), people=3).eval()
    assert isinstance(net, SPReIDMethod)
    assert net.head.classifier.weight.shape == (3, 6144)
