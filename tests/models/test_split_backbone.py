"""A split backbone computes what the whole one does, and its branches share the early layers only."""

import pytest
import torch

from sameperson.checks import InputError
from sameperson.config import Backbone
from sameperson.models.backbones import build_backbone
from sameperson.models.split_backbone import build_split_backbone

SIZE = (64, 32)
NAMES = ["osnet_x0_25", "osnet_ain_x0_25", "osnet_ibn_x1_0", "resnet18", "resnet10t", "tf_efficientnet_lite0"]


def built(name, build, **more):
    torch.manual_seed(0)
    return build(Backbone(name=name), SIZE, **more)


@pytest.mark.parametrize("name", NAMES)
def test_every_branch_begins_as_the_whole_network(name):
    whole, split = built(name, build_backbone).eval(), built(name, build_split_backbone, branches=2).eval()
    pictures = torch.randn(2, 3, *SIZE)
    with torch.no_grad():
        expected, maps = whole(pictures), split(pictures)
    assert len(maps) == 2 and split.channels == whole.channels
    for one in maps:
        assert torch.equal(one, expected)


@pytest.mark.parametrize("name", NAMES)
def test_branches_learn_apart_after_a_shared_trunk(name):
    split = built(name, build_split_backbone)
    split(torch.randn(4, 3, *SIZE))[0].square().mean().backward()
    first, *others = ([one.grad for one in tail.parameters()] for tail in split.tails)
    assert all(grad is not None for grad in first)
    assert all(grad is None for other in others for grad in other)
    trunk = [one.grad for one in split.trunk.parameters()]
    assert trunk and all(grad is not None for grad in trunk)


@pytest.mark.parametrize("name", ["test_vit", "test_convnext"])
def test_other_families_are_refused_in_one_line(name):
    with pytest.raises(InputError, match="cannot be split into a trunk and tails; expected an OSNet"):
        built(name, build_split_backbone)
