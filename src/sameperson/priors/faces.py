"""Face crops: one picture file per picture, of whatever size it was found or restored in.

numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sameperson.images.decode import read_picture
from sameperson.images.geometry import resize
from sameperson.priors.maps import ENDINGS, Files, find_files
from sameperson.priors.prior import Placement
from sameperson.types import Samples, Size


@dataclass(frozen=True)
class Faces:
    """The face on each of N pictures that shows one.

    size: (height, width) that the crops are brought to.
    """

    files: Files
    size: Size

    @property
    def valid(self) -> NDArray[np.bool_]:
        """The mask (N,) of pictures that have a face."""
        return self.files.valid

    def read(self, row: int) -> NDArray[np.uint8] | None:
        """Read the face on a picture (*size, 3) uint8 RGB, or return None."""
        file = self.files[row]
        return None if file is None else resize(read_picture(file), self.size)

    def blank(self, count: int, size: Size) -> NDArray[np.uint8]:  # noqa: ARG002 - faces have a size of their own
        """Make black faces: (count, 3, *size) zeros."""
        return np.zeros((count, 3, *self.size), np.uint8)

    def place(self, row: int, placement: Placement) -> NDArray[np.uint8]:
        """Return the face on a valid picture (3, *size), mirrored if the picture is; nothing else happens to it."""
        face = self.read(row)
        if face is None:
            raise ValueError(f"row {row} has no face")
        return (cv2.flip(face, 1).astype(np.uint8, copy=False) if placement.mirrored else face).transpose(2, 0, 1)

    def mirror(self, values: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:  # noqa: ARG002 - as keypoints need it
        """Mirror faces (n, 3, *size)."""
        return values[..., ::-1]

    def stamp(self, row: int) -> list[Any] | None:
        """Return what a picture's face is read from, as `Files.stamp` does."""
        return self.files.stamp(row)


def load_faces(path: Path, samples: Samples, size: Size) -> Faces:
    """Find the face crops of `samples` in a folder with one picture file for each of them that shows a face."""
    return Faces(find_files(path, samples, "a folder of face crops", ENDINGS), size)
