import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sameperson.checks import InputError
from sameperson.config import Augment, Data, Recipe, Sampler
from sameperson.data.loading import RawBatch, eval_loader, normalise, to_device, train_loader
from sameperson.images.decode import read_picture
from sameperson.images.geometry import resize
from sameperson.types import Samples


@pytest.fixture
def people(tmp_path: Path, picture) -> Samples:
    """Six people from 5 upwards with three pictures each, one with two, and a distractor."""
    pids = [pid for pid in (5, 7, 8, 20, 21, 30) for _ in range(3)] + [40, 40, 0]
    names = [f"{row}.jpg" for row in range(len(pids))]
    for name in names:
        picture(name)
    rows = np.arange(len(pids))
    return Samples.of(names, pids, rows % 3, root=tmp_path, clothes_id=rows // 2)


def recipe(workers: int = 0, augment: Augment | None = None, priors: tuple[str, ...] = (), seed: int = 0) -> Recipe:
    data = Data(size=(24, 12), workers=workers, augment=augment or Augment(pad=3, brightness=0.1), priors=priors)
    return Recipe(seed=seed, data=data, sampler=Sampler(people=2, pictures=3))


PLAIN = Augment(flip=0, pad=0, erase=0)


def epoch(samples: Samples, number: int = 0, **more) -> list[RawBatch]:
    return list(train_loader(samples, recipe(**more), number))


def test_a_batch_holds_what_its_rows_say(people: Samples) -> None:
    batches = epoch(people, augment=PLAIN)
    assert len(batches) == len(train_loader(people, recipe(augment=PLAIN), 0)) >= 3
    labels = [5, 7, 8, 20, 21, 30, 40]
    for batch in batches:
        assert batch.images.shape == (6, 3, 24, 12)
        assert batch.images.dtype == torch.uint8
        for place, row in enumerate(batch.index.tolist()):
            assert labels[batch.pids[place]] == people.pid[row]
            assert batch.camids[place] == people.camid[row]
            assert batch.clothes[place] == people.clothes_id[row]
            expected = resize(read_picture(people.file(row)), (24, 12))
            assert (batch.images[place].permute(1, 2, 0).numpy() == expected).all()


def test_samples_do_not_depend_on_the_worker_count(people: Samples) -> None:
    alone, together = epoch(people, workers=0), epoch(people, workers=2)
    assert len(alone) == len(together)
    for one, other in zip(alone, together, strict=True):
        assert torch.equal(one.images, other.images)
        assert torch.equal(one.index, other.index)


def test_samples_differ_between_epochs_seeds_and_repeats(people: Samples) -> None:
    two_pictures = people.take((people.pid == 40) | (people.pid == 5))
    batch = epoch(two_pictures)[0]
    twice = [batch.images[batch.index == row] for row in range(3, 5)]
    again = next(images for images in twice if len(images) > 1)
    assert not torch.equal(again[0], again[1])  # one picture drawn twice in one epoch

    def seen(number: int, seed: int = 0) -> dict[int, torch.Tensor]:
        return {int(row): image for b in epoch(people, number, seed=seed) for row, image in zip(b.index, b.images)}

    first = seen(0)
    for other in (seen(1), seen(0, seed=1)):
        shared = first.keys() & other.keys()
        assert shared
        assert not all(torch.equal(first[row], other[row]) for row in shared)


def test_processes_share_out_each_global_batch(people: Samples) -> None:
    whole = epoch(people)
    parts = [list(train_loader(people, recipe(), 0, rank=rank, world_size=2)) for rank in range(2)]
    for batch, *shares in zip(whole, *parts, strict=True):
        assert torch.equal(batch.images, torch.cat([share.images for share in shares]))
        assert torch.equal(batch.pids, torch.cat([share.pids for share in shares]))


def test_skipped_batches_are_the_first(people: Samples) -> None:
    rest = list(train_loader(people, recipe(), 4, skip_batches=2))
    whole = epoch(people, 4)
    assert len(rest) == len(whole) - 2
    assert torch.equal(rest[0].images, whole[2].images)


def test_priors_follow_the_picture_and_may_be_missing(tmp_path: Path, people: Samples) -> None:
    masks = tmp_path / "masks"
    masks.mkdir()
    bodies = []
    for row in range(0, len(people), 2):
        left = np.zeros((16, 8), np.uint8)
        left[:, :4] = 255
        Image.fromarray(left).save(masks / f"{row}.png")
        bodies.append({"image_id": f"{row}.jpg", "keypoints": [1.0, 8.0, 1.0] * 17, "score": 1.0})
    (tmp_path / "keypoints.json").write_text(json.dumps(bodies))
    samples = Samples.of(
        people.path, people.pid, root=tmp_path, priors={"mask": masks, "keypoints": tmp_path / "keypoints.json"}
    )
    augment = Augment(flip=0.5, pad=0, erase=0)
    mirrored = set()
    for batch in epoch(samples, augment=augment, priors=("mask", "keypoints")):
        assert batch.priors["mask"].shape == (6, 24, 12)
        assert batch.priors["keypoints"].shape == (6, 17, 3)
        for place, row in enumerate(batch.index.tolist()):
            has = row % 2 == 0
            assert bool(batch.valid["mask"][place]) == bool(batch.valid["keypoints"][place]) == has
            mask, body = batch.priors["mask"][place], batch.priors["keypoints"][place]
            if not has:
                assert not mask.any()
                assert not body.any()
                continue
            right_side = bool(mask[:, 6:].all())
            mirrored.add(right_side)
            assert mask.sum() == 24 * 6
            assert body[0].tolist() == [10.5 if right_side else 1.5, 12.0, 1.0]
    assert mirrored == {True, False}


def test_a_prior_that_is_not_there_is_one_line(people: Samples) -> None:
    with pytest.raises(InputError, match=r"no parsing; expected parsing beside the pictures .* data\.priors"):
        train_loader(people, recipe(priors=("parsing",)), 0)
    with pytest.raises(InputError, match="did you mean parsing"):
        train_loader(people, recipe(priors=("parsin",)), 0)


@pytest.mark.parametrize("workers", [0, 2])
def test_broken_pictures_reach_the_user_as_one_line_that_names_them(people: Samples, workers: int) -> None:
    for row in (1, 4):
        people.file(row).write_bytes(people.file(row).read_bytes()[:-20])
    for loader in (
        train_loader(people, recipe(workers), 0),
        eval_loader(people, (24, 12), 4, workers, skip_broken=False),
    ):
        with pytest.raises(InputError, match=r"^2 of 21 pictures cannot be read: 1\.jpg .* 4\.jpg") as caught:
            list(loader)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("workers", [0, 2])
def test_evaluation_reads_all_in_order_without_the_broken(people: Samples, workers: int) -> None:
    for row in (4, 5, 6, 7, 9):
        people.file(row).write_text("no picture")
    batches = list(eval_loader(people, (24, 12), 4, workers, skip_broken=True))
    assert [len(batch.images) for batch in batches] == [4, 0, 3, 4, 4, 1]
    assert np.concatenate([batch.rows for batch in batches]).tolist() == [
        row for row in range(21) if row not in (4, 5, 6, 7, 9)
    ]
    lost = [broken for batch in batches for broken in batch.broken]
    assert [(broken.row, broken.path) for broken in lost] == [(row, f"{row}.jpg") for row in (4, 5, 6, 7, 9)]
    assert batches[1].images.shape == (0, 3, 24, 12)
    expected = resize(read_picture(people.file(8)), (24, 12))
    assert (batches[2].images[0].permute(1, 2, 0).numpy() == expected).all()


def test_normalised_on_the_device_as_the_definition_says(people: Samples) -> None:
    raw = epoch(people)[0]
    mean, std = (0.4, 0.5, 0.6), (0.1, 0.2, 0.3)
    batch = to_device(raw, "cpu", mean, std)
    for channel in range(3):
        expected = (raw.images[:, channel].double() / 255 - mean[channel]) / std[channel]
        torch.testing.assert_close(batch.images[:, channel].double(), expected, atol=1e-4, rtol=1e-5)
    assert batch.images.stride() == raw.images.stride()  # channels last, as the loader made them
    assert torch.equal(batch.pids, raw.pids)
    assert torch.equal(normalise(raw.images, mean, std), batch.images)
    assert raw.images.dtype == torch.uint8  # the bytes themselves stay as they were
