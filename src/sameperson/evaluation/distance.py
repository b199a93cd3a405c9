"""Cosine and Euclidean distance: features are checked and prepared so that their matrix product is the score.

A higher score is nearer. Scores are float32; equal scores are a tie, and ties go to the earlier gallery row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.types import Embeddings

Features = NDArray[np.float32]
METRICS = ("cosine", "euclidean")
NAMED = 5
"""How many faulty rows a message names."""


def scorable(query: Embeddings, gallery: Embeddings, metric: str = "cosine") -> tuple[Features, Features]:
    """Prepare features (Q, D') and (G, D') float32 whose product orders the gallery as the metric does.

    cosine: unit length. euclidean: one more column, so that the product is q.g - |g|^2 / 2, which falls as the
    distance grows.
    Raises InputError for embeddings of two networks, of two widths, that are not finite, or (cosine) of length zero.
    """
    require_one_network(query, gallery)
    if metric not in METRICS:
        raise InputError(f"metric {metric!r}", " or ".join(METRICS), "choose one of them")
    q, g = (finite(values.features, name) for values, name in ((query, "query"), (gallery, "gallery")))
    if len(q) and len(g) and q.shape[1] != g.shape[1]:
        raise InputError(f"features of {q.shape[1]} and {g.shape[1]} numbers", "one width", "embed them again")
    if metric == "cosine":
        return unit(q, "query"), unit(g, "gallery")
    ones = np.ones((len(q), 1), np.float32)
    return np.hstack([q, ones]), np.hstack([g, -0.5 * np.einsum("nd,nd->n", g, g)[:, None]])


def require_one_network(query: Embeddings, gallery: Embeddings) -> None:
    """Raise InputError for embeddings of two networks."""
    if query.fingerprint != gallery.fingerprint:
        found = f"embeddings of {query.fingerprint} and of {gallery.fingerprint}"
        raise InputError(found, "one network for both", "embed them again with one network")


def finite(features: NDArray[np.floating], name: str) -> Features:
    """Convert features to float32. Raises InputError for rows that are not finite."""
    values = np.asarray(features, np.float32)
    sums = values.sum(axis=1) if values.ndim == 2 else np.zeros(len(values))  # not finite where any value is not
    bad = np.flatnonzero(~np.isfinite(sums))
    bad = bad[~np.isfinite(values[bad]).all(axis=1)]
    if len(bad):
        raise InputError(f"{name} features not finite in {_rows(bad)}", "finite numbers", "check the network's output")
    return values


def unit(features: Features, name: str) -> Features:
    """Scale rows to length one. Raises InputError for rows of length zero."""
    length = np.sqrt(np.einsum("nd,nd->n", features, features))[:, None]
    zero = np.flatnonzero(length[:, 0] == 0)
    if len(zero):
        raise InputError(f"{name} features all zero in {_rows(zero)}", "a direction", "check the network's output")
    return features / length


def _rows(bad: NDArray[np.int64]) -> str:
    more = f" and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
    return f"rows {', '.join(map(str, bad[:NAMED]))}{more}"
