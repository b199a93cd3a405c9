"""ISP: shapes, each option, losses against computations by hand, and what it embeds and parses."""

import re

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sameperson.checks import InputError
from sameperson.data.batch import Batch
from sameperson.losses.foreground_activation import foreground_activation_loss
from sameperson.losses.pixel import pixel_loss
from sameperson.losses.triplet import triplet_loss
from sameperson.methods.baseline.method import BaselineMethod
from sameperson.methods.build import build_method
from sameperson.methods.isp.method import ISPMethod
from sameperson.methods.isp.options import Options as ISP
from sameperson.methods.load import export_weights
from sameperson.models.map_network import MapNetwork
from sameperson.models.part_pooling import stripes
from sameperson.overrides import load_recipe

BRANCHES = ("part", "global", "fore")


class Pixels(MapNetwork):
    """A backbone of one convolution, a quarter of the picture."""

    channels = 6

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, stride=4, padding=1)

    def forward(self, images):
        return self.conv(images)


def method(**settings) -> ISPMethod:
    torch.manual_seed(0)
    return ISPMethod(Pixels(), ISP.model_validate({"channels": 5, "classes": 4} | settings), 4, (8, 4))


def batch(seed: int = 0) -> Batch:
    """Four people of one colour each, two pictures each, and labels of any kind."""
    draw = torch.Generator().manual_seed(seed)
    pids = torch.arange(8) // 2
    colours = torch.randn(4, 3, 1, 1, generator=torch.Generator().manual_seed(9))
    images = colours[pids] + 0.3 * torch.randn(8, 3, 32, 16, generator=draw)
    zeros = torch.zeros(8, dtype=torch.int64)
    labels = torch.randint(0, 4, (8, 8, 4), generator=draw).to(torch.uint8)
    return Batch(images, pids, zeros, zeros, zeros, {"part_labels": labels}, {"part_labels": torch.ones(8).bool()})


def by_hand(net: ISPMethod, images: torch.Tensor) -> dict[str, torch.Tensor]:
    """The three features by a loop over pixels."""
    wide = net.backbone(images)
    pooled = net.gate(net.narrow(wide))
    assert net.pixels is not None
    shares = net.pixels(pooled).softmax(1)
    found = {name: [] for name in BRANCHES}
    for x, p, w in zip(pooled, shares, wide):
        cells = [(row, column) for row in range(8) for column in range(4)]
        part = [torch.stack([p[k, r, c] * x[:, r, c] for r, c in cells]).sum(0) / 32 for k in range(1, 4)]
        found["part"].append(torch.cat(part))
        found["fore"].append(torch.stack([p[1:, r, c].sum() * x[:, r, c] for r, c in cells]).sum(0) / 32)
        found["global"].append((w if net.settings.big_global else x).mean((1, 2)))
    return {name: torch.stack(rows) for name, rows in found.items()}


@pytest.mark.parametrize(
    ("classes", "big", "length"), [(7, False, 2048), (6, False, 1792), (7, True, 3712), (7, "coarsest", 2816)]
)
def test_the_vector_is_as_long_as_the_paper_says(classes, big, length):
    recipe = load_recipe(
        None, ["method.name=isp", "backbone.name=hrnet_w32", f"method.classes={classes}", f"method.big_global={big}"]
    )
    net = build_method(recipe, people=3).eval()
    assert isinstance(net, ISPMethod)
    with torch.no_grad():
        images = torch.randn(1, 3, 256, 128)
        stages, pooled = net.maps(images)
        assert [tuple(found.shape[1:]) for found in stages] == [
            (128, 64, 32),
            (256, 32, 16),
            (512, 16, 8),
            (1024, 8, 4),
        ]
        assert pooled.shape == (1, 256, 64, 32)
        assert net.parse(images).shape == (1, classes, 64, 32) and net.label_set == f"isp-{classes}"
        assert net.embed(images, {}).features.shape == (1, length)
    assert net.cells == (64, 32)


