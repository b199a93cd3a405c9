"""`sameperson world`: synthetic people with exact labels."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sameperson.checks import InputError
from sameperson.cli import scene
from sameperson.cli.common.network_args import height_and_width
from sameperson.cli.common.number_args import from_zero, real, seed, workers
from sameperson.cli.common.progress import counting
from sameperson.cli.common.subcommand import add_subcommand

if TYPE_CHECKING:
    from sameperson.world.plan import WorldPlan

NAME = "world"
HELP = "make synthetic people with exact labels: a dataset, a film, or a contact sheet to look at"
EXAMPLE = "sameperson world make people --people 48 --cameras 3 --size 128x64 --seed 1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`world make`, `world preview` and `world scene`."""
    jobs = parser.add_subparsers(dest="job", metavar="JOB", required=True)
    make = add_subcommand(
        jobs,
        "make",
        "a Market-1501 tree with keypoints, parsing and masks beside it",
        "Write a Market-1501 tree (bounding_box_train, query, bounding_box_test) of synthetic people, with "
        "labels.csv, people.csv, keypoints/ (AlphaPose JSON), parsing/ (LIP-20 PNG) and masks/ (PNG) beside it. "
        "The same arguments give the same bytes.",
        EXAMPLE,
    )
    make.add_argument("out", type=Path, metavar="OUT", help="a new or empty folder")
    make.add_argument("--test-people", type=from_zero, help="how many of them to keep for testing (default: half)")
    make.add_argument(
        "--labels",
        default="keypoints,parsing,masks",
        help="what to write beside the pictures, with commas, or all, or none (default: %(default)s); "
        "also parts, amodal, instances, depth, faces, irrelevant, poses",
    )
    make.add_argument(
        "--benchmark",
        metavar="NAME",
        help="plain-v1, occluded-v1, clothes-v1, twins-v1 or dance-v1 (docs/world.md): fixes all but --labels and "
        "--workers; --seed 1, 2, ... takes other people",
    )
    make.add_argument(
        "--layout",
        metavar="NAME",
        help="lay the pictures out as another dataset lies on disk, with its names, lists and priors (docs/data.md)",
    )
    make.add_argument("--scale", default="small", help="of the benchmark: small or full (default: %(default)s)")
    make.add_argument(
        "--workers", type=workers, default=os.cpu_count() or 1, help="processes that draw (default: %(default)s)"
    )
    preview = add_subcommand(
        jobs,
        "preview",
        "a contact sheet: a person a row, a moment a column",
        "Draw a contact sheet of the people that `world make` would make with the same seed.",
        "sameperson world preview sheet.png --people 6 --columns 6 --seed 1 --condition occluded",
    )
    preview.add_argument("out", type=Path, metavar="OUT", help="a .png or .jpg file")
    preview.add_argument("--columns", type=from_zero, help="moments of each person (default: as many as cameras)")
    preview.add_argument("--labelled", action="store_true", help="with parsing and keypoints over the pictures")
    scene.add_arguments(add_subcommand(jobs, "scene", scene.HELP, scene.DESCRIPTION, scene.EXAMPLE))
    for job, people, cameras in ((make, 64, 4), (preview, 6, 6)):
        job.add_argument("--people", type=from_zero, default=people, help="how many (default: %(default)s)")
        job.add_argument("--cameras", type=from_zero, default=cameras, help="how many (default: %(default)s)")
        job.add_argument("--seen-in", type=from_zero, metavar="N", help="of the cameras each person walks past (all)")
        job.add_argument(
            "--outfits", type=from_zero, help="sets of clothes per person (default: 1, or 2 to change clothes)"
        )
        job.add_argument(
            "--shots", type=from_zero, default=4, help="pictures per person, outfit and camera (default: %(default)s)"
        )
        job.add_argument("--seed", type=seed, default=0, help="which world (default: %(default)s)")
        job.add_argument(
            "--condition",
            default="plain",
            help="what makes it hard: plain, occluded, crowd, clothes, clothes-abc, twins, dance, lowres, lowlight, "
            "blur or mixed (default: %(default)s)",
        )
        job.add_argument("--degree", type=real(0, 1), default=0.5, help="how hard, from 0 to 1 (default: %(default)s)")
        job.add_argument(
            "--group", type=from_zero, default=5, help="people who dress or dance together (default: %(default)s)"
        )
        job.add_argument(
            "--size",
            type=height_and_width,
            default="256x128",
            metavar="HxW",
            help="of a picture (default: %(default)s)",
        )


def run(options: argparse.Namespace) -> int:
    """Make, preview or film."""
    return {"make": make, "preview": preview, "scene": film}[options.job](options)


def plan_of(options: argparse.Namespace, test_people: int, labels: tuple[str, ...] = ()) -> WorldPlan:
    """The plan that the options ask for."""
    from sameperson.world.plan import NEEDS, WorldPlan

    least = NEEDS.get(options.condition, {}).get("outfits", 1)
    names = ("people", "cameras", "shots", "seed", "size", "condition", "degree", "group", "seen_in")
    return WorldPlan(
        **{name: getattr(options, name) for name in names},
        test_people=test_people,
        outfits=least if options.outfits is None else options.outfits,
        labels=labels,
    )


def make(options: argparse.Namespace) -> int:
    """`world make`."""
    require_renderer()
    from sameperson.data.miniatures.make import make_layout
    from sameperson.world.benchmarks import benchmark_plan
    from sameperson.world.dataset import make_world
    from sameperson.world.plan import LABELS

    chosen = {"all": LABELS, "none": ()}.get(options.labels, tuple(options.labels.split(",")))
    if options.benchmark is None:
        plan = plan_of(options, options.people // 2 if options.test_people is None else options.test_people, chosen)
    else:
        plan = replace(benchmark_plan(options.benchmark, options.scale, options.seed), labels=chosen)
    start = time.monotonic()
    with counting("people") as tell:
        how = {"workers": options.workers, "progress": tell}
        if options.layout is None:
            pictures = make_world(options.out, plan, **how)
        else:
            pictures = make_layout(options.out, options.layout, plan, **how)
    seconds = time.monotonic() - start
    places = "as many videos as groups" if plan.condition == "dance" else f"{plan.cameras} cameras"
    print(f"{options.out}: {pictures} pictures of {plan.people} people in {places} ({seconds:.0f} s)")
    return 0


def preview(options: argparse.Namespace) -> int:
    """`world preview`."""
    require_renderer()
    from sameperson.world.preview import write_preview

    plan = plan_of(options, test_people=max(options.people - 1, 1))
    columns = plan.cameras if options.columns is None else options.columns
    if columns < 1:
        raise InputError(f"--columns {columns}", "at least 1", "raise --columns")
    write_preview(options.out, plan, columns, options.labelled)
    print(f"{options.out}: {plan.people} people, {columns} moments each")
    return 0


def film(options: argparse.Namespace) -> int:
    """`world scene`."""
    require_renderer()
    return scene.run(options)


def require_renderer() -> None:
    """Say what to install where the renderer is missing."""
    try:
        import warp  # noqa: F401
    except ImportError as error:
        raise InputError(
            "warp-lang is not installed", "the renderer", "type: pip install 'sameperson[world]'"
        ) from error
