"""OSNet with its authors' own head, for search with the checkpoints that they published.

Zhou et al., ICCV 2019: the feature is the output of a linear layer, batch normalisation and ReLU. To train an OSNet,
take it as the backbone of another method.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from sameperson.methods.method import Embedded, Give, Method
from sameperson.models.osnet import OSNETS, OSNet


class PublishedOSNet(OSNet, Method):
    """The network of a published OSNet checkpoint; its parameters have the checkpoint's names."""

    training_only = ("classifier.",)

    def __init__(self, name: str) -> None:
        super().__init__(OSNETS[name])

    def embed(self, images: Tensor, priors: Mapping[str, Tensor], give: Give = "features") -> Embedded:
        """Embed images (B, 3, H, W) float32, normalised -> features (B, 512) float32. No prior is needed."""
        return Embedded(self.features(images))
