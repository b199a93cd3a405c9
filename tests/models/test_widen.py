"""A widened network computes what the narrow one does, and its copies are set apart by noise alone."""

import runpy
import sys
from pathlib import Path

import pytest
import torch

from sameperson.checks import InputError
from sameperson.methods.load import load_network, shipped_weights
from sameperson.models.osnet import OSNETS, OSNetMap
from sameperson.models.widen import widened

TOOL = Path(__file__).parents[2] / "tools" / "widen_osnet.py"


def built(name: str, seed: int = 0) -> OSNetMap:
    torch.manual_seed(seed)
    network = OSNetMap(OSNETS[name]).eval()
    for module in network.modules():  # as after training, when no two channels are normalised alike
        if isinstance(module, torch.nn.BatchNorm2d) and module.running_mean is not None:
            module.running_mean.uniform_(-0.1, 0.1)
            module.weight.data.uniform_(0.5, 1.5)
    return network


def widen(narrow: str, wide: str, noise: float) -> tuple[torch.Tensor, torch.Tensor]:
    small, large = built(narrow), built(wide, seed=1)
    large.load_state_dict(widened(small.state_dict(), large.state_dict(), noise))
    pictures = torch.randn(2, 3, 64, 32)
    with torch.no_grad():
        return small(pictures), large(pictures)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [("osnet_x0_25", "osnet_x0_5"), ("osnet_ain_x0_25", "osnet_ain_x1_0"), ("osnet_ain_x0_5", "osnet_ain_x1_0")],
)
def test_the_map_is_the_narrow_ones_repeated(narrow, wide):
    small, large = widen(narrow, wide, noise=0)
    times = large.shape[1] // small.shape[1]
    assert times in (2, 4)
    assert torch.allclose(large, small.repeat(1, times, 1, 1), atol=1e-4 * float(small.abs().max()))


def test_noise_sets_the_copies_apart_but_changes_little():
    small, large = widen("osnet_ain_x0_25", "osnet_ain_x0_5", noise=0.15)
    first, second = large.chunk(2, dim=1)
    assert not torch.allclose(first, second, atol=1e-3)
    assert torch.nn.functional.cosine_similarity(large.flatten(), small.repeat(1, 2, 1, 1).flatten(), dim=0) > 0.8


@pytest.mark.parametrize(
    ("narrow", "wide", "message"),
    [
        ("osnet_x0_5", "osnet_x0_75", "widths that are a multiple"),
        ("osnet_x0_25", "osnet_ain_x0_5", "of one network alone"),
        ("osnet_x0_5", "osnet_x0_25", "widths that are a multiple"),
    ],
)
def test_what_cannot_be_widened_is_one_line(narrow, wide, message):
    with pytest.raises(InputError, match=message):
        widen(narrow, wide, noise=0)


def test_the_tool_keeps_the_features(tmp_path, monkeypatch):
    out = tmp_path / "wide.safetensors"
    monkeypatch.setattr(sys, "argv", [str(TOOL), str(shipped_weights()), "osnet_ain_x1_0", str(out), "--noise", "0"])
    runpy.run_path(str(TOOL), run_name="__main__")
    narrow, wide = load_network(shipped_weights()), load_network(out)
    pictures = torch.randint(0, 256, (3, 3, *narrow.size), dtype=torch.uint8)
    small, large = narrow.features(pictures).features, wide.features(pictures).features
    times = large.shape[1] // small.shape[1]
    assert torch.nn.functional.cosine_similarity(small.repeat(1, times), large).min() > 0.999


def test_the_tool_refuses_what_is_absent_in_one_line(tmp_path, monkeypatch, capsys):
    out = tmp_path / "wide.safetensors"
    monkeypatch.setattr(sys, "argv", [str(TOOL), str(tmp_path / "absent.safetensors"), "osnet_ain_x0_5", str(out)])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(TOOL), run_name="__main__")
    assert end.value.code == 2 and not out.exists()
    assert "absent.safetensors: no such file" in capsys.readouterr().err
