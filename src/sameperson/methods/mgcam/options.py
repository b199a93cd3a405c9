"""The options of MGCAM, the mask-guided contrastive attention model (Song et al., CVPR 2018)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sameperson.config import Fraction, ReidLosses, Share, Width


class Options(ReidLosses):
    """The options of MGCAM; the defaults are the paper's."""

    name: str = "mgcam"
    mask_channel: bool = True
    """Whether the mask is a fourth channel of the picture, in search too; if not, only training needs masks."""
    shared: bool = False
    """Whether the three streams share their late layers; in the authors' network definition each has its own."""
    pooling: Literal["gap", "flatten"] = "gap"
    """How the last map becomes a vector: its mean, or all of its cells side by side, as for the authors' MSCAN."""
    embedding: Width | None = 128
    """Length of each stream's feature, by a linear layer; None keeps the pooled map."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.2
    """Share of a feature's numbers that its identity classifier does not see in training."""
    neck: bool = False
    """Whether a batch-normalisation neck stands before each identity classifier, and by default before search."""
    background_identity: bool = True
    """Whether the background's feature is classified by identity too, as in the paper, which teaches its places."""
    attention_weight: Share = 0.1
    region_weight: Share = 0.01
    """Weight of the region triplet: the full feature close to the body's and far from the background's."""
    siamese_weight: Share = 0.01
    """Weight of the contrastive loss between the full features of all pairs of pictures."""
    contrast_margin: Share = 10.0
    """The squared distance from which on the two contrastive losses no longer push."""
    label_smoothing: Fraction = 0.0
    triplet_weight: Share = 0.0
    center_weight: Share = 0.0
