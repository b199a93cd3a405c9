"""The world's stand-in for DanceReID's films, its tracks and its labels, drawn once."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from sameperson.data.miniatures.dancereid_videos import write
from sameperson.data.miniatures.miniature import Splits, WorldTree
from sameperson.data.prepare.annotation import Film, read_films
from sameperson.data.prepare.dance_split import Split, read_split
from sameperson.data.prepare.dancereid import Source, find_sources
from sameperson.world.plan import WorldPlan

PLAN = WorldPlan(
    people=7, test_people=2, cameras=1, shots=4, size=(32, 16), condition="dance", group=3, seed=3, labels=()
)


@dataclass(frozen=True)
class Dances:
    """Three films: of people 0 to 2, of 3 and 4, and of 5 and 6, who are tested."""

    root: Path
    counted: Splits

    @property
    def films(self) -> tuple[Film, ...]:
        return read_films(self.root / "annotation.json", self.root / "video_data.csv")

    @property
    def sources(self) -> list[Source]:
        return find_sources(self.films, self.root / "videos", self.root / "npy")

    @property
    def split(self) -> Split:
        return read_split(self.root / "splits.json", range(PLAN.people))


@pytest.fixture(scope="session")
def dances(tmp_path_factory: pytest.TempPathFactory) -> Dances:
    """Nobody may change it."""
    root = tmp_path_factory.mktemp("dances")
    return Dances(root, {part: list(rows) for part, rows in write(WorldTree(root, PLAN, ()), root).items()})
