"""Label maps that lie as one PNG per picture in a folder.

numpy only; Pillow reads, because it alone leaves palette indices as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sameperson.checks import InputError, existing_folder
from sameperson.priors.names import rows_by_name
from sameperson.types import Samples

Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class LabelMaps:
    """One label map per picture, read when asked for.

    files: N paths, None where a picture has no map.
    meaning: turns the stored (h, w) uint8 into labels; raises ValueError with the reason where it cannot.
    swap: (256,) uint8, what each label becomes in the mirror.
    """

    files: tuple[Path | None, ...]
    meaning: Callable[[Labels], Labels]
    swap: Labels | None = None

    def read(self, row: int) -> Labels | None:
        """The map of a picture (h, w) uint8, spanning the whole picture, or None."""
        file = self.files[row]
        if file is None:
            return None
        try:
            with Image.open(file) as picture:
                if picture.mode not in ("L", "P", "1"):
                    raise ValueError(f"mode {picture.mode}")
                return self.meaning(np.array(picture, np.uint8))
        except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
            raise InputError(f"{file}: {error}", "a one-channel PNG of labels", "write it anew or remove it") from error

    def blank(self, count: int, size: tuple[int, int]) -> Labels:
        """What `count` samples of `size` have without a map."""
        return np.zeros((count, *size), np.uint8)


def find_maps(folder: Path, samples: Samples) -> tuple[Path | None, ...]:
    """For each picture its PNG in `folder`: at the picture's own path, or by name alone where no two share it."""
    folder = existing_folder(folder, "a folder of PNG label maps")
    rows = rows_by_name(samples, stem=True)
    files: list[Path | None] = [None] * len(samples)
    for file in sorted(folder.rglob("*.png")):
        row = rows.get(file.relative_to(folder).with_suffix("").as_posix())
        if row is not None:
            files[row] = file
    return tuple(files)
