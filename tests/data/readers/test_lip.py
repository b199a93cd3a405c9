import logging
import shutil

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.data.readers.lip import read_lip
from sameperson.priors.load import open_priors


def test_nobody_is_named_and_nobody_can_be_asked_for(tree_of):
    dataset = read_lip(tree_of("lip").root)
    assert set(dataset.train.pid.tolist()) == set(dataset.val.pid.tolist()) == {-1}
    assert (len(dataset.query), len(dataset.gallery)) == (0, 0)


def test_the_parsing_is_that_of_the_picture(tree_of):
    tree = tree_of("lip")
    for samples in (read_lip(tree.root).train, read_lip(tree.root).val):
        parsing = open_priors(samples, ("parsing",))["parsing"]
        for k, row in enumerate(tree.rows(samples)):
            with Image.open((tree.world.root / "parsing" / row.path).with_suffix(".png")) as truth:
                assert np.array_equal(parsing.read(k), np.array(truth))


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("TrainVal_images", "TrainVal_parsing_annotations"),
        ("TrainVal_images/TrainVal_images", "TrainVal_parsing_annotations/TrainVal_parsing_annotations"),
    ],
)
def test_the_other_naming_reads_alike(spoil, images, labels):
    root = spoil("lip")
    before = read_lip(root)
    for part in ("train", "val"):
        for place, name in ((images, f"{part}_images"), (images, f"{part}_id.txt"), (labels, f"{part}_segmentations")):
            (root / place).mkdir(parents=True, exist_ok=True)
            (root / name).rename(root / place / name)
    after = read_lip(root)
    assert after.val.path.tolist() == [f"{images}/{path}" for path in before.val.path.tolist()]
    assert open_priors(after.train, ("parsing",))["parsing"].read(0) is not None


def test_only_what_the_list_names_is_read_and_all_without_one(spoil):
    root = spoil("lip")
    ids = (root / "val_id.txt").read_text().split()
    (root / "val_id.txt").write_text("\n".join(ids[:2]))
    assert read_lip(root).val.path.tolist() == [f"val_images/{name}.jpg" for name in ids[:2]]
    (root / "val_id.txt").unlink()
    assert sorted(read_lip(root).val.path.tolist()) == sorted(f"val_images/{name}.jpg" for name in ids)


@pytest.mark.parametrize("name", ["train_images", "val_images", "train_segmentations", "val_segmentations"])
def test_a_missing_folder_is_named(spoil, name):
    root = spoil("lip")
    shutil.rmtree(root / name)
    with pytest.raises(InputError, match=f"{root}: no {name}; expected {name}/ there, or below TrainVal_"):
        read_lip(root)


def test_a_listed_picture_that_is_missing_is_named(spoil):
    root = spoil("lip")
    file = sorted((root / "train_images").iterdir())[0]
    file.rename(file.with_name("renamed.jpg"))
    with pytest.raises(InputError, match=f"{file}: no such file, though {root / 'train_id.txt'} lists it"):
        read_lip(root)


def test_an_empty_list_is_told(spoil):
    root = spoil("lip")
    (root / "train_id.txt").write_text("\n")
    with pytest.raises(InputError, match=f"{root / 'train_id.txt'}: no lines"):
        read_lip(root)


def test_a_missing_segmentation_is_told_and_counted(spoil, caplog):
    root = spoil("lip")
    sorted((root / "val_segmentations").iterdir())[0].unlink()
    with caplog.at_level(logging.WARNING):
        dataset = read_lip(root)
    assert f"{root / 'val_segmentations'}: no parsing for 1 of {len(dataset.val)} pictures" in caplog.text
