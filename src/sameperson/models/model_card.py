"""What a weights file says of itself: how to feed it, what made it, what it is good for, and whether it is whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor


class Card(BaseModel):
    """Travels inside the weights file, as JSON in its header.

    method: its name; recipe: enough to build it again. people: identities it was trained on. size: (height, width) of
    its pictures; mean, std: of `channels` in [0, 1]. training_data, licence, limits: for people to read.
    checksum: over all tensors, filled in when saving. calibration: slope and intercept of P(same), and how they were
    fitted. results: figures by the name of what they were measured on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    method: str
    recipe: dict[str, Any]
    people: int
    size: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    channels: Literal["RGB"] = "RGB"
    training_data: str = ""
    licence: str = ""
    limits: str = ""
    checksum: str = ""
    calibration: dict[str, Any] | None = None
    results: dict[str, Any] = {}

    @property
    def fingerprint(self) -> str:
        """Names the embedding: same weights, same preprocessing, same method settings. Embeddings of two never mix."""
        settings = self.recipe.get("method", {})
        return fingerprint(self.checksum, size=self.size, mean=self.mean, std=self.std, method=settings)


def checksum(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over the names, shapes, types and bytes of all tensors, whatever their order."""
    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def fingerprint(weights: str, **preprocessing: Any) -> str:
    """16 hexadecimal digits for weights (their checksum) and all else that shapes an embedding (plain JSON values)."""
    said = json.dumps([weights, preprocessing], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
