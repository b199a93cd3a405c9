"""Turns a parsing network's output into a label for each pixel of the picture.

numpy in and out; torch only to read scores between cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.images.geometry import Geometry
from sameperson.priors.label_sets import Labels, LabelSet
from sameperson.priors.letterbox import pixels_on_grid

Array = NDArray[Any]


def parsing_output(outputs: Sequence[Array], labels: LabelSet) -> Array:
    """Choose the output that holds the parsing: scores (B, C, h, w) of the set's C labels, or labels (B, h, w).

    Other outputs (edges, earlier heads) are ignored; of several that would do the first is taken. Raises
    InputError where there is none, and for labels that the set does not have.
    """
    count = len(labels.labels)
    for output in outputs:
        if output.ndim == 4 and output.shape[1] == count and output.dtype.kind == "f":
            if not np.isfinite(output).all():
                then = "check --mean, --std and --scale"
                raise InputError("a network that gives no numbers (NaN)", "finite scores", then)
            return output
        flat = output[:, 0] if output.ndim == 4 and output.shape[1] == 1 else output
        if flat.ndim == 3 and (flat.dtype.kind in "iu" or not np.any(flat % 1)):
            if flat.min(initial=0) < 0 or flat.max(initial=0) >= count:
                found = f"a network with the label {flat.max() if flat.max() >= count else flat.min()}"
                raise InputError(found, f"{labels.name}'s 0 to {count - 1}", "say which set it has with --labels")
            return flat.astype(np.uint8)
    found = ", ".join(str(output.shape) for output in outputs)
    expected = f"scores (pictures, {count}, h, w) of {labels.name}'s labels, or labels (pictures, h, w)"
    raise InputError(f"a network with outputs of shape {found}", expected, "say which set it has with --labels")


def labels_to_picture(one: Array, geometry: Geometry) -> Labels:
    """Map scores (C, h, w) or labels (h, w) over the input to labels (H, W) over the picture.

    Scores are interpolated (bilinear) before the highest wins; labels are taken from the cell under each pixel.
    """
    rows, columns = pixels_on_grid((one.shape[-2], one.shape[-1]), geometry)
    if one.ndim == 2:
        down, across = (
            np.floor(places).astype(np.int64).clip(0, length - 1)
            for places, length in zip((rows, columns), one.shape, strict=True)
        )
        return one[down][:, across]
    x, y = (torch.from_numpy(2 * places / length - 1).float()
            for places, length in ((columns, one.shape[2]), (rows, one.shape[1])))  # fmt: skip
    grid = torch.stack([x.expand(len(y), -1), y[:, None].expand(-1, len(x))], dim=-1)
    scores = torch.nn.functional.grid_sample(
        torch.from_numpy(np.ascontiguousarray(one[None], np.float32)),
        grid[None], mode="bilinear", padding_mode="border", align_corners=False,
    )  # fmt: skip
    return scores[0].argmax(dim=0).to(torch.uint8).numpy()
