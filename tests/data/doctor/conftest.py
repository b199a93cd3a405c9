"""Small trees on disk, and what the doctor says of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.data.doctor.examine import Diagnosis, examine
from sameperson.data.doctor.layouts import open_tree
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.protocols.doctor_rule import ProtocolRule


@pytest.fixture
def crops(tmp_path: Path) -> Callable[..., Path]:
    """Write a picture of coarse blobs, another each time, at each of some paths below `set`; returns that folder."""

    def write(*paths: str, size: tuple[int, int] = (64, 32)) -> Path:
        root = tmp_path / "set"
        for path in paths:
            rng = np.random.default_rng(list(path.encode()))
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            coarse = Image.fromarray(rng.integers(0, 256, (8, 4, 3), np.uint8))
            coarse.resize(size[::-1], Image.Resampling.BICUBIC).save(root / path)
        return root

    return write


@pytest.fixture
def doctor() -> Callable[..., Diagnosis]:
    """Examine a path by the protocol that suits it, or by another."""

    def diagnose(path: Path, protocol: str | None = None, *, reader=None, pattern=None, **more) -> Diagnosis:
        opened = open_tree(path, reader, pattern)
        usual = "market1501" if opened.dataset is None else opened.dataset.protocol
        return examine(opened, ProtocolRule.of(PROTOCOLS[protocol or usual], opened.dataset), **more)

    return diagnose


@pytest.fixture
def said(doctor) -> Callable[..., dict[str, str]]:
    """Kind -> severity, sentence, places and advice as one line."""

    def tell(path: Path, protocol: str | None = None, **more) -> dict[str, str]:
        found = doctor(path, protocol, **more).findings
        return {one.kind: f"{one.severity}: {one.says} {' '.join(one.where)} -> {one.then}" for one in found}

    return tell
