"""Small trees of layouts, each drawn once, and copies of them to spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sameperson.types import Samples
from sameperson.world.plan import WorldPlan

if TYPE_CHECKING:
    from sameperson.data.miniatures.miniature import Splits, WorldTree
    from sameperson.world.pictures.annotations import Row

PLAN = WorldPlan(people=4, test_people=2, cameras=2, shots=4, group=2, size=(64, 32), seed=5)


@dataclass(frozen=True)
class Tree:
    """A layout's tree, the world it was drawn from, and who its writer says is where."""

    root: Path
    world: WorldTree
    counted: Splits

    def rows(self, samples: Samples) -> list[Row]:
        """What the world knows of each picture, found by its bytes alone."""
        known = {(self.world.root / row.path).read_bytes(): row for row in self.world.rows}
        return [known[samples.file(k).read_bytes()] for k in range(len(samples))]


@pytest.fixture(scope="session")
def tree_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Tree]:
    """The tree of a layout by its name; nobody may change it."""
    pytest.importorskip("warp", reason="the renderer is not installed")
    from sameperson.data.miniatures import MINIATURES
    from sameperson.data.miniatures.miniature import WorldTree
    from sameperson.world.dataset import make_world

    trees: dict[str, Tree] = {}
    worlds: dict[str, WorldTree] = {}

    def make(name: str) -> Tree:
        if name not in trees:
            plan = replace(PLAN, **MINIATURES[name].needs)
            world = worlds.get(repr(plan))
            if world is None:
                place = tmp_path_factory.mktemp("world")
                make_world(place, plan)
                world = worlds[repr(plan)] = WorldTree.at(place, plan)
            root = tmp_path_factory.mktemp("layout") / name
            root.mkdir()
            trees[name] = Tree(root, world, MINIATURES[name].write(world, root))
        return trees[name]

    return make


@pytest.fixture
def spoil(tree_of: Callable[[str], Tree], tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a layout's tree that a test may change."""

    def copy(name: str) -> Path:
        return shutil.copytree(tree_of(name).root, tmp_path / name)

    return copy
