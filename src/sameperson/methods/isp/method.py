"""ISP: parts and belongings found from identities alone, learned by a pixel classifier, compared where both show.

Zhu et al., "Identity-Guided Human Semantic Parsing for Person Re-Identification", ECCV 2020.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from sameperson.checks import InputError
from sameperson.config import Backbone, Recipe
from sameperson.data.batch import Batch
from sameperson.losses.center import CenterLoss
from sameperson.losses.foreground_activation import silence_loss
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
    """fine map -> narrower -> gate -> X; X -> pixel classifier -> shares -> part and foreground features; X -> global.

    Each kind of feature is a branch with a neck and a classifier of its own: `part` (all parts side by side), `global`,
    `fore`. Without parts there is `global` alone.
    """

    training_only = ("classifiers.", "centers.")

    def __init__(self, backbone: MapNetwork, settings: Options, people: int, cells: tuple[int, int] = (64, 32)) -> None:
        """cells: rows and columns of the backbone's map."""
        super().__init__()
        channels, parts = settings.channels, settings.classes - 1
        self.settings, self.people, self.cells = settings, people, cells
        self.backbone = backbone
        self.narrow = conv_norm_relu(backbone.channels, channels)
        self.gate = SpatialGate(channels) if settings.gate else nn.Identity()
        seen = {False: channels, True: backbone.channels, "coarsest": backbone.coarsest}
        widths = {"global": seen[settings.big_global]}
        if settings.parts != "none":
            widths = {"part": parts * channels, **widths, "fore": channels}
        classified = settings.parts in ("clustered", "parsed")
        self.pixels = nn.Conv2d(channels, settings.classes, 1) if classified else None
        self.necks = nn.ModuleDict({name: BNNeck(width) for name, width in widths.items()})
        self.classifiers = nn.ModuleDict({name: identity_classifier(width, people) for name, width in widths.items()})
        weight = settings.center_weight
        drawn = widths.items() if weight else ()
        self.centers = nn.ModuleDict({name: CenterLoss(people, width, weight) for name, width in drawn})
        self.match = "parts" if settings.match == "parts" else "features"
        self.wholes = 2 if settings.match == "parts" and settings.holistic == "separate" else 1
        self.label_set = f"isp-{settings.classes}" if classified else ""

    @classmethod
    def of(cls, recipe: Recipe, people: int) -> ISPMethod:
        """As a recipe says, for so many training identities; InputError for options that contradict each other."""
        settings, size = cast(Options, recipe.method), recipe.data.size
        if settings.match == "parts" and recipe.evaluate.metric != "cosine":
            found = f"method.match parts with evaluate.metric {recipe.evaluate.metric}"
            raise InputError(found, "parts matched by cosine", "set evaluate.metric=cosine, or method.match=concat")
        if settings.silence_weight and settings.silence_by == "mask" and "mask" not in recipe.data.priors:
            raise InputError("method.silence_weight without masks", "masks to learn from", "set data.priors=[mask]")
        require_consistent(settings)
        require_labels(recipe)
        method = cls(build_multiscale(recipe.backbone, size), settings, people, cells_of(*size))
        inherit(method, recipe.backbone)
        return method

    def phases(self) -> Sequence[Phase]:
        """One; the centres learn by a plain SGD beside the recipe's optimiser."""
        apart = ("centers.", "pixels.") if self.settings.pixel_lr != 1 else ("centers.",)
        groups = [Group([value for name, value in self.named_parameters() if not name.startswith(apart)])]
        if self.pixels is not None and self.settings.pixel_lr != 1:
            groups.append(Group(self.pixels.parameters(), lr_scale=self.settings.pixel_lr))
        if len(self.centers):
            groups.append(Group(self.centers.parameters(), optimizer="sgd", lr=self.settings.center_lr))
        return [Phase("main", groups)]

    def maps(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        """images: (B, 3, H, W) float32, normalised -> the backbone's stages, and X (B, C, h, w) of them."""
        stages = self.backbone.stages(images)
        narrowed = merged_conv(cast(nn.Conv2d, self.narrow[0]), stages, cells_of(*images.shape[2:]))
        return stages, self.gate(self.narrow[1:](narrowed))

    def features(self, images: Tensor) -> tuple[dict[str, Tensor], Tensor | None]:
        """Before the necks: branch -> (B, D) float32, and what each pixel shows: scores (B, classes, h, w) float32.

        The scores are None where parts are not classified.
        """
        return self.pooled(*self.maps(images))

    def pooled(self, stages: Sequence[Tensor], pooled: Tensor) -> tuple[dict[str, Tensor], Tensor | None]:
        """features() of the maps."""
        cells = (pooled.shape[2], pooled.shape[3])
        if self.settings.big_global == "coarsest":
            whole = stages[-1].float().mean((2, 3))
        else:
            whole = merged_mean(stages, cells) if self.settings.big_global else pooled.float().mean((2, 3))
        if self.settings.parts == "none":
            return {"global": whole}, None
        if self.pixels is None:
            scores = None
            height, width = pooled.shape[2:]
            shares = stripes(self.settings.classes - 1, (height, width), pooled.device).expand(len(pooled), -1, -1, -1)
        else:
            scores = self.pixels(pooled).float()
            shares = scores.softmax(1)[:, 1:]
        own = self.settings.own_area
        if own:  # else identities draw each part to its few most telling pixels, which then cost it nothing
            shares = shares.detach()
        parts = pool_parts(pooled, shares, own)
        # The foreground's share is the sum of all parts', so its feature is the sum of theirs.
        fore = pool_parts(pooled, shares.sum(1, keepdim=True), own)[:, 0] if own else parts.sum(1)
        return {"part": parts.flatten(1), "global": whole, "fore": fore}, scores

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        """`identity_*`, `triplet_*`, `center_*` of each branch, and `pixel`: those with a weight, already weighted.

        The triplet of all branches side by side is called `triplet`. Pixels need `part_labels` among the priors.
        """
        settings = self.settings
        maps = self.maps(batch.images)
        features, scores = self.pooled(*maps)
        losses = {}
        if settings.id_weight:
            for name, found in features.items():
                logits = self.classifiers[name](self.necks[name](found))
                losses[f"identity_{name}"] = settings.id_weight * identity_loss(
                    logits, batch.pids, settings.label_smoothing
                )
        if settings.triplet_weight:
            pids = gather_rows(batch.pids)
            for name, found in self.compared(features):
                value = triplet_loss(gather_rows(found), pids, settings.triplet_margin)
                losses[name] = settings.triplet_weight * value
        for name, center in self.centers.items():
            losses[f"center_{name}"] = center(features[name], batch.pids)
        if scores is not None and settings.pixel_weight:
            losses["pixel"] = settings.pixel_weight * pixel_loss(scores, self.labels(batch))
        if settings.silence_weight and (settings.silence_by == "mask" or settings.parts == "clustered"):
            name = "mask" if settings.silence_by == "mask" else PART_LABELS
            quiet = silence_loss(maps[1], batch.priors[name], batch.valid[name])
            losses["silence"] = settings.silence_weight * quiet
        return losses

    def labels(self, batch: Batch) -> Tensor:
        """What the pixels of a batch are learned to be (B, H, W) uint8."""
        if self.settings.parts == "clustered":
            return batch.priors[PART_LABELS]
        return batch.priors["parsing"].masked_fill(~batch.valid["parsing"][:, None, None], IGNORED)

    def compared(self, features: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        """The features (B, D) that triplets compare, each with its loss's name."""
        if self.settings.triplet == "concat":
            yield "triplet", torch.cat(list(features.values()), 1)
        else:
            yield from ((f"triplet_{name}", found) for name, found in features.items())

    def embed(self, images: Tensor, priors: Mapping[str, Tensor], give: Give = "features") -> Embedded:
        """images: (B, 3, H, W) float32, normalised -> part, global and foreground feature side by side (B, D) float32.

        To `give` parts, features are only global and foreground, beside parts (B, P, C) and visibility (B, P).
        """
        features, scores = self.features(images)
        if self.settings.retrieve == "after":
            features = {name: self.necks[name](found) for name, found in features.items()}
        if give != "parts" or "part" not in features:
            return Embedded(torch.cat(list(features.values()), 1))
        parts = features["part"].unflatten(1, (self.settings.classes - 1, -1))
        shown = parts.new_ones(parts.shape[:2])
        if scores is not None:
            shown = visible_parts(scores, self.settings.visible_cells)
        return Embedded(torch.cat([features["global"], features["fore"]], 1), parts, shown)

    def parse(self, images: Tensor) -> Tensor:
        """images: (B, 3, H, W) float32, normalised -> scores (B, classes, h, w) float32, the background first."""
        if self.pixels is None:
            raise NotImplementedError(f"parts {self.settings.parts!r} have no pixel classifier")
        return self.pixels(self.maps(images)[1]).float()

    def before_epoch(self, run: Run) -> None:
        """Cluster anew where the epoch is due; else hand on the last labels, or stripes before there are any."""
        if self.settings.parts != "clustered":
            return
        clusters = Clusters(self.settings.classes - 1, self.cells, self.settings.enhanced)
        due = self.last_due(run.epoch)
        if due == run.epoch and not run.resumed:
            self.eval()
            labels = run.labels[PART_LABELS] = clusters.anew(lambda images: self.maps(images)[1], run)
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


def inherit(method: ISPMethod, backbone: Backbone) -> None:
    """Where the backbone's weights are of another ISP network, its narrowing and its gate come along.

    So does its pixel classifier, if it has as many classes: parts are numbered alike in everyone.

    Raises InputError where theirs are of other shapes, unless `backbone.allow_mismatch`.
    """
    if backbone.weights in ("none", "hub"):
        return
    state, card = load_weights(backbone.weights)
    if card is not None and card.method == "isp":
        own = nn.ModuleDict({"narrow": method.narrow, "gate": method.gate})
        if method.pixels is not None and len(state.get("pixels.bias", ())) == method.settings.classes:
            own["pixels"] = method.pixels
        state = {name: value for name, value in state.items() if name.split(".")[0] in own}
        load_into(own, state, source=backbone.weights, allow_mismatch=backbone.allow_mismatch)


def require_labels(recipe: Recipe) -> None:
    """Raises InputError where parts are a parser's, and no map of so many classes is read."""
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
    """Raises InputError for options of which one says that there are no parts, and another what to do with them."""
    if settings.match == "parts" and settings.parts == "none":
        then = "set method.match=concat, or method.parts=clustered"
        raise InputError("method.match parts with method.parts none", "parts to match", then)
    if settings.match == "parts" and settings.holistic == "separate" and settings.big_global:
        found = "method.holistic separate with method.big_global"
        raise InputError(found, "a global and a foreground feature of one length", "set method.holistic=joint")


build = ISPMethod.of
"""What `methods.build.build_method` calls."""
