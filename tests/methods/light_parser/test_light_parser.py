"""The light parser on any backbone, its losses by hand, and the switches of augmentation in what it learns."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sameperson.data.batch import Batch
from sameperson.data.loading import train_loader
from sameperson.evaluation.predict_labels import predict_labels
from sameperson.losses.overlap import overlap_loss
from sameperson.losses.pixel import pixel_loss
from sameperson.methods.build import build_method
from sameperson.methods.light_parser.method import LightParser
from sameperson.methods.load import TrainedNetwork, describe
from sameperson.overrides import load_recipe
from sameperson.types import Samples

SMALL = [
    "method.name=light_parser", "method.channels=8", "backbone.name=osnet_x0_25", "data.size=64,32",
    "data.parsing.merge=study-7", "data.priors=parsing", "data.workers=0", "sampler.batch=2",
]  # fmt: skip


def parser(*words: str) -> LightParser:
    torch.manual_seed(1)
    return build_method(load_recipe(None, [*SMALL, *words]), people=0)


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        (["backbone.name=osnet_ain_x0_25"], 7),
        (["backbone.name=tf_efficientnet_lite0", "data.parsing.merge=none"], 20),
        (["backbone.name=resnet18", "data.parsing.merge=study-8"], 8),
        (["backbone.name=convnext_atto", "backbone.last_stride=2", "data.parsing.merge=foreground"], 2),
        (["data.parsing.merge=head=1,2,4,13;left-arm=14;right-arm=15"], 4),
    ],
)
def test_any_backbone_and_any_label_set(words, labels):
    method = parser(*words).eval()
    assert method.parse(torch.zeros(2, 3, 64, 32)).shape == (2, labels, 16, 8)


def test_its_losses_are_those_of_its_enlarged_scores():
    method = parser("method.pixel_weight=2", "method.overlap_weight=0.5").eval()
    images, rows = torch.randn(3, 3, 64, 32), torch.arange(3)
    labels = torch.randint(0, 7, (3, 64, 32))
    labels[0, :8] = 255
    valid = torch.tensor([True, True, False])
    batch = Batch(images, rows, rows, rows, rows, {"parsing": labels.to(torch.uint8)}, {"parsing": valid})
    wide = torch.nn.functional.interpolate(method.parse(images), size=(64, 32), mode="bilinear")[:2]
    found = method.losses(batch, "main")
    torch.testing.assert_close(found["pixel"], 2 * pixel_loss(wide, labels[:2]))
    torch.testing.assert_close(found["overlap"], 0.5 * overlap_loss(wide, labels[:2]))


@pytest.fixture
def one_armed(tmp_path) -> Samples:
    """Two pictures with a bright right arm at their left, and their maps: label 15, in study-7 number 4."""
    (tmp_path / "parsing").mkdir()
    for number in range(2):
        maps = np.zeros((64, 32), np.uint8)
        maps[20:30, 4:8] = 15
        Image.fromarray(np.where(maps[..., None] > 0, np.uint8(250), np.uint8(20)).repeat(3, 2)).save(
            tmp_path / f"{number}.png"
        )
        Image.fromarray(maps).save(tmp_path / "parsing" / f"{number}.png")
    return Samples.of(["0.png", "1.png"], [-1, -1], root=tmp_path, priors={"parsing": Path(tmp_path / "parsing")})


STILL = ["data.augment.flip=0", "data.augment.pad=0", "data.augment.erase=0"]


def learned(samples: Samples, *words: str) -> tuple[np.ndarray, np.ndarray]:
    """The pictures' brightness and the label maps of an epoch's batch."""
    (batch,) = train_loader(samples, load_recipe(None, [*SMALL, *STILL, *words]), epoch=0)
    assert batch.pids.tolist() == [-1, -1] and batch.valid["parsing"].all()
    return batch.images[:, 0].numpy(), batch.priors["parsing"].numpy()


def test_without_augmentation_pictures_and_labels_stay(one_armed):
    images, labels = learned(one_armed)
    assert (labels[:, 20:30, 4:8] == 4).all() and (labels > 0).sum() == 2 * 40
    assert ((images > 128) == (labels > 0)).all()


def test_a_mirrored_right_arm_is_learned_as_a_left_one_unless_told_otherwise(one_armed):
    images, labels = learned(one_armed, "data.augment.flip=1")
    assert (labels[:, 20:30, 24:28] == 3).all() and (labels > 0).sum() == 2 * 40
    assert ((images > 128) == (labels > 0)).all()
    _, wrong = learned(one_armed, "data.augment.flip=1", "data.parsing.swap_sides=false")
    assert (wrong[:, 20:30, 24:28] == 4).all()
    own = "data.parsing.merge=left-arm=14;right-arm=15"
    _, labels = learned(one_armed, "data.augment.flip=1", own)
    assert (labels[:, 20:30, 24:28] == 1).all()


@pytest.mark.parametrize("word", ["scale=0.3", "rotate=30", "pad=8"])
def test_scale_rotation_and_crop_are_real_switches(one_armed, word):
    images, labels = learned(one_armed, f"data.augment.{word}", "data.augment.rotate_share=1")
    assert not ((labels[:, 20:30, 4:8] == 4).all() and (labels > 0).sum() == 2 * 40)
    assert np.mean((images > 128) == (labels > 0)) > 0.98 and (labels == 4).any()


def test_a_padded_picture_keeps_its_shape_in_training_and_in_prediction(one_armed):
    """A 64x32 picture in a 64x64 input stands in the middle of black, and its map comes back at its own place."""
    square = ["data.size=64,64", "method.fit=pad", "data.augment.border_labels=ignore"]
    images, labels = learned(one_armed, *square)
    assert (labels[:, 20:30, 20:24] == 4).all() and (labels == 4).sum() == 2 * 40
    assert (labels[:, :, :16] == 255).all() and (labels[:, :, 48:] == 255).all() and (labels[:, :, 16:48] != 255).all()
    assert (images[:, :, :16].max(), images[:, :, 16:48].min()) == (0, 20)
    recipe = load_recipe(None, [*SMALL, *square])
    method = parser(*square)

    def column(pictures: torch.Tensor) -> torch.Tensor:
        """Score the label 4 in the bright arm's cells and the background elsewhere."""
        cells = torch.nn.functional.avg_pool2d(pictures[:, :1], 4)
        arm = (cells > 1).float()
        return torch.cat([1 - arm, *(0 * arm,) * 3, arm, *(0 * arm,) * 2], 1)

    method.parse = column
    network = TrainedNetwork(method.eval(), describe(recipe, 0))
    for _, found in predict_labels(network, one_armed, workers=0):
        assert found.shape == (64, 32) and set(np.unique(found)) == {0, 4}
        rows, columns = np.nonzero(found)
        assert (rows >= 20).all() and (rows < 30).all() and (columns >= 4).all() and (columns < 8).all()
