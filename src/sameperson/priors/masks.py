"""Foreground masks, and clothes-irrelevant masks of what stays when clothes change: one file per picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sameperson.priors.label_sets import Labels
from sameperson.priors.maps import ENDINGS, Maps, find_files
from sameperson.types import Samples


def load_masks(path: Path, samples: Samples, anywhere: bool = False) -> Maps:
    """Load the foreground masks of `samples`: 1 on the person, 0 on the background.

    Zero in the PNG is the background and anything else the person, so that a parsing map serves as well. anywhere: as
    in `maps.find_files`.
    """
    return Maps(find_files(path, samples, "a folder of PNG masks", anywhere=anywhere), _foreground)


def load_irrelevant(path: Path, samples: Samples) -> Maps:
    """Load the clothes-irrelevant masks of `samples`, 0 to 255 (DeskPro, Wu et al., ICIP 2022): the first channel.

    A value says how much its pixel stays the same when clothes change. The values are grey levels, so they are
    interpolated, moved and mirrored with the picture, but not erased: the mask says what a network should look at, not
    what it sees. Zeros stay zeros.
    """
    return Maps(find_files(path, samples, "a folder of grey masks", ENDINGS), _as_stored, levels=True)


def _foreground(labels: Labels) -> Labels:
    return (labels != 0).astype(np.uint8)


def _as_stored(levels: Labels) -> Labels:
    return levels
