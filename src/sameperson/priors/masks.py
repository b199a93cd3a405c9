"""Foreground masks: one PNG per picture, zero for the background and anything else for the person."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sameperson.priors.maps import LabelMaps, Labels, find_maps
from sameperson.types import Samples


def load_masks(path: Path, samples: Samples) -> LabelMaps:
    """Masks of `samples`, 1 on the person. A parsing map serves as well: every part of a person is foreground."""
    return LabelMaps(find_maps(path, samples), _foreground)


def _foreground(labels: Labels) -> Labels:
    return (labels != 0).astype(np.uint8)
