"""The options of PFSA, parameter-free spatial attention (Wang et al., 2018)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sameperson.config import Fraction, MethodOptions, Positive, Share, Width

Multiple = Annotated[float, Field(gt=0)]


class Options(MethodOptions):
    """The options of PFSA; the defaults are the paper's, but for the attention, which is that of its code."""

    name: str = "pfsa"
    attention: Literal["sum", "softmax", "none"] = "sum"
    """How a cell is weighed by the sum of its channels: by its share in the sum over all cells (the authors' code), by
    a softmax over all cells (their paper), or not at all."""
    temperature: Multiple = 1.0
    """The softmax is of sum / temperature. At 1, the sums of 2048 channels leave nearly all weight to one cell."""
    stripes: Positive = 6
    """Equal horizontal stripes of the last map; each has a feature and a classifier."""
    reduced: Width = 256
    """Length of a stripe's feature before its classifier."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    """Share of the reduced feature's numbers that is dropped in training."""
    part_weight: Share = 0.8
    """Weight of the mean of the stripes' identity losses."""
    deep_weight: Share = 0.2
    """Weight of the mean of the identity losses of all stages (deep supervision); 0 leaves their classifiers out."""
    label_smoothing: Fraction = 0.0
    triplet_weight: Share = 0.0
    """Weight of a triplet loss on the stripes' features, concatenated (ours)."""
    triplet_margin: Multiple | Literal["soft"] = 0.3
    backbone_lr: Multiple = 1.0
    """The backbone's learning rate, as a multiple of the recipe's."""
    retrieve: Literal["stripes", "reduced"] = "stripes"
    """Search with the stripes' features before or after they are reduced."""