@pytest.mark.parametrize("big", [False, True, "coarsest"])
def test_features_are_sums_over_pixels(big):
    net = method(big_global=big)
    found, scores = net.features(batch().images)
    assert scores is not None and scores.shape == (8, 4, 8, 4)
    wanted = by_hand(net, batch().images)
    assert {name: value.shape[1] for name, value in found.items()} == {"part": 15, "global": 6 if big else 5, "fore": 5}
    for name in BRANCHES:
        torch.testing.assert_close(found[name], wanted[name])


def test_the_coarsest_stage_is_what_a_baseline_averages():
    images = torch.randn(2, 3, 64, 32)
    words = ["backbone.name=osnet_x0_25", "backbone.weights=none", "data.size=64,32"]
    net = build_method(load_recipe(None, ["method.name=isp", "method.big_global=coarsest", *words]), people=3).eval()
    plain = build_method(load_recipe(None, words), people=3).eval()
    assert isinstance(net, ISPMethod) and isinstance(plain, BaselineMethod)
    plain.backbone.load_state_dict(net.backbone.state_dict())
    with torch.no_grad():
        wanted = plain.backbone(images).mean((2, 3))
        torch.testing.assert_close(net.features(images)[0]["global"], wanted)


def smoothed(logits: torch.Tensor, pids: torch.Tensor, e: float) -> torch.Tensor:
    log = logits.log_softmax(1)
    return -((1 - e) * log.gather(1, pids[:, None])[:, 0] + e * log.mean(1)).mean()


def after_neck(value: torch.Tensor) -> torch.Tensor:
    return (value - value.mean(0)) / (value.var(0, unbiased=False) + 1e-5).sqrt()


def test_the_losses_are_those_of_each_branch_and_of_the_pixels():
    weights = {"label_smoothing": 0.2, "id_weight": 0.5, "triplet_weight": 2.0, "triplet_margin": 0.7}
    net = method(**weights, center_weight=0.01, pixel_weight=0.3)
    some = batch()
    losses = net.losses(some, "main")
    features = by_hand(net, some.images)
    scores = net.parse(some.images)
    wanted = {}
    for name, value in features.items():
        logits = after_neck(value) @ net.get_parameter(f"classifiers.{name}.weight").T
        wanted[f"identity_{name}"] = 0.5 * smoothed(logits, some.pids, 0.2)
        wanted[f"triplet_{name}"] = 2 * triplet_loss(value, some.pids, 0.7)
        own = net.get_parameter(f"centers.{name}.centers")[some.pids]
        wanted[f"center_{name}"] = 0.01 * (value - own).square().sum(1).mean()
    log, labels = scores.log_softmax(1), some.priors["part_labels"].long()
    wanted["pixel"] = -0.3 * log.gather(1, labels[:, None]).mean()
    assert {k: v.item() for k, v in losses.items()} == pytest.approx({k: v.item() for k, v in wanted.items()}, rel=1e-3)


def test_one_triplet_of_everything_side_by_side():
    net, some = method(triplet="concat"), batch()
    losses = net.losses(some, "main")
    together = torch.cat(list(by_hand(net, some.images).values()), 1)
    assert losses["triplet"].item() == pytest.approx(triplet_loss(together, some.pids, 0.3).item(), rel=1e-4)
    assert not any(name.startswith("triplet_") for name in losses)


@pytest.mark.parametrize("name", ["identity", "triplet", "center", "pixel"])
def test_a_loss_without_weight_is_left_out(name):
    key = "id_weight" if name == "identity" else f"{name}_weight"
    kinds = {found.partition("_")[0] for found in method(**{key: 0.0}).losses(batch(), "main")}
    assert kinds == {"identity", "triplet", "center", "pixel"} - {name}


def test_every_part_is_shaped_by_the_losses():
    """Each part's block of the feature, each class of the pixel classifier, the gate and the backbone are moved."""
    net = method(pixel_weight=0.0)
    found, _ = net.features(batch().images)
    found["part"].retain_grad()
    loss = triplet_loss(found["part"], batch().pids, "soft")
    loss.backward()
    assert found["part"].grad is not None
    assert (found["part"].grad.unflatten(1, (3, 5)).abs().sum((0, 2)) > 0).all()
    assert net.pixels is not None and net.pixels.weight.grad is not None
    assert (net.pixels.weight.grad.flatten(1).abs().sum(1) > 0).all()
    everything = torch.stack(list((net := method()).losses(batch(), "main").values())).sum()
    everything.backward()
    still = [name for name, value in net.named_parameters() if value.requires_grad and value.grad is None]
    assert not still


