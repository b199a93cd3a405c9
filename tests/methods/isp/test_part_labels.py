"""Labels that a run keeps: placed as a loop over cells would, and whole whatever happens."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.config import Data
from sameperson.data.erasing import Box
from sameperson.data.prior_batch import PriorBatch
from sameperson.data.transforms import Transform
from sameperson.images.geometry import Geometry
from sameperson.methods.isp import part_labels
from sameperson.methods.isp.part_labels import PartLabels, begin, draft, export, stripes, swap
from sameperson.priors.maps import read_map
from sameperson.priors.part_groups import part_set
from sameperson.types import Samples

GRID = (8, 4)
SIZE = (32, 16)
PARTS = 6
PICTURES = Samples.of(["0001/a.jpg", "0001/b.jpg", "0002/a.jpg"], [1, 1, 2])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "run" / "part_labels.npy"


def values(seed: int = 0, count: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, PARTS + 1, (count, *GRID)).astype(np.uint8)


def write(file: Path, labels: np.ndarray, samples: Samples = PICTURES, epoch: int = 0) -> PartLabels:
    begin(file, samples, PARTS, GRID, epoch)
    draft(file)[:] = labels
    swap(file)
    return PartLabels.open(file, samples, GRID)


def placed_by_hand(labels: np.ndarray, transform: Transform) -> np.ndarray:
    """Cell by cell: where its middle lies in the sample, whence that came, and whether it is erased."""
    (height, width), (scaled_h, scaled_w) = transform.size, transform.geometry.scaled
    down, across = transform.geometry.shift
    found = np.zeros(GRID, np.uint8)
    for row in range(GRID[0]):
        for column in range(GRID[1]):
            y, x = (row + 0.5) * height / GRID[0], (column + 0.5) * width / GRID[1]
            box = transform.box
            hidden = box and box.top <= y < box.top + box.height and box.left <= x < box.left + box.width
            if hidden and transform.policy != "keep":
                found[row, column] = {"background": 0, "ignore": 255}[transform.policy]
                continue
            if transform.mirrored:
                x = width - x
            y, x = y - down, x - across
            if 0 <= y < scaled_h and 0 <= x < scaled_w:
                found[row, column] = labels[int(y * GRID[0] / scaled_h), int(x * GRID[1] / scaled_w)]
    return found


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("policy", ["background", "ignore", "keep"])
def test_placed_as_a_loop_over_cells_would(file, mirrored, policy):
    labels = write(file, values())
    rng = np.random.default_rng(1)
    for _ in range(40):
        scaled = (int(rng.integers(32, 40)), int(rng.integers(16, 20)))
        shift = (int(rng.integers(-10, 11)), int(rng.integers(-10, 11)))
        top, left = int(rng.integers(0, 20)), int(rng.integers(0, 10))
        box = Box(top, left, int(rng.integers(1, 12)), int(rng.integers(1, 7))) if rng.random() < 0.7 else None
        transform = Transform(Geometry((48, 20), SIZE, scaled, shift, mirrored), box=box, policy=policy)
        for row in range(3):
            assert (labels.place(row, transform) == placed_by_hand(values()[row], transform)).all()


def test_an_erased_box_is_a_quarter_as_large_on_the_labels(file):
    """The published code blanked labels by the picture's coordinates: 16 times too large, or not at all."""
    labels = write(file, np.full((3, *GRID), 5, np.uint8))
    transform = Transform(Geometry(SIZE, SIZE, SIZE), box=Box(16, 8, 8, 8))
    expected = np.full(GRID, 5)
    expected[4:6, 2:4] = 0
    assert (labels.place(0, transform) == expected).all()


def test_pictures_of_any_size_have_the_same_grid(file):
    labels = write(file, values())
    for source in ((128, 64), (31, 77)):
        assert (labels.place(1, Transform(Geometry.resizing(source, SIZE))) == values()[1]).all()


def test_in_batches_as_every_prior(file):
    labels = write(file, values())
    prior_batch = PriorBatch.empty({"part_labels": labels}, 2, SIZE)
    for place, row in enumerate((2, 0)):
        prior_batch.put(place, row, Transform(Geometry.resizing((64, 32), SIZE)))
    tensors = prior_batch.tensors()
    assert (tensors["priors"]["part_labels"].numpy() == values()[[2, 0]]).all()
    assert tensors["valid"]["part_labels"].tolist() == [True, True]
    assert labels.blank(2, SIZE).shape == (2, *GRID)


def test_stripes_before_the_first_clustering():
    labels = PartLabels.stripes(3, 4, GRID)
    assert labels.epoch == -1
    assert labels.valid.tolist() == [True] * 3
    for row in range(3):
        assert labels.read(row)[:, 0].tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
        assert (labels.read(row) == labels.read(row)[:, :1]).all()
    assert stripes(6, (64, 32))[[0, 63]].tolist() == [[1] * 32, [6] * 32]
    _, heights = np.unique(stripes(6, (64, 1)), return_counts=True)
    assert heights.tolist() == [11, 11, 10, 11, 11, 10]


def test_what_nobody_wrote_keeps_its_stripes(file):
    begin(file, PICTURES, PARTS, GRID, 0)
    draft(file)[1] = 3
    swap(file)
    labels = PartLabels.open(file, PICTURES)
    assert (labels.read(1) == 3).all()
    assert (labels.read(0) == stripes(PARTS, GRID)).all()
    assert (labels.read(2) == stripes(PARTS, GRID)).all()


