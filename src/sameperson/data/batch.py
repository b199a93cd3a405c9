"""`Batch` holds the pictures and labels of one training step on the device; `Priors` what a batch has at test time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """B pictures on the device, normalised.

    images: (B, 3, H, W) float32; pids: (B,) int64 in [0, people); camids, clothes, index: (B,) int64.
    priors: name -> (B, ...) tensor, zeros where missing: keypoints (J, 3) float32 in the sample's pixels; parsing,
    mask, irrelevant (H, W) uint8; face, face_restored (3, h, w) float32, normalised. valid: name -> (B,) bool. Losses
    multiply by valid.
    """

    images: Tensor
    pids: Tensor
    camids: Tensor
    clothes: Tensor
    index: Tensor
    priors: Mapping[str, Tensor] = field(default_factory=dict)
    valid: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Priors(Mapping[str, Tensor]):
    """The priors of B pictures by name, as `Batch.priors` has them, zeros where missing.

    valid: name -> (B,) bool, which pictures have it.
    """

    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    valid: Mapping[str, Tensor] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Tensor:
        return self.tensors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tensors)

    def __len__(self) -> int:
        return len(self.tensors)
