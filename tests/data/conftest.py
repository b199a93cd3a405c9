"""Small pictures and trees on disk."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    """Write a plausible little picture under tmp_path; its pixels depend on its name alone."""

    def write(name: str, size: tuple[int, int] = (16, 8)) -> Path:
        rng = np.random.default_rng(list(name.encode()))
        coarse = Image.fromarray(rng.integers(0, 256, (4, 2, 3), np.uint8))
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        coarse.resize(size[::-1], Image.Resampling.BILINEAR).save(file)
        return file

    return write
