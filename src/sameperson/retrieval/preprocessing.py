"""Preprocessing of pictures for a network of the user's: size, channel order, scale, mean and standard deviation.

What the user leaves open is taken from the file where it says so (`network_metadata`), and else the pixels stay as they
are: RGB, 0 to 255.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Channels = Literal["RGB", "BGR"]
Three = tuple[float, float, float]


@dataclass(frozen=True)
class Values:
    """What becomes of pixel values of 0 to 255: `(pixels * scale - mean) / std`, in the order of the channels."""

    scale: float = 1.0
    mean: Three = (0.0, 0.0, 0.0)
    std: Three = (1.0, 1.0, 1.0)

    def __str__(self) -> str:
        """As the options say it.

        >>> str(Values(1 / 255, (0.5, 0.5, 0.5))), str(Values())
        ('scale 1/255, mean 0.5,0.5,0.5', 'pixels of 0 to 255')
        """
        scale = f"1/{1 / self.scale:g}" if 0 < self.scale < 1 else f"{self.scale:g}"
        said = {"scale": scale, "mean": listed(self.mean), "std": listed(self.std)}
        usual = {"scale": "1", "mean": listed(Values.mean), "std": listed(Values.std)}
        return ", ".join(f"{name} {text}" for name, text in said.items() if text != usual[name]) or "pixels of 0 to 255"


@dataclass(frozen=True)
class Preprocessing:
    """What a picture (uint8, RGB) becomes: `(pixels * scale - mean) / std`, its channels ordered first.

    size: (height, width). mean, std: in the order of `channels`, after `scale`. None leaves it to the file, and where
    the file does not say it either, to RGB pixels of 0 to 255 as they are.
    """

    size: tuple[int, int] | None = None
    channels: Channels | None = None
    mean: Three | None = None
    std: Three | None = None
    scale: float | None = None

    @property
    def values(self) -> Values | None:
        """Scale, mean and standard deviation; None where all three are left open."""
        given = {"scale": self.scale, "mean": self.mean, "std": self.std}
        given = {name: value for name, value in given.items() if value is not None}
        return Values(**given) if given else None

    def filled(self, size: tuple[int, int], channels: Channels | None, values: Values | None) -> Preprocessing:
        """With these for what is open. One of scale, mean and std closes all three: they make sense only together."""
        known = self.values or values or Values()
        return replace(self, size=size, channels=self.channels or channels or "RGB", **vars(known))

    def apply(self, images: Array, dtype: str = "float32") -> Array:
        """Prepare images (B, 3, H, W) uint8 RGB -> (B, 3, H, W) of `dtype`; whole numbers are the pixels themselves."""
        ordered = images[:, ::-1] if self.channels == "BGR" else images
        if np.dtype(dtype).kind in "iu":
            return np.ascontiguousarray(ordered.astype(dtype, copy=False))
        known = self.values or Values()
        mean, std = (np.asarray(values, np.float32).reshape(3, 1, 1) for values in (known.mean, known.std))
        prepared = (ordered.astype(np.float32) * np.float32(known.scale) - mean) / std
        return np.ascontiguousarray(prepared.astype(dtype, copy=False))


def listed(values: Three) -> str:
    """Three numbers as an option takes them.

    >>> listed((0.5, 0.25, 104.0))
    '0.5,0.25,104'
    """
    return ",".join(f"{value:g}" for value in values)
