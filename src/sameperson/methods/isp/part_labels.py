"""Part labels that a run finds for its own training pictures, kept as one array in its folder.

numpy only. The file is a `.npy` that any reader of the format opens, with one line of JSON behind the array that names
the pictures it belongs to. It is memory-mapped, so that a data set of any size costs no memory, and it is only ever
replaced as a whole.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sameperson.checks import InputError, atomic, existing_file, writing
from sameperson.priors.part_groups import part_set
from sameperson.priors.prior import Placement
from sameperson.types import Samples, Size

Array = NDArray[np.uint8]
FORMAT = "sameperson part labels 1"
BLOCK = 4096
"""Pictures whose labels are written at once."""


@dataclass(frozen=True)
class PartLabels:
    """Part labels of every training picture, as a `Prior`: the part that each cell of a coarse grid belongs to.

    array: (N, h, w) uint8 by row of the training samples, 0 background, 1 (topmost) to `parts`; spans whole pictures.
    epoch: the epoch before which they were found, counted from 0; -1 for stripes, before the first clustering.

    An array that is open keeps its content when another file takes its file's name.
    """

    array: Array
    parts: int
    epoch: int = -1

    @classmethod
    def stripes(cls, count: int, parts: int, grid: Size) -> PartLabels:
        """Equal stripes from top to bottom, as labels of `count` pictures on a grid (h, w); nothing is stored."""
        return cls(np.broadcast_to(stripes(parts, grid), (count, *grid)), parts)

    @classmethod
    def open(cls, file: Path, samples: Samples, grid: Size | None = None) -> PartLabels:
        """Open the labels of `samples` that `swap` last put into place.

        Raises InputError for a file that is missing, cut, none of ours, of other pictures or on another grid.
        """
        existing_file(file, "the part labels of a run")
        array, header = _read(file)
        if (array.shape[0], header["pictures"]) != (len(samples), fingerprint(samples)):
            raise InputError(
                f"{file}: part labels of {array.shape[0]} other pictures",
                f"those of the {len(samples)} training pictures in {samples.root}",
                "bring the old pictures back, or train into another folder",
            )
        if grid is not None and array.shape[1:] != grid:
            found = f"{file}: part labels on a grid of {array.shape[1]} x {array.shape[2]}"
            raise InputError(found, f"{grid[0]} x {grid[1]}", "set data.size as it was, or train into another folder")
        return cls(array, header["parts"], header["epoch"])

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Which pictures have labels: all (N,), since a picture that was not clustered has stripes."""
        return np.ones(len(self.array), bool)

    def read(self, row: int) -> Array:
        """The labels of a picture (h, w) uint8."""
        return np.array(self.array[row])

    def blank(self, count: int, size: Size) -> Array:
        """Make labels of background for `count` pictures: (count, h, w) zeros, on the labels' own grid."""
        return np.zeros((count, *self.array.shape[1:]), np.uint8)

    def place(self, row: int, placement: Placement) -> Array:
        """Transform the labels of a picture like the augmented picture: moved, mirrored and erased, (h, w).

        A cell takes the label under its middle. Parts have no left and right, so mirroring renames none.
        """
        height, width = self.array.shape[1:]
        return placement.labels(self.array[row], (height, width), None)


def begin(file: Path, samples: Samples, parts: int, grid: Size, epoch: int) -> None:
    """Create the draft of new labels beside `file`, filled with stripes; `draft` opens it and `swap` renames it.

    One process calls this, before any other opens the draft. The draft of a killed run is removed.
    """
    unfinished = _unfinished(file)
    about = {"format": FORMAT, "pictures": fingerprint(samples), "parts": parts, "epoch": epoch}
    block = np.broadcast_to(stripes(parts, grid), (BLOCK, *grid))
    header = {"descr": "|u1", "fortran_order": False, "shape": (len(samples), *grid)}
    with writing(unfinished):
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)  # a process that still has the old draft open keeps its content
        with unfinished.open("wb") as out:  # written in full, so that a full disk fails here and not in mapped memory
            np.lib.format.write_array_header_1_0(out, header)
            for start in range(0, len(samples), BLOCK):
                out.write(block[: len(samples) - start].tobytes())
            out.write(json.dumps(about).encode() + b"\n")


def draft(file: Path) -> Array:
    """Open the draft that `begin` created, for several processes to write their rows into: (N, h, w) uint8."""
    return np.load(_unfinished(file), mmap_mode="r+", allow_pickle=False)


def swap(file: Path) -> None:
    """Rename the draft to `file`; one process calls this, after all have written.

    Whoever has the old labels open keeps their content. Raises InputError where the draft cannot be renamed.
    """
    array = draft(file)
    if isinstance(array, np.memmap):
        array.flush()
    with writing(file):
        _unfinished(file).replace(file)


def export(labels: PartLabels, samples: Samples, folder: Path) -> None:
    """Write the labels as one PNG for each picture, at the picture's own path below `folder`.

    The labels are palette indices on their grid. Raises InputError for two pictures whose labels would have the same
    name, and for pictures whose labels would lie outside the folder.
    """
    palette = part_set(labels.parts + 1).palette.tobytes()
    names: dict[Path, None] = {}
    for path in samples.path.tolist():
        name = Path(path.replace("\\", "/")).with_suffix(".png")
        if name.is_absolute() or ".." in name.parts or name in names:
            raise InputError(
                f"{path}: no place of its own in {folder}", "pictures below one folder, each with a name", "rename it"
            )
        names[name] = None
    for row, name in enumerate(names):
        picture = Image.fromarray(labels.read(row))
        picture.putpalette(palette)
        with atomic(folder / name) as temporary:
            picture.save(temporary, format="PNG")


def stripes(parts: int, grid: Size) -> Array:
    """Equal horizontal stripes as labels (h, w) uint8, from 1 at the top to `parts`.

    >>> stripes(2, (4, 1)).ravel()
    array([1, 1, 2, 2], dtype=uint8)
    """
    height, width = grid
    return np.repeat((1 + np.arange(height) * parts // height).astype(np.uint8)[:, None], width, 1)


def fingerprint(samples: Samples) -> str:
    """The fingerprint of the pictures' names and order; it does not depend on where their folder lies."""
    return hashlib.sha256("\0".join(samples.path.tolist()).encode()).hexdigest()[:16]


def _unfinished(file: Path) -> Path:
    return file.with_name(f".{file.name}.part")


def _read(file: Path) -> tuple[Array, dict[str, Any]]:
    """Read the array and the JSON behind it. Raises InputError for a file that is cut or none of ours."""
    expected, then = "the part labels that a run wrote", "train again, into another folder"
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
        if not isinstance(array, np.memmap) or array.dtype != np.uint8 or array.ndim != 3:
            raise ValueError("no array of labels")
        with file.open("rb") as behind:
            behind.seek(array.offset + array.nbytes)
            about = json.loads(behind.read(BLOCK))
        if about["format"] != FORMAT:
            raise ValueError("another format")
        return array, {"pictures": str(about["pictures"]), "parts": int(about["parts"]), "epoch": int(about["epoch"])}
    except (OSError, ValueError, TypeError, KeyError, EOFError, SyntaxError, RecursionError) as error:
        raise InputError(f"{file}: cut short, or no part labels", expected, then) from error
