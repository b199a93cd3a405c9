"""The options of the light parser."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sameperson.config import Fraction, ParserOptions, Share, Width


class Options(ParserOptions):
    """The options of the light parser (ours)."""

    name: str = "light_parser"
    channels: Width = 64
    """Channels of the decoder's maps."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of the decoder's channels that are dropped in training."""
    pixel_weight: Share = 1.0
    overlap_weight: Share = 0.0
    """Weight of one minus the soft mean IoU, which counts a small part as much as a large one."""
    bn_momentum: Fraction | None = None
    """Momentum of all batch normalisation; None keeps that of the backbone."""
