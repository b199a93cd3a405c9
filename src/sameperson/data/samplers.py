"""Samplers: P people with K pictures each make a batch (Hermans et al. 2017), or any pictures for a parser."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.types import DISTRACTOR, Rows, Samples


class PeopleSampler:
    """Plans epochs of P x K batches over training labels; the plan depends on (seed, epoch) alone.

    Each person's pictures are shuffled and cut into chunks of K, the incomplete last one left out; who has fewer than
    K is drawn with replacement. Batches take one chunk from each of P people until fewer than P have any left.

    pids: (N,) int; junk and distractors are never sampled.
    """

    def __init__(self, pids: NDArray[np.int64], people: int, pictures: int, seed: int) -> None:
        self.people, self.pictures, self.seed = people, pictures, seed
        order = np.argsort(pids, kind="stable")
        order = order[pids[order] > DISTRACTOR]
        starts = np.flatnonzero(np.diff(pids[order], prepend=DISTRACTOR))
        self.groups: list[Rows] = np.split(order, starts[1:]) if len(order) else []
        if len(self.groups) < people:
            found = f"{len(self.groups)} people to train on"
            then = f"set sampler.people={len(self.groups)}" if len(self.groups) else "check data.root and data.pattern"
            raise InputError(found, f"at least {people} for one batch", then)

    def epoch(self, number: int) -> list[Rows]:
        """Plan the batches of an epoch: each (P * K, 2) int64 of row and repeat, grouped by person.

        The repeat counts a row's earlier appearances, so that a picture drawn twice is augmented differently.
        """
        rng = np.random.default_rng([self.seed, number])
        chunks = [self._chunks(group, rng) for group in self.groups]
        left = np.array([len(chunk) for chunk in chunks])
        batches = []
        while len(waiting := np.flatnonzero(left)) >= self.people:
            chosen = rng.choice(waiting, self.people, replace=False)
            left[chosen] -= 1
            batches.append(np.concatenate([chunks[person][left[person]] for person in chosen]))
        return batches

    def _chunks(self, group: Rows, rng: np.random.Generator) -> list[Rows]:
        if len(group) >= self.pictures:
            rows = rng.permutation(group)
            rows = rows[: len(rows) // self.pictures * self.pictures]
            repeats = np.zeros_like(rows)
        else:
            rows = rng.choice(group, self.pictures)
            repeats = np.array([np.count_nonzero(rows[:place] == row) for place, row in enumerate(rows)])
        return list(np.stack([rows, repeats], axis=1).reshape(-1, self.pictures, 2))


class PictureSampler:
    """Plans epochs of batches of pictures, whoever is on them; the plan depends on (seed, epoch) alone.

    All pictures are shuffled and cut into batches; an incomplete last one is left out.
    """

    def __init__(self, count: int, batch: int, seed: int) -> None:
        self.count, self.batch, self.seed = count, batch, seed
        if count < batch:
            then = f"set sampler.batch={count}" if count > 1 else "check data.root and data.pattern"
            raise InputError(f"{count} pictures to train on", f"at least {batch} for one batch", then)

    def epoch(self, number: int) -> list[Rows]:
        """Plan the batches of an epoch: each (batch, 2) int64 of row and repeat, which is 0."""
        rows = np.random.default_rng([self.seed, number]).permutation(self.count)
        rows = rows[: self.count // self.batch * self.batch]
        return list(np.stack([rows, np.zeros_like(rows)], axis=1).reshape(-1, self.batch, 2))


def sampler_of(samples: Samples, recipe: Recipe) -> PeopleSampler | PictureSampler:
    """Make the sampler of a recipe: of people, or of pictures for a method that learns no identities.

    Raises InputError for fewer people or pictures than one batch holds.
    """
    how = recipe.sampler
    if recipe.method.task == "identity":
        return PeopleSampler(samples.pid, how.people, how.pictures, recipe.seed)
    return PictureSampler(len(samples), how.batch, recipe.seed)


def batch_size(recipe: Recipe) -> int:
    """The number of pictures in a batch of all processes together."""
    how = recipe.sampler
    return how.people * how.pictures if recipe.method.task == "identity" else how.batch


def shard(batch: Rows, rank: int, world_size: int) -> Rows:
    """Return the rows of a global batch that process `rank` of `world_size` works on.

    The parts are equal and consecutive; raises InputError for a batch that does not divide evenly.
    """
    if len(batch) % world_size:
        expected = "a batch that divides evenly between the processes"
        raise InputError(
            f"a batch of {len(batch)} over {world_size} processes", expected, "change sampler.people or sampler.batch"
        )
    return np.split(batch, world_size)[rank]
