"""`sameperson search`: who in a folder looks most like the person in a picture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sameperson.cli.common.calibration_args import add_calibration, calibration_of, without_calibration
from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.network_args import add_network, network_name, network_of
from sameperson.cli.common.next_command import calibrate_command, embed_command
from sameperson.cli.common.number_args import positive, real
from sameperson.cli.common.picture_args import Reading, add_pattern, add_pictures, embed_pictures, stored_at, told
from sameperson.cli.common.similarity_args import add_similarity, similarity_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sameperson.data.broken_pictures import Broken
    from sameperson.evaluation.network import Network
    from sameperson.report.ranked_lists import RankedList
    from sameperson.retrieval.calibrate import Calibration
    from sameperson.types import Embeddings, Samples

NAME = "search"
HELP = "find the person of one picture in a folder of pictures"
EXAMPLE = "sameperson search people/query people/bounding_box_test --top 5 --out ranked.png"
FORMS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
DRAWN = 20
"""Lists that one picture holds; the rest are in the table and the JSON."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("query", type=Path, metavar="QUERY", help="a picture of the person, or a folder of queries")
    parser.add_argument("gallery", type=Path, metavar="FOLDER", help="pictures, or a .parquet that `embed` wrote")
    parser.add_argument("--top", type=positive, default=10, metavar="K", help="how many to show (10)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="also draw the result: a .png or .jpg file")
    add_pattern(parser)
    add_pictures(parser)
    parser.add_argument(
        "--false-matches",
        type=real(0, 1),
        metavar="RATE",
        help="list only pictures near enough for this false-match rate, such as 0.001, by the calibration",
    )
    add_similarity(parser)
    add_calibration(parser)
    add_json(parser)
    add_network(parser)


def run(args: argparse.Namespace) -> int:
    """Search, print the table, draw the list."""
    from sameperson.checks import atomic, choose
    from sameperson.evaluation.similarity import Similarity
    from sameperson.report.ranked_lists import draw, ranked_lists
    from sameperson.retrieval.find import borrow_labels, find, within
    from sameperson.retrieval.store import is_store

    form = None if args.out is None else choose("picture file", args.out.suffix.lower(), FORMS)
    network = network_of(args)
    how = similarity_of(args, network, parts=not (is_store(args.query) or is_store(args.gallery)))
    reading = Reading.of(args, how.match)
    calibration = calibration_of(args, network, reading.fingerprint(network))
    broken: list[Broken] = []
    pictures, stored = pictures_at(args.gallery, args, network, reading)
    queries, asked = queries_at(args, pictures, network, reading)
    queries, asked = (queries, asked) if asked else embed_pictures(network, queries, reading, broken)
    gallery, known = (pictures, stored) if stored else embed_pictures(network, pictures, reading, broken)
    found = find(asked, queries, known, gallery, args.top, how)
    if how != Similarity(device=how.device):
        calibration = None  # it is of plain cosine distances
    if args.false_matches is not None:
        found = within(found, threshold(calibration, args))
    queries = borrow_labels(queries, gallery, found.itself)
    sure = None if calibration is None else calibration.probability
    lists = ranked_lists(queries, gallery, found.ranking, sure)
    for one in lists:
        print(table(one))
    searched = "1 query" if len(lists) == 1 else f"{len(lists)} queries"
    print(f"{searched} among {len(gallery)} pictures{left_out(found.itself)}")
    if calibration is None:
        print(
            "no probabilities: a calibration is of plain cosine distances"
            if how != Similarity(device=how.device)
            else f"no probabilities: {without_calibration(args)}"
        )
    if args.out is not None:
        with atomic(args.out) as temporary:
            draw(lists[:DRAWN]).save(temporary, form)
        print(f"drawn in {args.out}" + ("" if len(lists) <= DRAWN else f": the first {DRAWN} of {len(lists)}"))
    answers = [figures(one, bool(own >= 0)) for one, own in zip(lists, found.itself)]
    by = {"network": network_name(args), "fingerprint": reading.fingerprint(network), "metric": how.metric}
    write_json(args.json, {"queries": answers, "gallery": len(gallery), **told(broken), **by, **how.to_json()})
    return 0


def threshold(calibration: Calibration | None, args: argparse.Namespace) -> float:
    """The distance up to which pictures are listed; InputError where nothing says it."""
    from sameperson.checks import InputError

    if calibration is None:
        found = f"--false-matches {args.false_matches:g} without a calibration of these distances"
        then = f"give one with --calibration, made by: {calibrate_command(args)}"
        raise InputError(found, "plain cosine distances and a calibration", then)
    return calibration.threshold(args.false_matches)


def left_out(itself: NDArray[np.int64]) -> str:
    """Says so where queries lie in the folder themselves."""
    count = int((itself >= 0).sum())
    if not count:
        return ""
    one = "the query's own file is left out"
    return f"; {one if len(itself) == 1 else f'{count} queries lie there too, and each is left out of its own list'}"


def pictures_at(
    path: Path, args: argparse.Namespace, network: Network, reading: Reading
) -> tuple[Samples, Embeddings | None]:
    """The pictures at `path`, with their embeddings where it is a file of embeddings by the same network."""
    from sameperson.data.readers.pictures import read_pictures
    from sameperson.retrieval.store import is_store

    if is_store(path):
        store = stored_at(path, embed_command(args, path), reading.fingerprint(network))
        return store.samples, store.embeddings
    return read_pictures(path, args.pattern), None


def queries_at(
    args: argparse.Namespace, pictures: Samples, network: Network, reading: Reading
) -> tuple[Samples, Embeddings | None]:
    """The queries, labelled by the same rule as the gallery's `pictures`, with their embeddings if they are stored."""
    from sameperson.data.readers.query_pictures import read_queries
    from sameperson.retrieval.store import is_store

    if is_store(args.query):
        return pictures_at(args.query, args, network, reading)
    return read_queries(args.query, args.pattern, args.gallery, pictures), None


def table(one: RankedList) -> str:
    """A ranked list as lines of text."""
    from sameperson.report.ranked_lists import percent

    rows = [["rank", "distance", "same person", "", "file"]]
    for tile in one.results:
        sure = "" if tile.probability is None else percent(tile.probability)
        mark = {True: "right", False: "wrong", None: ""}[tile.same]
        rows.append([str(tile.rank), f"{tile.distance:.3f}", sure, mark, str(tile.file)])
    columns = [column for column in zip(*rows) if any(column[1:])]
    widths = [max(len(cell) for cell in column) for column in columns]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row[:-1], widths)) + f"  {row[-1]}" for row in zip(*columns)
    ]
    return "\n".join([f"query {one.query.file}", *lines, ""])


def figures(one: RankedList, left_out: bool) -> dict[str, Any]:
    """A ranked list as JSON."""
    results = [
        {
            "rank": tile.rank,
            "file": str(tile.file),
            "person": tile.person,
            "distance": tile.distance,
            "probability": tile.probability,
            "same": tile.same,
        }
        for tile in one.results
    ]
    return {"query": str(one.query.file), "person": one.query.person, "left_out": left_out, "results": results}
