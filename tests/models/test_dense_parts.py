"""The parts of networks that label pixels: pyramids, last stages, and the momentum of batch normalisation."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sameperson.checks import InputError
from sameperson.config import Backbone
from sameperson.models.batch_norm import set_bn_momentum
from sameperson.models.feature_pyramid import FeaturePyramid, widths_of
from sameperson.models.last_stages import build_last_stages
from sameperson.models.multiscale import build_multiscale
from sameperson.models.pyramid_pooling import PyramidPooling

SIZE = (96, 64)


def shapes(maps: list[torch.Tensor]) -> list[tuple[int, ...]]:
    return [tuple(one.shape[1:]) for one in maps]


@pytest.mark.parametrize(
    ("backbone", "expected"),
    [
        (Backbone(name="resnet18", dilate=True), [(64, 24, 16), (128, 12, 8), (256, 6, 4), (512, 6, 4)]),
        (Backbone(name="resnet18"), [(64, 24, 16), (128, 12, 8), (256, 6, 4), (512, 6, 4)]),
        (Backbone(name="resnet18", last_stride=2), [(64, 24, 16), (128, 12, 8), (256, 6, 4), (512, 3, 2)]),
        (Backbone(name="tf_efficientnet_lite0"), [(24, 24, 16), (40, 12, 8), (112, 6, 4), (320, 6, 4)]),
        (Backbone(name="osnet_x0_25"), [(64, 24, 16), (96, 12, 8), (128, 6, 4)]),
    ],
)
def test_the_last_stages(backbone, expected):
    network = build_last_stages(backbone, SIZE)
    assert shapes(network.eval().stages(torch.zeros(1, 3, *SIZE))) == expected
    assert widths_of(network, SIZE) == [channels for channels, _, _ in expected]


def test_a_last_stage_is_dilated_only_where_it_is_asked_for():
    for dilate in (True, False):
        network = build_last_stages(Backbone(name="resnet18", dilate=dilate), SIZE)
        dilations = {module.dilation for module in network.net.layer4.modules() if isinstance(module, nn.Conv2d)}
        assert ((2, 2) in dilations) is dilate


def test_a_network_of_one_resolution_is_told():
    with pytest.raises(InputError, match=r"resnetv2_50|gives no map|stages"):
        build_last_stages(Backbone(name="vit_tiny_patch16_224", last_stride=2), (8, 8))


def test_the_deep_stem_of_ce2p_is_a_network_of_timm():
    import timm

    stem = [module for module in timm.create_model("resnet101s").conv1 if isinstance(module, nn.Conv2d)]
    assert [(conv.out_channels, conv.kernel_size, conv.stride) for conv in stem] == [
        (64, (3, 3), (2, 2)), (64, (3, 3), (1, 1)), (128, (3, 3), (1, 1)),
    ]  # fmt: skip


def test_a_feature_pyramid_by_hand():
    """With identity layers it adds the enlarged coarse map to the fine one, and passes each through its layers."""
    pyramid = FeaturePyramid([2, 2], 2)
    for layers in (pyramid.narrow, pyramid.smooth):
        for place in range(2):
            layers[place] = nn.Identity()
    fine, coarse = torch.rand(1, 2, 4, 4), torch.rand(1, 2, 2, 2)
    enlarged = F.interpolate(coarse, size=(4, 4), mode="bilinear", align_corners=False)
    torch.testing.assert_close(pyramid([fine, coarse]), fine + enlarged)


def test_pyramid_pooling_sees_the_whole_map():
    """A change in one corner reaches the opposite one, by the mean over the whole map alone."""
    context = PyramidPooling(3, 4, sizes=(1,)).eval()
    maps = torch.rand(2, 3, 9, 7)
    changed = maps.clone()
    changed[:, :, 0, 0] += 50
    before, after = context(maps), context(changed)
    assert before.shape == (2, 4, 9, 7)
    assert not torch.allclose(before[:, :, -1, -1], after[:, :, -1, -1])
    by_hand = context.grids[0](maps)  # (2, 4, 1, 1): one cell, so it is the same everywhere
    torch.testing.assert_close(context.fuse(torch.cat([by_hand.expand(-1, -1, 9, 7), maps], 1)), before)


def test_momentum_is_set_everywhere_or_left():
    network = build_multiscale(Backbone(name="osnet_x0_25"))
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    set_bn_momentum(network, None)
    assert {norm.momentum for norm in norms} == {0.1}
    set_bn_momentum(network, 3e-4)
    assert {norm.momentum for norm in norms} == {3e-4}
    norms[0].train()(torch.full((2, norms[0].num_features, 1, 1), 2.0))
    torch.testing.assert_close(norms[0].running_mean, torch.full((norms[0].num_features,), 6e-4))
