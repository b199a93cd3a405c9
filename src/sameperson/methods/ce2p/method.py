"""CE2P: human parsing with pyramid pooling, high-resolution features and an edge branch.

Ruan et al., "Devil in the Details: Towards Accurate Single and Multiple Human Parsing", AAAI 2019.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from sameperson.config import Recipe
from sameperson.data.batch import Batch
from sameperson.losses.edge import edge_labels, edge_loss
from sameperson.losses.pixel import pixel_loss
from sameperson.methods.ce2p.branches import EdgeBranch, FineDecoder
from sameperson.methods.ce2p.options import Options
from sameperson.methods.parser import Parser, at_pixels, true_labels
from sameperson.models.batch_norm import set_bn_momentum
from sameperson.models.feature_pyramid import widths_of
from sameperson.models.last_stages import build_last_stages
from sameperson.models.pyramid_pooling import PyramidPooling, conv_layers, enlarged


class Scores(NamedTuple):
    """What CE2P says of each cell: labels before and after the edge features join, and edges if it has that branch."""

    context: Tensor
    fusion: Tensor
    edge: Tensor | None


class CE2P(Parser):
    """Backbone -> context of the last stage -> decoder -> labels; with edge features of the first three -> labels."""

    training_only = ("context_labels.", "edge.shared.", "edge.merge.")

    def __init__(self, recipe: Recipe) -> None:
        """Build the network of a recipe. Raises InputError for a backbone that cannot be built."""
        super().__init__(recipe)
        settings, size = cast(Options, recipe.method), recipe.data.size
        self.settings = settings
        self.backbone = build_last_stages(recipe.backbone, size)
        widths = widths_of(self.backbone, size)
        channels = settings.channels
        self.context = PyramidPooling(widths[-1], settings.context_channels)
        fine_channels = settings.fine_channels if settings.fine else 0
        self.decoder = FineDecoder(settings.context_channels, widths[0], channels, fine_channels)
        self.context_labels = nn.Conv2d(channels, self.labels, 1)
        self.edge = EdgeBranch(widths[:3], channels) if settings.edge else None
        joined = channels * (1 + len(widths[:3])) if settings.edge else channels
        self.fusion = nn.Sequential(*conv_layers(joined, channels), nn.Dropout2d(settings.dropout))
        self.fusion_labels = nn.Conv2d(channels, self.labels, 1)
        set_bn_momentum(self, settings.bn_momentum)

    def scores(self, images: Tensor) -> Scores:
        """Score every cell of the finest stage: images (B, 3, H, W) float32, normalised -> each (B, C, H/4, W/4)."""
        stages = self.backbone.stages(images)
        decoded = self.decoder(self.context(stages[-1]), stages[0])
        if self.edge is None:
            return Scores(self.context_labels(decoded), self.fusion_labels(self.fusion(decoded)), None)
        features = self.edge.features(stages[:3])
        joined = torch.cat([decoded, *(enlarged(one, decoded) for one in features)], 1)
        edges = self.edge.scores(features)
        return Scores(self.context_labels(decoded), self.fusion_labels(self.fusion(joined)), edges)

    def parse(self, images: Tensor) -> Tensor:
        """Score each pixel: images (B, 3, H, W) float32, normalised -> (B, labels, H/4, W/4)."""
        return self.scores(images).fusion

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        """Compute `context`, `fusion` and `edge`, already weighted; those with weight 0 are left out."""
        settings, labels, scores = self.settings, true_labels(batch), self.scores(batch.images)
        losses = {}
        if settings.context_weight:
            losses["context"] = settings.context_weight * pixel_loss(at_pixels(scores.context, labels), labels)
        if settings.fusion_weight:
            losses["fusion"] = settings.fusion_weight * pixel_loss(at_pixels(scores.fusion, labels), labels)
        if scores.edge is not None and settings.edge_weight:
            edges = edge_labels(labels, settings.edge_width)
            losses["edge"] = settings.edge_weight * edge_loss(at_pixels(scores.edge, labels), edges)
        return losses


def build(recipe: Recipe, people: int) -> CE2P:  # noqa: ARG001 - a parser knows nobody
    """Build the method of a recipe; `methods.build.build_method` calls this."""
    return CE2P(recipe)
