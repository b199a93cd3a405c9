"""Pictures become rows, in order, the broken ones named or left out."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from PIL import Image

from sameperson.checks import InputError
from sameperson.evaluation.embed import embed
from sameperson.evaluation.raw_pixels import RawPixels
from sameperson.methods.method import Embedded
from sameperson.types import Samples


@dataclass
class Means:
    """The mean colour of the left half, so that a mirror changes it."""

    size: tuple[int, int] = (16, 8)
    fingerprint: str = "means"

    def features(self, images, give="features"):
        return Embedded(images[..., :4].float().mean(dim=(2, 3)), parts=images[:, :2, :1, 0].float())


@pytest.fixture
def pictures(tmp_path):
    rng = np.random.default_rng(0)
    for k in range(5):
        Image.fromarray(rng.integers(0, 256, (16, 8, 3), np.uint8)).save(tmp_path / f"{k}.png")
    return Samples.of([f"{k}.png" for k in range(5)], range(5), root=tmp_path)


def left(samples, row, mirrored=False):
    pixels = np.asarray(Image.open(samples.file(row)), np.float64)
    return (pixels[:, ::-1] if mirrored else pixels)[:, :4].mean(axis=(0, 1))


@pytest.mark.parametrize("workers", [0, 2])
def test_rows_follow_the_samples(pictures, workers):
    told = []
    found, kept, broken = embed(Means(), pictures, batch=2, workers=workers, progress=lambda *x: told.append(x))
    np.testing.assert_allclose(found.features, [left(pictures, k) for k in range(5)], rtol=1e-5)
    assert found.parts.shape == (5, 2, 1)
    assert (len(kept), broken, told[-1]) == (5, [], (5, 5))
    assert found.features.dtype == np.float32


def test_flip_adds_the_mirror_image(pictures):
    found, _, _ = embed(Means(), pictures, flip=True)
    np.testing.assert_allclose(
        found.features, [left(pictures, k) + left(pictures, k, True) for k in range(5)], rtol=1e-5
    )


def test_broken_pictures_are_named_or_left_out(pictures):
    pictures.file(1).write_text("not a picture")
    with pytest.raises(InputError, match=r"1\.png"):
        embed(Means(), pictures)
    found, kept, broken = embed(Means(), pictures, batch=2, skip_broken=True)
    assert [str(p) for p in kept.path] == ["0.png", "2.png", "3.png", "4.png"]
    assert [item.path for item in broken] == ["1.png"]
    np.testing.assert_allclose(found.features[1], left(pictures, 2), rtol=1e-5)


def test_raw_pixels_do_not_see_a_tint():
    pictures = torch.randint(0, 200, (3, 3, 64, 32), dtype=torch.uint8)
    network = RawPixels((64, 32))
    plain, tinted = (
        network.features(pictures),
        network.features(pictures + torch.tensor([5, 50, 0]).view(3, 1, 1).byte()),
    )
    torch.testing.assert_close(plain.features, tinted.features)
    assert plain.features.shape == (3, 3 * 32 * 16)
