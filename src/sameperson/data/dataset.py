"""What a reader makes of a tree on disk."""

from __future__ import annotations

from dataclasses import dataclass

from sameperson.types import Samples


@dataclass(frozen=True)
class Dataset:
    """Pictures to learn from and pictures to be judged by.

    protocol: the name of the evaluation protocol that suits these labels (`evaluate.protocols.catalogue.PROTOCOLS`).
    val: pictures to choose the model on, of people who are not in `train`; None where the layout names none.
    tracks: queries and gallery are tracklets, of which `track_id` says which pictures belong together.
    """

    name: str
    train: Samples
    query: Samples
    gallery: Samples
    protocol: str = "market1501"
    val: Samples | None = None
    tracks: bool = False

    def splits(self) -> dict[str, Samples]:
        """Each split by its name; `val` only where there is one."""
        named = {"train": self.train, "val": self.val, "query": self.query, "gallery": self.gallery}
        return {name: samples for name, samples in named.items() if samples is not None}
