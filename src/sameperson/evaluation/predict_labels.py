"""Predict label maps with a parsing network: one map of each picture, at the picture's own size.

torch inside; pictures are read ahead by threads, and one batch is held at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from sameperson.config import ParserOptions, options_class
from sameperson.data.broken_pictures import require_readable
from sameperson.data.loading import normalise
from sameperson.methods.load import TrainedNetwork
from sameperson.priors.label_sets import Labels
from sameperson.priors.make import InputOptions, inputs
from sameperson.priors.part_groups import label_set
from sameperson.priors.segments import labels_to_picture
from sameperson.types import Samples


def predict_labels(
    network: TrainedNetwork,
    samples: Samples,
    rows: Sequence[int] | None = None,
    *,
    batch: int = 32,
    workers: int = 2,
    flip: bool = False,
    own_size: bool = True,
) -> Iterator[tuple[int, Labels]]:
    """Yield the row and the label map (h, w) uint8 of each picture, in the order of `rows`.

    flip: average with the scores of the mirrored picture, whose left and right labels are exchanged. own_size: enlarge
    the scores to the picture's own size before the highest wins, or leave the labels on the network's grid.

    Raises InputError for a network that does not parse, and for unreadable pictures.
    """
    network.require_parsing()
    wanted = np.arange(len(samples)) if rows is None else np.asarray(rows, np.int64)
    options = options_class(network.card.method).model_validate(network.card.recipe.get("method", {}))
    fit = options.fit if isinstance(options, ParserOptions) else "stretch"
    how = InputOptions(batch, workers, fit)
    for part in inputs(samples, wanted, network.size, how):
        if part.broken:
            require_readable(samples, skip=False)  # one error that names them all
        scores = label_scores(network, torch.from_numpy(part.images), flip=flip)
        for row, one, geometry in zip(part.rows, scores.numpy(), part.geometries, strict=True):
            yield row, labels_to_picture(one, geometry) if own_size else one.argmax(axis=0).astype(np.uint8)


def label_scores(network: TrainedNetwork, images: Tensor, *, flip: bool = False) -> Tensor:
    """Score each pixel: images (B, 3, H, W) uint8 -> (B, C, h, w) float32 on the CPU; probabilities where flipped."""
    device = next(network.method.parameters()).device
    with torch.inference_mode():
        layout = images.to(device).contiguous(memory_format=torch.channels_last)
        pictures = normalise(layout, network.card.mean, network.card.std)
        scores = network.method.parse(pictures).float()
        if flip:
            count = scores.shape[1]
            swap = torch.from_numpy(label_set(network.method.label_set).swap[:count].astype(np.int64)).to(device)
            mirrored = network.method.parse(pictures.flip(3)).float().flip(3)[:, swap]
            scores = (scores.softmax(1) + mirrored.softmax(1)) / 2
        return scores.cpu()
