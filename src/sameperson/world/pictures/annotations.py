"""Annotations in the formats that other tools read: AlphaPose/COCO keypoints, palette and depth PNGs, label tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sameperson.world.pictures.crop import Crop, Shot
from sameperson.world.render.labels import PALETTE, Label, cloth_irrelevant, to_lip

CONFIDENCE = np.array([0.0, 0.5, 1.0])
"""Confidence written for a joint that is outside the picture, hidden, visible."""
INSTANCE_PALETTE = np.array([(0, 0, 0), (255, 255, 255)] + [PALETTE[k % 19 + 1] for k in range(254)], np.uint8)
MAX_DEPTH_MM = 65_535
"""The most millimetres that a 16-bit depth map can hold; 0 is the sky."""


@dataclass(frozen=True)
class Row:
    """A picture's row in labels.csv; path is relative to the tree, camid counts from 0.

    visible: the share of the person's pixels that nothing hides.
    """

    path: str
    split: str
    pid: int
    camid: int
    clothes_id: int
    track_id: int
    frame: int
    visible: float


def picture_name(pid: int, camera: int, sequence: int, frame: int, box: int) -> str:
    """Compose a file name as in Market-1501: person, camera, sequence, frame, box.

    >>> picture_name(7, 0, 0, 151, 2)
    '0007_c1s1_000151_02'
    """
    return f"{pid:04d}_c{camera + 1}s{sequence + 1}_{frame:06d}_{box:02d}"


def keypoint_entry(image: str, keypoints: NDArray[np.floating], mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Make the entry of one person in an AlphaPose result file.

    keypoints: (17, 3) x, y in pixels and visibility 0 outside, 1 hidden, 2 visible. mask: (H, W), the person's pixels.
    """
    confidence = CONFIDENCE[keypoints[:, 2].astype(int)]
    points = np.column_stack([keypoints[:, :2], confidence]).round(3)
    return {
        "image_id": image,
        "category_id": 1,
        "keypoints": points.ravel().tolist(),
        "score": float(confidence.mean().round(3)),
        "box": tight_box(mask),
    }


def tight_box(mask: NDArray[np.bool_]) -> list[int]:
    """Compute the smallest box [left, top, width, height] around a mask, in pixels; all 0 for an empty mask.

    >>> tight_box(np.array([[0, 0, 0], [0, 1, 1]], bool))
    [1, 1, 2, 1]
    """
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return [0, 0, 0, 0]
    return [int(x) for x in (columns[0], rows[0], np.ptp(columns) + 1, np.ptp(rows) + 1)]


def pose_entry(image: str, shot: Shot, crop: Crop, betas: Sequence[float]) -> dict[str, Any]:
    """Make the 3D pose entry of a picture as JSON values; lengths in metres, boxes left, top, width, height.

    keypoints: 23 of x, y, visibility; points: the same in the world. rotations: one rotation vector a joint, radians,
    about world axes and relative to the parent, as `Body.skin` takes them (as matrices). box: the picture in the
    camera's full frame, left, top, right, bottom.
    """
    vectors = np.array([cv2.Rodrigues(np.asarray(turn, np.float64))[0][:, 0] for turn in shot.figure.rotations])
    return {
        "image_id": image,
        "box": crop.box.round(3).tolist(),
        "amodal_box": tight_box(crop.amodal),
        "visible_box": tight_box(crop.mask),
        "visible": round(crop.visible_share, 4),
        "in_front_or_around": [prop.obstacle.kind for prop in shot.props] + ["person"] * len(shot.bystanders),
        "keypoints": crop.keypoints.round(3).tolist(),
        "points": crop.points.round(5).tolist(),
        "betas": [round(float(beta), 5) for beta in betas],
        "rotations": vectors.round(5).tolist(),
        "yaw": round(shot.figure.yaw, 5),
        "position": [round(float(x), 4) for x in shot.figure.position],
        "lift": round(shot.figure.lift, 4),
    }


def label_maps(crop: Crop) -> Mapping[str, Image.Image]:
    """Convert the pixel labels of a crop to pictures, by the name of their folder."""
    return {
        "parsing": palette_picture(to_lip(crop.parsing), PALETTE[: Label.RIGHT_SHOE + 1]),
        "masks": mask_picture(crop.mask),
        "parts": palette_picture(crop.parsing, PALETTE),
        "amodal": mask_picture(crop.amodal),
        "instances": palette_picture(crop.instances, INSTANCE_PALETTE),
        "everybody": palette_picture(crop.mask + 2 * crop.others.astype(np.uint8), INSTANCE_PALETTE[:3]),
        "depth": Image.fromarray(np.rint(crop.depth * 1000).clip(0, MAX_DEPTH_MM).astype(np.uint16)),
        "irrelevant": mask_picture(cloth_irrelevant(crop.parsing)),
    }


def palette_picture(labels: NDArray[np.uint8], palette: NDArray[np.uint8]) -> Image.Image:
    """Convert labels (H, W) to a palette picture, whose values are the labels."""
    picture = Image.fromarray(labels)
    picture.putpalette(palette.ravel().tolist())
    return picture


def mask_picture(mask: NDArray[np.bool_]) -> Image.Image:
    """Convert a mask (H, W) bool to a picture of 0 and 255."""
    return Image.fromarray(mask.astype(np.uint8) * 255)


def write_png(path: Path, picture: Image.Image) -> None:
    """Write a picture as a PNG."""
    picture.save(path, format="PNG", compress_level=6)


def write_jpeg(path: Path, image: NDArray[np.uint8], quality: int) -> None:
    """Write an RGB image (H, W, 3) as a JPEG."""
    path.write_bytes(encode_jpeg(image, quality))


def encode_jpeg(image: NDArray[np.uint8], quality: int) -> bytes:
    """Encode an RGB image (H, W, 3) as the bytes of a JPEG."""
    return cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def write_entries(path: Path, entries: Sequence[dict[str, Any]]) -> None:
    """Write a JSON list with one entry a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[" + ",\n".join(json.dumps(entry) for entry in entries) + "]\n", encoding="utf-8")


def write_labels(path: Path, rows: Iterable[Row]) -> None:
    """Write labels.csv, one row a picture."""
    write_table(path, [field.name for field in fields(Row)], (astuple(row) for row in rows))


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file with a header."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)
