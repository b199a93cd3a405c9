"""Body keypoints of pictures, read from files of any supported form into one array.

numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import choose
from sameperson.images.geometry import Geometry
from sameperson.priors.name_match import RowsByName, rows_by_name
from sameperson.priors.pose_files import read_bodies
from sameperson.priors.pose_json import NamedBody
from sameperson.priors.prior import Placement
from sameperson.priors.skeletons import COCO, SKELETONS, Skeleton, converted
from sameperson.types import Samples, Size


@dataclass(frozen=True)
class Keypoints:
    """One body per picture, for N pictures.

    values: (N, J, 3) float32: x, y in the picture's pixels (0 is the left or upper edge) and confidence in [0, 1].
    valid: (N,) bool; a row without a body, or with one of which no joint is seen, is all zeros.
    """

    values: NDArray[np.float32]
    valid: NDArray[np.bool_]
    skeleton: Skeleton = COCO

    def read(self, row: int) -> NDArray[np.float32] | None:
        """Return the body of a picture (J, 3), or None."""
        return self.values[row] if self.valid[row] else None

    def blank(self, count: int, size: Size) -> NDArray[np.float32]:  # noqa: ARG002 - as maps have it
        """Make bodies without a visible joint: (count, J, 3) zeros."""
        return np.zeros((count, *self.values.shape[1:]), np.float32)

    def place(self, row: int, placement: Placement) -> NDArray[np.float32]:
        """Return the body of a picture (J, 3) over its sample."""
        return placement.points(self.values[row], self.skeleton.swap)

    def mirror(self, values: NDArray[np.float32], size: Size) -> NDArray[np.float32]:
        """Mirror the bodies of samples of `size`: (n, J, 3); joints of a left and a right side change places."""
        mirrored = Geometry(size, size, size, mirrored=True)
        bodies = [mirrored.points(body, self.skeleton.swap) for body in values]
        return np.array(bodies, np.float32).reshape(values.shape)

    def stamp(self, row: int) -> list[float] | None:
        """Return the numbers of a picture's body, None where it has none."""
        return self.values[row].ravel().tolist() if self.valid[row] else None


def load_keypoints(path: Path, samples: Samples, skeleton: str = COCO.name) -> Keypoints:
    """Load the keypoints of `samples` from a file or folder of any form that `priors.pose_files` reads.

    skeleton: the joints wanted; those of another skeleton are converted. Of several bodies in one picture the one with
    the highest score counts, and of those the largest. Raises InputError that names the file, and the body in it,
    where something is not as it should be.
    """
    wanted = choose("skeleton", skeleton, SKELETONS)
    names, stems = rows_by_name(samples), None
    values = np.zeros((len(samples), len(wanted), 3), np.float32)
    best: dict[int, tuple[float, float]] = {}
    for named in read_bodies(path):
        if named.stem and stems is None:
            stems = rows_by_name(samples, stem=True)
        row = _row_of(names if stems is None or not named.stem else stems, named)
        if row is not None and (row not in best or named.body.rank > best[row]):
            best[row] = named.body.rank
            values[row] = converted(named.body.points, named.body.skeleton, wanted)
    valid = np.any(values[..., 2] > 0, axis=1)
    values[~valid] = 0
    return Keypoints(values, valid, wanted)


def _row_of(rows: RowsByName, named: NamedBody) -> int | None:
    below = rows.by_path.get(f"{named.folder}/{named.name}") if named.folder else None
    return rows.find(named.name) if below is None else below
