"""PFSA: stripes of a map that attends to its strongest cells without parameters, and deep supervision of all stages.

Wang et al., "Parameter-Free Spatial Attention Network for Person Re-Identification", 2018 (arXiv 1811.12150).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sameperson.config import Recipe
from sameperson.data.batch import Batch
from sameperson.losses.gather import gather_rows
from sameperson.losses.identity import identity_loss
from sameperson.losses.triplet import triplet_loss
from sameperson.methods.method import Embedded, Give, Method, Phase
from sameperson.methods.parameter_groups import one_phase
from sameperson.methods.pfsa.attention import attend
from sameperson.methods.pfsa.options import Options
from sameperson.models.feature_pyramid import widths_of
from sameperson.models.last_stages import build_last_stages
from sameperson.models.map_network import MapNetwork
from sameperson.models.necks import identity_classifier


class PFSAMethod(Method):
    """The PFSA network: last map -> attention -> stripes -> reduced features -> a classifier for each.

    In training, the map of every stage is also attended to, averaged, reduced and classified (deep supervision).
    """

    def __init__(self, backbone: MapNetwork, widths: Sequence[int], settings: Options, people: int) -> None:
        """Build the network; widths: channels of the backbone's stages, the last one last."""
        super().__init__()
        length, stripes = settings.reduced, settings.stripes
        self.settings = settings
        self.backbone = backbone
        self.reductions = nn.ModuleList(reduction(widths[-1], length, settings.dropout) for _ in range(stripes))
        self.classifiers = nn.ModuleList(identity_classifier(length, people) for _ in range(stripes))
        deep = widths if settings.deep_weight else ()
        self.deep = nn.ModuleList(
            nn.Sequential(reduction(width, length, settings.dropout), identity_classifier(length, people))
            for width in deep
        )
        unused = ("classifiers.", "deep.")
        self.training_only = unused if settings.retrieve == "reduced" else (*unused, "reductions.")

    @classmethod
    def of(cls, recipe: Recipe, people: int) -> PFSAMethod:
        """Build the method of a recipe for `people` training identities."""
        backbone = build_last_stages(recipe.backbone, recipe.data.size)
        return cls(backbone, widths_of(backbone, recipe.data.size), cast(Options, recipe.method), people)

    def phases(self) -> Sequence[Phase]:
        """One phase; the backbone may learn at another rate than what is new."""
        return one_phase(self, {"backbone.": self.settings.backbone_lr})

    def attended(self, maps: Tensor) -> Tensor:
        """Weigh the cells of maps (B, C, h, w) -> (B, C, h, w) float32."""
        return attend(maps, self.settings.attention, self.settings.temperature)

    def stripes(self, last: Tensor) -> Tensor:
        """Average the stripes of the attended last map: (B, C, h, w) -> (B, stripes, C) float32."""
        return F.adaptive_avg_pool2d(self.attended(last), (self.settings.stripes, 1))[..., 0].transpose(1, 2)

    def reduced(self, stripes: Tensor) -> list[Tensor]:
        """Reduce the feature of each stripe: (B, stripes, C) -> (B, reduced) for each."""
        return [layer(stripe) for layer, stripe in zip(self.reductions, stripes.unbind(1), strict=True)]

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        """Compute `identity_part`, `identity_deep` and `triplet`, already weighted; without those of weight 0."""
        settings, stages = self.settings, self.backbone.stages(batch.images)
        stripes = self.stripes(stages[-1])
        losses = {}
        if settings.part_weight:
            logits = [layer(one) for layer, one in zip(self.classifiers, self.reduced(stripes), strict=True)]
            losses["identity_part"] = settings.part_weight * self.mean_identity_loss(logits, batch.pids)
        if settings.deep_weight:
            means = [self.attended(stage).mean((2, 3)) for stage in stages]
            logits = [layer(mean) for layer, mean in zip(self.deep, means, strict=True)]
            losses["identity_deep"] = settings.deep_weight * self.mean_identity_loss(logits, batch.pids)
        if settings.triplet_weight:
            everyone, pids = gather_rows(stripes.flatten(1)), gather_rows(batch.pids)
            losses["triplet"] = settings.triplet_weight * triplet_loss(everyone, pids, settings.triplet_margin)
        return losses

    def mean_identity_loss(self, logits: Sequence[Tensor], pids: Tensor) -> Tensor:
        """Average the identity losses of several classifiers' logits, each (B, people)."""
        return torch.stack([identity_loss(one, pids, self.settings.label_smoothing) for one in logits]).mean()

    def embed(self, images: Tensor, priors: Mapping[str, Tensor], give: Give = "features") -> Embedded:
        """Embed images (B, 3, H, W) float32, normalised -> the stripes' features, each of length 1, concatenated.

        They are (B, stripes * C) float32. No prior is needed.
        """
        stripes = self.stripes(self.backbone.stages(images)[-1])
        if self.settings.retrieve == "reduced":
            stripes = torch.stack(self.reduced(stripes), 1)
        return Embedded(F.normalize(stripes, dim=2).flatten(1))


def reduction(channels: int, length: int, dropout: float) -> nn.Sequential:
    """A 1x1 convolution of an averaged map, with batch normalisation, ReLU and dropout."""
    return nn.Sequential(
        nn.Linear(channels, length, bias=False), nn.BatchNorm1d(length), nn.ReLU(inplace=True), nn.Dropout(dropout)
    )


build = PFSAMethod.of
"""The function that `methods.build.build_method` calls."""
