"""`sameperson evaluate [DATA] --features FILE`: figures of stored features, without a network."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sameperson.checks import InputError
from sameperson.cli.common.dataset_args import chosen
from sameperson.cli.common.evaluation_args import Comparison, Embedded, Judged, TestSet, in_units
from sameperson.cli.common.network_args import given_of
from sameperson.cli.common.picture_args import CHUNK
from sameperson.cli.common.similarity_args import similarity_of

if TYPE_CHECKING:
    from sameperson.data.dataset import Dataset
    from sameperson.retrieval.stored_features import StoredFeatures
    from sameperson.types import Embeddings, Rows, Samples

READER = "features"
"""What the JSON names as the reader where features stand alone."""
NAMED = 3
"""Pictures without features that are named before they are only counted."""


def add_features(parser: argparse.ArgumentParser) -> None:
    """`--features`, the files of features."""
    parser.add_argument(
        "--features",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="evaluate stored features instead of a network: .parquet, .npy with a CSV beside it, or .mat; one file, "
        "or queries and gallery. Without DATA their own labels count",
    )


def judged_features(args: argparse.Namespace) -> Judged:
    """The features in the files, by the labels of the dataset, or by their own where none is named.

    Raises InputError for options that a network is needed for, and for pictures without features.
    """
    from sameperson.evaluation.query_gallery import unit_of
    from sameperson.retrieval.stored_features import read_features

    refuse_others(args)
    test = None if args.data is None else TestSet.of(args)
    similarity = similarity_of(args, None, parts=False)
    stored = read_features(args.features, alone=test is None)
    for note in stored.notes:
        print(f"note: {note}", file=sys.stderr)
    missing: list[str] = []
    if test is None:
        dataset, rows = alone(stored, args)
    else:
        dataset = test.dataset
        rows = rows_in(stored, test, args.skip_broken, missing)
    protocols = tuple(chosen(args.protocol, dataset))
    (queries, query), (pictures, gallery) = (
        averaged(samples, stored.embeddings, found, dataset)
        for samples, found in zip((dataset.query, dataset.gallery), rows, strict=True)
    )
    count, width = stored.embeddings.features.shape
    name = stored.network if stored.table is None else stored.source
    return Judged(
        path=Path(stored.source) if test is None else test.path,
        layout=None if test is None else test.layout,
        dataset=dataset,
        name=name,
        recipe={},
        sides=Embedded(query, queries, gallery, pictures, unit_of(dataset)),
        how=Comparison(similarity, protocols, args.resamples, args.seed),
        said=(f"features: {stored.source}, {count} rows of {width} numbers",),
        figures={"features": [str(file) for file in args.features], "missing": len(missing), "missing_files": missing},
        reader=READER if test is None else test.layout.name,
    )


def refuse_others(args: argparse.Namespace) -> None:
    """Raise InputError for options that mean nothing without a network, or without a dataset."""
    for word in needing_a_network(args):
        raise InputError(f"{word} with --features", "stored features alone, which need no network", f"leave {word} out")
    if args.data is None and (word := next((f"--{name}" for name in ("reader", "pattern") if vars(args)[name]), None)):
        raise InputError(f"{word} without a dataset", "DATA, which it is about", "name the dataset before --features")


def needing_a_network(args: argparse.Namespace) -> Iterator[str]:
    """The words that were given though they need a network."""
    if args.weights:
        yield str(args.weights[0])
    for name in ("network", "calibrate", "compare", "flip"):
        if getattr(args, name):
            yield f"--{name}"
    yield from (f"--{name.replace('_', '-')}" for name in given_of(args))
    if args.match == "parts":
        yield "--match parts"


def alone(stored: StoredFeatures, args: argparse.Namespace) -> tuple[Dataset, tuple[Rows, Rows]]:
    """The dataset that the features' own labels make, and the rows of its queries and its gallery."""
    from sameperson.retrieval.stored_features import standing_alone

    dataset, query, gallery = standing_alone(stored)
    return in_units(dataset, args.unit, Path(stored.source)), (query, gallery)


def rows_in(stored: StoredFeatures, test: TestSet, skip: bool, missing: list[str]) -> tuple[Rows, Rows]:
    """The rows of a dataset's queries and gallery, -1 for pictures without features, which are added to `missing`.

    Raises InputError where there are such, junk aside, and they are not to be left out.
    """
    from sameperson.retrieval.stored_features import RowsOfPictures
    from sameperson.types import JUNK

    index = RowsOfPictures.of(stored)
    sides = test.dataset.query, test.dataset.gallery
    query, gallery = (index.find(samples) for samples in sides)
    for samples, rows in zip(sides, (query, gallery), strict=True):
        lost = (rows < 0) & (samples.pid != JUNK)
        missing += samples.path[lost].tolist()
    wanted = sum(int((samples.pid != JUNK).sum()) for samples in sides)
    if missing:
        named = ", ".join(missing[:NAMED]) + (f" and {len(missing) - NAMED} more" if len(missing) > NAMED else "")
        found = f"{stored.source}: no features for {len(missing)} of {wanted} pictures of {test.path}: {named}"
        if not skip or len(missing) == wanted or not all((rows >= 0).any() for rows in (query, gallery)):
            then = "embed them too" if skip else "embed them too, or leave them out with --skip-broken"
            raise InputError(found, "a row for each query and gallery picture", then)
        print(f"left out {found}", file=sys.stderr)
    return query, gallery


def averaged(samples: Samples, embeddings: Embeddings, rows: Rows, dataset: Dataset) -> tuple[Samples, Embeddings]:
    """Pictures that have a row with its features; tracklets with their mean, where the dataset is of such."""
    from sameperson.evaluation.tracklets import pool_tracks

    there = rows >= 0
    kept, rows = samples.take(there), rows[there]
    if not dataset.tracks:
        return kept, embeddings.take(rows)
    chunks = (slice(start, start + CHUNK) for start in range(0, len(rows), CHUNK))
    return pool_tracks(samples, ((kept.take(some), embeddings.take(rows[some])) for some in chunks))
