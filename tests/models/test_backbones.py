"""Networks by name: their maps, their last stride, weights from a file, and a hub that is not there."""

import http.server
import socket
import threading

import pytest
import timm
import torch
from torch import nn

from sameperson import config
from sameperson.checks import InputError
from sameperson.methods.build import build_method
from sameperson.methods.load import export_weights
from sameperson.models import hub
from sameperson.models.backbones import build_backbone

SIZE = (64, 32)


def build(name: str, size: tuple[int, int] = SIZE, **settings):
    return build_backbone(config.Backbone(name=name, **settings), size)


def seeded(name: str, **settings):
    torch.manual_seed(0)
    return build(name, **settings).eval()


@pytest.mark.parametrize(
    ("name", "last_stride", "cells"),
    [
        ("osnet_x0_25", 1, (4, 2)),
        ("osnet_ain_x0_25", 2, (4, 2)),
        ("test_resnet", 1, (4, 2)),
        ("test_resnet", 2, (2, 1)),
        ("resnet10t", 1, (4, 2)),
        ("test_convnext", 2, (2, 1)),
        ("test_convnext", 1, (4, 2)),
        ("test_efficientnet", 2, (2, 1)),
        ("test_efficientnet", 1, (4, 2)),
        ("regnety_002", 1, (4, 2)),
        ("test_vit", 1, (4, 2)),
        ("test_mambaout", 2, (2, 1)),
    ],
)
def test_every_network_gives_a_map(name, last_stride, cells):
    net = build(name, last_stride=last_stride)
    assert net.training
    maps = net(torch.randn(2, 3, *SIZE))
    assert maps.shape == (2, net.channels, *cells) and maps.requires_grad


def test_without_its_last_stride_a_stage_sees_twice_as_finely_and_nothing_is_dilated():
    fine, coarse = seeded("resnet18", last_stride=1), seeded("resnet18", last_stride=2)
    assert {k: v.shape for k, v in fine.state_dict().items()} == {k: v.shape for k, v in coarse.state_dict().items()}
    assert {m.dilation for m in fine.modules() if isinstance(m, nn.Conv2d)} == {(1, 1)}
    maps = torch.randn(1, fine.net.layer4[0].conv1.in_channels, 4, 2)
    with torch.no_grad():
        first = fine.net.layer4[0].conv1(maps)[:, :, ::2, ::2]
        assert torch.allclose(first, coarse.net.layer4[0].conv1(maps), atol=1e-5)
        short = fine.net.layer4[0].downsample(maps)[:, :, ::2, ::2]
        assert torch.allclose(short, coarse.net.layer4[0].downsample(maps), atol=1e-5)


@pytest.mark.parametrize("name", ["test_efficientnet", "test_convnext"])
def test_families_without_a_layer4_keep_their_weights_at_a_sixteenth(name):
    """Dilated, the layers of the last stage look at the same places; of a map that is the same all over they agree."""
    fine, coarse = seeded(name, last_stride=1), seeded(name, last_stride=2)
    fine.load_state_dict(coarse.state_dict())
    even = torch.full((1, 3, 640, 640), 0.5)
    with torch.no_grad():
        middles = [maps[0, :, maps.shape[2] // 2, maps.shape[3] // 2] for maps in (fine(even), coarse(even))]
    assert fine(even).shape[2] == 2 * coarse(even).shape[2]
    assert torch.allclose(*middles, atol=1e-4)


@pytest.mark.parametrize("name", ["resnet14t", "resnetblur50"])
def test_pooling_that_only_halved_goes_with_the_stride(name):
    """The last stage then starts with the same kinds of layers as the first, which never halved."""

    def kinds(block):
        return {name: type(part).__name__ for name, part in block.named_modules() if not any(part.children())}

    fine, coarse = build(name).net, build(name, last_stride=2).net
    assert kinds(fine.layer4[0]) == kinds(fine.layer1[0]) != kinds(coarse.layer4[0])


def test_tokens_lie_where_their_patches_were():
    """Change the patch in row 2, column 1 before anything mixes: only that cell of the map changes."""
    net = seeded("test_vit")
    net.net.blocks = nn.Identity()
    picture = torch.zeros(1, 3, *SIZE)
    other = picture.clone()
    other[:, :, 32:48, 16:32] = 1
    with torch.no_grad():
        changed = (net(picture) - net(other)).abs().sum(1)[0] > 1e-6
    assert changed.nonzero().tolist() == [[2, 1]]


def test_channels_last_maps_are_turned():
    net = seeded("test_mambaout", last_stride=2)
    picture = torch.randn(1, 3, *SIZE)
    with torch.no_grad():
        assert torch.equal(net(picture), net.net.forward_features(picture).permute(0, 3, 1, 2))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "osnet_x0_26"}, "did you mean osnet_x0_25"),
        ({"name": "resnett50"}, "did you mean resnet50"),
        ({"name": "resnet50.nonesuch"}, "a tag that timm knows; try resnet50"),
        ({"name": "hf-hub:someone/something"}, "osnet_.* or a network of timm"),
        ({"name": "test_mambaout"}, "no last stride that could be left out.*set backbone.last_stride=2"),
        ({"name": "convit_tiny", "last_stride": 2}, "gives no map of a 64x32 picture"),
        ({"name": "osnet_x0_25", "weights": "hub"}, "give backbone.weights=FILE"),
        ({"name": "osnet_x0_25", "weights": "absent.pth"}, "absent.pth: no such file"),
    ],
)
def test_what_cannot_be_built_is_one_line(settings, message):
    with pytest.raises(InputError, match=message):
        build(**settings)