def test_the_necks_decide_what_is_searched_with():
    net = method(retrieve="after").eval()
    bare = method(retrieve="before").eval()
    features, _ = net.features(batch().images)
    torch.testing.assert_close(bare.embed(batch().images, {}).features, torch.cat([features[n] for n in BRANCHES], 1))
    for name in BRANCHES:
        nn.init.uniform_(net.get_parameter(f"necks.{name}.bn.weight"))
    wanted = torch.cat([net.necks[name](features[name]) for name in BRANCHES], 1)
    torch.testing.assert_close(net.embed(batch().images, {}).features, wanted)


def test_parts_are_given_beside_the_wholes_with_their_visibility():
    net = method(match="parts", holistic="separate").eval()
    assert (net.match, net.wholes) == ("parts", 2)
    together = net.embed(batch().images, {}).features
    features, parts, shown = net.embed(batch().images, {}, "parts")
    assert parts is not None and shown is not None
    assert parts.shape == (8, 3, 5) and features.shape == (8, 10)
    torch.testing.assert_close(torch.cat([parts.flatten(1), features], 1), together)
    wins = net.parse(batch().images).argmax(1)
    for picture in range(8):
        assert shown[picture].tolist() == [float((wins[picture] == k).any()) for k in (1, 2, 3)]
    assert 0 < shown.mean() < 1
    net = method(visible_cells=33).eval()  # more than there are
    shown = net.embed(batch().images, {}, "parts").visibility
    assert shown is not None and not shown.any()


def test_stripes_in_place_of_clusters():
    net = method(parts="stripes", match="parts").eval()
    found, scores = net.features(batch().images)
    assert scores is None and net.label_set == "" and net.pixels is None
    pooled = net.maps(batch().images)[1]
    masks = stripes(3, (8, 4))
    wanted = torch.stack([(pooled * mask).mean((2, 3)) for mask in masks], 1)
    torch.testing.assert_close(found["part"], wanted.flatten(1))
    torch.testing.assert_close(found["fore"], found["global"])
    shown = net.embed(batch().images, {}, "parts").visibility
    assert shown is not None and shown.tolist() == [[1.0] * 3] * 8
    assert "pixel" not in net.train().losses(batch(), "main")
    with pytest.raises(NotImplementedError):
        net.parse(batch().images)


def test_without_parts_there_is_the_global_feature_alone():
    net = method(parts="none")
    assert set(net.losses(batch(), "main")) == {"identity_global", "triplet_global", "center_global"}
    embedded = net.eval().embed(batch().images, {}, "parts")
    assert embedded.features.shape == (8, 5) and embedded.parts is None


def test_without_a_gate_the_narrow_map_is_pooled():
    net = method(gate=False)
    (wide,), pooled = net.maps(batch().images)
    assert torch.equal(pooled, net.narrow(wide)) and not torch.equal(method().maps(batch().images)[1], pooled)


def test_the_centres_have_an_sgd_of_their_own_and_everything_is_moved_once():
    net = method(center_lr=0.25)
    (phase,) = net.phases()
    rest, centers = [list(group.parameters) for group in phase.groups]
    assert [id(p) for p in centers] == [id(p) for p in net.centers.parameters()] and len(centers) == 3
    assert (phase.groups[1].optimizer, phase.groups[1].lr) == ("sgd", 0.25)
    assert sorted(id(p) for p in rest + centers) == sorted(id(p) for p in net.parameters())
    assert len(method(center_weight=0.0).phases()[0].groups) == 1


def test_half_precision_changes_little():
    net = method()
    exact = {name: value.item() for name, value in net.losses(batch(), "main").items()}
    with torch.autocast("cpu", torch.bfloat16):
        losses = net.losses(batch(), "main")
    assert all(value.dtype == torch.float32 for value in losses.values())
    assert {name: value.item() for name, value in losses.items()} == pytest.approx(exact, rel=0.03, abs=0.03)


