"""A prepared tree in one HDF5 file, as DanceReID's generator packs it.

dataset/images/STEM    the JPEG's bytes, in one cell of variable length
dataset/poses/STEM     (17, 2) x, y
dataset/skeleton/STEM  as images, where there are skeleton pictures
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from sameperson.checks import InputError, atomic


def require_hdf5() -> None:
    """Say what to install where h5py is missing."""
    try:
        import h5py  # noqa: F401
    except ImportError as error:
        raise InputError("h5py is not installed", "h5py for -h5", "type: pip install 'sameperson[video]'") from error


def pack(tree: Path, names: Iterable[str], out: Path) -> None:
    """Write images, poses and skeletons of a tree into one file; names: of the pictures, below images/."""
    require_hdf5()
    import h5py

    cells = h5py.vlen_dtype(np.uint8)
    kinds = [kind for kind in ("images", "skeleton") if (tree / kind).is_dir()]
    with atomic(out) as temporary, h5py.File(temporary, "w") as file:
        for name in names:
            stem = Path(name).stem
            for kind in kinds:
                cell = file.create_dataset(f"dataset/{kind}/{stem}", shape=(1,), dtype=cells)
                cell[0] = np.frombuffer((tree / kind / name).read_bytes(), np.uint8)
            pose = np.loadtxt((tree / "poses" / name).with_suffix(".txt"), ndmin=2)
            file.create_dataset(f"dataset/poses/{stem}", data=pose)
