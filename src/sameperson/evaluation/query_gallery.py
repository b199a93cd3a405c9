"""Queries and gallery of a data set, embedded: pictures, or tracklets pooled while their pictures stream by."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sameperson.data.dataset import Dataset
from sameperson.evaluation.tracklets import pool_tracks
from sameperson.types import Embeddings, Samples

Embedded = tuple[Samples, Embeddings]


def embed_sides(
    dataset: Dataset, whole: Callable[[Samples], Embedded], chunks: Callable[[Samples], Iterable[Embedded]]
) -> tuple[Embedded, Embedded]:
    """Queries and gallery, whose pictures are embedded once where they are the same.

    whole: the readable ones of some pictures and their embeddings; chunks: the same, some pictures at a time.
    """

    def embedded(samples: Samples) -> Embedded:
        return pool_tracks(samples, chunks(samples)) if dataset.tracks else whole(samples)

    query = embedded(dataset.query)
    return query, query if same_pictures(dataset.query, dataset.gallery) else embedded(dataset.gallery)


def same_pictures(one: Samples, other: Samples) -> bool:
    """Whether queries and gallery are the same rows in the same order, as DanceReID has them."""
    alike = len(one) == len(other) and one.root == other.root and one.source is other.source
    return alike and all(bool((getattr(one, name) == getattr(other, name)).all()) for name in one.COLUMNS)


def unit_of(dataset: Dataset) -> str:
    """What a query is: a picture, or a track."""
    return "track" if dataset.tracks else "picture"
