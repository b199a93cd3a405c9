"""Kinds of priors: the folders beside the pictures that may hold each, and the loader that opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sameperson.checks import InputError, choose, nearest
from sameperson.config import Data
from sameperson.priors.faces import load_faces
from sameperson.priors.keypoints import load_keypoints
from sameperson.priors.masks import load_irrelevant, load_masks
from sameperson.priors.parsing import load_foreground, load_parsing
from sameperson.priors.prior import NeededPrior
from sameperson.types import Samples


@dataclass(frozen=True)
class PriorKind:
    """A kind of prior.

    folders: those that may hold it, as the world, 3DSL and DeskPro name them. load: opens it. keys: those of a recipe's
    `data` that say in which form it is read. optional: whether many pictures lack it by nature, as they show no face.
    """

    folders: tuple[str, ...]
    load: Callable[[Path, Samples, Data], NeededPrior]
    keys: tuple[str, ...] = ()
    optional: bool = False


PRIORS: dict[str, PriorKind] = {
    "keypoints": PriorKind(
        ("keypoints", "pose"), lambda path, samples, data: load_keypoints(path, samples, data.skeleton), ("skeleton",)
    ),
    "parsing": PriorKind(
        ("parsing",),
        lambda path, samples, data: load_parsing(
            path, samples, data.parsing.labels, data.parsing.merge, swap_sides=data.parsing.swap_sides
        ),
        ("parsing.labels", "parsing.merge", "parsing.swap_sides"),
    ),
    "mask": PriorKind(("masks", "mask"), lambda path, samples, _: load_masks(path, samples), ("parsing.labels",)),
    "irrelevant": PriorKind(("irrelevant",), lambda path, samples, _: load_irrelevant(path, samples)),
    "face": PriorKind(
        ("lr_face",), lambda path, samples, data: load_faces(path, samples, data.face_size), ("face_size",), True
    ),
    "face_restored": PriorKind(
        ("hr_face",), lambda path, samples, data: load_faces(path, samples, data.face_size), ("face_size",), True
    ),
}
"""By the name that recipes and batches use."""
DEFAULTS = Data()


def open_priors(samples: Samples, names: Sequence[str], data: Data = DEFAULTS) -> Mapping[str, NeededPrior]:
    """Open the named priors of pictures, each indexed by the rows of `samples`.

    data: says in which form they are wanted (skeleton, label set, size of faces). Masks that do not lie beside the
    pictures are made of the parsing, if that does.

    Raises:
        InputError: a prior that is not known, that does not lie beside these pictures, that is of none of them, or that
            is damaged.
    """
    opened: dict[str, NeededPrior] = {}
    for name in names:
        found = open_if_there(name, samples, data)
        if found is None:
            expected = f"{name} beside the pictures in {samples.root}"
            has = nearest(name, samples.priors) if samples.priors else "this dataset has none: set data.priors=[]"
            raise InputError(f"no {name}", expected, has)
        place, opened[name] = found
        if len(samples) and not opened[name].valid.any():
            found = f"{place}: {name} of none of the {len(samples)} pictures in {samples.root}"
            raise InputError(
                found, f"names as theirs, such as {samples.path[0]}", "check which pictures it was made of"
            )
    return opened


def open_if_there(name: str, samples: Samples, data: Data = DEFAULTS) -> tuple[Path, NeededPrior] | None:
    """Open the named prior at the place where `samples` has it, and return both; None where it has none.

    Raises InputError as `open_priors` does, except for what is missing.
    """
    choose("prior", name, PRIORS)
    place = samples.priors.get(name)
    if place is not None:
        return place, open_prior(name, place, samples, data)
    if name == "mask" and "parsing" in samples.priors:
        place = samples.priors["parsing"]
        return place, load_foreground(place, samples, data.parsing.labels)
    return None


def open_prior(name: str, place: Path, samples: Samples, data: Data = DEFAULTS) -> NeededPrior:
    """Open one prior of pictures, which may be of none of them; raises InputError as `open_priors` does."""
    return choose("prior", name, PRIORS).load(place, samples, data)
