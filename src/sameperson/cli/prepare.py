"""`sameperson prepare`: datasets that are published as annotations of films."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sameperson.checks import InputError
from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.number_args import positive
from sameperson.cli.common.progress import counting
from sameperson.cli.common.subcommand import add_subcommand

if TYPE_CHECKING:
    from sameperson.data.prepare.annotation import Film
    from sameperson.data.prepare.dance_split import Split

NAME = "prepare"
HELP = "make a dataset out of films and their annotation: dancereid"
EXAMPLE = (
    "sameperson prepare dancereid -i films -n tracks -a annotation.json -d 5 -o data/DanceReID\n"
    "  sameperson prepare dancereid -a annotation.json --videos video_data.csv --count"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options, named as in DanceReID's own README."""
    jobs = parser.add_subparsers(dest="dataset", metavar="DATASET", required=True)
    dance = add_subcommand(
        jobs,
        "dancereid",
        "DanceReID, from dance films, their tracks and annotation.json",
        "Cut the dancers of DanceReID out of its films. A person's number comes from video_data.csv, so "
        "that a film that is missing moves nobody's. The tracks' .npy files may hold plain data only.",
        EXAMPLE,
    )
    dance.add_argument("-i", "--input-path", type=Path, metavar="FOLDER", help="the films (.mp4, .mkv, .webm, ...)")
    dance.add_argument("-n", "--npy-path", type=Path, metavar="FOLDER", help="their tracks (.npy, or .json alike)")
    dance.add_argument("-a", "--annotation", type=Path, required=True, metavar="FILE", help="annotation.json")
    dance.add_argument(
        "-d", "--down-sample", type=positive, default=5, metavar="N", help="keep every Nth frame (default: %(default)s)"
    )
    dance.add_argument("-o", "--output-path", type=Path, metavar="OUT", help="a new or empty folder")
    dance.add_argument("-gs", "--gen-skeleton", action="store_true", help="also draw the joints: skeleton/")
    dance.add_argument("--split-folder", action="store_true", help="a folder for each film")
    dance.add_argument("-h5", action="store_true", dest="h5", help="also pack DanceReID.h5")
    dance.add_argument(
        "--videos", type=Path, metavar="FILE", help="video_data.csv (default: beside the annotation, if it is there)"
    )
    dance.add_argument(
        "--split", type=Path, metavar="FILE", help="a splits.json of your own (default: the paper's, without its leak)"
    )
    dance.add_argument(
        "--count", action="store_true", help="only count people and pictures of each split, beside the paper's"
    )
    add_json(dance)


def run(options: argparse.Namespace) -> int:
    """Prepare or count."""
    from sameperson.data.prepare.annotation import read_films
    from sameperson.data.prepare.dance_split import split_of
    from sameperson.data.prepare.dancereid import TreeOptions, find_sources, prepare

    wish = TreeOptions(options.down_sample, options.gen_skeleton, options.split_folder, options.h5)
    beside = options.annotation.with_name("video_data.csv")
    films = read_films(options.annotation, options.videos or (beside if beside.is_file() else None))
    split = split_of(films, options.split)
    if options.count:
        return count(options, films, split)
    for flag, what in (("-i", "input_path"), ("-n", "npy_path"), ("-o", "output_path")):
        if getattr(options, what) is None:
            raise InputError(f"no {flag}", "-i films -n tracks -a annotation.json -o OUT", "or --count to count only")
    sources = find_sources(films, options.input_path, options.npy_path)
    with counting("frames") as tell:
        counts = prepare(options.output_path, sources, split, wish, tell)
    shown = ", ".join(f"{name} {pictures}" for name, pictures in counts.items())
    print(f"{options.output_path}: {len(sources)} of {len(films)} films; pictures: {shown}")
    write_json(options.json, {"films": len(sources), "of": len(films), "pictures": counts, "down_sample": wish.every})
    return 0


def count(options: argparse.Namespace, films: Sequence[Film], split: Split) -> int:
    """Print how many pictures each person would have, for `--count`."""
    from sameperson.data.prepare.dance_counts import count, explained

    counted = count(films, split, options.down_sample)
    print(f"{'':9}{'people':>7}{'films':>7}{'pictures':>10}{'paper':>9}   (-d {options.down_sample})")
    for name, one in counted.items():
        paper = "-" if one.paper is None else f"{one.paper:,}"
        print(f"{name:9}{one.people:7}{one.films:7}{one.pictures:10,}{paper:>9}")
    print(f"nobody is in both; {sum(film.people for film in films)} people in {len(films)} films")
    sentences = explained(films, split, options.down_sample)
    for sentence in sentences:
        print(sentence)
    figures = {name: vars(one) for name, one in counted.items()}
    write_json(options.json, {"down_sample": options.down_sample, "splits": figures, "explained": sentences})
    return 0
