"""The options of CE2P, context embedding with edge perceiving for human parsing (Ruan et al., AAAI 2019)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sameperson.config import Fraction, ParserOptions, Share, Width


class Options(ParserOptions):
    """The options of CE2P; the defaults are those of the authors' code."""

    name: str = "ce2p"
    context_channels: Width = 512
    """Channels of the pyramid pooling."""
    channels: Width = 256
    """Channels of the decoder's maps and of each edge map."""
    fine_channels: Width = 48
    """Channels of the finest stage in the decoder."""
    fine: bool = True
    """Use the finest stage in the decoder (the high-resolution branch)."""
    edge: bool = True
    """Learn where labels end, and use the features of that branch (the edge branch)."""
    edge_width: Literal[1, 3, 5, 7] = 3
    """Pixels across an edge."""
    context_weight: Share = 1.0
    """Weight of the loss of the labels before the edge features join."""
    fusion_weight: Share = 1.0
    """Weight of the loss of the final labels."""
    edge_weight: Share = 1.0
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the channels that are dropped before the final labels, in training."""
    bn_momentum: Fraction | None = 3.0e-4
    """Momentum of all batch normalisation; a short training from scratch needs the usual 0.1."""
