"""Methods that are trained in two stages: the second begins with all that the weights of the first hold.

Weights of any other method give their backbone only (`models.backbones`).
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from sameperson.config import NO_FILE, Backbone
from sameperson.methods.method import Method
from sameperson.models.weights import load_into, load_weights

State = Mapping[str, Tensor]


def earlier_run(backbone: Backbone, method: str) -> tuple[Backbone, State | None]:
    """Return the backbone to build, and the whole state where its weights are those of a run of `method`.

    The backbone is then built without weights, which `continue_run` loads; otherwise it is returned as it is.
    """
    if backbone.weights in NO_FILE:
        return backbone, None
    state, card = load_weights(backbone.weights)
    if card is None or card.method != method:
        return backbone, None
    return backbone.model_copy(update={"weights": "none"}), state


def continue_run(method: Method, state: State | None, backbone: Backbone) -> None:
    """Load all layers that exported weights have into `method`; None loads nothing.

    Raises InputError for layers of other shapes or names, unless `backbone.allow_mismatch`.
    """
    if state is not None:
        mismatch, left_out = backbone.allow_mismatch, method.training_only
        load_into(method, state, source=backbone.weights, allow_mismatch=mismatch, optional=left_out)
