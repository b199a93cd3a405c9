"""`sameperson parse evaluate`: how well label maps agree with true ones."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sameperson.checks import InputError
from sameperson.cli.common.json_output import add_json, write_json
from sameperson.cli.common.label_sources import LabelSource, add_root, from_folder, is_run, parts_of_run, require_set
from sameperson.cli.common.network_args import height_and_width
from sameperson.cli.common.number_args import resamples, seed

if TYPE_CHECKING:
    from sameperson.evaluation.segmentation import Agreement, Classes, Confusion, Task
    from sameperson.evaluation.stats import Accuracy
    from sameperson.types import Samples

HELP = "IoU of foreground, head, legs and shoes, or of all labels, with intervals"
DESCRIPTION = (
    "Measure label maps against true ones of the same names, over all pixels: the IoU of each task that both label "
    "sets know and, where the true set can be merged into the other, of every label. Pixels labelled 255 are left out."
)
EXAMPLE = "sameperson parse evaluate people/parsing people/parsing --labels-a lip --labels-b lip --json parsing.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The job's words."""
    parser.add_argument("predicted", type=Path, metavar="PREDICTED", help="a folder of PNGs, or a run that found parts")
    parser.add_argument("true", type=Path, metavar="TRUE", help="a folder of PNGs, named as the others are")
    parser.add_argument("--labels-a", metavar="SET", help="of PREDICTED: isp-7, lip, ... (a run's own, else isp-7)")
    parser.add_argument("--labels-b", default="lip", metavar="SET", help="of TRUE: lip, world, atr, ... (%(default)s)")
    parser.add_argument(
        "--task", action="append", default=[], type=task, metavar="NAME=A:B",
        help="a task of your own, such as bag=4:20: labels of PREDICTED, a colon, labels of TRUE",
    )  # fmt: skip
    parser.add_argument(
        "--at",
        default="coarser",
        type=where,
        metavar="SIZE",
        help="where sizes differ: coarser, finer or HxW (coarser)",
    )
    parser.add_argument(
        "--by", choices=("person", "picture"), help="what is drawn again for the intervals (people, where names tell)"
    )
    parser.add_argument("--resamples", type=resamples, default=2000, metavar="N", help="for the intervals (2000)")
    parser.add_argument("--seed", type=seed, default=0, help="of the resampling (0)")
    add_root(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Measure, and print the table."""
    from sameperson.evaluation.segmentation import agreement, classes, shared_tasks

    samples, predicted = judged(options)
    true = from_folder(options.true, samples, options.labels_b)
    tasks = [*shared_tasks(predicted.labels, true.labels), *(task_of(words, predicted, true) for words in options.task)]
    by = by_of(options, samples)
    confusion = counted(options, samples, predicted, true, by)
    found = agreement(confusion.counts, tasks, options.resamples, options.seed)
    all_labels = classes(confusion.counts, predicted.labels, true.labels, options.resamples, options.seed)
    missing = len(samples) - confusion.pictures
    print(table(options, confusion, by, found, all_labels))
    if confusion.ignored:
        print(f"{100 * confusion.ignored:.1f} % of the pixels are labelled 255 (left out)")
    if all_labels is not None and all_labels.absent:
        print(f"in no picture, so in no mean: {', '.join(all_labels.absent)}")
    if missing:
        print(f"{missing} of {len(samples)} pictures have no true map (left out)")
    figures = {
        "tasks": {name: one.to_json() for name, one in found.items()},
        "classes": None if all_labels is None else all_labels.to_json(),
        "labels_a": predicted.labels.name,
        "labels_b": true.labels.name,
        "at": options.at if isinstance(options.at, str) else list(options.at),
        "by": by,
        "groups": confusion.groups,
        "pictures": confusion.pictures,
        "without": missing,
        "ignored": confusion.ignored,
        "resamples": options.resamples,
        "seed": options.seed,
    }
    write_json(options.json, figures)
    return 0


def judged(options: argparse.Namespace) -> tuple[Samples, LabelSource]:
    """The pictures whose maps are judged, and those maps."""
    from sameperson.data.readers.pictures import read_pictures

    if is_run(options.predicted):
        samples, parts = parts_of_run(options.predicted, options.root)
        require_set(parts, options.labels_a, "--labels-a")
        return samples, parts
    samples = read_pictures(options.predicted)
    return samples, from_folder(options.predicted, samples, options.labels_a or "isp-7")


def by_of(options: argparse.Namespace, samples: Samples) -> str:
    """What stands or falls together. Raises InputError for people whom nothing names."""
    from sameperson.types import JUNK

    named = bool((samples.pid != JUNK).any())
    if options.by == "person" and not named:
        raise InputError(f"--by person: {samples.root} does not say who is on its pictures",
                         "names as Market-1501's, such as 0001_c1s1_000151_00", "take --by picture")  # fmt: skip
    return options.by or ("person" if named else "picture")


def counted(
    options: argparse.Namespace, samples: Samples, predicted: LabelSource, true: LabelSource, by: str
) -> Confusion:
    """Every picture that both have, counted."""
    from sameperson.evaluation.segmentation import Confusion, brought_together

    confusion = Confusion(predicted.labels, true.labels)
    rows = sorted(set(predicted.rows) & set(true.rows))
    for row, one, other in zip(rows, predicted.maps(rows), true.maps(rows)):
        group = int(samples.pid[row]) if by == "person" else row
        confusion.add(*brought_together(one, other, options.at), group)
    if confusion.ignored and not confusion.counts[:, :, 1:].any():
        found = f"{options.true}: {true.labels.name} labels of which all are 0 or 255"
        raise InputError(found, "true maps", "if these are masks, give --labels-b foreground")
    return confusion


def table(
    options: argparse.Namespace,
    confusion: Confusion,
    by: str,
    found: Mapping[str, Agreement],
    all_labels: Classes | None,
) -> str:
    """The figures with their intervals."""
    size = f"the {options.at} of two sizes" if isinstance(options.at, str) else "{} x {} pixels".format(*options.at)
    who = "people" if by == "person" else "pictures"
    sets = f"{confusion.predicted.name} against {confusion.true.name}"
    lines = [f"{confusion.pictures} pictures: {sets}, at {size}; 95 % of resamples of {confusion.groups} {who}"]
    if found:
        lines.append(f"{'task':>12}  {'class IoU':<24}  {'two-class IoU':<24}  {'pixel accuracy':<24}  mean accuracy")
    for name, one in found.items():
        shares = (one.class_iou, one.two_class_iou, one.pixel_accuracy, one.mean_accuracy)
        lines.append(f"{name:>12}  " + "  ".join(f"{told(share):<24}" for share in shares).rstrip())
    if all_labels is not None:
        lines.append(f"{'all labels':>12}  mean IoU {told(all_labels.mean_iou)}  pixel accuracy "
                     f"{told(all_labels.pixel_accuracy)}  mean accuracy {told(all_labels.mean_accuracy)}")  # fmt: skip
        lines += [f"{name:>16}  IoU {told(share)}" for name, share in all_labels.iou.items()]
    return "\n".join(lines)


def told(share: Accuracy) -> str:
    """A share in percent with its interval.

    >>> from sameperson.evaluation.stats import Accuracy
    >>> told(Accuracy(0.873, 0.851, 0.892))
    '87.3 % (85.1 to 89.2)'
    """
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f} to {100 * share.high:.1f})"


def task(text: str) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    """A task as it is typed.

    >>> task("legs=4,5:8,9,16,17")
    ('legs', (4, 5), (8, 9, 16, 17))
    """
    name, equals, rest = text.partition("=")
    ours, colon, theirs = rest.partition(":")
    sides = [part.split(",") for part in (ours, theirs)]
    if not (name and equals and colon) or not all(number.isdigit() for side in sides for number in side):
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=A:B such as legs=4,5:8,9,16,17")
    one, other = (tuple(int(number) for number in side) for side in sides)
    return name, one, other


def task_of(words: tuple[str, tuple[int, ...], tuple[int, ...]], predicted: LabelSource, true: LabelSource) -> Task:
    """The same as a task. Raises InputError for labels that a set does not have."""
    from sameperson.evaluation.segmentation import Task

    for numbers, source in zip(words[1:], (predicted, true)):
        names = source.labels.labels
        strange = next((number for number in numbers if number >= len(names) or not names[number]), None)
        if strange is not None:
            expected = f"{source.labels.name}'s 0 to {len(names) - 1}"
            raise InputError(f"--task {words[0]}: label {strange}", expected, "correct it, or name the set it is of")
    return Task(*words)


def where(text: str) -> str | tuple[int, int]:
    """`coarser`, `finer`, or a size."""
    return text if text in ("coarser", "finer") else height_and_width(text)
