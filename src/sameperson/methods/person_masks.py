"""Person masks of a batch as a channel of numbers, for methods that look at masks."""

from __future__ import annotations

from torch import Tensor

from sameperson.data.batch import Priors

IGNORED = 255
"""The label under an erased box, if the recipe ignores such pixels; the person is not seen there."""


def person_masks(priors: Priors) -> Tensor:
    """Return the masks as (B, 1, H, W) float32: 1 on the person, 0 off it, and 1 all over where a picture has none."""
    masks = priors["mask"]
    person = ((masks > 0) & (masks != IGNORED)).float()
    return person.masked_fill(~priors.valid["mask"].view(-1, 1, 1), 1.0)[:, None]
