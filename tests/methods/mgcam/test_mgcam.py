"""MGCAM: its losses against loops, its three streams by hand, the mask's channel, and its two stages."""

import pytest
import torch
from torch import nn

from sameperson.checks import InputError
from sameperson.data.batch import Batch, Priors
from sameperson.methods.baseline.method import BaselineMethod
from sameperson.methods.build import build_method
from sameperson.methods.load import export_weights, load_network
from sameperson.methods.mgcam.contrast import attention_loss, contrastive_loss, region_triplet_loss
from sameperson.methods.mgcam.mask_channel import add_mask_channel
from sameperson.methods.mgcam.method import MGCAMMethod
from sameperson.methods.mgcam.options import Options as MGCAM
from sameperson.models.mscan import MSCANMap
from sameperson.overrides import load_recipe

SMALL = ["method.name=mgcam", "backbone.name=osnet_x0_25", "backbone.weights=none", "data.size=64,32"]
ALL = {"identity", "identity_body", "identity_background", "attention", "region", "siamese"}


def method(**settings) -> MGCAMMethod:
    torch.manual_seed(0)
    given = {"embedding": 7, "dropout": 0.0} | settings
    net = MGCAMMethod(MSCANMap(), MGCAM.model_validate(given), people=4, size=(64, 32))
    for head in (net.head, *net.others.values()):
        nn.init.normal_(head.classifier.weight)  # type: ignore[arg-type]  # so that losses are not all log(people)
    return net


def batch(seed: int = 0) -> Batch:
    """Eight pictures of 64x32 with masks; the sixth has none."""
    draw = torch.Generator().manual_seed(seed)
    masks = torch.randint(0, 2, (8, 64, 32), generator=draw).to(torch.uint8)
    masks[0, :4] = 255
    valid = torch.ones(8, dtype=torch.bool)
    valid[5], masks[5] = False, 0
    pids, zeros = torch.arange(8) // 2, torch.zeros(8, dtype=torch.int64)
    images = torch.randn(8, 3, 64, 32, generator=draw)
    return Batch(images, pids, zeros, zeros, zeros, {"mask": masks}, {"mask": valid})


def priors_of(some: Batch) -> Priors:
    return Priors(some.priors, some.valid)


def squared(a: torch.Tensor, b: torch.Tensor) -> float:
    return sum((x - y) ** 2 for x, y in zip(a.tolist(), b.tolist()))


@pytest.mark.parametrize("margin", [10.0, 0.5])
def test_contrast_between_pictures_is_that_of_loops_over_pairs(margin):
    features = torch.randn(7, 4, generator=torch.Generator().manual_seed(2))
    pids = [0, 0, 1, 1, 1, 2, 3]
    pairs = [(i, j) for i in range(7) for j in range(7) if i != j]
    near = [squared(features[i], features[j]) for i, j in pairs if pids[i] == pids[j]]
    far = [max(0, margin - squared(features[i], features[j])) for i, j in pairs if pids[i] != pids[j]]
    wanted = sum(near) / len(near) + sum(far) / len(far)
    assert contrastive_loss(features, torch.tensor(pids), margin).item() == pytest.approx(wanted, rel=1e-4)
    alone = contrastive_loss(features[:2], torch.tensor([0, 0]), margin)
    assert alone.item() == pytest.approx(squared(features[0], features[1]), rel=1e-4)


@pytest.mark.parametrize("margin", [10.0, 1.0])
def test_the_region_triplet_is_within_each_picture(margin):
    draw = torch.Generator().manual_seed(2)
    full, body, background = (torch.randn(5, 3, generator=draw) for _ in range(3))
    wanted = [squared(full[i], body[i]) + max(0, margin - squared(full[i], background[i])) for i in range(5)]
    assert region_triplet_loss(full, body, background, margin).item() == pytest.approx(sum(wanted) / 5, rel=1e-5)


def test_attention_is_compared_with_the_share_of_the_person_in_each_cell():
    draw = torch.Generator().manual_seed(2)
    attention = torch.rand(3, 1, 4, 2, generator=draw)
    masks = torch.randint(0, 2, (3, 1, 16, 8), generator=draw).float()
    valid = torch.tensor([True, False, True])
    sums = []
    for picture in (0, 2):
        cells = [(r, c) for r in range(4) for c in range(2)]
        shares = [masks[picture, 0, 4 * r : 4 * r + 4, 4 * c : 4 * c + 4].sum().item() / 16 for r, c in cells]
        sums.append(sum((attention[picture, 0, r, c].item() - share) ** 2 for (r, c), share in zip(cells, shares)))
    assert attention_loss(attention, masks, valid).item() == pytest.approx(sum(sums) / 2, rel=1e-5)
    assert attention_loss(attention, masks, valid & False).item() == 0


