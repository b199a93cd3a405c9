"""The options of ISP, identity-guided human semantic parsing (Zhu et al., ECCV 2020)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sameperson.config import Count, Positive, ReidLosses


class Options(ReidLosses):
    """The paper's options by its own names, and ours; the defaults are the paper's."""

    name: str = "isp"
    classes: Annotated[int, Field(ge=2, le=255)] = 7
    """Of a pixel, background included: one more than there are parts."""
    parts: Literal["clustered", "parsed", "stripes", "none"] = "clustered"
    """Where parts come from: clusters, a parser's maps beside the pictures, or equal stripes; or there are none, only
    the global feature."""
    enhanced: bool = True
    """Draw weakly active pixels, such as those of bags, into the foreground before clustering."""
    start: Positive = 1
    """The first epoch that clusters, counted from 1; until then the labels are equal stripes."""
    period: Positive = 2
    """Cluster anew every so many epochs."""
    stop: Count = 101
    """The last epoch that may cluster."""
    channels: Positive = 256
    """Of the map that is pooled, and so of the feature of each part."""
    own_area: bool = False
    """Average a part over its own pixels, not over the picture's, so that a half hidden part looks like a whole one."""
    gate: bool = True
    """Weigh each pixel by a learned spatial attention."""
    big_global: bool | Literal["coarsest"] = False
    """Take the global feature of the backbone's whole map, or of its coarsest stage alone, not of the narrower one.

    The whole map where all stages are deep, as HRNet's are; in a light network only the coarsest is."""
    match: Literal["concat", "parts"] = "concat"
    """At test: one feature of everything, or parts that both pictures show (ARM)."""
    holistic: Literal["joint", "separate"] = "joint"
    """With match parts: global and foreground feature have one cosine together, or one each."""
    visible_cells: Positive = 1
    """A part counts as visible where it wins at least so many cells."""
    triplet: Literal["per_branch", "concat"] = "per_branch"
    """A triplet loss for each feature, or one for all of them side by side."""
    pixel_weight: float = 0.1
    pixel_lr: Annotated[float, Field(gt=0)] = 1.0
    """The pixel classifier's learning rate, in the recipe's: a short training has to find it quickly."""
    silence_weight: float = 0.0
    """Ours: short features where there is no one, long ones on the person."""
    silence_by: Literal["mask", "labels"] = "mask"
    """Who is where: masks beside the pictures, for weights to start from, or the last clustering where there is one."""
