"""Similarity of embeddings: the metric, part matching, query expansion and re-ranking, as one named value."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from sameperson.checks import InputError
from sameperson.evaluation.distance import Features, finite, require_one_network, scorable, unit
from sameperson.evaluation.expansion import Expansion, expanded
from sameperson.evaluation.rerank import K1, K2, WEIGHT, k_reciprocal
from sameperson.evaluation.scores import Matched, Product, Reranked, Scores
from sameperson.types import Embeddings


@dataclass(frozen=True)
class Rerank:
    """Settings of k-reciprocal re-ranking, as `rerank.k_reciprocal` takes them."""

    k1: int = K1
    k2: int = K2
    weight: float = WEIGHT


@dataclass(frozen=True)
class Similarity:
    """How two embeddings are compared.

    metric: of the features. match: "features", or "parts" for holistic features and visible parts (`scores.Matched`),
    of embeddings that have parts. wholes: into how many equal pieces the features are cut for part matching, each with
    a cosine of its own (1: joint, 2: ISP's global and foreground feature apart). expansion, rerank: applied in this
    order. device: on which products are computed.
    """

    metric: str = "cosine"
    match: Literal["features", "parts"] = "features"
    wholes: int = 1
    expansion: Expansion | None = None
    rerank: Rerank | None = None
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.match == "parts" and (self.metric != "cosine" or self.expansion or self.rerank):
            found = "visible parts with another metric, expansion or re-ranking"
            raise InputError(found, "parts matched by cosine", "choose match=features for these")

    def to_json(self) -> dict[str, Any]:
        """All settings but the metric and the device, as plain data; results state the metric by itself."""
        settings: dict[str, Any] = {"match": self.match}
        if self.match == "parts":
            settings["wholes"] = self.wholes
        for name in ("expansion", "rerank"):
            chosen = getattr(self, name)
            settings[name] = None if chosen is None else asdict(chosen)
        return settings


def scores_of(query: Embeddings, gallery: Embeddings, how: Similarity | str = "cosine") -> Scores:
    """Prepare the scores of queries against a gallery; `how` may be a metric's name.

    Raises InputError for embeddings that cannot be compared (see `distance.scorable`), and where parts are asked for
    and there are none.
    """
    how = Similarity(how) if isinstance(how, str) else how
    if how.match == "parts":
        return matched(query, gallery, how)
    q, g = scorable(query, gallery, how.metric)
    if how.expansion is None and how.rerank is None:
        return Product.of(q, g, how.metric, how.device)
    if how.metric == "euclidean":  # without the column that `scorable` added
        q, g = q[:, :-1], g[:, :-1]
    if how.expansion is not None:
        q, g = expanded(q, g, how.expansion, how.metric, how.device)
    if how.rerank is not None:
        chosen = how.rerank
        return Reranked(k_reciprocal(q, g, chosen.k1, chosen.k2, chosen.weight, how.device))
    q, g = scorable(Embeddings(q, "expanded"), Embeddings(g, "expanded"), how.metric)
    return Product.of(q, g, how.metric, how.device)


def matched(query: Embeddings, gallery: Embeddings, how: Similarity) -> Matched:
    """Prepare the scores of holistic features and visible parts."""
    require_one_network(query, gallery)
    sides = [pieces(query, "query", how.wholes), pieces(gallery, "gallery", how.wholes)]
    wholes, parts, visible = zip(*sides, strict=True)
    return Matched.of(wholes, parts, visible, how.device)


def pieces(embeddings: Embeddings, name: str, wholes: int) -> tuple[Features, Features, Features]:
    """Cut embeddings into unit holistic features (N, W, D), unit parts (N, P, D') and visibility (N, P).

    A part whose features are all zero becomes not visible.
    """
    if embeddings.parts is None or embeddings.visibility is None:
        found = f"{name} embeddings without parts"
        raise InputError(found, "parts and their visibility", "use a method that has them, or match=features")
    count, width = embeddings.features.shape
    if wholes < 1 or width % wholes:
        raise InputError(f"features of {width} numbers in {wholes} wholes", "equal pieces", "change wholes")
    features = finite(embeddings.features, name).reshape(count * wholes, width // wholes)
    visible = finite(embeddings.visibility, f"{name} visibility")
    parts = finite(embeddings.parts.reshape(count, -1), f"{name} part").reshape(embeddings.parts.shape)
    length = np.sqrt(np.einsum("npd,npd->np", parts, parts))
    return (
        unit(features, name).reshape(count, wholes, -1),
        (parts / np.where(length > 0, length, 1)[..., None]).astype(np.float32, copy=False),
        np.where(length > 0, visible, 0).astype(np.float32),
    )
