"""The population of a plan: each person's identity, wardrobe and dressed mesh.

Everything depends on the plan and a number alone. The last few results are cached, as people appear in each other's
pictures.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from sameperson.world.body.model import load_body
from sameperson.world.clothes.outfit import Outfit
from sameperson.world.clothes.random_outfit import sample_outfit
from sameperson.world.clothes.wardrobe import sample_wardrobe, similar_outfit
from sameperson.world.figures.dress import Dressed, dress
from sameperson.world.people.identity import Identity, sample_identity
from sameperson.world.plan import Stream, WorldPlan

COSTUME_SPREAD = 0.35
"""The `spread` of costumes within a group of dancers, as in `similar_outfit`."""


@lru_cache(maxsize=64)
def identity_of(plan: WorldPlan, pid: int) -> Identity:
    """Draw the identity of a person."""
    return sample_identity(plan.rng(Stream.IDENTITY, pid))


@lru_cache(maxsize=64)
def wardrobe_of(plan: WorldPlan, pid: int) -> tuple[Outfit, ...]:
    """Draw the outfits of a person."""
    if plan.condition in ("twins", "dance"):
        spread = COSTUME_SPREAD if plan.condition == "dance" else 0.0
        rng = plan.rng(Stream.OUTFIT, pid)
        return tuple(similar_outfit(rng, shared, spread) for shared in group_outfits(plan, plan.group_of(pid)[0]))
    return tuple(sample_wardrobe(plan.rng(Stream.OUTFIT, pid), identity_of(plan, pid), plan.outfits))


@lru_cache(maxsize=16)
def group_outfits(plan: WorldPlan, group: int) -> tuple[Outfit, ...]:
    """Draw the outfits that a group shares, which suit anyone."""
    rng = plan.rng(Stream.COSTUME, group)
    someone = sample_identity(rng)
    anyone = replace(someone, shape={**someone.shape, "femininity": 0.5, "age": 0.7})
    worn = sample_wardrobe(rng, anyone, plan.outfits)
    return tuple(without_coat_and_bag(outfit) for outfit in worn) if plan.condition == "dance" else tuple(worn)


def without_coat_and_bag(outfit: Outfit) -> Outfit:
    """Remove bag, coat, scarf and gloves, which dancers do not wear."""
    return replace(outfit, bag=None, outer=None, tails=None, scarf=None, gloves=None)


@lru_cache(maxsize=24)
def dressed_person(plan: WorldPlan, pid: int, outfit: int) -> Dressed:
    """Dress a person in one of their outfits."""
    return dress(load_body(), identity_of(plan, pid), wardrobe_of(plan, pid)[outfit])


@lru_cache(maxsize=8)
def stranger(plan: WorldPlan, pid: int, number: int) -> tuple[Identity, Dressed]:
    """Draw and dress a stranger who passes by person `pid`."""
    rng = plan.rng(Stream.STRANGER, pid, number)
    identity = sample_identity(rng)
    return identity, dress(load_body(), identity, sample_outfit(rng, identity))
