"""The words by which a command line names a network: weights of ours, or a file of the user's and how to feed it.

Shared by `embed`, `compare`, `search` and `evaluate`; nothing heavy is imported until a network is wanted.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from sameperson.checks import InputError

if TYPE_CHECKING:
    from sameperson.evaluation.network import Network
    from sameperson.methods.load import TrainedNetwork
    from sameperson.retrieval.user_network import UserNetwork

FOREIGN = ("input_size", "channels", "mean", "std", "scale", "output")
"""What only a network of the user's needs. What is not given is left to its file."""
LARGEST_SIDE = 4096
"""Pixels of an input's height or width, above which a single batch would fill the memory."""
NETWORK_FILES = (".onnx", ".xml", ".tflite")
WEIGHTS_FILES = (".safetensors", ".pth", ".pt", ".ckpt", ".tar")


def add_network(parser: argparse.ArgumentParser, weights: bool = True) -> None:
    """`--weights` and `--network` with all that says how pictures become its input."""
    shipped = Path(__file__).parents[2] / "weights"
    group = parser.add_argument_group(
        "network", f"the weights that come with sameperson ({shipped}) unless you name others"
    )
    if weights:
        group.add_argument("--weights", metavar="FILE|RUN", type=Path, help="weights, or the folder of a training run")
    group.add_argument(
        "--parser",
        metavar="FILE|RUN",
        type=Path,
        help="weights that make the maps that other weights, or a report, need",
    )
    group.add_argument("--network", metavar="FILE", type=Path, help="your own network: .onnx, or .xml of OpenVINO")
    group.add_argument("--output", metavar="NAME", help="which of its outputs is the feature, where it has several")
    add_preprocessing(group)
    parser.set_defaults(weights_option="--weights " if weights else "")


def add_preprocessing(group: argparse._ArgumentGroup) -> None:
    """All that says how pictures become the input of a network of the user's; what is left out is as its file says."""
    group.add_argument("--input-size", metavar="HxW", type=height_and_width, help="e.g. 256x128; left out if fixed")
    group.add_argument(
        "--channels", choices=("RGB", "BGR"), help="the order it was trained with (as FILE says, else RGB)"
    )
    group.add_argument("--scale", metavar="S", type=number, help="multiplies pixels of 0 to 255, e.g. 1/255 (1)")
    group.add_argument("--mean", metavar="A,B,C", type=three, help="taken off then, in the order of --channels (0,0,0)")
    group.add_argument("--std", metavar="A,B,C", type=three, help="divided by then (1,1,1)")


def network_of(options: argparse.Namespace, *, reporting: bool = False) -> Network:
    """The network that the options name. Raises InputError where they contradict each other.

    reporting: whether a report looks at a parser's maps, so that the network itself may need none.
    """
    weights = getattr(options, "weights", None)
    given = given_of(options)
    if weights is not None and options.network is None and (file := network_file(weights)) is not None:
        found = f"{weights}: a network file, not weights of sameperson"
        raise InputError(found, "it as a network", f"give it as --network {quote(str(file))}")
    if options.network is not None and getattr(options, "parser", None) is not None and not reporting:
        found = "--parser with --network"
        raise InputError(found, "weights of ours that need maps", "leave out --parser: a network file needs none")
    if options.network is None:
        if given:
            name = "--" + next(iter(given)).replace("_", "-")
            raise InputError(f"{name} without --network", "a network of your own", "add --network FILE.onnx")
        from sameperson.methods.load import load_network

        return parsed(load_network(weights_file(weights)), options, among=reporting)
    if weights is not None:
        raise InputError("both --weights and --network", "one network", "leave one out")
    if options.network.suffix.lower() in WEIGHTS_FILES or (options.network / "best.safetensors").is_file():
        option, name = getattr(options, "weights_option", "--weights "), quote(str(options.network))
        then = f"give it as {option}{name}" if option else f"give {name} before the dataset, without --network"
        raise InputError(f"--network {name}: weights, not a network file", ".onnx, or .xml of OpenVINO", then)
    return user_network(options.network, options)


