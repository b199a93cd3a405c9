"""A tree that `sameperson world make` wrote: Market-1501's form with everything the world knows beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.data.readers.market1501 import in_market_form, read_market1501


def read_world(root: Path, pattern: str | None = None) -> Dataset:
    """Read the dataset in `root`, with clothes, tracks and frames from labels.csv; raises as `read_market1501` does."""
    return replace(read_market1501(root, pattern), name="world")


LAYOUT = Layout(
    name="world",
    title="a synthetic world",
    read=read_world,
    recognise=lambda path: (path / "world.json").is_file() and in_market_form(path),
    clothes=True,
    protocols=("market1501", "cross_clothes", "same_clothes", "camera_blind"),
    priors=("keypoints", "parsing", "mask"),
    about="every label is exact; in a dance a camera is a moment",
)
