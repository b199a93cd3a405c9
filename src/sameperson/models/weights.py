"""Weights files: our safetensors with a model card, and the .pth checkpoints that others published.

Nothing from outside is unpickled: torch reads tensors and plain values only, and refuses the rest.
"""

from __future__ import annotations

import errno
import logging
import pickle
import re
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor, nn

from sameperson.checks import InputError, atomic, existing_file
from sameperson.models.model_card import Card, checksum

logger = logging.getLogger(__name__)

CARD = "sameperson"
"""Our key in a safetensors header."""
WRAPPERS = ("state_dict", "model")
"""Where training programs put the weights in what they save."""
DAMAGED = (RuntimeError, EOFError, ValueError, LookupError, AssertionError, struct.error, pickle.UnpicklingError)
"""What torch raises on a file that is cut or overwritten (found by cutting and overwriting many)."""
# Training programs save accuracies beside the weights as numpy scalars, whose constructor numpy 1 and 2 name
# differently.
_SCALAR = np.float64(0).__reduce__()[0]
NUMPY_SCALARS: list[Any] = [
    np.dtype,
    *(type(np.dtype(kind)) for kind in (np.float64, np.float32, np.int64)),
    (_SCALAR, "numpy.core.multiarray.scalar"),
    (_SCALAR, "numpy._core.multiarray.scalar"),
]


def save_weights(path: str | Path, state: Mapping[str, Tensor], card: Card) -> Card:
    """Write weights and their card as one safetensors file, atomically; returns the card with its checksum."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}
    card = card.model_copy(update={"checksum": checksum(tensors)})
    with atomic(path) as temporary:
        temporary.write_bytes(to_bytes(tensors, {CARD: card.model_dump_json()}))
    return card


def load_weights(path: str | Path) -> tuple[dict[str, Tensor], Card | None]:
    """Load the tensors of a weights file by name, and its card if it is one of ours.

    The file is a .safetensors file, or else one of `torch.save`: a state dict, bare or under `state_dict` or `model`,
    with or without the `module.` that training on several GPUs puts before each name.

    Raises InputError for a file that is cut, damaged, or holds anything but weights.
    """
    path = existing_file(path, "a weights file (.safetensors or .pth)")
    if path.suffix == ".safetensors":
        return _load_safetensors(path)
    return _load_torch(path), None


def load_into(
    module: nn.Module,
    state: Mapping[str, Tensor],
    *,
    source: str | Path,
    allow_mismatch: bool = False,
    optional: Sequence[str] = (),
) -> None:
    """Copy the tensors of `state` into `module` by name.

    optional: prefixes of names that are left out on both sides, such as a classifier of other people.

    Raises InputError listing the missing, surplus and mis-shaped names, unless `allow_mismatch`, which logs them.
    """
    wanted = {name: value for name, value in module.state_dict().items() if not name.startswith(tuple(optional))}
    state = {name: value for name, value in state.items() if not name.startswith(tuple(optional))}
    # Checkpoints from before torch 0.4.1 lack this counter, which nothing here reads.
    missing = [name for name in wanted if name not in state and not name.endswith("num_batches_tracked")]
    surplus = [name for name in state if name not in wanted]
    shared = [name for name in wanted if name in state]
    shapes = {name: (tuple(state[name].shape), tuple(wanted[name].shape)) for name in shared}
    misshaped = [name for name, (found, expected) in shapes.items() if found != expected]
    if missing or surplus or misshaped:
        sizes = [f"{name} {shapes[name][0]} for {shapes[name][1]}" for name in misshaped]
        parts = (("missing", missing), ("surplus", surplus), ("of another shape", sizes))
        listed = "; ".join(f"{len(names)} {kind}: {_few(names)}" for kind, names in parts if names)
        if not allow_mismatch:
            raise InputError(
                f"{source}: weights of another network ({listed})",
                "the names and shapes of the recipe's network",
                "give the weights of this network, or set backbone.allow_mismatch=true where only that part is loaded",
            )
        logger.warning("%s: loaded in part (%s)", source, listed)
    module.load_state_dict({name: state[name] for name in shared if name not in misshaped}, strict=False)


def _few(names: Sequence[str], most: int = 4) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _load_safetensors(path: Path) -> tuple[dict[str, Tensor], Card | None]:
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            names = file.keys()
            state = {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
        raise _damaged(path) from error
    if CARD not in header:
        return state, None
    try:
        card = Card.model_validate_json(header[CARD])
    except ValidationError as error:
        found = f"{path}: its card cannot be read ({error.error_count()} unknown or wrong fields)"
        raise InputError(found, "weights that this version wrote", "update sameperson or export them again") from error
    if card.checksum != checksum(state):
        raise _damaged(path)
    return state, card


def load_tensors(path: Path) -> Any:
    """Load what torch.save wrote, if it is tensors and plain values; a damaged file raises one of DAMAGED."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise ValueError("cut short") from error  # torch looked for something before the file's first byte


def _load_torch(path: Path) -> dict[str, Tensor]:
    try:
        with torch.serialization.safe_globals(NUMPY_SCALARS):
            content = load_tensors(path)
    except DAMAGED as error:
        if refused := re.search(r"GLOBAL (\S+)", str(error)):
            raise InputError(
                f"{path}: holds a Python object ({refused[1]}), and unpickling it would run what the file says",
                "tensors by name",
                "save it again with torch.save(network.state_dict(), FILE)",
            ) from error
        raise _damaged(path) from error
    for wrapper in WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    if not isinstance(content, Mapping) or not content or not all(isinstance(v, Tensor) for v in content.values()):
        raise InputError(
            f"{path}: holds no weights by name",
            "a state dict, bare or under state_dict or model",
            "a training run keeps its weights in best.safetensors",
        )
    parallel = all(name.startswith("module.") for name in content)
    return {name.removeprefix("module.") if parallel else name: value for name, value in content.items()}


def _damaged(path: Path) -> InputError:
    return InputError(f"{path}: cut short, damaged, or no weights file", "whole weights", "copy or download it again")
