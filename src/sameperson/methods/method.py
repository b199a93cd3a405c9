"""What a paper must say of itself: the loop and the evaluation know a method only by this.

torch only; `evaluate/embed.py` converts an `Embedded` to numpy once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from sameperson.data.batch import Batch
from sameperson.priors.label_sets import Labels, LabelSet
from sameperson.priors.prior import Prior
from sameperson.types import Rows, Samples

Give = Literal["features", "parts"]
"""What an embedding holds: all in one feature, or wholes beside parts and their visibility."""
Line = Mapping[str, Any]
"""A line of a run's metrics: name -> number."""


class Embedded(NamedTuple):
    """features: (B, D); parts: (B, P, D) or None; visibility: (B, P) or None."""

    features: Tensor
    parts: Tensor | None = None
    visibility: Tensor | None = None


@dataclass(frozen=True)
class Group:
    """Parameters that share an optimiser setting.

    lr_scale multiplies the recipe's scheduled rate. `optimizer="sgd"` with `lr` takes them out of the recipe's
    optimiser and schedule, as the center loss wants.
    """

    parameters: Iterable[nn.Parameter]
    lr_scale: float = 1.0
    weight_decay: float | None = None
    optimizer: Literal["recipe", "sgd"] = "recipe"
    lr: float | None = None


@dataclass(frozen=True)
class Phase:
    """One part of a step: its losses move these parameters and no others."""

    name: str
    groups: Sequence[Group]


class LabelMaps(Protocol):
    """Label maps of N pictures, all of one size; some pictures may have none."""

    @property
    def valid(self) -> NDArray[np.bool_]:
        """(N,) which have one."""
        ...

    def read(self, row: int) -> Labels | None:
        """The map of a picture (h, w) uint8, or None."""
        ...


def alone() -> None:
    """There is no other process to wait for."""


def untold(line: Line) -> None:
    """Nobody wants to hear of a line of metrics."""


def unmeasured(maps: LabelMaps, labels: LabelSet) -> Line:  # noqa: ARG001 - as who measures takes them
    """There are no true maps to measure by."""
    return {}


@dataclass(frozen=True)
class Run:
    """What a method may look at before an epoch, and where it leaves what it found.

    epoch: counted from 0; resumed: whether its first steps were made before a stop. samples: the training pictures.
    pictures: makes normalised images (n, 3, H, W) float32 on the device, as at test time, of each array of rows that
    it is given, a few ahead of their use. labels: name -> what the batches of this and the next epochs bring along, as
    `data.batch.Batch.priors`. rank, world_size, barrier: which of so many processes this is, and where it waits for the
    others; all of them share `folder`. tell: writes a line into the run's metrics, an empty one excepted. agreement:
    how well label maps of the training pictures agree with the true ones beside them, as such a line.
    """

    folder: Path
    epoch: int
    seed: int
    device: str
    resumed: bool
    samples: Samples
    pictures: Callable[[Sequence[Rows]], Iterable[Tensor]]
    labels: dict[str, Prior]
    rank: int = 0
    world_size: int = 1
    barrier: Callable[[], None] = alone
    tell: Callable[[Line], None] = untold
    agreement: Callable[[LabelMaps, LabelSet], Line] = unmeasured


class Method(nn.Module):
    """A paper: named losses to train by, an embedding to search by.

    training_only: prefixes of the names that `embed` does without; exported weights leave them out.
    match, wholes: how its embeddings are best compared, as `evaluate.similarity.Similarity` takes them.
    label_set: the set whose labels `parse` gives (`priors.part_groups.label_set`); "" where a method does not parse.
    """

    training_only: tuple[str, ...] = ()
    match: Give = "features"
    wholes: int = 1
    label_set: str = ""

    def phases(self) -> Sequence[Phase]:
        """The parts of a step, in order; by default one that moves everything."""
        return [Phase("main", [Group(self.parameters())])]

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        """Named scalar losses, already weighted; the loop sums and logs them."""
        raise NotImplementedError

    def embed(self, images: Tensor, priors: Mapping[str, Tensor], give: Give = "features") -> Embedded:
        """Test time: normalised images (B, 3, H, W) to features, ready to compare by cosine.

        give: "parts" asks for parts beside the features; a method without parts gives features all the same.
        """
        raise NotImplementedError

    def parse(self, images: Tensor) -> Tensor:
        """What each pixel shows: normalised images (B, 3, H, W) to scores (B, C, h, w) of `label_set`'s C labels."""
        raise NotImplementedError

    def before_epoch(self, run: Run) -> None:
        """Called before each epoch, and when one goes on after a stop; methods that re-label their data do it here."""
