"""The interface of a network that embeds pictures, for networks of ours and of the user."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from torch import Tensor

from sameperson.data.batch import Priors
from sameperson.data.needed_priors import SamplesWithPriors, open_needed
from sameperson.evaluation.parser_maps import parser_maps
from sameperson.methods.load import TrainedNetwork
from sameperson.methods.method import Embedded, Give
from sameperson.priors.needs import Needs
from sameperson.types import Samples


class Network(Protocol):
    """A network of ours or of the user's; it normalises and moves pictures to its device itself."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures that it takes."""
        ...

    @property
    def fingerprint(self) -> str:
        """The name of its weights and preprocessing."""
        ...

    def features(self, images: Tensor, give: Give = "features") -> Embedded:
        """Embed images (B, 3, H, W) uint8 RGB at `size` -> features on the CPU or its device.

        give: "parts" asks for parts too; a network without parts returns features alone.
        """
        ...


@runtime_checkable
class NetworkWithNeeds(Network, Protocol):
    """A network of ours, which may need priors beside the pictures."""

    @property
    def needs(self) -> Needs:
        """The priors that it needs, and their form; empty for most networks."""
        ...

    def features(self, images: Tensor, give: Give = "features", priors: Priors = ...) -> Embedded:
        """Embed images with the priors that `needs` names, as a loader makes them."""
        ...


def needs_of(network: Network) -> Needs:
    """Return the priors that a network needs, and their form; empty for one of the user's."""
    return network.needs if isinstance(network, NetworkWithNeeds) else {}


def with_priors(network: Network, samples: Samples | SamplesWithPriors) -> SamplesWithPriors:
    """Open the priors that a network needs of pictures, if it needs any and they are not open yet.

    Those that its parser makes are not looked for.
    Raises InputError as `open_needed` does.
    """
    if isinstance(samples, SamplesWithPriors):
        return samples
    made = parser_maps(network, samples) if isinstance(network, TrainedNetwork) else {}
    opened = open_needed(samples, {name: form for name, form in needs_of(network).items() if name not in made})
    return SamplesWithPriors(samples, {**opened.priors, **made})
