"""Query expansion and database augmentation: rows are averaged with their nearest gallery rows before comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.evaluation.distance import Features
from sameperson.evaluation.neighbours import nearest_in


@dataclass(frozen=True)
class Expansion:
    """Settings of query expansion by the k nearest gallery rows, and of database augmentation.

    k: gallery rows averaged with each query; alpha: each weighs max(cosine, 0) ** alpha, 0 for a plain mean (average
    query expansion, Chum et al. 2007; alpha: Radenovic et al. 2018). database: gallery rows averaged with each gallery
    row before that (database augmentation, Arandjelovic and Zisserman 2012); 0 for none.
    """

    k: int = 5
    alpha: float = 0.0
    database: int = 0

    def __post_init__(self) -> None:
        for name, least in (("k", 0), ("alpha", 0), ("database", 0)):
            if getattr(self, name) < least:
                raise InputError(f"expansion with {name}={getattr(self, name)}", f"at least {least}", f"raise {name}")


def expanded(
    query: Features, gallery: Features, how: Expansion, metric: str = "cosine", device: str = "cpu"
) -> tuple[Features, Features]:
    """Expand queries (Q, D) and gallery (G, D); for the cosine they are of length one, before and after."""
    if how.database:
        # Each row is among its own nearest, or its duplicates are, so that its own features need not be added.
        gallery = averaged(np.zeros_like(gallery), gallery, gallery, how.database + 1, how.alpha, device, own=False)
        gallery = normalised(gallery, metric)
    if how.k:
        query = normalised(averaged(query, query, gallery, how.k, how.alpha, device, own=True), metric)
    return query, gallery


def averaged(
    start: Features, rows: Features, gallery: Features, k: int, alpha: float, device: str, *, own: bool
) -> Features:
    """The weighted mean of each row's own features (`start`, weight 1, if `own`) and its k nearest in the gallery."""
    nearest = nearest_in(rows, gallery, k, device)
    mean, weights = start.astype(np.float32, copy=True), np.full(len(rows), float(own), np.float32)
    for rank in range(nearest.shape[1]):
        near = gallery[nearest[:, rank]]
        weight = expansion_weight(rows, near, alpha)
        mean += weight[:, None] * near
        weights += weight
    return (mean / np.where(weights > 0, weights, 1)[:, None]).astype(np.float32, copy=False)


def expansion_weight(rows: Features, near: Features, alpha: float) -> NDArray[np.float32]:
    """The weight max(cosine, 0) ** alpha of each pair of rows, (N,); 1 for alpha 0."""
    if alpha == 0:
        return np.ones(len(rows), np.float32)
    product = np.einsum("nd,nd->n", rows, near)
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(near, axis=1)
    cosine = np.maximum(product, 0) / np.where(lengths > 0, lengths, 1)
    return (cosine**alpha).astype(np.float32)


def normalised(rows: Features, metric: str) -> Features:
    """Scale rows to length one for the cosine; for other metrics leave them as they are."""
    if metric != "cosine":
        return rows
    length = torch.from_numpy(rows).norm(dim=1, keepdim=True).numpy()
    return (rows / np.where(length > 0, length, 1)).astype(np.float32, copy=False)