def test_what_it_says_of_itself(file):
    labels = write(file, values(), epoch=4)
    assert (labels.parts, labels.epoch) == (PARTS, 4)
    assert (labels.array == values()).all()
    assert (np.load(file) == values()).all()  # any reader of the format opens it
    with pytest.raises(ValueError, match="read-only"):
        labels.array[0] = 1


def test_a_reader_keeps_the_old_while_the_new_are_swapped_in(file):
    old = write(file, values(0))
    begin(file, PICTURES, PARTS, GRID, 2)
    draft(file)[:] = values(1)
    assert (PartLabels.open(file, PICTURES).array == values(0)).all()
    swap(file)
    assert (old.array == values(0)).all()
    assert (PartLabels.open(file, PICTURES).array == values(1)).all()
    assert [item.name for item in file.parent.iterdir()] == [file.name]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_two_processes_write_one_draft_and_a_kill_leaves_the_old_whole(file):
    """Who is killed half-way leaves the old labels as they were, and the next draft knows nothing of it."""
    write(file, values(0))
    writer = """
import os, signal, sys
import numpy as np
from pathlib import Path
from sameperson.methods.isp.part_labels import draft
rows = draft(Path(sys.argv[1]))
rows[int(sys.argv[2])] = 5
if sys.argv[3] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
"""

    def run(row: int, end: str) -> int:
        return subprocess.run([sys.executable, "-c", writer, str(file), str(row), end], env=os.environ).returncode

    begin(file, PICTURES, PARTS, GRID, 2)
    assert run(0, "killed") == -signal.SIGKILL
    labels = PartLabels.open(file, PICTURES, GRID)
    assert (labels.array == values(0)).all()
    assert labels.epoch == 0
    begin(file, PICTURES, PARTS, GRID, 2)
    assert (draft(file)[0] == stripes(PARTS, GRID)).all()  # nothing of the killed one is left
    draft(file)[1] = 4
    assert run(0, "well") == run(2, "well") == 0
    swap(file)
    assert PartLabels.open(file, PICTURES).array[:, 0, 0].tolist() == [5, 4, 5]


def test_a_fault_between_write_and_rename_leaves_the_old(file, monkeypatch):
    write(file, values(0))
    begin(file, PICTURES, PARTS, GRID, 2)
    draft(file)[:] = values(1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match="cannot be written"):
        swap(file)
    assert (PartLabels.open(file, PICTURES).array == values(0)).all()


def test_a_full_disk_shows_when_the_draft_is_begun(file, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array_header_1_0", full)
    with pytest.raises(InputError, match="free some space"):
        begin(file, PICTURES, PARTS, GRID, 0)


def test_many_pictures_are_begun_in_blocks(file, monkeypatch):
    monkeypatch.setattr(part_labels, "BLOCK", 256)  # also the bound of what is said behind the array
    samples = Samples.of([f"{n}.jpg" for n in range(600)], np.ones(600))
    labels = write(file, values(3, 600), samples)
    assert (labels.array == values(3, 600)).all()


def test_the_folder_may_move_but_the_pictures_may_not_change(file, tmp_path):
    write(file, values())
    PartLabels.open(file, Samples.of(PICTURES.path, PICTURES.pid, root=tmp_path / "elsewhere"))
    for others in (["0001/a.jpg", "0002/a.jpg", "0001/b.jpg"], ["0001/a.jpg"], ["0001/a.jpg", "0001/b.jpg", "c.jpg"]):
        with pytest.raises(InputError, match="part labels of 3 other pictures"):
            PartLabels.open(file, Samples.of(others, [1] * len(others)))
    with pytest.raises(InputError, match="grid of 8 x 4; expected 16 x 8"):
        PartLabels.open(file, PICTURES, (16, 8))


def test_what_is_no_part_labels_is_refused(file):
    with pytest.raises(InputError, match="no such file"):
        PartLabels.open(file, PICTURES)
    write(file, values())
    whole = file.read_bytes()
    for length in (0, 5, 60, 128, 128 + 50, 128 + 96, len(whole) - 20):
        file.write_bytes(whole[:length])
        with pytest.raises(InputError, match="cut short, or no part labels"):
            PartLabels.open(file, PICTURES)
    for array in (values(), values().astype(np.int32), values()[0], np.array([{}], object)):
        np.save(file, array)
        with pytest.raises(InputError, match="cut short, or no part labels"):
            PartLabels.open(file, PICTURES)


def test_exported_pictures_are_the_labels(file, tmp_path):
    labels = write(file, values())
    export(labels, PICTURES, tmp_path / "out")
    found = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*"))
    assert found == ["0001/a.png", "0001/b.png", "0002/a.png"]
    for row, name in enumerate(found):
        assert (read_map(tmp_path / "out" / name) == values()[row]).all()
        with Image.open(tmp_path / "out" / name) as picture:
            coloured = np.asarray(picture.convert("RGB"))
        assert (coloured == part_set(PARTS + 1).palette[values()[row]]).all()


@pytest.mark.parametrize("paths", [["a.jpg", "a.png"], ["../a.jpg", "b.jpg"], ["/elsewhere/a.jpg", "b.jpg"]])
def test_pictures_without_a_place_of_their_own_are_not_exported(tmp_path, paths):
    with pytest.raises(InputError, match="no place of its own"):
        export(PartLabels.stripes(2, PARTS, GRID), Samples.of(paths, [1, 1]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_stripes_cost_no_memory_and_are_a_priors_default_policy():
    labels = PartLabels.stripes(10_000_000, PARTS, (64, 32))
    assert labels.array.strides[0] == 0
    transform = Transform(Geometry.resizing((9, 9), Data().size), policy=Data().augment.erase_labels)
    assert (labels.place(9_999_999, transform) == stripes(PARTS, (64, 32))).all()
