"""Base class of methods that parse people: they learn label maps, label pixels, and do not tell people apart."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from sameperson.checks import InputError
from sameperson.config import Parsing, Recipe
from sameperson.data.batch import Batch
from sameperson.methods.method import Embedded, Give, Method
from sameperson.priors.label_sets import IGNORED
from sameperson.priors.part_groups import label_set

MAPS = "parsing"


class Parser(Method):
    """A method that labels pixels by the label set of the recipe, merged if the recipe says so.

    A subclass gives `losses` and `parse`. Its options derive from `config.ParserOptions`, so that it is trained without
    identities.
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.label_set = learned_labels(recipe.data.parsing)
        self.labels = len(label_set(self.label_set).labels)

    def embed(self, images: Tensor, priors: Mapping[str, Tensor], give: Give = "features") -> Embedded:
        """Raise InputError, since a parser knows nobody."""
        found = f"weights that parse people ({self.label_set}) and do not tell them apart"
        raise InputError(found, "weights of a re-ID method", "use them with `sameperson parse`")


def learned_labels(parsing: Parsing) -> str:
    """The name of the label set that is learned."""
    return parsing.labels if parsing.merge == "none" else parsing.merge


def at_pixels(scores: Tensor, labels: Tensor) -> Tensor:
    """Enlarge scores (B, C, h, w) to the size of labels (B, H, W), as `priors.segments.labels_to_picture` does.

    A cell's score stands in the middle of the pixels that it covers.
    """
    return F.interpolate(scores.float(), size=labels.shape[1:], mode="bilinear", align_corners=False)


def true_labels(batch: Batch) -> Tensor:
    """The label maps of a batch (B, H, W) int64; 255, which losses leave out, where a picture has none."""
    maps, valid = batch.priors[MAPS].long(), batch.valid[MAPS]
    return torch.where(valid.view(-1, 1, 1), maps, IGNORED)
