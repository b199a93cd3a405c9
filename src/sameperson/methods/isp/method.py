"""ISP: body parts found from identity labels alone, learned by a pixel classifier, matched where both are visible.

Zhu et al., "Identity-Guided Human Semantic Parsing for Person Re-Identification", ECCV 2020.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from sameperson.checks import InputError
from sameperson.config import NO_FILE, Backbone, Recipe
from sameperson.data.batch import Batch
from sameperson.losses.center import CenterLoss
from sameperson.losses.foreground_activation import foreground_activation_loss
from sameperson.losses.gather import gather_rows
from sameperson.losses.identity import identity_loss
from sameperson.losses.pixel import IGNORED, pixel_loss
from sameperson.losses.triplet import triplet_loss
from sameperson.methods.isp.options import Options
from sameperson.methods.isp.relabel import PART_LABELS, Clusters
from sameperson.methods.method import Embedded, Give, Group, Method, Phase, Run
from sameperson.models.map_network import MapNetwork
from sameperson.models.multiscale import build_multiscale
from sameperson.models.multiscale_fusion import cells_of, merged_conv, merged_mean
from sameperson.models.necks import BNNeck, identity_classifier
from sameperson.models.osnet import conv_norm_relu
from sameperson.models.part_pooling import pool_parts, stripes, visible_parts
from sameperson.models.spatial_attention import SpatialGate
from sameperson.models.weights import load_into, load_weights
from sameperson.priors.label_sets import LABEL_SETS
from sameperson.priors.part_groups import part_set


class ISPMethod(Method):
    """The ISP network: a fine feature map X, a pixel classifier on it, and part, global and foreground features.

    X: backbone's fine map -> narrower -> spatial gate. The softmax of the pixel classifier gives each pixel's share in
    each part, by which X is pooled to part and foreground features; X itself is pooled to the global feature.

    Each kind of feature is a branch with a neck and a classifier of its own: `part` (all parts concatenated), `global`,
    `fore`. Without parts there is `global` alone.
    """

    training_only = ("classifiers.", "centers.")

    def __init__(self, backbone: MapNetwork, settings: Options, people: int, cells: tuple[int, int] = (64, 32)) -> None:
        """Build the network; cells: rows and columns of the backbone's map."""
        super().__init__()
        channels, parts = settings.channels, settings.classes - 1
        self.settings, self.people, self.cells = settings, people, cells
        self.backbone = backbone
        self.narrow = conv_norm_relu(backbone.channels, channels)
        self.gate = SpatialGate(channels) if settings.gate else nn.Identity()
        global_widths = {False: channels, True: backbone.channels, "coarsest": backbone.coarsest}
        widths = {"global": global_widths[settings.big_global]}
        if settings.parts != "none":
            widths = {"part": parts * channels, **widths, "fore": channels}
        classified = settings.parts in ("clustered", "parsed")
        self.pixels = nn.Conv2d(channels, settings.classes, 1) if classified else None
        self.necks = nn.ModuleDict({name: BNNeck(width) for name, width in widths.items()})
        self.classifiers = nn.ModuleDict({name: identity_classifier(width, people) for name, width in widths.items()})
        weight = settings.center_weight
        centred = widths.items() if weight else ()
        self.centers = nn.ModuleDict({name: CenterLoss(people, width, weight) for name, width in centred})
        self.match = "parts" if settings.match == "parts" else "features"
        self.wholes = 2 if settings.match == "parts" and settings.holistic == "separate" else 1
        self.label_set = f"isp-{settings.classes}" if classified else ""

    @classmethod
    def of(cls, recipe: Recipe, people: int) -> ISPMethod:
        """Build the method of a recipe for `people` training identities.

        Raises InputError for options that contradict each other.
        """
        settings, size = cast(Options, recipe.method), recipe.data.size
        if settings.match == "parts" and recipe.evaluate.metric != "cosine":
            found = f"method.match parts with evaluate.metric {recipe.evaluate.metric}"
            raise InputError(found, "parts matched by cosine", "set evaluate.metric=cosine, or method.match=concat")
        if settings.silence_weight and settings.silence_by == "mask" and "mask" not in recipe.data.priors:
            raise InputError("method.silence_weight without masks", "masks to learn from", "set data.priors=[mask]")
        require_consistent(settings)
        require_labels(recipe)
        method = cls(build_multiscale(recipe.backbone, size), settings, people, cells_of(*size))
        load_isp_layers(method, recipe.backbone)
        return method

    def phases(self) -> Sequence[Phase]:
        """One phase; the centres of the center losses are trained by a plain SGD of their own."""
        apart = ("centers.", "pixels.") if self.settings.pixel_lr != 1 else ("centers.",)
        groups = [Group([value for name, value in self.named_parameters() if not name.startswith(apart)])]
        if self.pixels is not None and self.settings.pixel_lr != 1:
            groups.append(Group(self.pixels.parameters(), lr_scale=self.settings.pixel_lr))
        if len(self.centers):
            groups.append(Group(self.centers.parameters(), optimizer="sgd", lr=self.settings.center_lr))
        return [Phase("main", groups)]

    def maps(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        """Compute the backbone's stages, and the map X (B, C, h, w), of images (B, 3, H, W) float32, normalised."""
        stages = self.backbone.stages(images)
        narrowed = merged_conv(cast(nn.Conv2d, self.narrow[0]), stages, cells_of(*images.shape[2:]))
        return stages, self.gate(self.narrow[1:](narrowed))

    def features(self, images: Tensor) -> tuple[dict[str, Tensor], Tensor | None]:
        """Compute the features before the necks, branch -> (B, D) float32, and the pixel classifier's scores.

        The scores are (B, classes, h, w) float32; None where parts are not classified.
        """
        return self.pool(*self.maps(images))

    def pool(self, stages: Sequence[Tensor], x: Tensor) -> tuple[dict[str, Tensor], Tensor | None]:
        """Compute the result of `features` from the result of `maps`: the backbone's stages, and the map x."""
        cells = (x.shape[2], x.shape[3])
        if self.settings.big_global == "coarsest":
            global_feature = stages[-1].float().mean((2, 3))
        else:
            global_feature = merged_mean(stages, cells) if self.settings.big_global else x.float().mean((2, 3))
        if self.settings.parts == "none":
            return {"global": global_feature}, None
        if self.pixels is None:
            scores = None
            shares = stripes(self.settings.classes - 1, cells, x.device).expand(len(x), -1, -1, -1)
        else:
            scores = self.pixels(x).float()
            shares = scores.softmax(1)[:, 1:]
        own = self.settings.own_area
        if own:  # else the identity loss shrinks each part to its few most telling pixels, at no cost to its feature
            shares = shares.detach()
        parts = pool_parts(x, shares, own)
        # The foreground's share is the sum of all parts', so its feature is the sum of theirs.
        fore = pool_parts(x, shares.sum(1, keepdim=True), own)[:, 0] if own else parts.sum(1)
        return {"part": parts.flatten(1), "global": global_feature, "fore": fore}, scores

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        """Compute `identity_*`, `triplet_*` and `center_*` of each branch, `pixel` and `silence`, already weighted.

        Losses with weight 0 are left out. The triplet loss of all branches concatenated is called `triplet`; `silence`
        is the foreground activation loss. The pixel loss of clustered parts needs `part_labels` among the priors.
        """
        settings = self.settings
        maps = self.maps(batch.images)
        features, scores = self.pool(*maps)
        losses = {}
        if settings.id_weight:
            for name, feature in features.items():
                logits = self.classifiers[name](self.necks[name](feature))
                losses[f"identity_{name}"] = settings.id_weight * identity_loss(
                    logits, batch.pids, settings.label_smoothing
                )
        if settings.triplet_weight:
            pids = gather_rows(batch.pids)
            for name, feature in self.triplet_features(features):
                value = triplet_loss(gather_rows(feature), pids, settings.triplet_margin)
                losses[name] = settings.triplet_weight * value
        for name, center in self.centers.items():
            losses[f"center_{name}"] = center(features[name], batch.pids)
        if scores is not None and settings.pixel_weight:
            losses["pixel"] = settings.pixel_weight * pixel_loss(scores, self.labels(batch))
        if settings.silence_weight and (settings.silence_by == "mask" or settings.parts == "clustered"):
            name = "mask" if settings.silence_by == "mask" else PART_LABELS
            value = foreground_activation_loss(maps[1], batch.priors[name], batch.valid[name])
            losses["silence"] = settings.silence_weight * value
        return losses

    def labels(self, batch: Batch) -> Tensor:
        """The labels of a batch's pixels for the pixel classifier: (B, H, W) uint8."""
        if self.settings.parts == "clustered":
            return batch.priors[PART_LABELS]
        return batch.priors["parsing"].masked_fill(~batch.valid["parsing"][:, None, None], IGNORED)

    def triplet_features(self, features: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        """The features (B, D) that triplet losses compare, each with its loss's name."""
        if self.settings.triplet == "concat":
            yield "triplet", torch.cat(list(features.values()), 1)
        else:
            yield from ((f"triplet_{name}", feature) for name, feature in features.items())

    def embed(self, images: Tensor, priors: Mapping[str, Tensor], give: Give = "features") -> Embedded:
        """Embed images (B, 3, H, W) float32, normalised -> part, global and foreground feature concatenated (B, D).

        With `give` parts, the features are global and foreground only, beside parts (B, P, C) and visibility (B, P).
        All are float32.
        """
        features, scores = self.features(images)
        if self.settings.retrieve == "after":
            features = {name: self.necks[name](feature) for name, feature in features.items()}
        if give != "parts" or "part" not in features:
            return Embedded(torch.cat(list(features.values()), 1))
        parts = features["part"].unflatten(1, (self.settings.classes - 1, -1))
        visibility = parts.new_ones(parts.shape[:2])
        if scores is not None:
            visibility = visible_parts(scores, self.settings.visible_cells)
        return Embedded(torch.cat([features["global"], features["fore"]], 1), parts, visibility)

    def parse(self, images: Tensor) -> Tensor:
        """Score the classes of each pixel, the background first.

        images: (B, 3, H, W) float32, normalised -> (B, classes, h, w) float32.
        """
        if self.pixels is None:
            raise NotImplementedError(f"parts {self.settings.parts!r} have no pixel classifier")
        return self.pixels(self.maps(images)[1]).float()

    def before_epoch(self, run: Run) -> None:
        """Cluster again if this epoch is due; otherwise use the last labels, or stripes before the first clustering."""
        if self.settings.parts != "clustered":
            return
        clusters = Clusters(self.settings.classes - 1, self.cells, self.settings.enhanced)
        due = self.last_due(run.epoch)
        if due == run.epoch and not run.resumed:
            self.eval()
            labels = run.labels[PART_LABELS] = clusters.recluster(lambda images: self.maps(images)[1], run)
            run.tell(run.agreement(labels, part_set(self.settings.classes)))
        elif due is None:
            run.labels[PART_LABELS] = clusters.stripes(run)
        elif PART_LABELS not in run.labels:
            run.labels[PART_LABELS] = clusters.last(run, due)

    def last_due(self, epoch: int) -> int | None:
        """The last epoch up to this one, both counted from 0, that clusters; None before the first."""
        start, period, stop = self.settings.start - 1, self.settings.period, self.settings.stop - 1
        until = min(epoch, stop)
        return None if until < start else until - (until - start) % period


def load_isp_layers(method: ISPMethod, backbone: Backbone) -> None:
    """Load the narrowing and the gate from the backbone's weights file, if it is that of another ISP network.

    The pixel classifier is loaded too if it has as many classes, since parts are numbered alike in every run.

    Raises InputError for layers of other shapes, unless `backbone.allow_mismatch`.
    """
    if backbone.weights in NO_FILE:
        return
    state, card = load_weights(backbone.weights)
    if card is not None and card.method == "isp":
        own = nn.ModuleDict({"narrow": method.narrow, "gate": method.gate})
        if method.pixels is not None and len(state.get("pixels.bias", ())) == method.settings.classes:
            own["pixels"] = method.pixels
        state = {name: value for name, value in state.items() if name.split(".")[0] in own}
        load_into(own, state, source=backbone.weights, allow_mismatch=backbone.allow_mismatch)


def require_labels(recipe: Recipe) -> None:
    """Raise InputError where parts come from parsing maps that are not read, or have another number of classes."""
    settings, labels = cast(Options, recipe.method), recipe.data.parsing
    if settings.parts != "parsed":
        return
    if "parsing" not in recipe.data.priors:
        raise InputError("method.parts parsed without parsing maps", "maps to learn from", "set data.priors=[parsing]")
    known = len(LABEL_SETS[labels.labels if labels.merge == "none" else labels.merge].labels)
    if settings.classes != known:
        found = f"method.classes {settings.classes} with parsing maps of {known}"
        raise InputError(found, "one class for each label", f"set method.classes={known}")


def require_consistent(settings: Options) -> None:
    """Raise InputError for options that contradict each other, such as matching parts where there are none."""
    if settings.match == "parts" and settings.parts == "none":
        then = "set method.match=concat, or method.parts=clustered"
        raise InputError("method.match parts with method.parts none", "parts to match", then)
    if settings.match == "parts" and settings.holistic == "separate" and settings.big_global:
        found = "method.holistic separate with method.big_global"
        raise InputError(found, "a global and a foreground feature of one length", "set method.holistic=joint")


build = ISPMethod.of
"""The function that `methods.build.build_method` calls."""
