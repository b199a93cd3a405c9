"""Proof of a user's network: the feature of a picture is a finite one of its own, whatever lies beside it in the batch.

Exports go wrong in few ways. A batch of fixed size is written into a reshape, axes are mixed, batch normalisation or
dropout is still in training mode, or half precision overflows. All of them give figures, and none says so. Two
different pictures tell: alone, together in both orders, and among as many as will be run at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.retrieval.runtimes import Fault

Array = NDArray[Any]
Run = Callable[[Array], list[Array]]
"""images: (B, 3, H, W) uint8 RGB, all at once -> arrays of B rows; raises Fault, also for another number of rows."""

TOLERANCE = 1e-4
"""How far a feature may move, relative to its norm: float32 summed in another order moves by about 1e-6."""
HALF_TOLERANCE = 1e-2
"""The same in float16, which keeps 11 bits."""
FLIPPED = 1e-2
"""The share of whole numbers (labels of pixels) that may change: scores that tie fall one way or the other."""
CONSTANT = 1e-6
"""Features of two pictures that are this near, relative to their norm, are one feature."""
SECONDS = 0.6
"""What the proof may take where the network allows it; the six pictures before the full batch are always run."""
BLOCKS = (2, 4, 8, 16, 32, 64, 128)
"""Batch sizes that exports are usually made with; tried where one picture alone does not run."""


@dataclass(frozen=True)
class Network:
    """What is put to the proof.

    name: of the file. size: (height, width) of its pictures. fixed: the number of pictures that its input insists on.
    promised: the rows that its outputs promise, where they do. half: whether float16 goes in or comes out. features:
    whether each picture gives one feature, rather than maps or points.
    """

    name: str
    run: Run
    size: tuple[int, int]
    fixed: int | None = None
    promised: int | None = None
    half: bool = False
    features: bool = True


@dataclass(frozen=True)
class Proof:
    """What a proof found out of a network.

    block: how many pictures must go in at once, None for any number; proved: how many were tried; notes: to say.
    """

    block: int | None
    proved: int
    notes: tuple[str, ...] = ()


def prove(network: Network, batch: int | None = None) -> Proof:
    """Try the network; batch: how many pictures will be run at once, where the user chose it.

    Raises InputError for a network whose features change with the company of a picture, are constant or not finite, and
    Fault for one that does not run.
    """
    started = time.perf_counter()
    pictures = probes(network.size)
    block, first = first_run(network, pictures[0])
    second = network.run(repeated(pictures[1], block or 1))
    require_finite(network, [*first, *second])
    if any(one.shape != two.shape for one, two in zip(first, second)):
        found = f"{network.name}: gives outputs of another shape for each picture"
        raise InputError(found, "one shape for all pictures", "export it without what leaves out or selects")
    constant = network.features and distance(first[0][0], second[0][0]) < CONSTANT
    outputs = [np.stack([one[0], two[0]]) for one, two in zip(first, second)]
    choice = batch if block is None and not constant else None
    alone = Alone(network, pictures, outputs, block or 1, choice)
    before, mixed = time.perf_counter(), ""
    try:
        for order in orders(block or 2):
            alone.compare(order)
    except Fault:
        if block is not None:
            raise
        block = 1
    except Mixing as error:
        if batch != 1 or block is not None or constant:
            raise
        block, mixed = 1, f"{error.found}; pictures go one by one, as --batch 1 asks"
    if constant:
        raise InputError(
            f"{network.name}: gives one and the same feature for two different pictures",
            "features that tell pictures apart",
            "check --scale, --mean and --std, and that the file holds trained weights in evaluation mode",
        )
    if block is not None:
        return Proof(block, block, (mixed or fixed_note(network, block),))
    now = time.perf_counter()
    many = min(batch or 2, int((SECONDS - (now - started)) / max((now - before) / 4, 1e-6)))
    if many > 2:
        try:
            alone.compare(np.random.default_rng(0).permutation(np.arange(many) % 2))
        except Fault as fault:
            raise too_many(network.name, many, fault) from fault
    return Proof(None, max(many, 2))


class Mixing(InputError):
    """A network whose features change with the other pictures of the batch."""


@dataclass(frozen=True)
class Alone:
    """What a network gives for two pictures alone, to compare with what it gives for them together.

    pictures: (2, 3, H, W). outputs: (2, ...) each, a row a picture. block: how many copies of a picture were alone.
    batch: how many pictures the user will run at once, where one by one would be a way out.
    """

    network: Network
    pictures: Array
    outputs: Sequence[Array]
    block: int
    batch: int | None

    def compare(self, order: NDArray[np.int64]) -> None:
        """Run the two at once in this order, such as (0, 1, 1), and compare each row. Raises InputError, or Fault."""
        outputs = self.network.run(self.pictures[order])
        require_finite(self.network, outputs)
        for output, expected in zip(outputs, self.outputs, strict=True):
            moved = changed(output, expected[order], self.network)
            if moved is None:
                continue
            again = self.network.run(repeated(self.pictures[0], self.block))
            if any(changed(one[:1], known[:1], self.network) for one, known in zip(again, self.outputs)):
                raise InputError(
                    f"{self.network.name}: gives another feature at each run of the same picture",
                    "the same feature each time",
                    "export it again in evaluation mode (model.eval()), without dropout",
                )
            raise mixing(self.network.name, moved, len(order), self.batch)


def mixing(name: str, moved: str, count: int, batch: int | None) -> Mixing:
    """The refusal of a network that mixes its batch."""
    alone = ", or go on one by one with --batch 1" if batch is not None and batch > 1 else ""
    return Mixing(
        f"{name}: mixes the pictures of a batch (what it gives for a picture changes by {moved} among {count})",
        "the same for a picture, whatever is beside it",
        f"export it again in evaluation mode (model.eval()) with a free batch size{alone}",
    )


def too_many(name: str, count: int, fault: Fault) -> InputError:
    """The refusal of a batch that a network cannot run, although it runs two pictures."""
    return InputError(
        f"{name}: does not run on {count} pictures at once ({fault})",
        "as many as it runs at once, and as memory holds",
        "give fewer with --batch, as in --batch 1",
    )


def orders(count: int) -> list[NDArray[np.int64]]:
    """The two pictures by turns, each of them first once; nothing to order where a network takes one picture."""
    turns = np.arange(count) % 2
    return [turns, 1 - turns] if count > 1 else []


def probes(size: tuple[int, int]) -> Array:
    """Two pictures (2, 3, H, W) uint8 without anything in common: dark noise, and a bright slope of another colour."""
    noise = np.random.default_rng(0).integers(0, 128, (3, *size), dtype=np.uint8)
    slope = np.linspace(80, 250, size[0] * size[1]).reshape(size)
    return np.stack([noise, np.stack([slope, slope * 0.7, slope[::-1] * 0.85]).astype(np.uint8)])


def repeated(picture: Array, count: int) -> Array:
    """A batch of nothing else."""
    return np.repeat(picture[None], count, axis=0)


def first_run(network: Network, picture: Array) -> tuple[int | None, list[Array]]:
    """How many pictures must go in at once (None for any number), and what the network gives for copies of this one.

    A file that does not run one picture is tried with as many as exports are made with. Raises Fault for one that runs
    none of these numbers.
    """
    try:
        return network.fixed, network.run(repeated(picture, network.fixed or 1))
    except Fault:
        for count in dict.fromkeys([min(network.promised or 2, BLOCKS[-1]), *BLOCKS]) if network.fixed is None else ():
            with suppress(Fault, InputError):
                return count, network.run(repeated(picture, count))
        raise


def fixed_note(network: Network, block: int) -> str:
    """The note that says in which blocks pictures go."""
    way = "one by one" if block == 1 else f"in blocks of {block}"
    return f"{network.name}: its batch size is fixed at {block} by the export, so pictures go {way}"


def require_finite(network: Network, outputs: Sequence[Array]) -> None:
    """Raises InputError for features that are NaN or infinite; maps may hold infinite scores."""
    wrong = (lambda values: ~np.isfinite(values)) if network.features else np.isnan
    if any(wrong(output).any() for output in outputs if output.dtype.kind == "f"):
        raise not_finite(network.name)


def not_finite(name: str) -> InputError:
    """The refusal of NaN and infinity."""
    return InputError(
        f"{name}: gives numbers that are not finite (NaN or infinite)",
        "finite features",
        "check --scale, --mean and --std, or export it again in float32",
    )


def changed(found: Array, expected: Array, network: Network) -> str | None:
    """How far rows have moved, where it is too far; labels are counted, all else is measured by the norm of a row."""
    if found.shape != expected.shape:
        return f"its shape, {found.shape} instead of {expected.shape}"
    if not network.features and np.array_equal(expected, np.rint(expected)):
        share = np.count_nonzero(found != expected) / max(found.size, 1)
        return f"{100 * share:.2g} % of its labels" if share > FLIPPED else None
    furthest = max(distance(one, other) for one, other in zip(found, expected))
    return f"{furthest:.1g} of its norm" if furthest > (HALF_TOLERANCE if network.half else TOLERANCE) else None


def distance(found: Array, expected: Array) -> float:
    """How far two arrays are apart, relative to the norm of the larger; infinite scores must be the same.

    >>> distance(np.array([3.0, 0.0]), np.array([3.0, 4.0]))
    0.8
    """
    one, other = (np.asarray(values, np.float64).ravel() for values in (found, expected))
    same = one == other
    norm = max(np.linalg.norm(values[np.isfinite(values)]) for values in (one, other))
    apart = np.linalg.norm(np.where(same, 0.0, one) - np.where(same, 0.0, other))
    return float(apart / norm) if norm else float(apart > 0)
