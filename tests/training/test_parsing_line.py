"""What a run writes down of parts that were found, where true ones lie beside the pictures."""

import io
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.priors.part_groups import part_set
from sameperson.training.metrics import Metrics, read_metrics
from sameperson.training.parsing import true_parsing
from sameperson.training.progress import Lines
from sameperson.types import Samples

SEVEN = part_set(7)


@dataclass
class Parts:
    maps: np.ndarray
    valid: np.ndarray

    def read(self, row):
        return self.maps[row]


@pytest.fixture
def people(tmp_path):
    """Four pictures, of which three have true maps four times as fine as parts are."""
    rng = np.random.default_rng(0)
    true = rng.choice([0, 2, 5, 9, 16, 18, 255], (3, 16, 8)).astype(np.uint8)
    (tmp_path / "parsing").mkdir()
    for name, labels in zip("abc", true):
        Image.fromarray(labels).save(tmp_path / "parsing" / f"{name}.png")
    names = [f"{name}.jpg" for name in "abcd"]
    return Samples.of(names, [1, 1, 2, 2], root=tmp_path, priors={"parsing": tmp_path / "parsing"}), true


def test_a_line_is_what_a_loop_over_pixels_counts(people):
    samples, true = people
    found = np.random.default_rng(1).integers(0, 7, (4, 4, 2)).astype(np.uint8)
    truth = true_parsing(samples, Recipe())
    assert truth is not None
    parts = Parts(found, np.array([True, False, True, True]))
    line = truth.agreement(parts, SEVEN)
    tasks = {"foreground": (range(1, 7), range(1, 20)), "head": ((1,), (1, 2, 4, 13)), "legs": ((4, 5), (8, 9, 16, 17)),
             "shoes": ((6,), (18, 19))}  # fmt: skip
    for name, (ours, theirs) in tasks.items():
        both = either = 0
        for row in (0, 2):
            for y in range(4):
                for x in range(2):
                    label = true[row, 4 * y + 2, 4 * x + 2]  # the pixel under the cell's middle
                    if label != 255:
                        said, is_true = found[row, y, x] in ours, label in theirs
                        both, either = both + (said and is_true), either + (said or is_true)
        assert line[f"parsing/{name}"] == pytest.approx(both / either, abs=1e-4), name
    (samples.priors["parsing"] / "a.png").unlink()  # read once: later lines need no file
    again = truth.agreement(parts, SEVEN)
    assert {**again, "seconds": 0} == {**line, "seconds": 0}


def test_masks_hold_the_bags_that_the_labels_lack(people, tmp_path):
    samples, true = people
    (tmp_path / "masks").mkdir()
    bag = np.zeros((16, 8), np.uint8)
    bag[4:8] = 255
    for name, labels in zip("abc", true):
        Image.fromarray(np.where(bag > 0, 255, 255 * np.isin(labels, range(1, 20))).astype(np.uint8)).save(
            tmp_path / "masks" / f"{name}.png"
        )
    samples = Samples.of(
        samples.path, samples.pid, root=tmp_path, priors={**samples.priors, "mask": tmp_path / "masks"}
    )
    found = np.ones((4, 4, 2), np.uint8)
    truth = true_parsing(samples, Recipe())
    assert truth is not None
    line = truth.agreement(Parts(found, np.ones(4, bool)), SEVEN)
    cells = [(row, y, x) for row in range(3) for y in range(4) for x in range(2)]
    masked = [bag[4 * y + 2, 4 * x + 2] > 0 or true[row, 4 * y + 2, 4 * x + 2] in range(1, 20) for row, y, x in cells]
    assert line["parsing/mask"] == pytest.approx(np.mean(masked), abs=1e-4)  # all is foreground: its share that is true


def test_without_true_maps_there_is_no_line(people, tmp_path):
    samples, _ = people
    assert true_parsing(Samples.of(["a.jpg"], [1], root=tmp_path), Recipe()) is None
    elsewhere = Samples.of(["x/q.jpg"], [1], root=tmp_path, priors=samples.priors)
    assert true_parsing(elsewhere, Recipe()) is None


def test_true_maps_of_another_set_are_named(people):
    samples, _ = people
    Image.fromarray(np.full((8, 4), 20, np.uint8)).save(samples.priors["parsing"] / "b.png")
    truth = true_parsing(samples, Recipe())
    assert truth is not None
    with pytest.raises(InputError, match=r"b\.png: label 20 is none of lip's 0 to 19"):
        truth.agreement(Parts(np.zeros((4, 4, 2), np.uint8), np.ones(4, bool)), SEVEN)


def test_a_line_is_told_and_kept(people, tmp_path):
    samples, _ = people
    truth, stream = true_parsing(samples, Recipe()), io.StringIO()
    assert truth is not None
    line = {"epoch": 0, **truth.agreement(Parts(np.ones((4, 4, 2), np.uint8), np.ones(4, bool)), SEVEN)}
    with Metrics(tmp_path) as metrics, Lines(stream) as lines:
        lines.epoch_began(1, 9, 5, 0)
        metrics.write(line)
        lines.wrote(line)
    assert read_metrics(tmp_path) == [line]
    assert stream.getvalue().startswith("before training  parts foreground ")
