"""What training leaves behind: written, read again, and refused where it is something else."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.methods import load
from sameperson.methods.build import build_method
from sameperson.methods.load import TrainedNetwork, describe, export_weights, load_network
from sameperson.methods.method import Embedded, Method
from sameperson.models.osnet import OSNETS, OSNet
from sameperson.models.weights import load_weights, save_weights

RECIPE = Recipe.model_validate(
    {
        "name": "small",
        "data": {"root": "/elsewhere/pictures", "size": (64, 32), "mean": (0.4, 0.5, 0.6), "std": (0.1, 0.2, 0.3)},
        "backbone": {"name": "osnet_x0_25"},
        "method": {"embedding": 24, "pooling": "gem"},
    }
)
PICTURES = torch.randint(0, 256, (3, 3, 64, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def method():
    torch.manual_seed(0)
    net = build_method(RECIPE, people=50)
    net.embed(torch.randn(8, 3, 64, 32), {})  # moves the statistics of batch normalisation
    return net.eval()


@pytest.fixture
def file(method, tmp_path):
    export_weights(tmp_path / "best.safetensors", method, RECIPE, people=50, licence="CC0", training_data="synthetic")
    return tmp_path / "best.safetensors"


def test_what_is_exported_embeds_as_the_method_did(method, file):
    network = load_network(file)
    pixels = (PICTURES.numpy().astype(np.float64) / 255).transpose(0, 2, 3, 1)
    normalised = ((pixels - [0.4, 0.5, 0.6]) / [0.1, 0.2, 0.3]).transpose(0, 3, 1, 2)
    with torch.no_grad():
        expected = method.embed(torch.from_numpy(normalised).float(), {}).features
    features = network.features(PICTURES).features
    assert features.shape == (3, 24) and features.dtype == torch.float32
    assert torch.allclose(features, expected, atol=1e-4)
    assert network.size == (64, 32) and not network.method.training


def test_the_file_holds_what_search_needs_and_no_more(method, file):
    state, card = load_weights(file)
    dropped = {name for name in method.state_dict() if name not in state}
    assert dropped == {"classifier.weight", "center.centers"}
    assert card is not None and (card.people, card.licence, card.method) == (50, "CC0", "baseline")
    assert file.stat().st_size < 1_000_000


def test_a_card_tells_no_one_s_folders(file):
    assert b"someone" not in file.read_bytes()
    recipe = RECIPE.model_copy(update={"backbone": RECIPE.backbone.model_copy(update={"weights": "/elsewhere/w.pth"})})
    assert describe(recipe, 3).recipe["backbone"]["weights"] == "w.pth"


def test_a_network_is_read_though_its_first_weights_are_gone(method, tmp_path):
    """The recipe names the file the backbone started from; that file is not wanted any more."""
    backbone = RECIPE.backbone.model_copy(update={"weights": "imagenet.pth"})
    path = tmp_path / "w.safetensors"
    export_weights(path, method, RECIPE.model_copy(update={"backbone": backbone}), people=50)
    assert load_network(path).features(PICTURES).features.shape == (3, 24)


def test_the_fingerprint_is_of_the_weights(method, file, tmp_path):
    again = export_weights(tmp_path / "again.safetensors", method, RECIPE, people=50, limits="other words")
    assert load_network(file).fingerprint == again.fingerprint
    other = build_method(RECIPE, people=50)
    assert export_weights(tmp_path / "other.safetensors", other, RECIPE, people=50).fingerprint != again.fingerprint


def test_a_network_in_training_is_one_too(method):
    network = TrainedNetwork(method, describe(RECIPE, 50))
    assert network.features(PICTURES).features.shape == (3, 24) and network.size == (64, 32)


def test_parts_and_visibility_come_through():
    class Parts(Method):
        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(()))

        def embed(self, images, priors, give="features"):
            rows = images.mean((2, 3)).double() * self.scale
            return Embedded(rows, torch.stack([rows, rows], 1), torch.ones(len(images), 2))

    features, parts, visibility = TrainedNetwork(Parts(), describe(RECIPE, 1)).features(PICTURES)
    assert features.dtype == torch.float32 and parts is not None and parts.shape == (3, 2, 3)
    assert visibility is not None and visibility.shape == (3, 2)


@pytest.mark.parametrize("name", ["osnet_x0_25", "osnet_ain_x0_25"])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_published_osnet_is_a_network(tmp_path, name, suffix):
    """With another number of classes than ours, and as `osnet_ain_x0_25_msmt17.pth` would come, without a card."""
    net = OSNet(OSNETS[name], people=4101).eval()
    path = tmp_path / f"{name}{suffix}"
    if suffix == ".pth":
        torch.save({"state_dict": {f"module.{k}": v for k, v in net.state_dict().items()}}, path)
    else:
        from safetensors.torch import save_file

        save_file(net.state_dict(), path)
    network = load_network(path)
    assert (network.card.name, network.card.people, network.size) == (name, 4101, (256, 128))
    images = torch.randint(0, 256, (2, 3, 256, 128), dtype=torch.uint8)
    mean, std = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1), torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    with torch.no_grad():
        expected = net.features((images / 255 - mean) / std)
    assert torch.allclose(network.features(images).features, expected, atol=1e-4)


def test_weights_of_another_method_are_one_line(method, tmp_path):
    card = describe(RECIPE, 50).model_copy(update={"method": "basline"})
    save_weights(tmp_path / "w.safetensors", method.state_dict(), card)
    with pytest.raises(InputError, match=r"weights of the method 'basline'.*did you mean baseline"):
        load_network(tmp_path / "w.safetensors")


def test_a_card_whose_recipe_does_not_fit_is_one_line(method, tmp_path):
    card = describe(RECIPE, 50)
    for change, key in (({"method": {"pooling": "gxp"}}, "method.pooling"), ({"optics": 1}, "optics")):
        save_weights(tmp_path / "w.safetensors", method.state_dict(), card.model_copy(update={"recipe": change}))
        with pytest.raises(InputError, match=rf"its recipe does not fit this version \({key}"):
            load_network(tmp_path / "w.safetensors")


def test_a_card_with_other_weights_is_one_line(method, tmp_path):
    card = describe(RECIPE, 50)
    save_weights(tmp_path / "w.safetensors", OSNet(OSNETS["osnet_x0_25"]).state_dict(), card)
    with pytest.raises(InputError, match=r"weights of another network .*missing: backbone.conv1.conv.weight"):
        load_network(tmp_path / "w.safetensors")


def test_weights_of_who_knows_what_are_one_line(tmp_path):
    torch.save({"conv5.conv.weight": torch.ones(128, 128, 1, 1)}, tmp_path / "w.pth")
    with pytest.raises(InputError, match="without a card, and of no published OSNet"):
        load_network(tmp_path / "w.pth")


def test_an_absent_file_and_a_half_one_are_one_line(file):
    with pytest.raises(InputError, match="no such file"):
        load_network(file.with_name("absent.safetensors"))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(InputError, match="cut short"):
        load_network(file)


def test_shipped_weights_are_found_or_missed_in_one_line(file, monkeypatch, tmp_path):
    monkeypatch.setattr(load, "SHIPPED", file.parent)
    assert load_network().fingerprint == load_network(file).fingerprint
    monkeypatch.setattr(load, "SHIPPED", tmp_path / "none")
    with pytest.raises(InputError, match="brings no weights"):
        load_network()


def test_the_newest_of_the_shipped_weights_is_taken_and_others_by_name(file, monkeypatch, tmp_path):
    for name in ("net_v2", "net", "net_v1"):
        (tmp_path / f"{name}.safetensors").write_bytes(file.read_bytes())
    monkeypatch.setattr(load, "SHIPPED", tmp_path)
    assert load.shipped_weights() == tmp_path / "net_v2.safetensors"
    assert load.named_weights(Path("net")) == tmp_path / "net.safetensors"
    assert load.named_weights(Path("no_net")) == Path("no_net")
    assert load.named_weights(file) == file
    assert load.named_weights(Path("folder/net")) == Path("folder/net")


def test_a_device_can_be_named(file):
    assert next(load_network(file, device="cpu").method.parameters()).device.type == "cpu"


def test_a_field_the_card_does_not_have_is_refused(method, tmp_path):
    with pytest.raises(ValueError, match="license"):
        export_weights(tmp_path / "w.safetensors", method, RECIPE, people=50, license="CC0")
    assert not list(tmp_path.iterdir())


def test_every_shipped_calibration_is_of_the_features_that_commands_compare():
    """The pages of the docs calibrate and search without saying how; a card that mirrors pictures would break them."""
    for path in sorted(load.SHIPPED.glob("*.safetensors")):
        card = load_network(path).card
        assert card.calibration is not None and card.calibration["fingerprint"] == card.fingerprint
        assert card.recipe["evaluate"]["flip"] is False