def parsed(network: TrainedNetwork, options: argparse.Namespace, *, among: bool = False) -> TrainedNetwork:
    """The network with the parser that the options name, if they do.

    among: whether it is one of several networks, of which some may need no maps; then these go without the parser.
    Raises InputError for a parser that does not fit.
    """
    if getattr(options, "parser", None) is None:
        return network
    from sameperson.data.needed_priors import PARSED
    from sameperson.evaluation.parser_maps import with_parser
    from sameperson.methods.load import load_network

    if among and not set(PARSED) & set(network.needs):
        return network
    return with_parser(network, load_network(weights_file(options.parser, "give weights of a method that parses")))


def user_network(path: Path, options: argparse.Namespace, *, features: bool = True) -> UserNetwork:
    """The user's network in a file, fed as the options say; features: whether it gives one feature a picture.

    What was taken from the file, and what nothing says, is told on stderr.
    """
    from sameperson.retrieval.user_network import Preprocessing, open_network

    if path.suffix.lower() == ".bin" and (file := network_file(path)) is not None:
        raise InputError(f"{path}: the weights of an OpenVINO network", "its .xml", f"give {quote(str(file))}")
    how = given_of(options)
    for name in ("std", "scale"):
        if name in how and 0 in (how[name] if name == "std" else (how[name],)):
            raise InputError(f"--{name} of 0", "a number that pixels survive", "give the values it was trained with")
    output, size = how.pop("output", None), how.pop("input_size", None)
    batch = getattr(options, "batch", None)
    network = open_network(path, Preprocessing(size, **how), features=features, batch=batch, output=output)
    for note in network.notes:
        print(f"note: {note}", file=sys.stderr)
    return network


def given_of(options: argparse.Namespace) -> dict[str, Any]:
    """What the user said of FOREIGN."""
    return {name: value for name in FOREIGN if (value := getattr(options, name, None)) is not None}


def network_file(path: Path) -> Path | None:
    """The network file that is meant where weights are expected, None for any other path."""
    if path.suffix.lower() == ".bin" and path.with_suffix(".xml").is_file():
        return path.with_suffix(".xml")
    return path if path.suffix.lower() in NETWORK_FILES else None


def weights_file(path: Path | None, then: str = "give weights that sameperson wrote, or a run") -> Path | None:
    """The best weights of a run, where a folder is named. Raises InputError for a network file of the user's.

    then: what to do with such a file instead.
    """
    if path is not None and network_file(path) is not None:
        raise InputError(f"{path}: a network file, not weights of sameperson", "weights or a run", then)
    if path is None or path.is_dir():
        return None if path is None else path / "best.safetensors"
    from sameperson.methods.load import named_weights

    return named_weights(path)


def network_name(options: argparse.Namespace) -> str:
    """How the user named the network."""
    return str(options.network or getattr(options, "weights", None) or "shipped weights")


def height_and_width(text: str) -> tuple[int, int]:
    """A size as people write it.

    >>> height_and_width("256x128")
    (256, 128)
    """
    height, _, width = text.lower().partition("x")
    if not (text.isascii() and height.isdigit() and width.isdigit() and height.strip("0") and width.strip("0")):
        raise argparse.ArgumentTypeError(f"{text!r} is no HEIGHTxWIDTH such as 256x128")
    if max(len(height), len(width)) > 4 or max(int(height), int(width)) > LARGEST_SIDE:
        raise argparse.ArgumentTypeError(f"{text!r} is over {LARGEST_SIDE} pixels high or wide")
    return int(height), int(width)


def number(text: str) -> float:
    """A number or a fraction.

    >>> number("0.5"), number("1/4")
    (0.5, 0.25)
    """
    above, slash, below = text.partition("/")
    try:
        found = float(above) / (float(below) if slash else 1)
    except (ValueError, ZeroDivisionError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
    if not math.isfinite(found):
        raise argparse.ArgumentTypeError(f"{text!r} is no finite number")
    return found


def three(text: str) -> tuple[float, float, float]:
    """One number for all channels, or one for each.

    >>> three("0.5"), three("1,2,1/4")
    ((0.5, 0.5, 0.5), (1.0, 2.0, 0.25))
    """
    match [number(part) for part in text.replace(",", " ").split()]:
        case [one]:
            return one, one, one
        case [a, b, c]:
            return a, b, c
    raise argparse.ArgumentTypeError(f"{text!r} is not three numbers such as 0.485,0.456,0.406")
