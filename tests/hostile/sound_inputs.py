"""Sound inputs of every kind that a command takes, made once by the commands themselves."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

PICTURES = ("a.jpg", "a.png", "a.bmp", "a.gif", "a.tif", "a.webp", "a.ppm")
SMALL = (
    "data.size=32,16", "data.workers=0", "sampler.people=2", "sampler.pictures=2", "backbone.name=osnet_x0_25",
    "optim.warmup_epochs=0", "train.epochs=1", "evaluate.resamples=20", "train.device=cpu",
)  # fmt: skip
"""What makes a recipe train in two seconds."""


def make_inputs(root: Path) -> dict[str, Path]:
    """Make the inputs below `root`: kind -> path of a sound one."""
    root.mkdir(parents=True)
    world = root / "world"
    typed("world", "make", world, "--people", "10", "--cameras", "2", "--shots", "2", "--size", "32x16")
    crops = crops_by_person(root / "crops", world)
    files = pictures(root / "pictures", world)
    recipe = root / "recipe.yaml"
    recipe.write_text(f"extends: baseline/world_small\ndata:\n  root: {world}\n", encoding="utf-8")
    run = root / "run"
    typed("train", recipe, "--out", run, *SMALL)
    found = {
        "market": world,
        "crops": crops,
        "csv": table(root / "table.csv", world),
        "list": listing(root / "list.txt", world),
        "plan": plan(root / "plan.json"),
        "recipe": recipe,
        "run": run,
        "weights": run / "best.safetensors",
        "parsing": world / "parsing" / "query",
        "keypoints": world / "keypoints" / "query.json",
        **{f"picture-{file.suffix[1:]}": file for file in files},
        **networks(root / "networks"),
    }
    typed("embed", world / "query", "--out", root / "store.parquet")
    typed("evaluate", world, "--json", root / "evaluation.json", "--calibrate", root / "calibration.json")
    found |= {name: root / file for name, file in FILES_OF_COMMANDS.items()}
    return found | films(root / "films")


FILES_OF_COMMANDS = {
    "store": "store.parquet",
    "evaluation": "evaluation.json",
    "calibration": "calibration.json",
}


def typed(*words: object) -> None:
    """Run a command that must succeed, in this process."""
    from sameperson.cli.main import main

    code = main([str(word) for word in words])
    if code:
        raise RuntimeError(f"{words}: exit code {code}")


def crops_by_person(root: Path, world: Path) -> Path:
    """Copy pictures into person/camera folders."""
    for file in sorted((world / "query").glob("*.jpg")) + sorted((world / "bounding_box_test").glob("*.jpg")):
        pid, camera = file.name.split("_")[:2]
        if pid.isdigit() and int(pid):
            target = root / pid / camera[:2] / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return root


def pictures(root: Path, world: Path) -> list[Path]:
    """Save one picture in several forms."""
    root.mkdir()
    with Image.open(next((world / "query").glob("*.jpg"))) as picture:
        for name in PICTURES:
            picture.save(root / name)
    return [root / name for name in PICTURES]


def table(file: Path, world: Path) -> Path:
    """Write the world's pictures as a CSV beside it, with all columns."""
    with file.open("w", newline="", encoding="utf-8") as opened:
        rows = csv.writer(opened)
        rows.writerow(["path", "pid", "camid", "split", "track_id", "frame"])
        for folder, split in (("bounding_box_train", "train"), ("query", "query"), ("bounding_box_test", "gallery")):
            for number, picture in enumerate(sorted((world / folder).glob("*.jpg"))):
                pid, camera = picture.name.split("_")[:2]
                rows.writerow(
                    [f"{world.name}/{folder}/{picture.name}", int(pid), int(camera[1]), split, number // 2, number]
                )
    return file


def listing(file: Path, world: Path) -> Path:
    """Write the world's queries as a list beside it."""
    lines = []
    for picture in sorted((world / "query").glob("*.jpg")):
        pid, camera = picture.name.split("_")[:2]
        lines.append(f"{world.name}/query/{picture.name} {int(pid)} {int(camera[1])}\n")
    file.write_text("".join(lines), encoding="utf-8")
    return file


def plan(file: Path) -> Path:
    """Write the plan of a synthetic world whose pictures are drawn while they are read."""
    content = {"people": 4, "test_people": 2, "cameras": 2, "shots": 2, "seed": 1, "size": [32, 16]}
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def networks(root: Path) -> dict[str, Path]:
    """Write a network of features, (N, 3, 32, 16) -> (N, 8), and one of heatmaps, (N, 3, 64, 48) -> (N, 17, 16, 12)."""
    import openvino
    from onnx.helper import make_node

    root.mkdir()
    draw = np.random.default_rng(0)
    nodes = [make_node("Flatten", ["images"], ["flat"]), make_node("MatMul", ["flat", "w"], ["out"])]
    save_onnx(root / "small.onnx", nodes, draw.normal(0, 0.1, (3 * 32 * 16, 8)), (32, 16), ["n", 8])
    pooled = make_node("AveragePool", ["images"], ["pooled"], kernel_shape=[4, 4], strides=[4, 4])
    nodes = [pooled, make_node("Conv", ["pooled", "w"], ["out"])]
    save_onnx(root / "pose.onnx", nodes, draw.normal(0, 0.1, (17, 3, 1, 1)), (64, 48), ["n", 17, 16, 12])
    openvino.save_model(openvino.convert_model(root / "small.onnx"), root / "small.xml", compress_to_fp16=False)
    return {"onnx": root / "small.onnx", "xml": root / "small.xml", "pose": root / "pose.onnx"}


def save_onnx(file: Path, nodes: list, weights: np.ndarray, size: tuple[int, int], gives: list) -> None:
    """Save a graph whose input is `images`, whose weights are `w` and whose output is `out`."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, *size])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, gives)],
        [numpy_helper.from_array(weights.astype(np.float32), "w")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), file)


def films(root: Path) -> dict[str, Path]:
    """Make small films with tracks and an annotation, as DanceReID's authors publish them."""
    from sameperson.data.miniatures.dancereid_videos import write
    from sameperson.data.miniatures.miniature import WorldTree
    from sameperson.world.plan import WorldPlan

    plan = WorldPlan(
        people=4, test_people=2, cameras=1, shots=4, size=(32, 16), condition="dance", group=2, seed=3, labels=()
    )
    root.mkdir()
    write(WorldTree(root, plan, ()), root)
    names = {"films": "videos", "tracks": "npy", "annotation": "annotation.json", "splits": "splits.json"}
    return {kind: root / name for kind, name in names.items()}
