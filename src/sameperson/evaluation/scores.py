"""Scores between queries and gallery, computed in tiles: from features, visible parts, or re-ranked distances.

A higher score is nearer. Ranking (`rank.py`) asks for tiles and for nothing else, so every protocol works with every
kind of score. numpy outside, torch inside; products are float32 on the device asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sameperson.evaluation.distance import Features
from sameperson.evaluation.rerank import KReciprocal
from sameperson.types import Rows


class Scores(Protocol):
    """Scores of Q queries against G gallery rows."""

    @property
    def shape(self) -> tuple[int, int]:
        """The number of queries and of gallery rows: (Q, G)."""
        ...

    def tile(self, start: int, stop: int, out: Tensor) -> Features:
        """Compute the scores (n, G) of the queries from `start` to `stop`, in memory that the caller may overwrite.

        out: a buffer of at least (n, G) float32 on the CPU, in which the scores may be returned.
        """
        ...

    def among(self, rows: Rows) -> Scores:
        """The scores against a part of the gallery's rows only."""
        ...

    def distances(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Convert scores (Q, k), a row for each query, to distances."""
        ...


@dataclass(frozen=True)
class Product:
    """The product of features that `distance.scorable` made comparable: (Q, D) and (G, D) tensors on one device.

    squares: (Q,) squared lengths of the queries where the metric is Euclidean; None for the cosine.
    """

    query: Tensor
    gallery: Tensor
    squares: Features | None = None

    @classmethod
    def of(cls, query: Features, gallery: Features, metric: str = "cosine", device: str = "cpu") -> Product:
        """Make the scores from numpy arrays."""
        squares = None if metric == "cosine" else np.einsum("nd,nd->n", query[:, :-1], query[:, :-1])
        q, g = (torch.from_numpy(np.ascontiguousarray(side)).to(device) for side in (query, gallery))
        return cls(q, g, squares)

    @property
    def shape(self) -> tuple[int, int]:
        """As `Scores.shape`."""
        return len(self.query), len(self.gallery)

    def tile(self, start: int, stop: int, out: Tensor) -> Features:
        """As `Scores.tile`."""
        rows = self.query[start:stop]
        if rows.device.type == "cpu":
            return torch.mm(rows, self.gallery.T, out=out[: len(rows)]).numpy()
        return out[: len(rows)].copy_(rows @ self.gallery.T).numpy()

    def among(self, rows: Rows) -> Product:
        """As `Scores.among`."""
        return replace(self, gallery=self.gallery[torch.from_numpy(rows).to(self.gallery.device)])

    def distances(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Convert scores to 1 - cosine, or to the Euclidean distance."""
        if self.squares is None:
            return 1 - scores
        return np.sqrt(np.maximum(self.squares[:, None] - 2 * scores, 0))


@dataclass(frozen=True)
class Matched:
    """Aligned matching of holistic features and of parts visible in both pictures (ISP, Zhu et al. 2020, ECCV).

    The score is (sum of W holistic cosines + sum of v_k^q v_k^g cos_k over parts k) / (W + sum of v_k^q v_k^g). With
    (cos + 1) / 2 for each cosine, as in the paper, it is (score + 1) / 2: all terms are shifted and halved alike.
    A pair without a visible part in common is compared by the holistic features alone.

    terms: unit holistic features and unit parts times visibility, concatenated, so that one product makes the
    numerator. visible: (Q, P) and (G, P), whose product the denominator adds to W. wholes: W.
    """

    terms: Product
    visible: Product
    wholes: int

    @classmethod
    def of(
        cls,
        wholes: tuple[Features, Features],
        parts: tuple[Features, Features],
        visible: tuple[Features, Features],
        device: str = "cpu",
    ) -> Matched:
        """Make the scores from unit holistic features (N, W, D), unit parts (N, P, D') and visibility (N, P).

        Each argument is a pair: that of the queries and that of the gallery rows.
        """
        sides = [
            np.hstack([whole.reshape(len(whole), -1), (part * shown[..., None]).reshape(len(part), -1)])
            for whole, part, shown in zip(wholes, parts, visible, strict=True)
        ]
        return cls(
            Product.of(sides[0], sides[1], device=device),
            Product.of(visible[0], visible[1], device=device),
            wholes[0].shape[1],
        )

    @property
    def shape(self) -> tuple[int, int]:
        """As `Scores.shape`."""
        return self.terms.shape

    def tile(self, start: int, stop: int, out: Tensor) -> Features:
        """As `Scores.tile`."""
        summed = self.terms.tile(start, stop, out)
        shared = self.visible.tile(start, stop, torch.empty_like(out[: len(summed)]))
        shared += np.float32(self.wholes)
        summed /= shared
        return summed

    def among(self, rows: Rows) -> Matched:
        """As `Scores.among`."""
        return replace(self, terms=self.terms.among(rows), visible=self.visible.among(rows))

    def distances(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Convert scores to 1 - the mean cosine."""
        return 1 - scores


@dataclass(frozen=True)
class Reranked:
    """The negated distances of k-reciprocal re-ranking."""

    by: KReciprocal

    @property
    def shape(self) -> tuple[int, int]:
        """As `Scores.shape`."""
        return len(self.by.query), len(self.by.gallery)

    def tile(self, start: int, stop: int, out: Tensor) -> Features:  # noqa: ARG002 - as the others'
        """As `Scores.tile`."""
        return np.negative(self.by.tile(start, stop))

    def among(self, rows: Rows) -> Reranked:
        """As `Scores.among`; neighbours are searched again among these rows and the queries."""
        return Reranked(self.by.among(rows))

    def distances(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Convert scores to the re-ranked distances."""
        return -scores
