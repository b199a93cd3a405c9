"""The options of MaskReID (Qi et al., 2018)."""

from __future__ import annotations

from sameperson.config import Fraction, ReidLosses, Share, Width


class Options(ReidLosses):
    """The options of MaskReID; the defaults are the paper's, which first trains by identities and then by ranking."""

    name: str = "maskreid"
    masked: bool = True
    """Whether the masked copy of the picture is looked at beside the picture."""
    skips: bool = True
    """Whether the feature is made of the means of the fine, the middle and the coarse map, or of the coarse alone."""
    embedding: Width | None = 256
    """Length of the feature, by a linear layer on these means; None keeps the coarse map's channels, to which linear
    layers that begin at zero add the other two."""
    ranking_weight: Share = 1.0
    ranking_margin: Share = 0.15
    """How much more similar the hardest positive shall be than any negative: the paper's alpha."""
    ranking_pull: Share = 2.0
    """Weight of the term that draws positives to a similarity of 1: the paper's lambda."""
    neck: bool = False
    """Whether a batch-normalisation neck stands before the identity classifier, and by default before search."""
    id_weight: Share = 0.0
    label_smoothing: Fraction = 0.0
    triplet_weight: Share = 0.0
    center_weight: Share = 0.0