def streams_by_hand(net: MGCAMMethod, some: Batch) -> dict[str, torch.Tensor]:
    """MSCAN with four channels written out; each stream with the layers that are its own."""
    trunk = net.backbone
    assert isinstance(trunk, MSCANMap)
    masks = (some.priors["mask"] == 1).float()
    masks[5] = 1
    pictures = torch.cat([some.images, masks[:, None] - 0.5], 1)
    maps = trunk.conv2(trunk.pool(trunk.conv1(trunk.pool(trunk.conv0(pictures)))))
    attention = torch.sigmoid(net.attention(maps))
    found = {"attention": attention}
    for name, seen in (("full", maps), ("body", attention * maps), ("background", (1 - attention) * maps)):
        if net.settings.shared or name == "full":
            last = trunk.pool(trunk.conv4(trunk.pool(trunk.conv3(trunk.pool(seen)))))
        else:
            last = net.tails[name](seen)
        pooled = last.reshape(8, -1) if net.settings.pooling == "flatten" else last.mean((2, 3))
        weight, bias = (net.get_parameter(f"embeddings.{name}.{kind}") for kind in ("weight", "bias"))
        found[name] = pooled @ weight.T + bias
    return found


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("pooling", ["gap", "flatten"])
def test_the_streams_see_the_map_the_person_and_the_rest(shared, pooling):
    net, some = method(shared=shared, pooling=pooling).eval(), batch()
    for name in net.tails:
        nn.init.normal_(net.tails[name][1].branches[0][0].weight, std=0.1)  # type: ignore[index, union-attr, arg-type]
    nn.init.normal_(net.backbone.conv0[0].weight, std=0.1)  # type: ignore[index, arg-type]
    found, wanted = net.streams(some.images, priors_of(some)), streams_by_hand(net, some)
    assert found.attention.shape == (8, 1, 16, 8)
    for name, value in wanted.items():
        torch.testing.assert_close(getattr(found, name), value, rtol=1e-3, atol=1e-4)
    searched = net.embed(some.images, priors_of(some)).features
    torch.testing.assert_close(searched, found.full)


def test_the_losses_are_weighed_and_those_without_weight_are_left_out():
    weights = {"attention_weight": 0.2, "region_weight": 0.3, "siamese_weight": 0.4, "contrast_margin": 3.0}
    net, some = method(**weights).eval(), batch()
    losses, found = net.losses(some, "main"), net.streams(some.images, priors_of(some))
    assert set(losses) == ALL
    masks = (some.priors["mask"] == 1).float()[:, None]
    wanted = {
        "attention": 0.2 * attention_loss(found.attention, masks, some.valid["mask"]),
        "region": 0.3 * region_triplet_loss(found.full, found.body, found.background, 3.0),
        "siamese": 0.4 * contrastive_loss(found.full, some.pids, 3.0),
    }
    heads = {"full": net.head, "body": net.others["body"], "background": net.others["background"]}
    for stream, head in heads.items():
        feature, name = getattr(found, stream), "identity" if stream == "full" else f"identity_{stream}"
        logits = feature @ head.classifier.weight.T  # type: ignore[union-attr, operator]
        wanted[name] = -logits.log_softmax(1).gather(1, some.pids[:, None]).mean()
    assert {k: v.item() for k, v in losses.items()} == pytest.approx({k: v.item() for k, v in wanted.items()}, rel=1e-4)
    for name in ("attention", "region", "siamese"):
        assert set(method(**{f"{name}_weight": 0.0}).losses(some, "main")) == ALL - {name}
    assert set(method(background_identity=False).losses(some, "main")) == ALL - {"identity_background"}
    assert set(method(id_weight=0.0).losses(some, "main")) == ALL - {name for name in ALL if "identity" in name}
    more = method(triplet_weight=1.0, center_weight=0.1).losses(some, "main")
    assert set(more) == ALL | {"triplet", "center"}


@pytest.mark.parametrize("shared", [False, True])
def test_every_parameter_learns(shared):
    net, some = method(shared=shared, neck=True), batch()
    torch.stack(list(net.losses(some, "main").values())).sum().backward()
    assert not [name for name, p in net.named_parameters() if p.requires_grad and p.grad is None]
    first = net.get_parameter("backbone.conv0.0.weight").grad
    assert first is not None and first[:, 3].abs().sum() > 0
    (phase,) = net.phases()
    assert len({id(p) for g in phase.groups for p in g.parameters}) == len(list(net.parameters()))


