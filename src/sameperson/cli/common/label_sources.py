"""Where a command line takes label maps from: a folder of PNGs, the parts of a run, or what a network sees.

Shared by the jobs of `parse`; nothing heavy is imported until maps are wanted.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sameperson.checks import InputError

if TYPE_CHECKING:
    from sameperson.methods.isp.part_labels import PartLabels
    from sameperson.priors.label_sets import Labels, LabelSet
    from sameperson.priors.maps import Maps
    from sameperson.types import Samples

BATCH = 32
"""Pictures that a network is given at once."""


@dataclass(frozen=True)
class LabelSource:
    """Maps of some pictures.

    name: what they are called. labels: their set. rows: of the pictures that have one. maps: the maps (h, w) uint8 of
    such rows, one by one. made_by: names the network they come from. folders: where their files lie, if they have any.
    """

    name: str
    labels: LabelSet
    rows: list[int]
    maps: Callable[[Sequence[int]], Iterator[Labels]]
    made_by: str = ""
    folders: frozenset[Path] = frozenset()


def from_folder(place: Path, samples: Samples, labels: str) -> LabelSource:
    """The PNGs of a folder, masks where the labels are `foreground`.

    Raises InputError where none of them is of these pictures.
    """
    from sameperson.priors.label_sets import FOREGROUND
    from sameperson.priors.masks import load_masks
    from sameperson.priors.parsing import load_labels
    from sameperson.priors.part_groups import label_set

    known = label_set(labels)
    maps = load_masks(place, samples) if known == FOREGROUND else load_labels(place, samples, known)
    return _of_files(place.name, known, maps, samples)


def is_run(place: Path) -> bool:
    """Whether a folder is a training run's."""
    return (place / "recipe.yaml").is_file()


def add_root(parser: argparse.ArgumentParser) -> None:
    """`--root`, where a run's dataset is no longer where it was."""
    parser.add_argument("--root", type=Path, metavar="DATA", help="where a run's dataset lies now, if it has moved")


def open_parts(run: Path, root: Path | None = None) -> tuple[Samples, PartLabels]:
    """The pictures that a run learns from, and the parts that it found last.

    root: of its dataset, if it has moved. Raises InputError for a run that found none, and where its pictures are no
    longer there or what they were.
    """
    from sameperson.data.broken_pictures import readable
    from sameperson.data.readers import read_dataset
    from sameperson.data.split import learned_and_held_out
    from sameperson.methods.isp.part_labels import PartLabels
    from sameperson.methods.isp.relabel import FILE
    from sameperson.overrides import load_recipe

    if not is_run(run):
        found = f"{run}: no training run" if run.exists() else f"{run}: no such folder"
        raise InputError(found, "the folder of a run of isp, with recipe.yaml", "check the path")
    if not (run / FILE).is_file():
        then = "wait for its first clustering, or give --weights to see what its network says"
        raise InputError(f"{run}: a run that found no parts", f"one of isp, with {FILE}", then)
    recipe = load_recipe(run / "recipe.yaml")
    data = recipe.data if root is None else recipe.data.model_copy(update={"root": root})
    if not data.root.exists():
        found = f"{data.root}: no such dataset" if root else f"{run} learned from {data.root}, which is not there"
        raise InputError(found, "the dataset of the run", "give --root with the place where it lies now")
    dataset, _ = readable(read_dataset(data), True) if data.skip_broken else (read_dataset(data), 0)
    train, _ = learned_and_held_out(dataset, data.val_fraction, recipe.seed)
    return train, PartLabels.open(run / FILE, train)


def parts_of_run(run: Path, root: Path | None = None) -> tuple[Samples, LabelSource]:
    """The same as a source. Raises InputError as `open_parts` does."""
    from sameperson.priors.part_groups import part_set

    train, parts = open_parts(run, root)
    labels, rows = part_set(parts.parts + 1), list(range(len(train)))
    return train, LabelSource(run.name, labels, rows, lambda some: map(parts.read, some))


def from_run(run: Path, samples: Samples, root: Path | None = None) -> LabelSource:
    """The parts that a run found of those of these pictures that it learns from. Raises InputError where it is none."""
    from sameperson.priors.name_match import rows_by_name

    train, parts = parts_of_run(run, root)
    known = rows_by_name(train)
    there = {row: found for row, path in enumerate(samples.path) if (found := known.find(str(path))) is not None}
    if not there:
        found = f"{run}: parts of none of the {len(samples)} pictures in {samples.root}"
        raise InputError(found, f"pictures it learns from, such as {train.path[0]}", "give its training pictures")
    return LabelSource(parts.name, parts.labels, list(there), lambda rows: parts.maps([there[row] for row in rows]))


def from_network(weights: Path, samples: Samples, *, own_size: bool = False, flip: bool = False) -> LabelSource:
    """What a network of ours says each pixel is. Raises InputError for one that says nothing of pixels.

    own_size: of each pixel of the picture, not of each cell of the network's grid. flip: also of the mirrored picture.
    """
    from sameperson.cli.common.network_args import weights_file
    from sameperson.evaluation.predict_labels import predict_labels
    from sameperson.methods.load import load_network
    from sameperson.priors.part_groups import label_set

    network = load_network(weights_file(weights, "give weights of a method that parses, such as isp"))
    network.require_parsing()

    def maps(rows: Sequence[int]) -> Iterator[Labels]:
        found = predict_labels(network, samples, rows, batch=BATCH, flip=flip, own_size=own_size)
        return (labels for _, labels in found)

    labels, rows = label_set(network.method.label_set), list(range(len(samples)))
    return LabelSource(weights.name, labels, rows, maps, network.fingerprint)


def require_set(source: LabelSource, asked: str | None, option: str) -> None:
    """Raises InputError where a user names another set than a run or a network has."""
    from sameperson.priors.part_groups import label_set

    if asked is not None and label_set(asked).name != source.labels.name:
        found, then = (
            f"{option} {asked}, yet the labels of {source.name} are {source.labels.name}",
            f"leave out {option}",
        )
        raise InputError(found, source.labels.name, then)


def _of_files(name: str, labels: LabelSet, maps: Maps, samples: Samples) -> LabelSource:
    import numpy as np

    def read(rows: Sequence[int]) -> Iterator[Labels]:
        for row in rows:
            found = maps.read(row)
            if found is None:
                raise ValueError(f"row {row} has no map")
            yield found

    rows = np.flatnonzero(maps.valid).tolist()
    if not rows:
        found = f"{maps.files.folder}: maps of none of the {len(samples)} pictures in {samples.root}"
        raise InputError(found, f"names as theirs, such as {samples.path[0]}", "check which pictures it was made of")
    folders = frozenset(file.parent for row in rows if (file := maps.files[row]) is not None)
    return LabelSource(name, labels, rows, read, folders=folders)
