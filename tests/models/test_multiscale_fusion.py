"""Maps of several resolutions made one, and convolved as if they were."""

import torch
from torch import nn

from sameperson.models.multiscale_fusion import merge, merged_conv, merged_mean


def test_a_convolution_of_merged_maps_needs_no_merging():
    draw = torch.Generator().manual_seed(0)
    maps = [torch.randn(2, c, h, w, generator=draw).double() for c, h, w in ((3, 8, 4), (5, 4, 2), (2, 3, 1))]
    for map_ in maps:
        map_.requires_grad_()
    conv = nn.Conv2d(10, 7, 1, bias=False).double()
    found, wanted = merged_conv(conv, maps, (8, 4)), conv(merge(maps, (8, 4)))
    torch.testing.assert_close(found, wanted)
    weights = torch.randn(found.shape, generator=draw).double()
    grads = [torch.autograd.grad((value * weights).sum(), [conv.weight, *maps]) for value in (found, wanted)]
    for one, other in zip(*grads, strict=True):
        torch.testing.assert_close(one, other)


def test_a_mean_of_merged_maps_needs_no_merging():
    draw = torch.Generator().manual_seed(0)
    maps = [torch.randn(2, c, h, w, generator=draw) for c, h, w in ((3, 8, 4), (5, 4, 2), (2, 3, 1), (1, 1, 1))]
    torch.testing.assert_close(merged_mean(maps, (8, 4)), merge(maps, (8, 4)).mean((2, 3)))
    assert not torch.allclose(merged_mean(maps[1:2], (8, 4)), maps[1].mean((2, 3)))
