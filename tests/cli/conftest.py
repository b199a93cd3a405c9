"""Pictures whose mean colour says who is on them, and a network that sees nothing but the mean colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

COLOURS = {"ann": (200, 40, 40), "bob": (40, 200, 40), "cay": (40, 40, 200)}


def save_person(path: Path, name: str, seed: int) -> Path:
    """A noisy picture of the person's colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).normal(0, 12, (32, 16, 3))
    Image.fromarray(np.clip(noise + COLOURS[name], 0, 255).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """shots/NAME/cam{1,2}/{0,1}.png for three people."""
    for number, name in enumerate(COLOURS):
        for camera in (1, 2):
            for take in (0, 1):
                path = tmp_path / "shots" / name / f"cam{camera}" / f"{name}_{camera}{take}.png"
                save_person(path, name, 10 * number + 2 * camera + take)
    return tmp_path / "shots"


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """A Market-1501 tree of the same three people; the fourth query's person is not in the gallery."""
    root = tmp_path / "market"
    for number, name in enumerate(COLOURS, start=1):
        for camera in (1, 2):
            for folder, take in (("bounding_box_train", 0), ("query", 1), ("bounding_box_test", 2)):
                save_person(
                    root / folder / f"{number:04d}_c{camera}s1_{take:06d}_00.png",
                    name,
                    100 * number + 10 * camera + take,
                )
    save_person(root / "query" / "0009_c1s1_000001_00.png", "ann", 999)
    return root


@pytest.fixture
def network(tmp_path: Path) -> list[str]:
    """The words that name a network whose feature is each channel's mean, less mid-grey."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("GlobalAveragePool", ["images"], ["feature"])],
        "net",
        [helper.make_tensor_value_info("images", kind, ["b", 3, "h", "w"])],
        [helper.make_tensor_value_info("feature", kind, None)],
    )
    path = tmp_path / "mean.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return ["--network", str(path), "--input-size", "32x16", "--scale", "1/255", "--mean", "0.5"]
