"""`Dataset` holds the training, validation, query and gallery pictures that a reader finds on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sameperson.types import Samples


@dataclass(frozen=True)
class Dataset:
    """The splits of a dataset: pictures for training and validation, queries and gallery.

    protocol: the name of the evaluation protocol that suits these labels (`evaluation.protocols.catalogue.PROTOCOLS`).
    val: pictures to choose the model on, of people who are not in `train`; None where the layout names none.
    tracks: whether queries and gallery are tracklets; `track_id` then says which pictures belong together.
    spellings: column of labels -> the numbers in it that are written in several ways, such as ("007", "7").
    """

    name: str
    train: Samples
    query: Samples
    gallery: Samples
    protocol: str = "market1501"
    val: Samples | None = None
    tracks: bool = False
    spellings: Mapping[str, Sequence[tuple[str, ...]]] = field(default_factory=dict)

    def splits(self) -> dict[str, Samples]:
        """Return each split by its name, with `val` only where the dataset has one."""
        named = {"train": self.train, "val": self.val, "query": self.query, "gallery": self.gallery}
        return {name: samples for name, samples in named.items() if samples is not None}
