"""Part labels stay on what they were found on: picture and labels through the same flip, pad-crop and erasing.

The published code left the crop away for labels, and erased them by the picture's coordinates.
"""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.config import Augment, Data, Recipe, Sampler
from sameperson.data.loading import train_loader
from sameperson.methods.isp.part_labels import PartLabels
from sameperson.types import Samples

SIZE, GRID, CELL = (64, 32), (16, 8), 4
BLUE, PAINT = 255, 104
"""Of a picture's own pixels, and of erased ones (the training mean); outside the picture it is black."""


def where(size: tuple[int, int]) -> np.ndarray:
    """A picture that says of each pixel where it lies: red for its height, green for its place across."""
    rows, columns = ((np.arange(length) + 0.5) / length * 250 for length in size)
    picture = np.full((*size, 3), BLUE, np.uint8)
    picture[..., 0], picture[..., 1] = np.rint(rows)[:, None], np.rint(columns)
    return picture


@pytest.fixture(params=[SIZE, (100, 40), (40, 40)], ids=str)
def people(request: pytest.FixtureRequest, tmp_path: Path) -> Samples:
    for row in range(6):
        Image.fromarray(where(request.param)).save(tmp_path / f"{row}.png")
    return Samples.of([f"{row}.png" for row in range(6)], [1, 1, 1, 2, 2, 2], root=tmp_path)


@pytest.mark.parametrize("policy", ["background", "ignore"])
def test_a_cells_label_is_of_what_the_picture_shows_there(people: Samples, policy: str) -> None:
    """Within half a cell, in every sample of some epochs."""
    numbers = 1 + np.arange(GRID[0] * GRID[1]).reshape(GRID).astype(np.uint8)
    labels = PartLabels(np.broadcast_to(numbers, (6, *GRID)), int(numbers.max()))
    augment = Augment.model_validate({"flip": 0.5, "pad": 10, "erase": 0.7, "erase_labels": policy})
    recipe = Recipe(data=Data(size=SIZE, workers=0, augment=augment), sampler=Sampler(people=2, pictures=3))
    seen = {"own": 0, "outside": 0, "erased": 0, "astride": 0}
    mirrored = set()
    for epoch in range(6):
        for batch in train_loader(people, recipe, epoch, priors={"part_labels": labels}):
            assert batch.priors["part_labels"].shape == (6, *GRID)
            for picture, placed in zip(batch.images.numpy(), batch.priors["part_labels"].numpy(), strict=True):
                mirrored.add(looks_mirrored(picture))
                for row, column in np.ndindex(*GRID):
                    top, left = CELL * row + CELL // 2 - 1, CELL * column + CELL // 2 - 1
                    middle = picture[:, top : top + 2, left : left + 2].reshape(3, 4).astype(float)
                    kind = {BLUE: "own", 0: "outside", PAINT: "erased"}.get(middle[2].min(), "astride")
                    kind = kind if len(set(middle[2])) == 1 else "astride"
                    seen[kind] += 1
                    label = int(placed[row, column])
                    if kind == "own":
                        shown = middle[:2].mean(1) / 250 * SIZE  # in the sample's pixels, before it was moved
                        found = CELL * (np.array(divmod(label - 1, GRID[1])) + 0.5)
                        assert label and np.abs(shown - found).max() <= CELL / 2 + 0.3, (row, column)  # 8-bit colours
                    elif kind == "outside":
                        assert label == 0
                    elif kind == "erased":
                        assert label == {"background": 0, "ignore": 255}[policy]
    assert mirrored == {False, True}
    assert seen["own"] > 0.5 * sum(seen.values()) and min(seen["outside"], seen["erased"]) > 100


def looks_mirrored(picture: np.ndarray) -> bool:
    """Whether green, which grows to the right, grows to the left."""
    own = picture[2] == BLUE
    _, columns = np.nonzero(own)
    return bool(np.cov(columns, picture[1][own].astype(float))[0, 1] < 0)