@pytest.mark.parametrize("name", ["test_resnet", "test_vit"])
def test_a_published_checkpoint_loads_without_its_classifier(tmp_path, name):
    options = {"img_size": SIZE} if name == "test_vit" else {}
    published = timm.create_model(name, num_classes=13, **options).eval()
    torch.save({"state_dict": {f"module.{k}": v for k, v in published.state_dict().items()}}, tmp_path / "w.pth")
    net = build(name, weights=str(tmp_path / "w.pth"), last_stride=2 if name == "test_resnet" else 1).eval()
    picture = torch.randn(1, 3, *SIZE)
    with torch.no_grad():
        assert torch.equal(net.net.forward_features(picture), published.forward_features(picture))


def test_position_embeddings_are_resampled_to_the_picture(tmp_path):
    published = timm.create_model("test_vit", num_classes=13)
    with torch.no_grad():
        published.pos_embed[:] = torch.arange(64.0)
    torch.save(published.state_dict(), tmp_path / "w.pth")
    net = build("test_vit", weights=str(tmp_path / "w.pth"))
    assert net.net.pos_embed.shape[1] != published.pos_embed.shape[1]
    assert torch.equal(net.net.blocks[0].attn.qkv.weight, published.blocks[0].attn.qkv.weight)
    assert torch.allclose(net.net.pos_embed, torch.arange(64.0).expand(1, 9, 64), atol=1e-4)


def test_weights_of_another_network_are_refused_unless_allowed(tmp_path, caplog):
    path = tmp_path / "w.pth"
    torch.save(timm.create_model("test_resnet").state_dict() | {"stranger": torch.ones(1)}, path)
    with pytest.raises(InputError, match=r"1 surplus: stranger\).*backbone.allow_mismatch=true"):
        build("test_resnet", weights=str(path))
    build("test_resnet", weights=str(path), allow_mismatch=True)
    assert "stranger" in caplog.text
    with pytest.raises(InputError, match="missing"):
        build("osnet_x0_25", weights=str(path))


@pytest.mark.parametrize("name", ["osnet_x0_25", "test_resnet"])
def test_training_can_start_from_weights_of_ours(tmp_path, name):
    recipe = config.Recipe.model_validate({"data": {"size": SIZE}, "backbone": {"name": name}})
    method = build_method(recipe, people=4)
    export_weights(tmp_path / "w.safetensors", method, recipe, people=4)
    net = build(name, weights=str(tmp_path / "w.safetensors"))
    trained = method.state_dict()
    assert all(torch.equal(value, trained[f"backbone.{key}"]) for key, value in net.state_dict().items())


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("something reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_network")
def test_nothing_reaches_for_a_hub_unless_asked():
    build("test_resnet")
    build("osnet_x0_25")


@pytest.mark.usefixtures("no_network")
def test_kept_offline_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(InputError, match=r"HF_HUB_OFFLINE is set and they were never downloaded.*weights=FILE"):
        build("test_resnet", weights="hub")


def test_a_hub_that_does_not_answer_is_said_at_once(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(hub.constants, "ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(InputError, match=r"does not answer.*HF_HUB_OFFLINE=1"):
            build("test_resnet", weights="hub")


def test_a_server_answers_even_if_only_to_refuse():
    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_error(403)

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert hub.answers(f"http://127.0.0.1:{server.server_port}")
    assert not hub.answers(f"http://127.0.0.1:{server.server_port}")
