"""Pictures whose mean colour says who is on them, and a network that sees nothing but the mean colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
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


def unit(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rows scaled to length one."""
    rows = np.asarray(rows, np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def by_loop(
    query: tuple[NDArray[np.floating], Sequence, Sequence], gallery: tuple[NDArray[np.floating], Sequence, Sequence]
) -> dict[str, float]:
    """Figures by Market-1501's rules of (features, people, cameras) each; person -1 is junk."""
    first, ap, inp = [], [], []
    known = unit(gallery[0])
    for feature, pid, camid in zip(unit(query[0]), query[1], query[2], strict=True):
        nearest = sorted(range(len(known)), key=lambda row: (-float(np.dot(feature, known[row])), row))
        counts = [row for row in nearest if gallery[1][row] != -1]
        counts = [row for row in counts if not (gallery[1][row] == pid and gallery[2][row] == camid)]
        right = [place for place, row in enumerate(counts, start=1) if gallery[1][row] == pid]
        if not right:
            continue
        first.append(right[0])
        ap.append(sum(found / place for found, place in enumerate(right, start=1)) / len(right))
        inp.append(len(right) / right[-1])
    share = {f"rank{k}": float(np.mean([place <= k for place in first])) for k in (1, 5, 10)}
    return {"queries": len(first), **share, "mAP": float(np.mean(ap)), "mINP": float(np.mean(inp))}


@pytest.fixture
def naive_figures() -> Callable[..., dict[str, float]]:
    """CMC, mAP and mINP by a plain loop over queries, to hold the command line against."""
    return by_loop
