"""CE2P's branches, their losses by hand, its ablations, and that it learns."""

import numpy as np
import pytest
import torch

from sameperson.config import Optim
from sameperson.data.batch import Batch
from sameperson.losses.edge import edge_labels, edge_loss
from sameperson.losses.pixel import pixel_loss
from sameperson.methods.build import build_method
from sameperson.methods.ce2p.method import CE2P
from sameperson.methods.load import export_weights, load_network
from sameperson.models.weights import load_weights
from sameperson.overrides import load_recipe

SMALL = [
    "method.name=ce2p", "method.context_channels=16", "method.channels=8", "method.fine_channels=4",
    "method.bn_momentum=0.1", "backbone.name=osnet_x0_25", "data.size=64,32", "data.parsing.merge=study-7",
    "data.priors=parsing",
]  # fmt: skip


def ce2p(*words: str) -> CE2P:
    torch.manual_seed(1)
    return build_method(load_recipe(None, [*SMALL, *words]), people=0)


def batch(count: int = 4) -> Batch:
    """Pictures whose upper half is red and lower half blue, at a height drawn anew, and their labels."""
    rng = np.random.default_rng(0)
    images = torch.randn(count, 3, 64, 32, generator=torch.Generator().manual_seed(0)) / 4
    labels = torch.zeros(count, 64, 32, dtype=torch.uint8)
    for number in range(count):
        middle = int(rng.integers(24, 40))
        images[number, 0, 8:middle, 6:26] += 2
        images[number, 2, middle:56, 6:26] += 2
        labels[number, 8:middle, 6:26], labels[number, middle:56, 6:26] = 2, 5
    rows = torch.arange(count)
    nobody = torch.full((count,), -1)
    valid = {"parsing": torch.ones(count, dtype=torch.bool)}
    return Batch(images, nobody, nobody, nobody, rows, {"parsing": labels}, valid)


@pytest.mark.parametrize("name", ["osnet_x0_25", "resnet18", "tf_efficientnet_lite0"])
def test_its_scores_are_as_fine_as_the_finest_stage(name):
    method = ce2p(f"backbone.name={name}").eval()
    scores = method.scores(torch.randn(2, 3, 64, 32))
    assert [tuple(one.shape) for one in scores] == [(2, 7, 16, 8), (2, 7, 16, 8), (2, 2, 16, 8)]
    assert method.label_set == "study-7"


def test_losses_are_those_of_its_branches_enlarged_to_the_labels():
    method = ce2p("method.edge_weight=0.5", "method.context_weight=2", "method.dropout=0").eval()
    data = batch()
    found = method.losses(data, "main")
    scores, labels = method.scores(data.images), data.priors["parsing"].long()
    wide = [torch.nn.functional.interpolate(one, size=(64, 32), mode="bilinear") for one in scores]
    assert set(found) == {"context", "fusion", "edge"}
    torch.testing.assert_close(found["context"], 2 * pixel_loss(wide[0], labels))
    torch.testing.assert_close(found["fusion"], pixel_loss(wide[1], labels))
    torch.testing.assert_close(found["edge"], 0.5 * edge_loss(wide[2], edge_labels(labels, 3)))


def test_a_picture_without_a_map_teaches_nothing():
    method = ce2p().eval()
    data = batch()
    one = Batch(*(value[:1] for value in (data.images, data.pids, data.camids, data.clothes, data.index)),
                {"parsing": data.priors["parsing"][:1]}, {"parsing": torch.ones(1, dtype=torch.bool)})  # fmt: skip
    valid = torch.tensor([True, False, False, False])
    partly = Batch(data.images, data.pids, data.camids, data.clothes, data.index, data.priors, {"parsing": valid})
    alone, beside = method.losses(one, "main"), method.losses(partly, "main")
    for name in alone:
        torch.testing.assert_close(alone[name], beside[name])


@pytest.mark.parametrize(("words", "losses"), [
    (["method.edge=false"], {"context", "fusion"}),
    (["method.fine=false"], {"context", "fusion", "edge"}),
    (["method.edge_weight=0", "method.context_weight=0"], {"fusion"}),
])  # fmt: skip
def test_branches_can_be_left_out(words, losses):
    method = ce2p(*words)
    found = method.losses(batch(), "main")
    assert set(found) == losses
    sum(found.values()).backward()
    assert ("decoder.fine.0.weight" in method.state_dict()) == ("method.fine=false" not in words)
    assert any(name.startswith("edge.") for name in method.state_dict()) == ("method.edge=false" not in words)


def test_the_deep_stem_and_the_slow_statistics_are_its_defaults():
    recipe = load_recipe("ce2p/lip")
    assert (recipe.backbone.name, recipe.backbone.dilate, recipe.method.bn_momentum) == ("resnet101s", True, 3e-4)
    assert recipe.optim == Optim(
        name="sgd", lr=1e-3, momentum=0.9, weight_decay=5e-4, warmup_epochs=0, schedule="poly", power=0.9
    )
    method = ce2p("method.bn_momentum=0.0003")
    assert {module.momentum for module in method.modules() if isinstance(module, torch.nn.BatchNorm2d)} == {3e-4}


def test_it_learns_and_its_weights_parse_without_what_only_training_needs(tmp_path):
    method, data = ce2p(), batch()
    optimizer = torch.optim.Adam(method.parameters(), 1e-2)
    first = last = None
    for _ in range(40):
        losses = method.losses(data, "main")
        total = torch.stack(list(losses.values())).sum()
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        last = total.item()
        first = first or last
    assert last < first / 3
    recipe = load_recipe(None, SMALL)
    export_weights(tmp_path / "w.safetensors", method, recipe, people=0)
    state, _ = load_weights(tmp_path / "w.safetensors")
    assert not [name for name in state if name.startswith(("context_labels.", "edge.shared.", "edge.merge."))]
    network = load_network(tmp_path / "w.safetensors", device="cpu")
    scores = network.method.parse(data.images)
    torch.testing.assert_close(scores, method.eval().parse(data.images))
    said = torch.nn.functional.interpolate(scores, size=(64, 32), mode="bilinear").argmax(1)
    assert (said == data.priors["parsing"]).float().mean() > 0.9
