"""Human parsing: palette PNGs with the twenty labels of LIP (Gong et al., CVPR 2017)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sameperson.priors.maps import LabelMaps, Labels, find_maps
from sameperson.types import Samples

LIP = (
    "background", "hat", "hair", "glove", "sunglasses", "upper-clothes", "dress", "coat", "socks", "pants",
    "jumpsuits", "scarf", "skirt", "face", "left-arm", "right-arm", "left-leg", "right-leg", "left-shoe", "right-shoe",
)  # fmt: skip
LIP_MIRRORED = ((14, 15), (16, 17), (18, 19))
"""Labels that change places in the mirror: left and right are the person's own."""
UNLABELLED = 255


def mirror_table(pairs: tuple[tuple[int, int], ...]) -> Labels:
    """(256,) uint8: what each label becomes in the mirror."""
    table = np.arange(256, dtype=np.uint8)
    for left, right in pairs:
        table[[left, right]] = right, left
    return table


def load_parsing(path: Path, samples: Samples) -> LabelMaps:
    """LIP-20 maps of `samples` from a folder with one PNG per picture."""
    return LabelMaps(find_maps(path, samples), _lip, mirror_table(LIP_MIRRORED))


def _lip(labels: Labels) -> Labels:
    strange = labels[(labels >= len(LIP)) & (labels != UNLABELLED)]
    if len(strange):
        raise ValueError(f"label {strange.max()} is none of LIP's 0 to {len(LIP) - 1}")
    return labels
