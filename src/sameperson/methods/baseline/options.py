"""The options of the strong baseline (Luo et al., Bag of Tricks, CVPR workshops 2019)."""

from __future__ import annotations

from typing import Literal

from sameperson.config import ReidLosses, Width


class Options(ReidLosses):
    """The options of the strong baseline; the defaults are the paper's."""

    name: str = "baseline"
    pooling: Literal["gap", "gmp", "gem"] = "gap"
    embedding: Width | None = None
    """Length of the feature, by a linear layer before the neck; None keeps the backbone's channels."""
    neck: Literal["bnneck", "none"] = "bnneck"
