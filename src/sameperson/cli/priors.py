"""`sameperson priors`: keypoints, parsing maps and masks, made by a network, or keypoints scaled to pixels."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sameperson.checks import NOTHING, InputError, kind_of, nearest
from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.network_args import add_preprocessing, given_of, user_network
from sameperson.cli.common.number_args import positive, workers
from sameperson.cli.common.picture_args import told
from sameperson.cli.common.subcommand import add_subcommand

if TYPE_CHECKING:
    from sameperson.priors.resumable_writer import WrittenPrior
    from sameperson.retrieval.user_network import UserNetwork
    from sameperson.types import Samples

NAME = "priors"
HELP = "make what methods want to know beside the pictures: keypoints, parsing maps, masks"
EXAMPLE = "sameperson priors make keypoints crops --model pose.onnx --scale 1/255"
KINDS = ("keypoints", "parsing", "mask")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`priors make` and `priors rescale`."""
    jobs = parser.add_subparsers(dest="job", metavar="JOB", required=True)
    make = add_subcommand(
        jobs,
        "make",
        "keypoints.json, parsing/*.png or masks/*.png, beside the pictures or elsewhere",
        "Write keypoints.json (AlphaPose's list), parsing/<picture>.png (a palette PNG) or masks/<picture>.png (255 on "
        "the person) of every picture in a folder, where the readers find them. A killed run goes on where it stopped; "
        "unreadable pictures are left out and counted.",
        EXAMPLE,
    )
    make.add_argument("kind", choices=KINDS, metavar="keypoints|parsing|mask", help="what to make")
    make.add_argument("pictures", type=Path, metavar="PICTURES", help="a folder, a CSV or a list file")
    make.add_argument("--out", type=Path, metavar="DIR", help="where to write (beside the pictures)")
    make.add_argument(
        "--labels", default="lip", metavar="SET", help="of the parsing: lip, atr, pascal, study-7, ... (%(default)s)"
    )
    make.add_argument("--batch", type=positive, default=16, metavar="N", help="pictures at once (%(default)s)")
    make.add_argument("--workers", type=workers, default=2, metavar="N", help="threads that read (%(default)s)")
    add_json(make)
    group = make.add_argument_group(
        "network",
        "keypoints: heatmaps (n, joints, h, w), SimCC's (n, joints, x) and (n, joints, y), or BlazePose; parsing: "
        "scores (n, labels, h, w) or labels (n, h, w); mask: BlazePose",
    )
    group.add_argument(
        "--model",
        type=Path,
        metavar="FILE|NAME",
        help="your network (.onnx, .xml of OpenVINO, .tflite), or blazepose, which `sameperson models get` fetches",
    )
    group.add_argument(
        "--from", dest="tree", type=Path, metavar="TREE", help="instead: true labels of a tree of `world make`"
    )
    group.add_argument(
        "--fit",
        choices=("pad", "stretch", "edge", "reflect"),
        help="pad: keep a picture's shape, on black; stretch: fill the input; edge, reflect: keep it, with a margin of "
        "its edge or its mirror image (edge for BlazePose, else pad)",
    )
    add_preprocessing(group)
    scaled = add_subcommand(
        jobs,
        "rescale",
        "keypoints written as shares of the picture's size, in pixels",
        "Write keypoints.json with bodies in pixels, where a pose estimator wrote shares of the picture's size "
        "(0..1 or -1..1, as OpenPose's keypoint_scale 3 and 4). The old files stay as they are.",
        "sameperson priors rescale crops --out rescaled",
    )
    scaled.add_argument("pictures", type=Path, metavar="PICTURES", help="a folder, a CSV or a list file")
    scaled.add_argument(
        "--keypoints", type=Path, metavar="PATH", help="the file or folder to rescale (what lies beside the pictures)"
    )
    scaled.add_argument("--out", type=Path, metavar="DIR", required=True, help="the folder to write into")
    add_json(scaled)


