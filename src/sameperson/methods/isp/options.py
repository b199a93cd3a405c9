"""The options of ISP, identity-guided human semantic parsing (Zhu et al., ECCV 2020)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sameperson.config import Count, Positive, ReidLosses, Share, Width


class Options(ReidLosses):
    """The options of ISP, the paper's by its own names, and ours; the defaults are the paper's."""

    name: str = "isp"
    classes: Annotated[int, Field(ge=2, le=255)] = 7
    """Classes of a pixel, background included: one more than there are parts."""
    parts: Literal["clustered", "parsed", "stripes", "none"] = "clustered"
    """Where parts come from: clusters, a parser's maps beside the pictures, or equal stripes. With `none` there is only
    the global feature."""
    enhanced: bool = True
    """Enhance the norms of weakly active pixels, such as those of bags, so that they join the foreground."""
    start: Positive = 1
    """The first epoch that clusters, counted from 1; until then the labels are equal stripes."""
    period: Positive = 2
    """Cluster again every so many epochs."""
    stop: Count = 101
    """The last epoch that may cluster."""
    channels: Width = 256
    """Channels of the map that is pooled, and so of the feature of each part."""
    own_area: bool = False
    """Average a part over its own pixels, not over the picture's, so that a half hidden part has a feature like a whole
    one's."""
    gate: bool = True
    """Weigh each pixel by a learned spatial attention."""
    big_global: bool | Literal["coarsest"] = False
    """Pool the global feature from the backbone's whole map (true), or from its coarsest stage alone ("coarsest"),
    instead of from the narrower map.

    The whole map suits a network whose stages are all deep, as HRNet's are; in a light network only the coarsest is."""
    match: Literal["concat", "parts"] = "concat"
    """At test: compare one feature of everything, or the parts that both pictures show (aligned matching)."""
    holistic: Literal["joint", "separate"] = "joint"
    """With match parts: global and foreground feature have one cosine together, or one each."""
    visible_cells: Positive = 1
    """A part counts as visible where it has the highest score in at least so many cells."""
    triplet: Literal["per_branch", "concat"] = "per_branch"
    """A triplet loss for each feature, or one for all of them concatenated."""
    pixel_weight: Share = 0.1
    pixel_lr: Annotated[float, Field(gt=0)] = 1.0
    """The pixel classifier's learning rate, as a multiple of the recipe's; a short training needs a larger one."""
    silence_weight: Share = 0.0
    """Weight of the foreground activation loss (ours): short features on the background, long ones on the person."""
    silence_by: Literal["mask", "labels"] = "mask"
    """Where that loss takes the foreground from: masks beside the pictures, or the last clustering if there is one."""
