"""MaskReID: a picture and its masked copy enter by stems of their own, share a trunk, and are learned by ranking.

Qi et al., "MaskReID: A Mask Based Deep Ranking Neural Network for Person Re-identification", 2018. The paper gives no
table of its trunk; here it is any of our backbones.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import cast

import torch
from torch import Tensor, nn

from sameperson.config import Recipe
from sameperson.data.batch import Batch, Priors
from sameperson.losses.gather import gather_rows
from sameperson.methods.earlier_run import continue_run, earlier_run
from sameperson.methods.feature_head import FeatureHead
from sameperson.methods.maskreid.options import Options
from sameperson.methods.maskreid.ranking import ranking_loss
from sameperson.methods.method import Embedded, Give, Method, Phase
from sameperson.methods.parameter_groups import one_phase
from sameperson.methods.person_masks import person_masks
from sameperson.models.backbones import build_backbone
from sameperson.models.layer_groups import layer_groups, run
from sameperson.models.map_network import MapNetwork


class MaskReIDMethod(Method):
    """The MaskReID network: two stems -> joined by a 1x1 convolution -> trunk -> means of three maps -> feature.

    The stems begin alike, and the joining convolution begins by passing the picture's own on, so that weights of a
    network without masks give at first what they gave.
    """

    training_only = ("head.classifier.", "head.center.")

    def __init__(self, backbone: MapNetwork, settings: Options, people: int) -> None:
        super().__init__()
        self.settings = settings
        self.backbone = backbone
        stem, fine, middle, _ = layer_groups(backbone)
        stem_channels, *skipped = widths((stem, fine, middle))
        self.masked_stem, self.join = None, None
        if settings.masked:
            self.masked_stem = nn.Sequential(*deepcopy(stem))
            self.join = first_of_two(stem_channels)
        length = settings.embedding or backbone.channels
        skipped = skipped if settings.skips else []
        self.skips = nn.ModuleList(nn.Linear(width, length, bias=False) for width in skipped)
        self.embedding = nn.Linear(backbone.channels, length) if settings.embedding else nn.Identity()
        if not settings.embedding:
            for layer in self.skips:
                nn.init.zeros_(cast(nn.Linear, layer).weight)
        self.head = FeatureHead(length, people, settings, neck=settings.neck)
        self.needs = ("mask",) if settings.masked else ()

    @classmethod
    def of(cls, recipe: Recipe, people: int) -> MaskReIDMethod:
        """Build the method of a recipe for `people` training identities."""
        settings = cast(Options, recipe.method)
        backbone, state = earlier_run(recipe.backbone, settings.name)
        method = cls(build_backbone(backbone, recipe.data.size), settings, people)
        continue_run(method, state, recipe.backbone)
        return method

    def phases(self) -> Sequence[Phase]:
        """One phase; the centres of the center loss have an SGD of their own."""
        return one_phase(self, {}, "head.center.", self.settings.center_lr)

    def features(self, images: Tensor, priors: Priors) -> Tensor:
        """Compute the feature before the neck: images (B, 3, H, W) float32, normalised -> (B, D) float32.

        In the masked copy, what is not the person has the colour that the pictures have in the mean. A picture without
        a mask is its own masked copy.
        """
        stem, fine, middle, coarse = layer_groups(self.backbone)
        maps = run(stem, images)
        if self.masked_stem is not None and self.join is not None:
            masked = self.masked_stem(images * person_masks(priors))
            maps = self.join(torch.cat([maps, masked], 1))
        maps = run(fine, maps)
        means = [maps.float().mean((2, 3))]
        maps = run(middle, maps)
        means.append(maps.float().mean((2, 3)))
        feature = self.embedding(run(coarse, maps).float().mean((2, 3)))
        for layer, mean in zip(self.skips, means):  # none without skips
            feature = feature + layer(mean)
        return feature.float()

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        """Compute `ranking`, `identity`, `triplet`, `center`, already weighted; those with weight 0 are left out."""
        settings = self.settings
        features = self.features(batch.images, Priors(batch.priors, batch.valid))
        losses = self.head.losses(features, batch.pids)
        if settings.ranking_weight:
            everyone, pids = gather_rows(features), gather_rows(batch.pids)
            value = ranking_loss(everyone, pids, settings.ranking_margin, settings.ranking_pull)
            losses["ranking"] = settings.ranking_weight * value
        return losses

    def embed(self, images: Tensor, priors: Priors, give: Give = "features") -> Embedded:
        """Embed images (B, 3, H, W) float32, normalised, with their masks -> features (B, D) float32."""
        return Embedded(self.head.search(self.features(images, priors)))


def first_of_two(channels: int) -> nn.Conv2d:
    """A 1x1 convolution of two maps, concatenated, that begins by passing the first on as it is."""
    join = nn.Conv2d(2 * channels, channels, 1, bias=False)
    with torch.no_grad():
        join.weight.copy_(torch.eye(channels, 2 * channels)[..., None, None])
    return join


def widths(groups: Sequence[Sequence[nn.Module]]) -> list[int]:
    """The channels of the map after each of several groups of layers that run one after the other."""
    training = [layer.training for group in groups for layer in group]
    layers = [layer for group in groups for layer in group]
    found, maps = [], torch.zeros(1, 3, 64, 64)
    with torch.no_grad():
        for group in groups:
            maps = run((layer.eval() for layer in group), maps)
            found.append(maps.shape[1])
    for layer, was in zip(layers, training):
        layer.train(was)
    return found


build = MaskReIDMethod.of
"""The function that `methods.build.build_method` calls."""
