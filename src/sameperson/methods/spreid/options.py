"""The options of SPReID, human semantic parsing for re-ID (Kalayeh et al., CVPR 2018)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sameperson.config import Fraction, Positive, ReidLosses, Share


class Options(ReidLosses):
    """The options of SPReID; the defaults are the paper's, which learns by an identity loss alone."""

    name: str = "spreid"
    whole: bool = True
    """Whether the global feature is a part of the feature."""
    foreground: bool = True
    """Whether the foreground's feature is a part of the feature."""
    parts: Literal["max", "mean", "none"] = "max"
    """How those of head, upper body, lower body and shoes become one: the largest of each number, or the mean."""
    cell: Positive = 16
    """Pixels along a side of the cells in which activations are weighed by regions, to which the map is enlarged."""
    neck: Literal["bnneck", "none"] = "none"
    classifier_lr: Annotated[float, Field(gt=0)] = 1.0
    """The classifier's learning rate, as a multiple of the recipe's: the second stage begins it anew."""
    label_smoothing: Fraction = 0.0
    triplet_weight: Share = 0.0
    center_weight: Share = 0.0
