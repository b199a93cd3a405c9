"""Human parsing: PNGs whose values are the labels of a set, kept as they are or merged into a coarser one."""

from __future__ import annotations

from pathlib import Path

from sameperson.priors.label_sets import FOREGROUND, IGNORED, LIP, Labels, LabelSet, known_set, merge_table
from sameperson.priors.maps import Maps, find_files
from sameperson.types import Samples


def load_parsing(
    path: Path,
    samples: Samples,
    labels: str = LIP.name,
    merge: str = "none",
    anywhere: bool = False,
    swap_sides: bool = True,
) -> Maps:
    """Load the parsing maps of `samples` from a folder with one PNG per picture.

    labels: the label set on disk; merge: the coarser set that is wanted, or `none`. Labels that have no place in the
    coarser set become 255, which is allowed on disk too. anywhere: as in `maps.find_files`. swap_sides: whether left
    and right change places in the mirror.

    Raises InputError for sets that are unknown or cannot be merged.
    """
    stored = known_set(labels)
    wanted = stored if merge == "none" else known_set(merge)
    table = merge_table(stored.name, wanted.name)

    def meaning(values: Labels) -> Labels:
        require_known(values, stored)
        return values if wanted is stored else table[values]

    swap = wanted.swap if swap_sides else None
    return Maps(find_files(path, samples, "a folder of PNG label maps", anywhere=anywhere), meaning, swap)


def load_labels(path: Path, samples: Samples, labels: LabelSet) -> Maps:
    """Load label maps of `samples` of any set, unmerged, one PNG per picture, found as with `anywhere`."""

    def meaning(values: Labels) -> Labels:
        require_known(values, labels)
        return values

    return Maps(find_files(path, samples, "a folder of PNG label maps", anywhere=True), meaning, labels.swap)


def load_foreground(path: Path, samples: Samples, labels: str = LIP.name) -> Maps:
    """Make foreground masks of `samples` from their parsing: 1 on every part of a person, 0 on any other pixel."""
    stored = known_set(labels)
    table = merge_table(stored.name, FOREGROUND.name)
    table[IGNORED] = 0

    def meaning(values: Labels) -> Labels:
        require_known(values, stored)
        return table[values]

    return Maps(find_files(path, samples, "a folder of PNG label maps"), meaning)


def require_known(values: Labels, labels: LabelSet) -> None:
    """Raise ValueError that names a label which the set does not know."""
    unknown = labels.first_unknown(values)
    if unknown is not None:
        raise ValueError(f"label {unknown} is none of {labels.name}'s 0 to {len(labels.labels) - 1}")
