"""What `evaluate` judges and how it compares, each parsed once from the command line into one value."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sameperson.checks import InputError
from sameperson.cli.common.dataset_args import chosen, open_dataset, require_people
from sameperson.cli.common.next_command import options_of
from sameperson.cli.common.picture_args import Reading, embed_chunks, embed_pictures
from sameperson.cli.common.similarity_args import habits_of, similarity_of

if TYPE_CHECKING:
    from sameperson.data.broken_pictures import Broken
    from sameperson.data.dataset import Dataset
    from sameperson.data.layout import Layout
    from sameperson.evaluation.network import Network
    from sameperson.evaluation.protocols.definition import Protocol
    from sameperson.evaluation.result import Evaluation
    from sameperson.evaluation.similarity import Similarity
    from sameperson.types import Embeddings, Samples


@dataclass(frozen=True)
class TestSet:
    """A dataset with people to search for. path: as the user named it; layout: how it was read."""

    path: Path
    layout: Layout
    dataset: Dataset

    @classmethod
    def of(cls, args: argparse.Namespace) -> TestSet:
        """The dataset that the options name. Raises InputError where there is nobody to ask for in it."""
        from sameperson.evaluation.protocols.catalogue import protocols_named

        protocols_named(args.protocol or "market1501")  # a misspelt one is told before a large tree is read
        layout, dataset = open_dataset(args.data, args.reader, args.pattern)
        require_people(options_of(args), layout, dataset)
        return cls(args.data, layout, in_units(dataset, args.unit, args.data))


def add_unit(parser: argparse.ArgumentParser) -> None:
    """`--unit`, for pictures that lie in tracklets."""
    parser.add_argument(
        "--unit",
        choices=("picture", "track"),
        help="what a query is (a track where DATA has tracklets, else a picture)",
    )


def in_units(dataset: Dataset, unit: str | None, path: Path) -> Dataset:
    """The same dataset by picture or by tracklet, whatever it is by itself.

    Raises InputError where tracklets are asked for and no picture has one.
    """
    from sameperson.data.tracklets import any_tracks, in_tracklets

    if unit is None or dataset.tracks == (unit == "track"):
        return dataset
    if unit == "picture":
        return replace(dataset, tracks=False)
    if not any_tracks(dataset.query) and not any_tracks(dataset.gallery):
        expected = "pictures in tracklets: a track_id column, or {track_id} in --pattern"
        raise InputError(f"{path}: no picture with a track_id", expected, "leave --unit out")
    sides = {"query": in_tracklets(dataset.query), "gallery": in_tracklets(dataset.gallery)}
    return replace(dataset, **sides, tracks=True)


def say_unit(dataset: Dataset) -> None:
    """On stdout how many pictures are averaged to how many tracklets, where a query is a tracklet."""
    from sameperson.evaluation.tracklets import first_of_each_track

    if not dataset.tracks:
        return
    sides = (("queries", dataset.query), ("gallery", dataset.gallery))
    counts = (f"{what} {len(side)} pictures in {len(first_of_each_track(side))} tracklets" for what, side in sides)
    print(f"by tracklet, the mean of its pictures: {', '.join(counts)} (--unit picture: each picture by itself)")


@dataclass(frozen=True)
class Subject:
    """What is judged: a network, as the user named it, on a dataset, and how pictures are read for it."""

    network: Network
    name: str
    test: TestSet
    reading: Reading


@dataclass(frozen=True)
class Comparison:
    """How it is compared: the similarity of two pictures, the rules, and how intervals are drawn."""

    similarity: Similarity
    protocols: tuple[Protocol, ...]
    resamples: int
    seed: int

    def evaluate(self, embedded: Embedded, protocol: Protocol) -> Evaluation:
        """The figures by one of the protocols."""
        from sameperson.evaluation.result import evaluate

        result = evaluate(
            embedded.query,
            embedded.queries,
            embedded.gallery,
            embedded.pictures,
            protocol,
            metric=self.similarity,
            resamples=self.resamples,
            seed=self.seed,
        )
        return replace(result, unit=embedded.unit)


@dataclass(frozen=True)
class Embedded:
    """Queries and gallery of a dataset as a network sees them. unit: what a row is, a picture or a track."""

    query: Embeddings
    queries: Samples
    gallery: Embeddings
    pictures: Samples
    unit: Any


@dataclass(frozen=True)
class Judged:
    """What `evaluate` has embedded or read, ready to be compared.

    path, reader: what the labels come from; layout: its layout, None where it is a file of features. name, recipe: of
    the network. said: lines on what is judged. figures: that go into the JSON beside those of the evaluation.
    """

    path: Path
    layout: Layout | None
    dataset: Dataset
    name: str
    recipe: Mapping[str, Any]
    sides: Embedded
    how: Comparison
    reader: str
    said: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


def parsed(args: argparse.Namespace, test: TestSet, network: Network, name: str) -> tuple[Subject, Comparison]:
    """What the options say of one network on a dataset, and else what its own recipe and the dataset want."""
    protocols = tuple(chosen(args.protocol, test.dataset))
    similarity = similarity_of(args, network)
    reading = Reading.of(args, similarity.match, flip=habits_of(network).get("flip", False))
    return Subject(network, name, test, reading), Comparison(similarity, protocols, args.resamples, args.seed)


def embedded(subject: Subject, broken: list[Broken]) -> Embedded:
    """Embed queries and gallery; pictures that cannot be read and may be left out are added to `broken`."""
    from sameperson.evaluation.query_gallery import embed_sides, unit_of

    network, reading, dataset = subject.network, subject.reading, subject.test.dataset
    (queries, query), (pictures, gallery) = embed_sides(
        dataset,
        lambda samples: embed_pictures(network, samples, reading, broken),
        lambda samples: embed_chunks(network, samples, reading, broken),
    )
    return Embedded(query, queries, gallery, pictures, unit_of(dataset))


def recipe_of(network: Network) -> Mapping[str, Any]:
    """The recipe our own weights were trained by; empty for a network of the user's."""
    card = getattr(network, "card", None)
    return {} if card is None else card.recipe
