"""`sameperson world scene`: a film of one place through several cameras, with exact labels."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path

from sameperson.checks import MOST
from sameperson.cli.common.number_args import from_zero, real, seed, workers
from sameperson.cli.common.progress import counting

HELP = "a film of one place through several cameras, with boxes, identities and calibration"
DESCRIPTION = (
    "Write a film of synthetic people who walk about a place with several cameras: per camera img1/, gt/gt.txt (MOT "
    "Challenge) and seqinfo.ini, with instances/, parsing/ and depth/ (PNG) and keypoints.json beside it; and "
    "calibration.json, positions.csv, visits.csv and people.csv. The same arguments give the same bytes."
)
EXAMPLE = "sameperson world scene film --people 6 --cameras 3 --seconds 20 --fps 12 --seed 0"
USUAL = "instances,parsing,depth,keypoints"


def width_and_height(text: str) -> tuple[int, int]:
    """A size as it is said of videos.

    >>> width_and_height("640x360")
    (640, 360)
    """
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no WIDTHxHEIGHT such as 640x360")
    return int(width), int(height)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `world scene`."""
    parser.add_argument("out", type=Path, metavar="OUT", help="a new or empty folder")
    parser.add_argument("--people", type=from_zero, default=6, help="how many (default: %(default)s)")
    parser.add_argument("--cameras", type=from_zero, default=3, help="how many (default: %(default)s)")
    parser.add_argument("--seconds", type=real(0, MOST), default=20.0, help="how long (default: %(default)s)")
    parser.add_argument("--fps", type=real(0, MOST), default=12.0, help="frames a second (default: %(default)s)")
    parser.add_argument("--seed", type=seed, default=0, help="which film (default: %(default)s)")
    parser.add_argument(
        "--size", type=width_and_height, default="640x360", metavar="WxH", help="of a frame (default: %(default)s)"
    )
    parser.add_argument(
        "--place",
        default="any",
        help="where: any, indoors, street, square, park, car-park or platform (default: %(default)s)",
    )
    parser.add_argument(
        "--change-clothes", action="store_true", help="whoever leaves comes back in other clothes (three outfits each)"
    )
    parser.add_argument(
        "--benchmark", metavar="NAME", help="scene-v1 (docs/world.md): fixes everything but --labels and --workers"
    )
    parser.add_argument("--scale", default="small", help="of the benchmark: small or full (default: %(default)s)")
    parser.add_argument(
        "--labels", default=USUAL, help="what to write beside frames and boxes, with commas, or none (default: all)"
    )
    parser.add_argument(
        "--workers", type=workers, default=os.cpu_count() or 1, help="processes that draw (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    """Make the film."""
    from sameperson.world.benchmarks import scene_plan
    from sameperson.world.films.plan import FilmPlan
    from sameperson.world.films.write import make_film

    labels = () if options.labels == "none" else tuple(options.labels.split(","))
    names = ("people", "cameras", "seconds", "fps", "seed", "size", "place")
    if options.benchmark is None:
        outfits = 3 if options.change_clothes else 1
        plan = FilmPlan(**{name: getattr(options, name) for name in names}, outfits=outfits, labels=labels)
    else:
        plan = replace(scene_plan(options.benchmark, options.scale, options.seed), labels=labels)
    start = time.monotonic()
    with counting("frames") as tell:
        frames = make_film(options.out, plan, workers=options.workers, progress=tell)
    seconds = time.monotonic() - start
    print(f"{options.out}: {frames} frames of {plan.people} people in {plan.cameras} cameras ({seconds:.0f} s)")
    return 0
