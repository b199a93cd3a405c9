"""The strong baseline: one global feature, triplet loss before a BNNeck and identity loss after it.

Luo et al., "Bag of Tricks and a Strong Baseline for Deep Person Re-identification", CVPR workshops 2019.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from torch import Tensor, nn

from sameperson.config import Recipe
from sameperson.data.batch import Batch
from sameperson.losses.center import CenterLoss
from sameperson.losses.gather import gather_rows
from sameperson.losses.identity import identity_loss
from sameperson.losses.triplet import triplet_loss
from sameperson.methods.baseline.options import Options
from sameperson.methods.method import Embedded, Give, Group, Method, Phase
from sameperson.models.backbones import build_backbone
from sameperson.models.map_network import MapNetwork
from sameperson.models.necks import BNNeck, identity_classifier
from sameperson.models.pooling import POOLS


class BaselineMethod(Method):
    """The strong baseline: backbone -> pool -> (embedding) -> feature -> neck -> classifier.

    Metric losses use the feature before the neck; classification and, by default, search use the one after it.
    """

    training_only = ("classifier.", "center.")

    def __init__(self, backbone: MapNetwork, settings: Options, people: int) -> None:
        super().__init__()
        channels = settings.embedding or backbone.channels
        self.settings = settings
        self.backbone = backbone
        self.pool = POOLS[settings.pooling]()
        self.embedding = nn.Linear(backbone.channels, channels) if settings.embedding else nn.Identity()
        self.neck = BNNeck(channels) if settings.neck == "bnneck" else nn.Identity()
        self.classifier = identity_classifier(channels, people)
        self.center = CenterLoss(people, channels, settings.center_weight) if settings.center_weight else None

    @classmethod
    def of(cls, recipe: Recipe, people: int) -> BaselineMethod:
        """Build the method of a recipe for `people` training identities."""
        return cls(build_backbone(recipe.backbone, recipe.data.size), cast(Options, recipe.method), people)

    def phases(self) -> Sequence[Phase]:
        """One phase; the centres of the center loss are trained by a plain SGD of their own."""
        groups = [Group([value for name, value in self.named_parameters() if not name.startswith("center.")])]
        if self.center is not None:
            groups.append(Group(self.center.parameters(), optimizer="sgd", lr=self.settings.center_lr))
        return [Phase("main", groups)]

    def features(self, images: Tensor) -> Tensor:
        """Compute the feature before the neck: images (B, 3, H, W) float32, normalised -> (B, D) float32."""
        return self.embedding(self.pool(self.backbone(images))).float()

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        """Compute `identity`, `triplet` and `center`, already weighted; those with weight 0 are left out."""
        settings, features = self.settings, self.features(batch.images)
        losses = {}
        if settings.id_weight:
            logits = self.classifier(self.neck(features))
            losses["identity"] = settings.id_weight * identity_loss(logits, batch.pids, settings.label_smoothing)
        if settings.triplet_weight:
            everyone, pids = gather_rows(features), gather_rows(batch.pids)
            losses["triplet"] = settings.triplet_weight * triplet_loss(everyone, pids, settings.triplet_margin)
        if self.center is not None:
            losses["center"] = self.center(features, batch.pids)
        return losses

    def embed(self, images: Tensor, priors: Mapping[str, Tensor], give: Give = "features") -> Embedded:
        """Embed images (B, 3, H, W) float32, normalised -> features (B, D) float32. No prior is needed."""
        features = self.features(images)
        return Embedded(self.neck(features) if self.settings.retrieve == "after" else features)


build = BaselineMethod.of
"""The function that `methods.build.build_method` calls."""