def test_the_masks_channel_begins_by_changing_nothing():
    plain, four = MSCANMap().eval(), MSCANMap().eval()
    four.load_state_dict(plain.state_dict())
    add_mask_channel(four)
    images = torch.randn(2, 3, 32, 16)
    with torch.no_grad():
        torch.testing.assert_close(four(torch.cat([images, torch.randn(2, 1, 32, 16)], 1)), plain(images))
        nn.init.ones_(four.conv0[0].weight[:, 3])
        assert not torch.allclose(four(torch.cat([images, torch.ones(2, 1, 32, 16)], 1)), plain(images))
    with pytest.raises(ValueError, match="no convolution of 3 channels"):
        add_mask_channel(four)


def test_without_the_channel_masks_are_needed_in_training_only(tmp_path):
    words = [*SMALL, "method.mask_channel=false"]
    with pytest.raises(InputError, match=r"masks to learn from.*data\.priors=\[mask\]"):
        build_method(load_recipe(None, words), people=3)
    recipe = load_recipe(None, [*words, "data.priors=[mask]"])
    net = build_method(recipe, people=3).eval()
    assert net.needs == ()
    export_weights(tmp_path / "w.safetensors", net, recipe, people=3)
    network = load_network(tmp_path / "w.safetensors", device="cpu")
    assert not network.needs
    assert network.features(torch.zeros(1, 3, 64, 32, dtype=torch.uint8)).features.shape == (1, 128)


def test_the_second_stage_begins_where_the_first_ended(tmp_path):
    recipe = load_recipe(None, [*SMALL, "method.siamese_weight=0"])
    first = build_method(recipe, people=4).eval()
    assert isinstance(first, MGCAMMethod)
    with torch.no_grad():
        first.get_parameter("backbone.conv1.conv.weight").normal_()
        first.attention.weight.normal_()
        for value in first.tails["body"].parameters():
            value.mul_(1.1)
    file = tmp_path / "first.safetensors"
    assert set(export_weights(file, first, recipe, people=4).needs) == {"mask"}
    second = build_method(load_recipe(None, [*SMALL, f"backbone.weights={file}"]), people=4).eval()
    assert isinstance(second, MGCAMMethod)
    some = batch()
    with torch.no_grad():
        wanted = first.streams(some.images, priors_of(some))
        for one, other in zip(second.streams(some.images, priors_of(some)), wanted):
            torch.testing.assert_close(one, other)
        loaded = load_network(file, device="cpu").method
        features = loaded.embed(some.images, priors_of(some)).features
        torch.testing.assert_close(features, wanted.full, rtol=1e-3, atol=1e-3)


def test_the_authors_network_has_their_sizes():
    net = build_method(load_recipe("mgcam/market1501"), people=5).eval()
    assert isinstance(net, MGCAMMethod)
    assert net.get_parameter("backbone.conv0.0.weight").shape == (32, 4, 5, 5)
    assert net.attention.weight.shape == (1, 96, 3, 3)
    assert net.get_parameter("embeddings.full.weight").shape == (128, 96 * 5 * 2)
    assert net.head.classifier.weight.shape == (5, 128)


def test_the_world_recipe_begins_with_the_feature_of_the_baseline():
    net = build_method(load_recipe("mgcam/world_small"), people=3).eval()
    plain = build_method(load_recipe("baseline/world_benchmark"), people=3).eval()
    assert isinstance(net, MGCAMMethod) and isinstance(plain, BaselineMethod)
    images = torch.randn(2, 3, 128, 64, generator=torch.Generator().manual_seed(5))
    masks = Priors({"mask": torch.randint(0, 2, (2, 128, 64))}, {"mask": torch.ones(2, dtype=torch.bool)})
    with torch.no_grad():
        torch.testing.assert_close(net.streams(images, masks).full, plain.features(images), rtol=1e-4, atol=1e-4)


def test_dropout_is_between_the_feature_and_the_classifier_in_training_only():
    net, some = method(dropout=0.5), batch()
    once, again = (net.losses(some, "main") for _ in range(2))
    assert once["identity"] != again["identity"] and once["identity_body"] != again["identity_body"]
    assert once["siamese"] == again["siamese"]
    net.eval()
    assert net.losses(some, "main")["identity"] == net.losses(some, "main")["identity"]
