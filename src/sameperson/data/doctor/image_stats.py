"""Image statistics: each file is read and decoded once, and measured for all checks of pixels."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sameperson.data.doctor.all_splits import AllSplits
from sameperson.data.doctor.hashes import SIDE, Hashes, perceptual_hashes
from sameperson.images.decode import BrokenPicture, decode_picture, picture_bytes
from sameperson.images.formats import format_of

CHUNK = 64
GREY = np.array([0.299, 0.587, 0.114], np.float32)
"""Rec. 601 luma of R, G, B."""


@dataclass(frozen=True)
class ImageStats:
    """Measurements of F files.

    height, width: (F,) int32, 0 where broken. content: (F,) uint64, a hash of the file's bytes; hash: (F,) uint64, the
    perceptual hash of the picture. contrast: (F,) float32, standard deviation of the brightness, 0 to 127. colour: (F,)
    float32, the largest difference between two channels of a pixel, 0 to 255; both of the picture shrunk to 32 x 32.
    broken: file -> why it cannot be read. misnamed: (F,) bool, whether the file's ending names another format than its
    bytes.
    """

    height: NDArray[np.int32]
    width: NDArray[np.int32]
    content: Hashes
    hash: Hashes
    contrast: NDArray[np.float32]
    colour: NDArray[np.float32]
    misnamed: NDArray[np.bool_]
    broken: dict[int, str] = field(default_factory=dict)

    @classmethod
    def blank(cls, count: int) -> ImageStats:
        """Make empty measurements of `count` files."""
        small, wide = (
            (lambda: np.zeros(count, np.int32)),
            (lambda: np.zeros(count, np.uint64)),
        )
        return cls(
            small(), small(), wide(), wide(), np.zeros(count, np.float32), np.zeros(count, np.float32),
            np.zeros(count, bool),
        )  # fmt: skip

    @property
    def readable(self) -> NDArray[np.bool_]:
        """The mask (F,) of files that are whole pictures."""
        return self.height > 0


def measure_images(splits: AllSplits, progress: Callable[[int, int], None] | None = None) -> ImageStats:
    """Read, decode and measure every file once, in threads.

    progress: called with the number of files done and of all.
    """
    count = len(splits.first)
    stats = ImageStats.blank(count)
    blocks = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]

    def work(block: range) -> int:
        small = np.zeros((len(block), SIDE, SIDE, 3), np.uint8)
        for place in block:
            try:
                small[place - block.start] = _measure_file(stats, splits, place)
            except BrokenPicture as error:
                stats.broken[place] = error.reason
        _measure_block(stats, block, small)
        return len(block)

    done = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for size in pool.map(work, blocks):
            done += size
            if progress is not None:
                progress(done, count)
    return stats


def _measure_file(stats: ImageStats, splits: AllSplits, place: int) -> NDArray[np.uint8]:
    """Read one file, note its size and content, and return it shrunk to (32, 32, 3)."""
    row = int(splits.first[place])
    samples, _ = splits.place(row)
    if samples.source is None:
        path = splits.file(row)
        data = picture_bytes(path)
        stats.misnamed[place] = _misnamed(path, data)
        pixels = decode_picture(data, path)
    else:
        pixels = splits.pixels(row)
        data = pixels.tobytes()
    stats.height[place], stats.width[place] = pixels.shape[:2]
    stats.content[place] = int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
    return np.asarray(cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _measure_block(stats: ImageStats, block: range, small: NDArray[np.uint8]) -> None:
    """Measure a block of shrunk pictures (B, 32, 32, 3) at once, which numpy does faster."""
    rows = slice(block.start, block.stop)
    grey = small.astype(np.float32) @ GREY
    stats.hash[rows] = perceptual_hashes(grey)
    stats.contrast[rows] = grey.std(axis=(1, 2))
    red, green, blue = (small[..., channel] for channel in range(3))
    most, least = (
        np.maximum(np.maximum(red, green), blue),
        np.minimum(np.minimum(red, green), blue),
    )
    stats.colour[rows] = (most - least).max(axis=(1, 2))


def _misnamed(path: Path, data: bytes) -> bool:
    form = format_of(data)
    return form is not None and path.suffix.lower() not in form.endings