def test_it_learns_four_people_and_what_pixels_show():
    net = method(center_weight=0.0)
    moved = [p for p in net.parameters() if p.requires_grad]
    rows = stripes(3, (8, 4)).argmax(0).add(1).to(torch.uint8).expand(8, 8, 4)

    def one(seed: int) -> Batch:
        some = batch(seed)
        images = some.images + torch.linspace(-2, 2, 32)[:, None]  # bright below
        return Batch(images, some.pids, some.camids, some.clothes, some.index, {"part_labels": rows})

    for step in range(80):
        loss = sum(net.losses(one(step), "main").values()) + 2 * F.cross_entropy(
            net.parse(one(step).images), rows.long()
        )
        for value, gradient in zip(moved, torch.autograd.grad(loss, moved)):
            value.data -= 0.1 * gradient
    net.eval()
    features = F.normalize(net.embed(one(1000).images, {}).features)
    likeness = (features @ features.T).fill_diagonal_(-2)
    assert torch.equal(one(0).pids[likeness.argmax(1)], one(0).pids)
    assert (net.parse(one(1000).images).argmax(1) == rows).float().mean() > 0.8


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["method.match=parts", "method.parts=none"], "match parts with method.parts none"),
        (["method.match=parts", "method.holistic=separate", "method.big_global=true"], "set method.holistic=joint"),
        (["method.match=parts", "evaluate.metric=euclidean"], "set evaluate.metric=cosine"),
    ],
)
def test_options_that_contradict_each_other_are_one_line(words, says):
    with pytest.raises(InputError, match=says):
        build_method(load_recipe(None, ["method.name=isp", "backbone.name=osnet_x0_25", *words]), 3)


@pytest.mark.parametrize(
    ("settings", "clustered"),
    [
        ({}, [0, 2, 4, 6, 8]),  # the paper's epochs 1, 3, 5, ... of 10
        ({"stop": 5}, [0, 2, 4]),
        ({"stop": 4}, [0, 2]),
        ({"period": 3}, [0, 3, 6, 9]),
        ({"period": 1, "stop": 3}, [0, 1, 2]),
        ({"start": 4, "period": 3}, [3, 6, 9]),
        ({"stop": 0}, []),
    ],
)
def test_which_epochs_cluster(settings, clustered):
    net = method(**settings)
    assert [epoch for epoch in range(10) if net.last_due(epoch) == epoch] == clustered
    for epoch in range(10):
        assert net.last_due(epoch) == max((done for done in clustered if done <= epoch), default=None)


def test_weights_of_isp_bring_the_narrowing_and_the_gate_along(tmp_path):
    words = ["method.name=isp", "method.channels=6", "backbone.name=osnet_ain_x0_25", "data.size=64,32"]
    torch.manual_seed(1)
    donor = build_method(load_recipe(None, [*words, "method.parts=none"]), people=3)
    file = tmp_path / "donor.safetensors"
    export_weights(file, donor, load_recipe(None, [*words, "method.parts=none"]), people=3)
    heir = build_method(load_recipe(None, [*words, f"backbone.weights={file}"]), people=5)
    for name in ("backbone", "narrow", "gate"):
        found, wanted = (getattr(net, name).state_dict() for net in (heir, donor))
        assert found and all(torch.equal(found[key], wanted[key]) for key in wanted)
    wider = [*words, f"backbone.weights={file}", "method.channels=7"]
    with pytest.raises(InputError, match=r"conv.weight \(6, 288, 1, 1\) for \(7, 288, 1, 1\)"):
        build_method(load_recipe(None, wider), people=5)
    for classes, same in ((7, True), (6, False)):  # parts are numbered alike where there are as many
        again = [*words, f"method.classes={classes}"]
        first = build_method(load_recipe(None, [*words, "method.classes=7"]), people=3)
        export_weights(file, first, load_recipe(None, [*words, "method.classes=7"]), people=3)
        found = build_method(load_recipe(None, [*again, f"backbone.weights={file}"]), people=5).state_dict()
        assert ("pixels.bias" in found and torch.equal(found["pixels.bias"], first.state_dict()["pixels.bias"])) == same
    baseline = build_method(load_recipe(None, [*words[2:], f"backbone.weights={file}"]), people=5)
    assert torch.equal(*(net.state_dict()["backbone.conv5.conv.weight"] for net in (baseline, first)))


