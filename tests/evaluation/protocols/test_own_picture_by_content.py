"""A query's own picture never counts where cameras are unknown, whatever its name in the gallery."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.data.doctor.examine import examine
from sameperson.data.doctor.layouts import open_tree
from sameperson.evaluation.protocols.apply import apply_protocol
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.protocols.doctor_rule import ProtocolRule
from sameperson.evaluation.protocols.pairs import OwnPictures, same_person
from sameperson.types import Samples

BLIND, MARKET = PROTOCOLS["camera_blind"], PROTOCOLS["market1501"]


def picture(file: Path, seed: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    coarse = Image.fromarray(np.random.default_rng(seed).integers(0, 256, (8, 4, 3), np.uint8))
    coarse.resize((32, 64), Image.Resampling.BICUBIC).save(file)


def sides(root: Path, people: int = 3, others: int = 0) -> tuple[Samples, Samples]:
    """Queries q/<p>.png; a gallery of their copies g/<p>-copy.png, and so many other pictures of each person."""
    query, gallery = [], []
    for p in range(1, people + 1):
        picture(root / f"q/{p}.png", p)
        query.append((f"q/{p}.png", p))
        (root / "g").mkdir(exist_ok=True)
        shutil.copy(root / f"q/{p}.png", root / f"g/{p}-copy.png")
        gallery.append((f"g/{p}-copy.png", p))
        for n in range(others):
            picture(root / f"g/{p}-{n}.png", 100 * p + n)
            gallery.append((f"g/{p}-{n}.png", p))
    return tuple(Samples.of(*zip(*part, strict=True), root=root) for part in (query, gallery))  # type: ignore[return-value]


def test_copies_are_dropped_and_other_pictures_stay(tmp_path: Path) -> None:
    query, gallery = sides(tmp_path, others=2)
    pairs = same_person(query, gallery, BLIND)
    counted = {(query.path[r], gallery.path[c]) for r, c in zip(pairs.row, pairs.column, strict=True)}
    assert counted == {(f"q/{p}.png", f"g/{p}-{n}.png") for p in (1, 2, 3) for n in (0, 1)}
    assert {str(gallery.path[c]) for c in pairs.dropped_column} == {f"g/{p}-copy.png" for p in (1, 2, 3)}
    told = apply_protocol(BLIND, query, gallery).notes
    assert told == ("3 of 3 queries are in the gallery under another name, which does not count",)


def test_tiles_drop_what_the_whole_drops(tmp_path: Path) -> None:
    query, gallery = sides(tmp_path, people=5, others=1)
    own, whole = OwnPictures.of(query, gallery, BLIND), same_person(query, gallery, BLIND)
    tiles = [(start, own.pairs(start, min(start + 2, 5))) for start in range(0, 5, 2)]
    assert np.concatenate([tile.row + start for start, tile in tiles]).tolist() == whole.row.tolist()
    assert np.concatenate([tile.dropped_column for _, tile in tiles]).tolist() == whole.dropped_column.tolist()


def test_a_copy_of_another_root_and_a_second_copy(tmp_path: Path) -> None:
    query, gallery = sides(tmp_path, people=1)
    shutil.copy(tmp_path / "q/1.png", tmp_path / "g/again.jpg")
    apart = Samples.of(["1-copy.png", "again.jpg"], [1, 1], root=tmp_path / "g")
    assert not len(same_person(query, apart, BLIND).row)
    assert len(same_person(query, gallery, BLIND).dropped_row) == 1


def test_a_copy_that_bears_another_name_is_another_person(tmp_path: Path) -> None:
    query, gallery = sides(tmp_path, people=2)
    swapped = Samples.of(gallery.path, [2, 1], root=tmp_path)
    assert len(same_person(query, swapped, BLIND).row) == 2


def test_other_protocols_and_absent_files_are_as_before(tmp_path: Path) -> None:
    query, gallery = sides(tmp_path, people=3)
    assert OwnPictures.of(query, gallery, MARKET).copies is None
    gone = [Samples.of(part.path, part.pid, root=tmp_path / "gone") for part in (query, gallery)]
    assert len(same_person(gone[0], gone[1], BLIND).row) == 3 and not apply_protocol(BLIND, gone[0], gone[1]).notes
    assert len(same_person(query, query, BLIND).dropped_row) == 3  # the same path, as before


@pytest.mark.parametrize(
    ("protocol", "kind", "severity"),
    [("camera_blind", "copies-in-gallery", "warning"), ("market1501", "copies-answers", "error")],
)
def test_the_doctor_says_so(tmp_path: Path, protocol: str, kind: str, severity: str) -> None:
    for p in range(1, 5):
        for part, camera in (("query", 1), ("gallery", 2)):
            picture(tmp_path / f"{part}/{p}/{camera}/x{camera}.png", 10 * p)
            picture(tmp_path / f"{part}/{p}/{camera}/y{camera}.png", 10 * p + camera)
    opened = open_tree(tmp_path, "folder", None)
    found = examine(opened, ProtocolRule.of(PROTOCOLS[protocol], opened.dataset)).findings
    (one,) = [one for one in found if one.kind == kind]
    assert one.severity == severity and one.count == 4
    assert "4 pairs of pictures are the same file in query and gallery" in one.says


def test_queries_whose_person_is_only_their_copy(tmp_path: Path) -> None:
    for p in range(1, 4):
        for part in ("query", "gallery"):
            picture(tmp_path / f"{part}/{p}/{part}{p}.png", p)
    opened = open_tree(tmp_path, "folder", None)
    found = {one.kind: one.says for one in examine(opened, ProtocolRule.of(BLIND, opened.dataset)).findings}
    assert "None of 3 queries can ever match" in found["unmatched-own-file"]
    assert "or copies of it" in found["unmatched-own-file"]
