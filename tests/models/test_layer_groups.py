"""The layers of a backbone in groups do what the whole does; MSCAN has the sizes of its published definition."""

import pytest
import torch
from torch import nn

from sameperson.checks import InputError
from sameperson.config import Backbone
from sameperson.models.backbones import build_backbone
from sameperson.models.layer_groups import layer_groups, run
from sameperson.models.map_network import MapNetwork
from sameperson.models.mscan import DilatedStage, MSCANMap


@pytest.mark.parametrize(
    "name",
    ["osnet_x0_25", "osnet_ain_x0_25", "osnet_ibn_x1_0", "mscan", "resnet18", "resnet50d", "tf_efficientnet_lite0"],
)
def test_the_groups_together_are_the_network(name):
    torch.manual_seed(0)
    network = build_backbone(Backbone(name=name), (64, 32)).eval()
    groups, images = layer_groups(network), torch.randn(2, 3, 64, 32)
    with torch.no_grad():
        fine = run([*groups.stem, *groups.fine], images)
        middle = run(groups.middle, fine)
        torch.testing.assert_close(run(groups.coarse, middle), network(images))
    assert fine.shape[2:] == (16, 8) and middle.shape[2:] == (8, 4)


def test_a_network_of_another_kind_is_refused():
    class Other(MapNetwork):
        pass

    with pytest.raises(InputError, match="mscan"):
        layer_groups(Other())


def test_mscan_has_the_maps_of_its_definition():
    network = MSCANMap().eval()
    groups = layer_groups(network)
    with torch.no_grad():
        fine = run([*groups.stem, *groups.fine], torch.zeros(1, 3, 160, 64))
        assert fine.shape == (1, 96, 40, 16)
        assert run([*groups.middle, *groups.coarse], fine).shape == (1, 96, 5, 2)
        assert network(torch.zeros(1, 3, 16, 16)).shape == (1, 96, 1, 1)


def test_a_stage_looks_one_two_and_three_cells_away():
    stage = DilatedStage(1).eval()
    for branch in stage.branches:
        nn.init.ones_(branch[0].weight)  # type: ignore[index, arg-type]
    dot = torch.zeros(1, 1, 9, 9)
    dot[0, 0, 4, 4] = 1
    with torch.no_grad():
        found = stage(dot)[0]
    for branch, reach in enumerate((1, 2, 3)):
        rows, columns = found[32 * branch].nonzero().unbind(1)
        places = {4 - reach, 4, 4 + reach}
        assert set(rows.tolist()) == set(columns.tolist()) == places and len(rows) == 9
