"""SPReID: the features of the whole picture, of the person and of the body regions that a parser found.

Kalayeh et al., "Human Semantic Parsing for Person Re-identification", CVPR 2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.data.batch import Batch, Priors
from sameperson.methods.earlier_run import continue_run, earlier_run
from sameperson.methods.feature_head import FeatureHead
from sameperson.methods.method import Embedded, Give, Method, Phase
from sameperson.methods.parameter_groups import one_phase
from sameperson.methods.parser import learned_labels
from sameperson.methods.spreid.body_regions import joined, region_means, region_shares
from sameperson.methods.spreid.options import Options
from sameperson.models.backbones import build_backbone
from sameperson.models.map_network import MapNetwork
from sameperson.models.multiscale_fusion import enlarge

LABELS = "spreid"


class SPReIDMethod(Method):
    """The SPReID network: one map, averaged over the picture, over the foreground and over four body regions.

    The four regions' features become one, and the three are concatenated. A picture without a parsing map, or whose map
    shows nobody, has its global feature in all three places.
    """

    training_only = ("head.classifier.", "head.center.")

    def __init__(self, backbone: MapNetwork, settings: Options, people: int) -> None:
        super().__init__()
        self.settings = settings
        self.backbone = backbone
        features = (settings.whole, settings.foreground, settings.parts != "none")
        self.head = FeatureHead(sum(features) * backbone.channels, people, settings, neck=settings.neck == "bnneck")
        self.needs = ("parsing",) if any(features[1:]) else ()

    @classmethod
    def of(cls, recipe: Recipe, people: int) -> SPReIDMethod:
        """Build the method of a recipe for `people` training identities.

        Raises InputError for regions of another label set, and where no feature is left.
        """
        settings = cast(Options, recipe.method)
        if not (settings.whole or settings.foreground or settings.parts != "none"):
            found = "method.whole, method.foreground and method.parts all left out"
            raise InputError(found, "at least one feature", "set method.whole=true")
        backbone, state = earlier_run(recipe.backbone, settings.name)
        method = cls(build_backbone(backbone, recipe.data.size), settings, people)
        labels = learned_labels(recipe.data.parsing)
        if method.needs and labels != LABELS:
            found, then = f"parsing maps of {labels} for the method spreid", f"set data.parsing.merge={LABELS}"
            raise InputError(found, f"the regions of {LABELS}", then)
        continue_run(method, state, recipe.backbone)
        return method

    def phases(self) -> Sequence[Phase]:
        """One phase; the classifier may learn at another rate, and centres have an SGD of their own."""
        return one_phase(
            self, {"head.classifier.": self.settings.classifier_lr}, "head.center.", self.settings.center_lr
        )

    def features(self, images: Tensor, priors: Priors) -> Tensor:
        """Compute the feature before the neck.

        images: (B, 3, H, W) float32, normalised -> (B, D) float32, D the backbone's channels, once for each feature.
        """
        settings, maps = self.settings, self.backbone(images)
        whole = maps.float().mean((2, 3))
        if not self.needs:
            return whole
        height, width = images.shape[2:]
        fine = enlarge(maps, (-(-height // settings.cell), -(-width // settings.cell)))
        labels, valid = priors["parsing"], priors.valid["parsing"]
        shares = region_shares(labels, (fine.shape[2], fine.shape[3]))
        means, present = region_means(fine, torch.cat([shares.sum(1, keepdim=True), shares], 1))
        known = (valid & present[:, 0])[:, None]
        found = [whole] if settings.whole else []
        if settings.foreground:
            found.append(means[:, 0].where(known, whole))
        if settings.parts != "none":
            found.append(joined(means[:, 1:], present[:, 1:], settings.parts).where(known, whole))
        return torch.cat(found, 1)

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        """Compute `identity`, `triplet` and `center`, already weighted; those with weight 0 are left out."""
        return self.head.losses(self.features(batch.images, Priors(batch.priors, batch.valid)), batch.pids)

    def embed(self, images: Tensor, priors: Priors, give: Give = "features") -> Embedded:
        """Embed images (B, 3, H, W) float32, normalised, with their parsing maps -> features (B, D) float32."""
        return Embedded(self.head.search(self.features(images, priors)))


build = SPReIDMethod.of
"""The function that `methods.build.build_method` calls."""
