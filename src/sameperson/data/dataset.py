"""What a reader makes of a tree on disk."""

from __future__ import annotations

from dataclasses import dataclass

from sameperson.types import Samples


@dataclass(frozen=True)
class Dataset:
    """Pictures to learn from and pictures to be judged by.

    protocol: the name of the evaluation protocol that suits these labels (`evaluate.protocols.PROTOCOLS`).
    """

    name: str
    train: Samples
    query: Samples
    gallery: Samples
    protocol: str = "market1501"
