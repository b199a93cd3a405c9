"""Priors on their way from files into batches, for training and at test time."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sameperson.config import Augment, Data, Recipe, Sampler
from sameperson.data import loading
from sameperson.data.loading import eval_loader, normalise_priors, to_device, train_loader
from sameperson.priors.load import open_priors
from sameperson.types import Samples

MEAN, STD = (0.5, 0.25, 0.125), (0.5, 0.25, 0.5)


@pytest.fixture
def people(picture: Callable[..., Path], tmp_path: Path) -> Samples:
    """Two people with three pictures each; every other one has a face, half black and half one colour, and a mask."""
    names = [f"{row}.jpg" for row in range(6)]
    for name in names:
        picture(name)
    for folder in ("lr_face", "masks"):
        (tmp_path / folder).mkdir()
    for row in (0, 2, 4):
        face = np.zeros((6, 4, 3), np.uint8)
        face[:, 2:] = 40 * row + 20
        Image.fromarray(face).save(tmp_path / "lr_face" / f"{row}.png")
        Image.fromarray(np.full((16, 8), 255, np.uint8)).save(tmp_path / "masks" / f"{row}.png")
    priors = {"face": tmp_path / "lr_face", "mask": tmp_path / "masks"}
    return Samples.of(names, [1, 1, 1, 2, 2, 2], root=tmp_path, priors=priors)


DATA = Data(size=(24, 12), priors=("face", "mask"), face_size=(6, 4), workers=0, augment=Augment(pad=0, erase=0))


def test_training_faces_are_mirrored_with_the_body_and_normalised(people: Samples) -> None:
    recipe = Recipe(data=DATA, sampler=Sampler(people=2, pictures=3))
    sides = set()
    for epoch in range(3):
        for raw in train_loader(people, recipe, epoch):
            batch = to_device(raw, "cpu", MEAN, STD)
            assert batch.priors["face"].shape == (6, 3, 6, 4)
            assert batch.priors["face"].dtype == torch.float32
            assert batch.priors["mask"].dtype == torch.uint8
            for place, row in enumerate(batch.index.tolist()):
                face = batch.priors["face"][place]
                assert bool(batch.valid["face"][place]) == (row % 2 == 0)
                if row % 2:
                    assert not face.any()
                    continue
                stored = raw.priors["face"][place].float() / 255
                for channel in range(3):
                    expected = (stored[channel] - MEAN[channel]) / STD[channel]
                    assert torch.allclose(face[channel], expected, atol=1e-5)
                right = bool((stored[:, :, 2:] == (40 * row + 20) / 255).all())
                left = bool((stored[:, :, :2] == (40 * row + 20) / 255).all())
                assert left != right
                sides.add(right)
    assert sides == {True, False}


@pytest.mark.parametrize("workers", [0, 2])
def test_priors_at_test_time_are_of_the_readable_pictures(people: Samples, workers: int) -> None:
    people.file(2).write_bytes(b"")
    priors = open_priors(people, ("face", "mask"), DATA)
    seen = []
    for batch in eval_loader(people, DATA.size, 4, workers, True, priors):
        assert len(batch.images) == len(batch.priors["face"]) == len(batch.valid["mask"]) == len(batch.rows)
        for place, row in enumerate(batch.rows.tolist()):
            has = row in (0, 4)
            assert bool(batch.valid["face"][place]) == has
            assert batch.priors["mask"][place].float().mean() == float(has)
            assert int(batch.priors["face"][place].max()) == (40 * row + 20 if has else 0)
            seen.append(row)
    assert seen == [0, 1, 3, 4, 5]
    assert not next(iter(eval_loader(people, DATA.size, 2, 0, True))).priors


def test_opened_priors_are_not_opened_anew(people: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe(data=DATA, sampler=Sampler(people=2, pictures=3))
    priors = open_priors(people, DATA.priors, DATA)
    opened = []
    monkeypatch.setattr(loading, "open_priors", lambda *args: opened.append(args) or priors)
    with_them = [batch.priors["face"] for batch in train_loader(people, recipe, 0, priors=priors)]
    assert not opened
    without = [batch.priors["face"] for batch in train_loader(people, recipe, 0)]
    assert len(opened) == 1
    assert all(torch.equal(a, b) for a, b in zip(with_them, without, strict=True))


def test_only_pictures_are_normalised() -> None:
    maps = torch.full((2, 4, 4), 7, dtype=torch.uint8)
    faces = torch.full((2, 3, 4, 4), 255, dtype=torch.uint8)
    ready = normalise_priors(
        {"mask": maps, "face": faces}, {"face": torch.tensor([True, False])}, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)
    )
    assert torch.equal(ready["mask"], maps)
    assert torch.equal(ready["face"], torch.stack([torch.ones(3, 4, 4), torch.zeros(3, 4, 4)]))
