"""Write a miniature: a world is drawn, then laid out, and the tree is renamed when it is complete."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sameperson.checks import InputError, choose, read_json, writing
from sameperson.data.layout import MINIATURE
from sameperson.data.miniatures import MINIATURES
from sameperson.data.miniatures.miniature import Splits, WorldTree
from sameperson.leftovers import discard, sweep_tree
from sameperson.locks import locked
from sameperson.world.dataset import make_world
from sameperson.world.plan import WorldPlan
from sameperson.world.workers import staging_folder

NOTE = "world.json"


def make_layout(
    out: str | Path,
    layout: str,
    plan: WorldPlan,
    *,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Draw `plan`, as the layout needs it, and lay it out in the folder `out`; returns the number of pictures.

    The tree's own counts lie beside it in miniature.json. A killed call goes on from the people it drew.
    Raises InputError for an unknown layout and where `out` is taken or cannot be written.
    """
    out = Path(out)
    miniature = choose("--layout", layout if layout in MINIATURES else layout.lower(), MINIATURES)
    world = out.with_name(f".{out.name}.world")
    plan = replace(plan, **miniature.needs)
    with locked(out), writing(out):
        staging = staging_folder(out, workers)
        with locked(world):
            if world.exists() and not _is_of(world, plan):
                discard(world, world / NOTE)
            if not world.exists():
                make_world(world, plan, workers=workers, progress=progress)
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        counts = count_splits(miniature.write(WorldTree.at(world, plan), staging))
        note = {"layout": miniature.name, "counts": counts, "world": plan.as_json()}
        (staging / MINIATURE).write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
        sweep_tree(staging)
        discard(world, world / NOTE)
        if out.exists():
            out.rmdir()
        staging.rename(out)
    return sum(pictures for pictures, _ in counts.values())


def _is_of(world: Path, plan: WorldPlan) -> bool:
    """Tell whether a world is whole and of that plan."""
    try:
        return plan.as_json().items() <= read_json(world / NOTE).items()
    except (InputError, AttributeError):
        return False


def count_splits(splits: Splits) -> dict[str, tuple[int, int]]:
    """Count the pictures and people (without junk and distractors) of each split."""
    pids = {name: [row.pid for row in rows] for name, rows in splits.items()}
    return {name: (len(who), len({pid for pid in who if pid > 0})) for name, who in pids.items()}
