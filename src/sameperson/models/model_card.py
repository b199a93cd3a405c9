"""The model card inside a weights file: its preprocessing, recipe, results, limits and checksum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor


class Card(BaseModel):
    """The model card, stored as JSON in the header of the weights file.

    method: its name; recipe: enough to build it again. people: identities it was trained on. size: (height, width) of
    its pictures; mean, std: of `channels` in [0, 1]. training_data, licence, limits: for people to read.
    checksum: over all tensors, filled in when saving. calibration: slope and intercept of P(same), and how they were
    fitted. results: figures by the name of what they were measured on. needs: the priors that it needs beside each
    picture, and the form in which it reads them, as `priors.needs` writes them.
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
    needs: dict[str, dict[str, Any]] = {}

    @property
    def fingerprint(self) -> str:
        """The name of the embedding: it is equal only for equal weights, preprocessing and method settings.

        Embeddings of two fingerprints are never compared.
        """
        settings = self.recipe.get("method", {})
        needs = {"needs": self.needs} if self.needs else {}
        return fingerprint(self.checksum, size=self.size, mean=self.mean, std=self.std, method=settings, **needs)


def checksum(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over the names, shapes, types and bytes of all tensors, whatever their order."""
    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def fingerprint(weights: str, **preprocessing: Any) -> str:
    """Hash all that determines an embedding into 16 hexadecimal digits.

    weights: their checksum. preprocessing: everything else, as plain JSON values.
    """
    text = json.dumps([weights, preprocessing], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
