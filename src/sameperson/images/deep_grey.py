"""Grey pictures of 16 or 32 bits a pixel, or of fractions, brought to 8 bits; the log says once how.

numpy only.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)
FEW_BITS = 12
"""Bits that a sensor in a 16-bit file often has; with so few the file's upper bits would all be 0."""
SAID: set[str] = set()
"""The kinds of stretch that the log has told of."""


def eight_bits(values: NDArray[Any], path: Path) -> NDArray[np.uint8]:
    """Bring grey values (h, w) of any type to 8 bits; raises ValueError for values that are no numbers.

    Whole numbers from 0 to 65535 lose their lower bits: of 16 the lower 8, and where a picture needs 12 bits or fewer,
    as many as leave 8. Fractions from 0 to 1 are multiplied by 255, those up to 255 rounded. Anything else is stretched
    from its own darkest to its own brightest value. path: the file, for the log, which says each kind of stretch once.
    """
    if not values.size:
        return np.zeros(values.shape, np.uint8)
    if values.dtype.kind not in "iub" and not np.isfinite(values).all():
        raise ValueError("values that are no numbers")
    least, most = values.min(), values.max()
    whole = values.dtype.kind in "iub"
    if whole and least >= 0 and most <= 65535:
        needed = int(most).bit_length()
        bits = 16 if needed > FEW_BITS else max(8, needed)
        _say(
            f"{bits} bits a pixel, of which the upper 8 are kept" if bits > 8 else "values up to 255, kept as is", path
        )
        return (values.astype(np.uint32) >> (bits - 8)).astype(np.uint8)
    if not whole and least >= 0 and most <= 1:
        _say("fractions from 0 to 1, which are multiplied by 255", path)
        return np.rint(values.astype(np.float64) * 255).astype(np.uint8)
    if not whole and least >= 0 and most <= 255:
        _say("fractions from 0 to 255, which are rounded", path)
        return np.rint(values).astype(np.uint8)
    _say("values outside 0 to 65535, which are stretched from the darkest to the brightest of each picture", path)
    span = float(most) - float(least)
    return np.rint((values.astype(np.float64) - float(least)) * 255 / (span or 1.0)).astype(np.uint8)


def _say(how: str, path: Path) -> None:
    if how not in SAID:
        SAID.add(how)
        log.warning("note: %s: a grey picture of %s (said once)", path, how)
