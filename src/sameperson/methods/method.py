"""The interface of a method: the training loop and the evaluation call a method only through `Method`.

torch only; `evaluation/embed.py` converts an `Embedded` to numpy once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from sameperson.config import Optim
from sameperson.data.batch import Batch, Priors
from sameperson.priors.label_sets import Labels, LabelSet
from sameperson.priors.prior import Prior
from sameperson.types import Rows, Samples

Give = Literal["features", "parts"]
"""What an embedding holds: one feature of everything, or holistic features with parts and their visibility."""
Line = Mapping[str, Any]
"""A line of a run's metrics: name -> number."""


class Embedded(NamedTuple):
    """The embedding of a batch: features (B, D), parts (B, P, D) or None, visibility (B, P) or None."""

    features: Tensor
    parts: Tensor | None = None
    visibility: Tensor | None = None


@dataclass(frozen=True)
class Group:
    """A group of parameters that share optimiser settings.

    lr_scale multiplies the recipe's scheduled rate. `optimizer="sgd"` with `lr` takes the group out of the recipe's
    optimiser and schedule, as the center loss needs it.
    """

    parameters: Iterable[nn.Parameter]
    lr_scale: float = 1.0
    weight_decay: float | None = None
    optimizer: Literal["recipe", "sgd"] = "recipe"
    lr: float | None = None


@dataclass(frozen=True)
class Phase:
    """A phase of a training step: its losses update these parameters and no others.

    optim: the optimiser and schedule of this phase; None takes the recipe's `optim`.
    """

    name: str
    groups: Sequence[Group]
    optim: Optim | None = None


class LabelMaps(Protocol):
    """Label maps of N pictures, all of one size; some pictures may have none."""

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Which pictures have a map: (N,) bool."""
        ...

    def read(self, row: int) -> Labels | None:
        """Read the map of a picture: (h, w) uint8, or None."""
        ...


def no_barrier() -> None:
    """Do nothing, as the barrier of a single process."""


def no_metrics(line: Line) -> None:
    """Drop a line of metrics, for a run that writes none."""


def no_agreement(maps: LabelMaps, labels: LabelSet) -> Line:  # noqa: ARG001 - the signature of `Run.agreement`
    """Return an empty line of metrics, for a run without true label maps."""
    return {}


@dataclass(frozen=True)
class Run:
    """The run as a method sees it before an epoch: its training pictures, and the labels that the method adds.

    epoch: counted from 0; resumed: whether the epoch's first steps were made before a stop. samples: the training
    pictures. pictures: loads each array of rows that it is given as normalised images (n, 3, H, W) float32 on the
    device, as at test time, a few arrays ahead of their use. labels: name -> labels that the method adds to the batches
    of this epoch and the next, as `data.batch.Batch.priors`. rank, world_size: which of so many processes this is;
    barrier: waits for the others, which all share `folder`. tell: writes a line into the run's metrics unless it is
    empty. agreement: measures label maps of the training pictures against the true ones, as such a line.
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
    barrier: Callable[[], None] = no_barrier
    tell: Callable[[Line], None] = no_metrics
    agreement: Callable[[LabelMaps, LabelSet], Line] = no_agreement


class Method(nn.Module):
    """A re-ID method: named losses for training, and an embedding for search.

    training_only: prefixes of the parameters that `embed` does not use; exported weights leave them out.
    match, wholes: how its embeddings are best compared, as `evaluation.similarity.Similarity` takes them.
    label_set: the name of the label set of `parse` (`priors.part_groups.label_set`); "" where a method does not parse.
    needs: the names of the priors that `embed` needs. They are read in training too, in the form that the recipe's
    `data` says, and the card of exported weights lists them.
    """

    training_only: tuple[str, ...] = ()
    match: Give = "features"
    wholes: int = 1
    label_set: str = ""
    needs: tuple[str, ...] = ()

    def phases(self) -> Sequence[Phase]:
        """The phases of a training step, in order; by default one that updates all parameters."""
        return [Phase("main", [Group(self.parameters())])]

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        """Compute the losses of a phase: name -> scalar, already weighted; the loop sums and logs them."""
        raise NotImplementedError

    def embed(self, images: Tensor, priors: Priors, give: Give = "features") -> Embedded:
        """Embed normalised images (B, 3, H, W) for search; the features are ready to compare by cosine.

        priors: what `needs` names, as in a training batch, and no other; `priors.valid` says which pictures have it.
        give: "parts" asks for parts beside the features; a method without parts returns features alone.
        """
        raise NotImplementedError

    def parse(self, images: Tensor) -> Tensor:
        """Score each pixel: normalised images (B, 3, H, W) -> scores (B, C, h, w) of `label_set`'s C labels."""
        raise NotImplementedError

    def before_epoch(self, run: Run) -> None:
        """Prepare an epoch; called before each one and when one is resumed. Methods re-label their data here."""