def run(options: argparse.Namespace) -> int:
    """Make or rescale, and say what was written."""
    from sameperson.data.readers.pictures import read_pictures

    if options.job == "rescale":
        return rescale(read_pictures(options.pictures, None), options)
    if (options.model is None) == (options.tree is None):
        both = "both --model and --from" if options.model else "neither --model nor --from"
        raise InputError(both, "one of them", "give --model FILE.onnx, or --from TREE")
    if options.tree is not None and given_of(options):
        name = "--" + next(iter(given_of(options))).replace("_", "-")
        raise InputError(f"{name} with --from", "a network of your own", "give --model FILE.onnx, or leave it out")
    samples = read_pictures(options.pictures, None)
    made = make(samples, options)
    print(f"{made.place}: {options.kind} of {made.pictures - made.without} of {made.pictures} pictures")
    write_json(options.json, figures_of(made))
    return 0


def rescale(samples: Samples, options: argparse.Namespace) -> int:
    """Scale keypoints to pixels, and say where they are and what becomes of the old ones."""
    from sameperson.cli.common.progress import counting
    from sameperson.priors.locations import find_priors
    from sameperson.priors.rescale import rescale_keypoints

    place = options.keypoints or find_priors(samples.root).get("keypoints")
    if place is None:
        found = f"{samples.root}: no keypoints beside the pictures"
        raise InputError(found, "keypoints.json, or a folder keypoints/ or pose/", "name them with --keypoints PATH")
    with counting("pictures") as tell:
        made, scale = rescale_keypoints(samples, place, options.out, tell)
    bodies = made.pictures - made.without
    print(f"{made.place}: keypoints of {bodies} of {made.pictures} pictures, scaled from {scale} to pixels")
    print(f"to use them, move {place} away and put {made.place} into {samples.root}")
    write_json(options.json, {**figures_of(made), "scale": scale})
    return 0


def prior_network(options: argparse.Namespace) -> UserNetwork:
    """The network in the user's file, or one of the registry's by its name.

    BlazePose's own file is fed as MediaPipe feeds it, unless the user says otherwise.
    """
    from sameperson.models.registry import REGISTRY, fetched_model
    from sameperson.priors.blazepose import is_blazepose
    from sameperson.retrieval.runtimes import open_engine

    path, name = options.model, str(options.model)
    known = [model.name for model in REGISTRY.values() if not model.backbone]
    if name in known:
        path = fetched_model(name, f"--model {name}")
    elif not path.suffix and kind_of(path) == NOTHING:
        raise InputError(f"{name}: no such file", "a network's file, or the name of a model", nearest(name, known))
    lite = path.suffix.lower() == ".tflite" and not given_of(options)
    if lite and is_blazepose([port.shape for port in open_engine(path).outputs]):
        options.channels, options.scale = "RGB", 1 / 255
    return user_network(path, options, features=False)


def figures_of(made: WrittenPrior) -> dict[str, Any]:
    """What was written, for `--json`; broken pictures are told on stderr."""
    from sameperson.data.broken_pictures import Broken

    broken = told([Broken(-1, path, reason) for path, reason in made.broken])
    return {"pictures": made.pictures, "without": made.without, **broken, "place": str(made.place)}


def make(samples: Samples, options: argparse.Namespace) -> WrittenPrior:
    """The prior that the options ask for, by a network or from a tree."""
    from sameperson.checks import choose
    from sameperson.cli.common.progress import counting
    from sameperson.priors.label_sets import LABEL_SETS

    labels = choose("--labels", options.labels, LABEL_SETS)
    out = samples.root if options.out is None else options.out
    if options.tree is not None:
        from sameperson.priors.copy_from import copy_keypoints, copy_masks, copy_parsing

        if options.kind == "keypoints":
            return copy_keypoints(samples, options.tree, out)
        with counting("pictures") as tell:
            if options.kind == "mask":
                return copy_masks(samples, options.tree, out, tell)
            return copy_parsing(samples, options.tree, out, tell, labels=labels)
    from sameperson.priors.blazepose import is_blazepose
    from sameperson.priors.make import InputOptions, make_keypoints, make_masks, make_parsing

    network = prior_network(options)
    usual = "edge" if is_blazepose([port.shape for port in network.engine.outputs]) else "pad"
    how = InputOptions(options.batch, options.workers, options.fit or usual)
    with counting("pictures") as tell:
        if options.kind == "keypoints":
            return make_keypoints(samples, network, out, how, tell)
        if options.kind == "mask":
            return make_masks(samples, network, out, how, tell)
        return make_parsing(samples, network, out, how, tell, labels=labels)
