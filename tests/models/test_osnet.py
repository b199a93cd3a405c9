"""Our OSNet against the published one's names and shapes, and, where the peer is installed, against its outputs."""

import importlib.util
from pathlib import Path

import pytest
import torch

from sameperson.models.osnet import OSNETS, OSNet, OSNetMap, recognise

BATCHNORM = ("weight", "bias", "running_mean", "running_var")


def published_shapes() -> dict[str, dict[str, tuple[int, ...]]]:
    shapes: dict[str, dict[str, tuple[int, ...]]] = {}
    names: list[str] = []
    text = Path(__file__).with_name("osnet_shapes.txt").read_text()
    for line in text.split("\n\n", 1)[1].splitlines():
        if line.startswith("# "):
            names = line[2:].split()
            shapes |= {name: {} for name in names}
        elif line:
            tensor, kind, *columns = line.split()
            for name, column in zip(names, columns, strict=True):
                shape = tuple(int(n) for n in column.split("x"))
                if kind == "batchnorm":
                    shapes[name] |= {f"{tensor}.{part}": shape for part in BATCHNORM}
                    shapes[name][f"{tensor}.num_batches_tracked"] = ()
                else:
                    shapes[name][tensor] = shape
    return shapes


PUBLISHED = published_shapes()


def shuffled(net: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Its state dict with no value left at its initial one, so that every tensor matters."""
    draw = torch.Generator().manual_seed(0)
    for name, value in net.state_dict().items():
        if value.is_floating_point():
            spread = (
                torch.rand(value.shape, generator=draw) if value.ndim < 2 else torch.randn(value.shape, generator=draw)
            )
            value.copy_(spread + 0.5 if name.endswith(("running_var", "bn.weight")) else spread * 0.1)
    return net.state_dict()


def test_the_list_holds_every_variant():
    assert set(PUBLISHED) == set(OSNETS)


@pytest.mark.parametrize("name", OSNETS)
def test_names_and_shapes_are_the_published_ones(name):
    ours = OSNet(OSNETS[name]).state_dict()
    assert {key: tuple(value.shape) for key, value in ours.items()} == PUBLISHED[name]


@pytest.mark.parametrize("name", OSNETS)
def test_a_checkpoint_is_recognised_whatever_its_classes(name):
    state = OSNet(OSNETS[name], people=751).state_dict()
    assert recognise(state) == name
    del state["conv5.conv.weight"]
    assert recognise(state) is None


@pytest.mark.parametrize("name", ["osnet_x0_25", "osnet_ibn_x1_0", "osnet_ain_x0_5"])
def test_the_map_is_a_sixteenth_of_the_picture(name):
    net = OSNetMap(OSNETS[name]).eval()
    with torch.no_grad():
        assert net(torch.zeros(1, 3, 128, 64)).shape == (1, net.channels, 8, 4)
    assert net.channels == PUBLISHED[name]["conv5.conv.weight"][0]


def test_instance_normalisation_forgets_a_picture_s_contrast():
    """The first thing the IBN and AIN stems do; the plain stem does not."""
    picture = torch.randn(1, 3, 64, 32, generator=torch.Generator().manual_seed(1))
    same = {}
    for name in ("osnet_x1_0", "osnet_ibn_x1_0", "osnet_ain_x1_0"):
        stem = OSNetMap(OSNETS[name]).eval().conv1
        with torch.no_grad():
            same[name] = torch.allclose(stem(picture), stem(picture * 3), atol=1e-2)
    assert same == {"osnet_x1_0": False, "osnet_ibn_x1_0": True, "osnet_ain_x1_0": True}


@pytest.fixture(scope="module")
def peer():
    """torchreid's two files of OSNets, run by themselves: the whole package takes ten seconds to import."""
    package = importlib.util.find_spec("torchreid")
    if package is None or package.origin is None:
        pytest.skip("torchreid is not installed (requirements/peer.in)")
    makers = {}
    for file in ("osnet", "osnet_ain"):
        spec = importlib.util.spec_from_file_location(
            f"peer_{file}", Path(package.origin).parent / f"reid/models/{file}.py"
        )
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        makers |= {name: getattr(module, name) for name in OSNETS if hasattr(module, name)}
    return makers


@pytest.mark.peer
@pytest.mark.parametrize("name", OSNETS)
def test_on_the_same_weights_ours_equals_the_peer(peer, name):
    theirs = peer[name](num_classes=7, pretrained=False).eval()
    ours = OSNet(OSNETS[name], people=7).eval()
    ours.load_state_dict(shuffled(theirs), strict=True)
    images = torch.randn(2, 3, 96, 48, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        maps, features = theirs.featuremaps(images), theirs(images)
        assert torch.allclose(ours(images), maps, rtol=1e-5, atol=1e-5)
        assert torch.allclose(ours.features(images), features, rtol=1e-5, atol=1e-5)
    assert maps.std() > 0.01 and features.std() > 0.01


@pytest.mark.peer
@pytest.mark.parametrize("name", ["osnet_x0_25", "osnet_ibn_x1_0", "osnet_ain_x0_25"])
def test_trained_a_step_on_the_same_pictures_both_move_alike(peer, name):
    """Batch statistics and gradients, not only the evaluation mode."""
    theirs, ours = peer[name](num_classes=7, pretrained=False), OSNet(OSNETS[name], people=7)
    ours.load_state_dict(shuffled(theirs), strict=True)
    images = torch.randn(4, 3, 64, 32, generator=torch.Generator().manual_seed(3))
    theirs.featuremaps(images).square().mean().backward()
    ours(images).square().mean().backward()
    asked = {key: weight.grad for key, weight in theirs.named_parameters() if weight.grad is not None}
    assert len(asked) > 200
    for key, weight in ours.named_parameters():
        assert (weight.grad is None) == (key not in asked)
        assert weight.grad is None or torch.allclose(weight.grad, asked[key], rtol=1e-3, atol=1e-5), key
    after = theirs.state_dict()
    for key, value in ours.state_dict().items():
        assert torch.allclose(value, after[key], rtol=1e-4, atol=1e-5), key
