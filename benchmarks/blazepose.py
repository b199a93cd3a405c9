"""How well does BlazePose find joints and masks in crops of people, and what does a tight crop cost it?

    sameperson models get blazepose
    python benchmarks/blazepose.py

People of the world are rendered, whose joints and masks are known: 60 people by 2 cameras in crops of 256x128, and a
film of 8 people by 2 cameras with whole frames. A tight crop gets a margin that repeats its edge, as `priors make` does
it, and for comparison other margins. From the film each box is also taken with its surroundings out of the frame.

Counted are joints that are visible in the truth. One is right within 0.2 of the torso (left shoulder to right hip:
PCK@0.2), or within half a head (PCKh@0.5). COCO's joints have no head box, so a head is the distance from the nose to
the middle of the shoulders here. A picture in which BlazePose sees no person counts as all wrong; the figures "where
seen" leave such pictures out. "Either side" takes left for right in a picture where that fits better, which tells
confused sides from joints at wrong places. IoU is of the person's visible pixels within the box. Rendered people are
not photographs.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sameperson.checks import InputError, atomic
from sameperson.data.readers.pictures import read_pictures
from sameperson.models.registry import fetched_model
from sameperson.priors.keypoints import load_keypoints
from sameperson.priors.letterbox import MARGIN, Fit
from sameperson.priors.make import InputOptions, make_keypoints, make_masks
from sameperson.priors.masks import load_masks
from sameperson.priors.skeletons import COCO
from sameperson.retrieval.preprocessing import Preprocessing
from sameperson.retrieval.user_network import UserNetwork, open_network
from sameperson.types import Samples
from sameperson.world.dataset import make_world
from sameperson.world.films.plan import FilmPlan
from sameperson.world.films.write import make_film
from sameperson.world.plan import WorldPlan

Array = NDArray[np.float64]
VISIBLE = 1.0
"""The confidence of a joint that the world's truth calls visible."""
LEFT_SHOULDER, RIGHT_SHOULDER, RIGHT_HIP, NOSE = 5, 6, 12, 0
SMALLEST, CLEAR = 64, 0.5
"""Boxes of the film that count: pixels of height, and the visible share of the person."""


