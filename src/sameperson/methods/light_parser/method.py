"""A light parser for CPUs: any backbone, a small feature pyramid on its stages, and a 1x1 classifier of pixels."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from sameperson.config import Recipe
from sameperson.data.batch import Batch
from sameperson.losses.overlap import overlap_loss
from sameperson.losses.pixel import pixel_loss
from sameperson.methods.light_parser.options import Options
from sameperson.methods.parser import Parser, at_pixels, true_labels
from sameperson.models.batch_norm import set_bn_momentum
from sameperson.models.feature_pyramid import FeaturePyramid, widths_of
from sameperson.models.multiscale import build_multiscale


class LightParser(Parser):
    """Backbone -> maps of 1/4, 1/8, 1/16 (and 1/32) -> feature pyramid -> scores at 1/4 of the picture."""

    def __init__(self, recipe: Recipe) -> None:
        """Build the network of a recipe. Raises InputError for a backbone that cannot be built."""
        super().__init__(recipe)
        settings, size = cast(Options, recipe.method), recipe.data.size
        self.settings = settings
        self.backbone = build_multiscale(recipe.backbone, size)
        self.pyramid = FeaturePyramid(widths_of(self.backbone, size), settings.channels)
        self.dropout = nn.Dropout2d(settings.dropout)
        self.classifier = nn.Conv2d(settings.channels, self.labels, 1)
        set_bn_momentum(self, settings.bn_momentum)

    def parse(self, images: Tensor) -> Tensor:
        """Score each pixel: images (B, 3, H, W) float32, normalised -> (B, labels, H/4, W/4)."""
        return self.classifier(self.dropout(self.pyramid(self.backbone.stages(images))))

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        """Compute `pixel` and `overlap`, already weighted; one with weight 0 is left out."""
        settings, labels = self.settings, true_labels(batch)
        scores = at_pixels(self.parse(batch.images), labels)
        losses = {}
        if settings.pixel_weight:
            losses["pixel"] = settings.pixel_weight * pixel_loss(scores, labels)
        if settings.overlap_weight:
            losses["overlap"] = settings.overlap_weight * overlap_loss(scores, labels)
        return losses


def build(recipe: Recipe, people: int) -> LightParser:  # noqa: ARG001 - a parser knows nobody
    """Build the method of a recipe; `methods.build.build_method` calls this."""
    return LightParser(recipe)