def test_masks_quieten_the_map_where_the_recipe_says():
    quiet = method(parts="none", silence_weight=2.0)
    seen = batch()
    masks = torch.zeros(8, 32, 16, dtype=torch.uint8)
    with_masks = Batch(
        seen.images, seen.pids, seen.camids, seen.clothes, seen.index, {"mask": masks}, {"mask": seen.pids > 0}
    )
    found = quiet.losses(with_masks, "main")["silence"]
    wanted = 2 * foreground_activation_loss(quiet.maps(seen.images)[1], masks, seen.pids > 0)
    torch.testing.assert_close(found, wanted)
    assert "silence" not in method(parts="none").losses(with_masks, "main")
    by_labels = method(silence_weight=2.0, silence_by="labels")
    wanted = 2 * foreground_activation_loss(
        by_labels.maps(seen.images)[1], seen.priors["part_labels"], torch.ones(8).bool()
    )
    torch.testing.assert_close(by_labels.losses(seen, "main")["silence"], wanted)
    assert "silence" not in method(parts="stripes", silence_weight=2.0, silence_by="labels").losses(seen, "main")
    with pytest.raises(InputError, match="without masks"):
        build_method(load_recipe(None, ["method.name=isp", "method.silence_weight=1"]), people=3)


def test_a_parsers_maps_may_be_learned_in_place_of_clusters():
    parsed = method(parts="parsed", pixel_weight=0.5)
    seen = batch()
    maps = torch.randint(0, 4, (8, 32, 16), generator=torch.Generator().manual_seed(2)).to(torch.uint8)
    known = seen.pids > 0
    with_maps = Batch(
        seen.images, seen.pids, seen.camids, seen.clothes, seen.index, {"parsing": maps}, {"parsing": known}
    )
    scores = parsed.features(seen.images)[1]
    assert scores is not None
    wanted = 0.5 * pixel_loss(scores[known], maps[known])
    torch.testing.assert_close(parsed.losses(with_maps, "main")["pixel"], wanted)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], r"set data.priors=\[parsing\]"),
        (["data.priors=[parsing]"], "set method.classes=20"),
        (["data.priors=[parsing]", "data.parsing.merge=isp", "method.classes=7"], "set method.classes=6"),
    ],
)
def test_a_parsers_maps_must_be_there_and_of_as_many_classes(words, message):
    with pytest.raises(InputError) as error:
        build_method(load_recipe(None, ["method.name=isp", "method.parts=parsed", *words]), people=3)
    assert re.search(message, str(error.value))


def test_parts_are_averaged_over_their_own_pixels_where_the_recipe_says():
    net = method(own_area=True)
    found, scores = net.features(batch().images)
    assert scores is not None
    pooled, shares = net.maps(batch().images)[1], scores.softmax(1)[:, 1:]
    assert shares.sum((2, 3)).min() > 1  # a part of less than a pixel counts as one
    sums = torch.einsum("bphw,bchw->bpc", shares, pooled)
    torch.testing.assert_close(found["part"], (sums / shares.sum((2, 3))[..., None]).flatten(1))
    torch.testing.assert_close(found["fore"], sums.sum(1) / shares.sum((1, 2, 3))[:, None])
    assert net.pixels is not None
    found["part"].sum().backward()
    assert net.pixels.weight.grad is None  # identities have no say in what a pixel is


def test_the_pixel_classifier_learns_at_a_rate_of_its_own_where_the_recipe_says():
    net = method(pixel_lr=20.0)
    (phase,) = net.phases()
    main, pixels, centers = phase.groups
    assert pixels.lr_scale == 20 and main.lr_scale == 1 and centers.optimizer == "sgd"
    ids = [{id(value) for value in group.parameters} for group in (main, pixels, centers)]
    assert net.pixels is not None and ids[1] == {id(value) for value in net.pixels.parameters()}
    assert sum(map(len, ids)) == len(set.union(*ids)) == len(list(net.parameters()))
