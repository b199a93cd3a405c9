"""MGCAM: attention learned from masks parts a map into body and background, each with a stream beside the full one.

Song et al., "Mask-guided Contrastive Attention Model for Person Re-Identification", CVPR 2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.data.batch import Batch, Priors
from sameperson.losses.gather import gather_rows
from sameperson.methods.earlier_run import continue_run, earlier_run
from sameperson.methods.feature_head import FeatureHead
from sameperson.methods.method import Embedded, Give, Method, Phase
from sameperson.methods.mgcam.contrast import attention_loss, contrastive_loss, region_triplet_loss
from sameperson.methods.mgcam.mask_channel import add_mask_channel
from sameperson.methods.mgcam.options import Options
from sameperson.methods.parameter_groups import one_phase
from sameperson.methods.person_masks import person_masks
from sameperson.models.backbones import build_backbone
from sameperson.models.layer_groups import layer_groups, run
from sameperson.models.map_network import MapNetwork

STREAMS = ("full", "body", "background")
Size = tuple[int, int]


class Streams(NamedTuple):
    """The features (B, D) of the three streams before their necks, and the attention (B, 1, h, w)."""

    full: Tensor
    body: Tensor
    background: Tensor
    attention: Tensor


class MGCAMMethod(Method):
    """The MGCAM network: map at a quarter of the picture -> attention -> three streams, of which search takes the full.

    The full stream sees the map as it is, the body's the map times the attention, the background's the map times the
    rest. Weights of a network without masks give at first what they gave.
    """

    training_only = ("head.classifier.", "head.center.", "others.")

    def __init__(self, backbone: MapNetwork, settings: Options, people: int, size: Size = (160, 64)) -> None:
        """Build the network for pictures of `size`, which `pooling: flatten` is bound to."""
        super().__init__()
        self.settings = settings
        self.backbone = backbone
        if settings.mask_channel:
            add_mask_channel(backbone)
        _, _, middle, coarse = layer_groups(backbone)
        apart = () if settings.shared else STREAMS[1:]
        self.tails = nn.ModuleDict({name: nn.Sequential(*deepcopy([*middle, *coarse])) for name in apart})
        channels, pooled = self.widths(size)
        self.attention = nn.Conv2d(channels, 1, 3, padding=1)
        length = settings.embedding or pooled
        self.embeddings = nn.ModuleDict(
            {name: nn.Linear(pooled, length) if settings.embedding else nn.Identity() for name in STREAMS}
        )
        neck, dropout = settings.neck, settings.dropout
        self.head = FeatureHead(length, people, settings, neck=neck, dropout=dropout)
        plain = settings.model_copy(update={"center_weight": 0.0, "triplet_weight": 0.0})
        classified = STREAMS[1:] if settings.background_identity else STREAMS[1:2]
        self.others = nn.ModuleDict(
            {name: FeatureHead(length, people, plain, neck=neck, dropout=dropout) for name in classified}
        )
        self.needs = ("mask",) if settings.mask_channel else ()

    @classmethod
    def of(cls, recipe: Recipe, people: int) -> MGCAMMethod:
        """Build the method of a recipe for `people` training identities.

        Raises InputError where attention is to be learned without masks.
        """
        settings = cast(Options, recipe.method)
        if settings.attention_weight and not settings.mask_channel and "mask" not in recipe.data.priors:
            then = "set data.priors=[mask]"
            raise InputError("method.attention_weight without masks", "masks to learn from", then)
        backbone, state = earlier_run(recipe.backbone, settings.name)
        size = recipe.data.size
        method = cls(build_backbone(backbone, size), settings, people, size)
        continue_run(method, state, recipe.backbone)
        return method

    def phases(self) -> Sequence[Phase]:
        """One phase; the centres of the center loss have an SGD of their own."""
        return one_phase(self, {}, "head.center.", self.settings.center_lr)

    def widths(self, size: Size) -> tuple[int, int]:
        """The channels of the map that is attended to, and the length of the last map's vector."""
        training = self.backbone.training
        self.backbone.eval()
        with torch.no_grad():
            maps = self.early(torch.zeros(1, 4 if self.settings.mask_channel else 3, *size))
            pooled = self.pool(self.late("full", maps))
        self.backbone.train(training)
        return maps.shape[1], pooled.shape[1]

    def early(self, pictures: Tensor) -> Tensor:
        """Compute the map that is attended to, a quarter of pictures (B, 3 or 4, H, W) -> (B, C, h, w)."""
        stem, fine, _, _ = layer_groups(self.backbone)
        return run([*stem, *fine], pictures)

    def late(self, stream: str, maps: Tensor) -> Tensor:
        """Compute the last map of a stream: (B, C, h, w) -> (B, D, h', w')."""
        if stream in self.tails:
            return self.tails[stream](maps)
        _, _, middle, coarse = layer_groups(self.backbone)
        return run([*middle, *coarse], maps)

    def pool(self, maps: Tensor) -> Tensor:
        """Make a vector of the last map (B, D, h, w), float32."""
        return maps.float().flatten(1) if self.settings.pooling == "flatten" else maps.float().mean((2, 3))

    def feature(self, stream: str, maps: Tensor) -> Tensor:
        """Compute the feature of a stream from the map at a quarter of the picture -> (B, D) float32."""
        return self.embeddings[stream](self.pool(self.late(stream, maps))).float()

    def pictures(self, images: Tensor, priors: Priors) -> Tensor:
        """Put the mask under the images, as a channel from -1/2 to 1/2, as the authors do; all 1/2 without a mask."""
        return torch.cat([images, person_masks(priors) - 0.5], 1) if self.settings.mask_channel else images

    def streams(self, images: Tensor, priors: Priors) -> Streams:
        """Compute the features of all streams and the attention of images (B, 3, H, W) float32, normalised."""
        maps = self.early(self.pictures(images, priors))
        attention = self.attention(maps).float().sigmoid()
        return Streams(
            self.feature("full", maps),
            self.feature("body", maps * attention),
            self.feature("background", maps * (1 - attention)),
            attention,
        )

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        """Compute all losses, already weighted; those with weight 0 are left out.

        They are `identity`, `triplet` and `center` of the full stream, `identity_body`, `identity_background`,
        `attention`, `region` and `siamese`.
        """
        settings, priors = self.settings, Priors(batch.priors, batch.valid)
        found = self.streams(batch.images, priors)
        losses = self.head.losses(found.full, batch.pids)
        if settings.id_weight:
            for name, head in self.others.items():
                value = cast(FeatureHead, head).identity_loss(getattr(found, name), batch.pids)
                losses[f"identity_{name}"] = value
        if settings.attention_weight:
            value = attention_loss(found.attention, person_masks(priors), batch.valid["mask"])
            losses["attention"] = settings.attention_weight * value
        if settings.region_weight:
            value = region_triplet_loss(found.full, found.body, found.background, settings.contrast_margin)
            losses["region"] = settings.region_weight * value
        if settings.siamese_weight:
            everyone, pids = gather_rows(found.full), gather_rows(batch.pids)
            losses["siamese"] = settings.siamese_weight * contrastive_loss(everyone, pids, settings.contrast_margin)
        return losses

    def embed(self, images: Tensor, priors: Priors, give: Give = "features") -> Embedded:
        """Embed images (B, 3, H, W) float32, normalised -> features of the full stream (B, D) float32.

        Their masks are looked at where the network has a channel for them.
        """
        maps = self.early(self.pictures(images, priors))
        return Embedded(self.head.search(self.feature("full", maps)))


build = MGCAMMethod.of
"""The function that `methods.build.build_method` calls."""
