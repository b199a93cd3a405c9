"""The head of one feature: neck, identity classifier and centres, and the usual re-ID losses on it."""

from __future__ import annotations

from torch import Tensor, nn

from sameperson.config import ReidLosses
from sameperson.losses.center import CenterLoss
from sameperson.losses.gather import gather_rows
from sameperson.losses.identity import identity_loss
from sameperson.losses.triplet import triplet_loss
from sameperson.models.necks import BNNeck, identity_classifier


class FeatureHead(nn.Module):
    """Feature -> (neck) -> identity classifier; triplet and center loss act before the neck."""

    def __init__(self, channels: int, people: int, settings: ReidLosses, *, neck: bool, dropout: float = 0.0) -> None:
        """Build the head; dropout: the share of the feature's numbers that the classifier does not see in training."""
        super().__init__()
        self.settings = settings
        self.neck = BNNeck(channels) if neck else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.classifier = identity_classifier(channels, people)
        self.center = CenterLoss(people, channels, settings.center_weight) if settings.center_weight else None

    def identity_loss(self, features: Tensor, pids: Tensor) -> Tensor:
        """Compute the weighted identity loss of features (B, C) -> scalar."""
        logits = self.classifier(self.dropout(self.neck(features)))
        return self.settings.id_weight * identity_loss(logits, pids, self.settings.label_smoothing)

    def losses(self, features: Tensor, pids: Tensor) -> dict[str, Tensor]:
        """Compute `identity`, `triplet` and `center`, already weighted; those with weight 0 are left out."""
        settings, losses = self.settings, {}
        if settings.id_weight:
            losses["identity"] = self.identity_loss(features, pids)
        if settings.triplet_weight:
            everyone, people = gather_rows(features), gather_rows(pids)
            losses["triplet"] = settings.triplet_weight * triplet_loss(everyone, people, settings.triplet_margin)
        if self.center is not None:
            losses["center"] = self.center(features, pids)
        return losses

    def search(self, features: Tensor) -> Tensor:
        """Return what is searched with, after or before the neck: (B, C) -> (B, C)."""
        return self.neck(features) if self.settings.retrieve == "after" else features
