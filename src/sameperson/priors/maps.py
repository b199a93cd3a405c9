"""Label maps and grey-level maps, which lie in a folder as one picture file per picture.

numpy only; Pillow reads, because it alone leaves palette indices as they are.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sameperson.checks import A_FILE, InputError, existing_folder, kind_of, walk
from sameperson.priors.label_sets import Labels
from sameperson.priors.name_match import rows_by_name, stem_of
from sameperson.priors.prior import Placement
from sameperson.types import Samples, Size, strings

PNG = (".png",)
LARGEST = 64_000_000
"""Pixels above which a map is refused, as pictures are."""
FORMATS = ("PNG", "JPEG", "BMP", "WEBP")
ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
"""Endings of priors that may be any of FORMATS, such as faces; fewer than those of pictures."""
DAMAGED = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, struct.error,
    UnidentifiedImageError, Image.DecompressionBombError,
)  # fmt: skip
"""What Pillow raises on damaged bytes."""


@dataclass(frozen=True)
class Files:
    """One file for each of N pictures.

    names: (N,) StringDType, paths below `folder`; "" where a picture has none. valid: (N,) bool, which have one.
    """

    folder: Path
    names: NDArray[Any]
    valid: NDArray[np.bool_]

    def __getitem__(self, row: int) -> Path | None:
        return self.folder / str(self.names[row]) if self.valid[row] else None

    def stamp(self, row: int) -> list[Any] | None:
        """Return the path, size and time of change of a picture's file, None where it has none."""
        file = self[row]
        if file is None:
            return None
        try:
            found = file.stat()
        except OSError:  # it cannot be read, which is told when it is opened
            return [str(file), -1, -1]
        return [str(file), found.st_size, found.st_mtime_ns]


@dataclass(frozen=True)
class Maps:
    """One map per picture, read when asked for.

    levels: whether the values are grey levels, which are interpolated and not erased, or labels, which are erased and
    not interpolated.
    meaning: turns the stored (h, w) uint8 into labels; raises ValueError with the reason where it cannot.
    swap: (256,) uint8, what each label becomes in the mirror.
    """

    files: Files
    meaning: Callable[[Labels], Labels]
    swap: Labels | None = None
    levels: bool = False

    @property
    def valid(self) -> NDArray[np.bool_]:
        """The mask (N,) of pictures that have a map."""
        return self.files.valid

    def read(self, row: int) -> Labels | None:
        """Read the map of a picture (h, w) uint8, which spans the whole picture, or return None."""
        file = self.files[row]
        if file is None:
            return None
        try:
            return self.meaning(read_map(file, first_channel=self.levels))
        except DAMAGED as error:
            expected = "a grey picture" if self.levels else "a one-channel PNG of labels"
            raise InputError(f"{file}: {error}", expected, "write it anew or remove it") from error

    def blank(self, count: int, size: Size) -> Labels:
        """Make maps of background: (count, *size) zeros."""
        return np.zeros((count, *size), np.uint8)

    def place(self, row: int, placement: Placement) -> Labels:
        """Return the map of a valid picture (H, W) over its sample."""
        found = self.read(row)
        if found is None:
            raise ValueError(f"row {row} has no map")
        return placement.levels(found) if self.levels else placement.labels(found, placement.size, self.swap)

    def mirror(self, values: Labels, size: Size) -> Labels:  # noqa: ARG002 - as keypoints need it
        """Mirror the maps of samples (n, H, W); labels of a left and a right side change places."""
        return mirror_maps(values, None if self.levels else self.swap)

    def stamp(self, row: int) -> list[Any] | None:
        """Return what a picture's map is read from, as `Files.stamp` does."""
        return self.files.stamp(row)


def mirror_maps(values: Labels, swap: Labels | None) -> Labels:
    """Mirror maps (n, H, W) left to right; swap: (256,), what each label becomes in the mirror, None for levels."""
    flipped = values[..., ::-1]
    return flipped if swap is None else swap[flipped]


def read_map(file: Path, first_channel: bool = False) -> Labels:
    """Read the values of a one-channel 8-bit picture, (h, w) uint8, or the first channel of any picture."""
    if (kind := kind_of(file)) != A_FILE:
        raise ValueError(kind)
    with Image.open(file, formats=FORMATS) as picture:
        if picture.width * picture.height > LARGEST:
            raise ValueError(f"{picture.width} x {picture.height} pixels, over {LARGEST // 1_000_000} million")
        if first_channel and picture.mode[0] not in "IF":
            return np.asarray(picture.convert("RGB"))[..., 0]
        if first_channel or picture.mode not in ("L", "P", "1"):
            raise ValueError(f"mode {picture.mode}")
        return np.array(picture, np.uint8)


def find_files(
    folder: Path, samples: Samples, what: str, endings: tuple[str, ...] = PNG, anywhere: bool = False
) -> Files:
    """Find each picture's file in `folder`: at the picture's own path, or at an end of it that no two pictures share.

    anywhere: also in folders that are not the picture's, if only one file in all of them has its name.
    """
    folder = existing_folder(folder, what)
    rows = rows_by_name(samples, stem=True)
    names = [""] * len(samples)
    there = sorted(_below(folder, endings), key=lambda name: (name.count("/"), name))
    bare = {name: stem_of(name.rpartition("/")[2]) for name in there} if anywhere else {}
    shared = Counter(bare.values())
    for name, alone in bare.items():
        row = rows.find(alone) if shared[alone] == 1 else None
        if row is not None:
            names[row] = name
    for name in there:
        row = rows.find(stem_of(name))
        if row is not None:  # the deeper path is found later and is the surer
            names[row] = name
    return Files(folder, strings(names), np.array([name != "" for name in names], bool))


def _below(folder: Path, endings: tuple[str, ...]) -> list[str]:
    """List every file in a folder and below it with one of the endings, relative to it."""
    found = []
    for place, _, files in walk(folder):
        below = Path(place).relative_to(folder).as_posix()
        start = "" if below == "." else f"{below}/"
        found += [start + name for name in files if name.lower().endswith(endings) and name[0] != "."]
    return found
