"""The fine map: table 1.4's shapes for HRNet-W32, the stages of any other network, and weights that go both ways."""

import pytest
import torch
from torch.nn import functional as F

from sameperson.checks import InputError
from sameperson.config import Backbone
from sameperson.models.backbones import build_backbone
from sameperson.models.multiscale import build_multiscale
from sameperson.models.multiscale_fusion import merge


@pytest.mark.parametrize(
    ("name", "channels"),
    [("osnet_x0_25", 64 + 96 + 128), ("osnet_ain_x0_25", 64 + 96 + 128), ("osnet_ibn_x1_0", 256 + 384 + 512)],
)
def test_osnet_gives_its_three_stages(name, channels):
    network = build_multiscale(Backbone(name=name), (64, 32)).eval()
    images = torch.randn(2, 3, 64, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        maps = network(images)
    assert network.channels == channels and maps.shape == (2, channels, 16, 8)


def test_the_coarsest_stage_is_the_map_of_the_baseline():
    """The same weights: the last channels, taken at the corners, are the baseline's map."""
    torch.manual_seed(0)
    coarse = build_backbone(Backbone(name="osnet_ain_x0_25"), (64, 32)).eval()
    fine = build_multiscale(Backbone(name="osnet_ain_x0_25"), (64, 32)).eval()
    fine.load_state_dict(coarse.state_dict())
    images = torch.randn(2, 3, 64, 32)
    with torch.no_grad():
        wanted, found = coarse(images), fine(images)[:, -128:]
    assert wanted.shape[2:] == (4, 2)
    for row, other_row in ((0, 0), (3, 15)):
        for column, other_column in ((0, 0), (1, 7)):
            torch.testing.assert_close(found[:, :, other_row, other_column], wanted[:, :, row, column])


def test_merging_interpolates_from_corner_to_corner():
    """Against the rule itself: cell i of n lies at i (m - 1) / (n - 1) of the m cells it comes from."""
    small, large = torch.randn(1, 1, 3, 2, dtype=torch.float64), torch.randn(1, 1, 5, 4, dtype=torch.float64)
    found = merge([large, small], (5, 4))
    assert torch.equal(found[:, :1], large)
    for row in range(5):
        for column in range(4):
            y, x = row * 2 / 4, column * 1 / 3
            top, left = min(int(y), 1), min(int(x), 0)
            down, right = y - top, x - left
            corners = small[0, 0, top : top + 2, left : left + 2]
            weights = torch.tensor([[1 - down], [down]]).double() * torch.tensor([[1 - right, right]]).double()
            assert found[0, 1, row, column].item() == pytest.approx((corners * weights).sum().item(), abs=1e-6)


def test_hrnet_w32_has_the_shapes_of_the_paper():
    network = build_multiscale(Backbone(name="hrnet_w32", last_stride=2), (256, 128)).eval()
    assert network.channels == 128 + 256 + 512 + 1024
    branches: list[torch.Tensor] = []
    grown = network.get_submodule("net.incre_modules").children()
    hooks = [module.register_forward_hook(lambda *found: branches.append(found[2])) for module in grown]
    with torch.no_grad():
        maps = network(torch.randn(1, 3, 256, 128))
    assert [tuple(branch.shape[1:]) for branch in branches] == [
        (128, 64, 32), (256, 32, 16), (512, 16, 8), (1024, 8, 4)
    ]  # fmt: skip
    assert maps.shape == (1, 1920, 64, 32) and torch.equal(maps[:, :128], branches[0])
    assert torch.equal(maps[:, 896:], F.interpolate(branches[3], size=(64, 32), mode="bilinear", align_corners=True))
    assert not any(name.startswith(("net.downsamp", "net.final", "net.classifier")) for name in network.state_dict())
    for hook in hooks:
        hook.remove()


def test_a_published_hrnet_loads_without_its_way_to_the_classifier(tmp_path):
    import timm

    published = timm.create_model("hrnet_w18_small", pretrained=False)
    torch.save(published.state_dict(), tmp_path / "hrnet.pth")
    found = build_multiscale(Backbone(name="hrnet_w18_small", weights=str(tmp_path / "hrnet.pth")), (64, 32))
    for name, value in found.get_submodule("net").state_dict().items():
        assert torch.equal(value, published.state_dict()[name]), name


@pytest.mark.parametrize(
    ("name", "stride", "channels"), [("resnet18", 2, 64 + 128 + 256 + 512), ("resnet18", 1, 64 + 128 + 512)]
)
def test_another_network_gives_the_last_map_of_each_resolution(name, stride, channels):
    network = build_multiscale(Backbone(name=name, last_stride=stride), (64, 32)).eval()
    with torch.no_grad():
        assert network(torch.zeros(1, 3, 64, 32)).shape == (1, channels, 16, 8)
    assert network.channels == channels


def test_shipped_weights_of_a_baseline_load():
    from sameperson.methods.load import shipped_weights
    from sameperson.models.weights import load_weights

    path = shipped_weights()
    network = build_multiscale(Backbone(name="osnet_ain_x0_5", weights=str(path)), (128, 64))
    state, _ = load_weights(path)
    for name, value in network.state_dict().items():
        assert torch.equal(value, state[f"backbone.{name}"])


def test_what_cannot_be_is_one_line():
    with pytest.raises(InputError, match="hub: none is known"):
        build_multiscale(Backbone(name="osnet_x0_25", weights="hub"))
    for build in (build_backbone, build_multiscale):
        with pytest.raises(
            InputError, match=r"data\.size 64,12: nothing is left of it in osnet_x0_25; expected 16 pixels"
        ):
            build(Backbone(name="osnet_x0_25"), (64, 12))
        with torch.no_grad():
            assert min(build(Backbone(name="osnet_x0_25"), (16, 16)).eval()(torch.zeros(1, 3, 16, 16)).shape[2:]) >= 1
    with pytest.raises(InputError, match="did you mean hrnet_w32"):
        build_multiscale(Backbone(name="hrnet_w33"))