@dataclass(frozen=True)
class Truth:
    """A picture's truth: joints (17, 3) in its pixels, the person's mask (h, w), and the box that counts of it."""

    joints: Array
    mask: NDArray[np.bool_]
    box: tuple[int, int, int, int]

    def in_box(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The part of a mask that counts."""
        left, top, right, bottom = self.box
        return mask[top:bottom, left:right]


def main() -> None:
    """Render the people, estimate, and print the figures."""
    parser = argparse.ArgumentParser(description="Measure BlazePose on rendered people.")
    parser.add_argument("--people", type=int, default=60, help="of the crops (%(default)s)")
    parser.add_argument("--seconds", type=float, default=8, help="of the film (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the same as JSON")
    options = parser.parse_args()
    try:
        path = fetched_model("blazepose", "benchmarks/blazepose.py")
        network = open_network(path, Preprocessing(None, "RGB", scale=1 / 255), features=False)
        with tempfile.TemporaryDirectory() as folder:
            found = measured(network, Path(folder), options.people, options.seconds)
    except InputError as error:
        parser.error(str(error))
    for name, figures in found.items():
        print(
            f"{name}: {figures['pictures']} pictures, {figures['seen']} seen; PCK@0.2 {figures['pck']:.3f} "
            f"(where seen {figures['pck_seen']:.3f}, either side {figures['either_seen']:.3f}), "
            f"PCKh@0.5 {figures['pckh']:.3f} ({figures['pckh_seen']:.3f}), "
            f"mask IoU {figures['iou']:.3f} ({figures['iou_seen']:.3f})"
        )
    if options.json is not None:
        with atomic(options.json) as temporary:
            temporary.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def measured(network: UserNetwork, folder: Path, people: int, seconds: float) -> dict[str, dict[str, float]]:
    """The figures of the crops in four fits, and of the film's boxes tight and with their surroundings."""
    make_world(folder / "people", WorldPlan(people, people // 2, 2, shots=1, seed=11, labels=("keypoints", "masks")))
    film = FilmPlan(people=8, cameras=2, seconds=seconds, fps=2, seed=3, size=(960, 540))
    make_film(folder / "film", film)
    samples, truths = crops(folder / "people")
    found = {}
    fits: tuple[Fit, ...] = ("edge", "reflect", "pad", "stretch")
    for fit in fits:
        found[f"crops of 256x128, {fit}"] = figures(network, samples, truths, folder / f"crops-{fit}", fit)
    for margin, which in ((1.0, fits), (MARGIN, fits[2:3])):
        place = folder / f"boxes-{margin}"
        by_name = cut_boxes(folder / "film", place, margin)
        samples = read_pictures(place)
        truths = [by_name[str(path)] for path in samples.path]
        for fit in which:
            name = f"film, {f'tight, {fit}' if margin == 1 else 'with surroundings'}"
            found[name] = figures(network, samples, truths, folder / f"film-{margin}-{fit}", fit)
    return found


def crops(root: Path) -> tuple[Samples, list[Truth]]:
    """The pictures of a tree of the world, and the truth about each."""
    samples = read_pictures(root)
    truths: dict[str, Truth] = {}
    for part in ("query", "bounding_box_test", "bounding_box_train"):
        for entry in json.loads((root / "keypoints" / f"{part}.json").read_text(encoding="utf-8")):
            with Image.open(root / "masks" / part / f"{Path(entry['image_id']).stem}.png") as picture:
                mask = np.array(picture) > 0
            joints = np.array(entry["keypoints"]).reshape(-1, 3)
            truths[f"{part}/{Path(entry['image_id']).name}"] = Truth(joints, mask, (0, 0, *mask.shape[::-1]))
    return samples, [truths[str(path)] for path in samples.path]


def cut_boxes(film: Path, out: Path, margin: float) -> dict[str, Truth]:
    """Cut every clear box out of a film's frames, and return the truth about each by the name of its picture.

    margin: 1 cuts the box itself; above, a square of so many times its longer side, black beyond the frame.
    """
    out.mkdir()
    truths = {}
    for camera, stem, pid, box, joints in boxes(film):
        with Image.open(film / camera / "img1" / f"{stem}.jpg") as picture:
            frame = np.array(picture.convert("RGB"))
        with Image.open(film / camera / "instances" / f"{stem}.png") as picture:
            mask = np.array(picture) == pid
        left, top, right, bottom = box
        if margin == 1:
            x, y, width, height = left, top, right - left, bottom - top
        else:
            width = height = round(margin * max(right - left, bottom - top))
            x, y = (left + right - width) // 2, (top + bottom - height) // 2
        cut, cut_mask = np.zeros((height, width, 3), np.uint8), np.zeros((height, width), bool)
        inside_y = slice(max(y, 0), min(y + height, len(frame)))
        inside_x = slice(max(x, 0), min(x + width, frame.shape[1]))
        to = slice(inside_y.start - y, inside_y.stop - y), slice(inside_x.start - x, inside_x.stop - x)
        cut[to], cut_mask[to] = frame[inside_y, inside_x], mask[inside_y, inside_x]
        name = f"{camera}_{stem}_{pid}.png"
        Image.fromarray(cut).save(out / name)
        moved = joints - (x, y, 0)
        truths[name] = Truth(moved, cut_mask, (left - x, top - y, right - x, bottom - y))
    return truths


def boxes(film: Path) -> Iterator[tuple[str, str, int, tuple[int, int, int, int], Array]]:
    """Yield camera, frame, person, box (left, top, right, bottom) and joints of every clear box of a film."""
    for folder in sorted(film.glob("cam*")):
        bodies = {
            (entry["image_id"], entry["idx"]): np.array(entry["keypoints"]).reshape(-1, 3)
            for entry in json.loads((folder / "keypoints.json").read_text(encoding="utf-8"))
        }
        for row in np.loadtxt(folder / "gt" / "gt.txt", delimiter=",", ndmin=2):
            stem, pid = f"{int(row[0]):06d}", int(row[1])
            left, top, width, height = (int(value) for value in row[2:6] - (1, 1, 0, 0))
            if height >= SMALLEST and row[8] >= CLEAR:
                yield folder.name, stem, pid, (left, top, left + width, top + height), bodies[f"{stem}.jpg", pid]


def figures(network: UserNetwork, samples: Samples, truths: list[Truth], out: Path, fit: Fit) -> dict[str, float]:
    """Make keypoints and masks of pictures with a fit, and compare both with the truth."""
    how = InputOptions(fit=fit)
    bodies = load_keypoints(make_keypoints(samples, network, out, how, lambda *_: None).place, samples)
    masks = load_masks(make_masks(samples, network, out, how, lambda *_: None).place, samples)
    right: dict[str, list[NDArray[np.bool_]]] = {"pck": [], "pckh": [], "either": []}
    overlaps = []
    for row, truth in enumerate(truths):
        counted = truth.joints[:, 2] == VISIBLE
        body = bodies.values[row] if bodies.valid[row] else np.full((len(COCO), 3), np.inf)
        error, crossed = (
            np.linalg.norm(points[:, :2] - truth.joints[:, :2], axis=1)[counted]
            for points in (body, body[list(COCO.swap)])
        )
        right["pck"].append(error <= 0.2 * torso(truth.joints))
        right["either"].append(max(right["pck"][-1], crossed <= 0.2 * torso(truth.joints), key=np.sum))
        right["pckh"].append(error <= 0.5 * head(truth.joints))
        mask = masks.read(row)
        overlaps.append(0.0 if mask is None else iou(truth.in_box(mask > 0), truth.in_box(truth.mask)))
    seen = [row for row in range(len(truths)) if bodies.valid[row]]
    found: dict[str, float] = {"pictures": len(truths), "seen": len(seen)}
    for name, rows in right.items():
        found[name] = float(np.concatenate(rows).mean())
        found[f"{name}_seen"] = float(np.concatenate([rows[row] for row in seen]).mean())
    found["iou"], found["iou_seen"] = float(np.mean(overlaps)), float(np.mean([overlaps[row] for row in seen]))
    return found


def torso(joints: Array) -> float:
    """The distance from the left shoulder to the right hip (Sapp and Taskar, CVPR 2013)."""
    return float(np.linalg.norm(joints[LEFT_SHOULDER, :2] - joints[RIGHT_HIP, :2]))


def head(joints: Array) -> float:
    """The distance from the nose to the middle of the shoulders."""
    middle = (joints[LEFT_SHOULDER, :2] + joints[RIGHT_SHOULDER, :2]) / 2
    return float(np.linalg.norm(joints[NOSE, :2] - middle))


def iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """The pixels of both over the pixels of either."""
    return float((one & other).sum() / max(1, (one | other).sum()))


if __name__ == "__main__":
    main()
