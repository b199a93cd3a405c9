"""Foreground masks, and masks of what stays when clothes change: one picture file per picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sameperson.checks import PICTURES
from sameperson.priors.label_sets import Labels
from sameperson.priors.maps import Maps, find_files
from sameperson.types import Samples


def load_masks(path: Path, samples: Samples) -> Maps:
    """Masks of `samples`, 1 on the person: zero in the PNG is the background, anything else the person.

    A parsing map serves as well: every part of a person is foreground.
    """
    return Maps(find_files(path, samples, "a folder of PNG masks"), _foreground)


def load_irrelevant(path: Path, samples: Samples) -> Maps:
    """How much each pixel stays when clothes change, 0 to 255 (DeskPro, Wu et al., ICIP 2022): the first channel.

    The values are grey levels, so they are interpolated where the picture is, moved and mirrored with it, and not
    erased: the mask says what a network should look at, not what it sees. Zeros stay zeros.
    """
    return Maps(find_files(path, samples, "a folder of grey masks", PICTURES), _as_stored, levels=True)


def _foreground(labels: Labels) -> Labels:
    return (labels != 0).astype(np.uint8)


def _as_stored(levels: Labels) -> Labels:
    return levels
