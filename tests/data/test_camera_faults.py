"""Camera faults: each knob does what it says, and what is left at 0 changes nothing, not even the draws."""

import cv2
import numpy as np
import pytest

from sameperson.config import Augment, Data
from sameperson.data.camera_faults import SOUND, CameraFault, sample_fault
from sameperson.data.transforms import sample_transform

PICTURE = np.random.default_rng(0).integers(40, 200, (64, 32, 3)).astype(np.uint8)


def faults(count: int = 400, **augment: float) -> list[CameraFault]:
    rng = np.random.default_rng(1)
    return [sample_fault(Augment(**augment), rng) for _ in range(count)]


def test_a_recipe_without_faults_draws_no_number() -> None:
    rng, other = np.random.default_rng(3), np.random.default_rng(3)
    assert sample_fault(Augment(), rng) == SOUND
    assert rng.random() == other.random()


def test_the_share_and_range_of_each_fault() -> None:
    assert 60 < sum(fault.grey for fault in faults(grey=0.2)) < 100
    tints = np.array([fault.tint for fault in faults(tint=0.15)])
    assert 0.85 <= tints.min() < 0.87 and 1.13 < tints.max() <= 1.15
    coarse = np.array([fault.resolution for fault in faults(coarse=0.5)])
    assert 160 < (coarse < 1).sum() < 240 and 0.25 <= coarse.min() < 0.28
    jpeg = np.array([fault.quality for fault in faults(jpeg=0.5)])
    assert 160 < (jpeg > 0).sum() < 240 and jpeg[jpeg > 0].min() >= 20 and jpeg.max() < 80


def test_grey_is_the_luma_of_each_pixel() -> None:
    grey = CameraFault(grey=True).picture(PICTURE)
    expected = PICTURE.astype(float) @ (0.299, 0.587, 0.114)
    assert (grey == grey[..., :1]).all()
    assert np.abs(grey - expected[..., None]).max() <= 1


def test_a_tint_multiplies_the_channels() -> None:
    tinted = CameraFault(tint=(1.1, 1.0, 0.8)).picture(PICTURE)
    assert np.abs(tinted - PICTURE * np.array([1.1, 1.0, 0.8])).max() <= 1


def test_a_coarse_picture_has_no_detail_finer_than_its_pixels() -> None:
    coarse = CameraFault(resolution=0.25).picture(PICTURE)
    blocks = PICTURE.reshape(16, 4, 8, 4, 3).mean(axis=(1, 3))
    middle = coarse[6:-6, 6:-6].astype(float)
    assert middle.std() < 0.5 * PICTURE[6:-6, 6:-6].std()
    assert abs(middle.mean() - blocks[2:-2, 2:-2].mean()) < 3


def test_compression_is_jpegs_and_keeps_the_order_of_the_channels() -> None:
    red = np.zeros((64, 32, 3), np.uint8)
    red[..., 0] = 200
    squeezed = CameraFault(quality=20).picture(red)
    assert squeezed[..., 0].mean() > 190 and squeezed[..., 1:].mean() < 12
    smooth = cv2.GaussianBlur(PICTURE, (0, 0), 3)
    lossy, better = (CameraFault(quality=quality).picture(smooth) for quality in (20, 79))
    assert cv2.norm(lossy, smooth) > 1.5 * cv2.norm(better, smooth) > 0


@pytest.mark.parametrize("knob", ["grey", "tint", "coarse", "jpeg"])
def test_a_transform_applies_the_fault_to_the_picture_alone(knob: str) -> None:
    data = Data(size=(64, 32), augment=Augment(flip=0, pad=0, erase=0, **{knob: 1.0 if knob != "tint" else 0.3}))
    transform = sample_transform((64, 32), data, np.random.default_rng(2))
    assert (transform.picture(PICTURE) != PICTURE).any()
    labels = np.arange(64 * 32).reshape(64, 32).astype(np.uint8)
    assert (transform.labels(labels, (64, 32), None) == labels).all()
