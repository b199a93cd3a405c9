"""Our own forms, as a user would write them: their files say by themselves what the world says."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from sameperson.checks import InputError
from sameperson.data.miniatures.make import make_layout
from sameperson.data.readers import LAYOUTS
from sameperson.world.plan import WorldPlan

PLAN = WorldPlan(people=4, test_people=2, cameras=2, shots=2, size=(32, 16), labels=("masks",))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("own") / "world"
    make_layout(out, "world", PLAN)
    return out


def labels(world: Path) -> list[dict[str, str]]:
    with (world / "labels.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_world_is_the_tree_itself(world):
    assert {path.name for path in world.iterdir()} >= {"world.json", "labels.csv", "people.csv", "masks", "query"}
    assert len(list((world / "masks").rglob("*.png"))) == len(labels(world)) == 16


def test_a_table_says_what_the_labels_say(world, tmp_path):
    make_layout(tmp_path / "csv", "csv", PLAN)
    with (tmp_path / "csv" / "pictures.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    columns = ("pid", "camid", "split", "clothes_id", "track_id", "frame")
    known = {(world / row["path"]).read_bytes(): [row[name] for name in columns] for row in labels(world)}
    said = {(tmp_path / "csv" / line["path"]).read_bytes(): [line[name] for name in columns] for line in lines}
    assert said == known


def test_lists_say_who_and_where(world, tmp_path):
    make_layout(tmp_path / "list", "list", PLAN)
    known = {(world / row["path"]).read_bytes(): (row["split"], row["pid"], row["camid"]) for row in labels(world)}
    said = {}
    for part in ("train", "query", "gallery"):
        for line in (tmp_path / "list" / f"{part}.txt").read_text().splitlines():
            path, pid, camid = line.split(" ")
            said[(tmp_path / "list" / path).read_bytes()] = (part, pid, camid)
    assert said == known


def test_a_folder_of_crops_is_sorted_by_person_and_camera(world, tmp_path):
    make_layout(tmp_path / "folder", "folder", PLAN)
    known = {(world / row["path"]).read_bytes(): (int(row["pid"]), int(row["camid"])) for row in labels(world)}
    files = sorted((tmp_path / "folder").rglob("*.jpg"))
    said = {file.read_bytes(): (int(file.parts[-3]), int(file.parts[-2][1:]) - 1) for file in files}
    assert said == known
    dataset = LAYOUTS["folder"].read(tmp_path / "folder", None)
    first = {(file.parts[-3], file.parts[-2]): file for file in reversed(files)}
    asked = sorted(file.relative_to(tmp_path / "folder").as_posix() for file in first.values())
    assert dataset.query.path.tolist() == asked  # one for each person and camera


def test_pictures_too_small_for_a_face_are_refused_for_deskpro(tmp_path):
    with pytest.raises(InputError, match=r"--size 16x16: no face to be seen .*raise --size"):
        make_layout(tmp_path / "deskpro", "deskpro", replace(PLAN, size=(16, 16)))
    assert not (tmp_path / "deskpro").exists()
