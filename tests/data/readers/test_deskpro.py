import logging
import shutil

import pytest

from sameperson.checks import InputError
from sameperson.data.readers.deskpro import read_deskpro
from sameperson.priors.load import open_priors

KINDS = ("imgs", "lr_face", "hr_face", "mask")
FOLDERS = ("bounding_box_train", "query", "bounding_box_test")


def test_learned_pictures_have_every_prior_and_tested_ones_stay(tree_of, caplog):
    tree = tree_of("deskpro")
    with caplog.at_level(logging.WARNING):
        dataset = read_deskpro(tree.root)
    whole = tree.world.split("train")
    faces = [row for row in whole if (tree.world.root / "lr_face" / row.path).exists()]
    assert 0 < len(dataset.train) == len(faces) < len(whole)
    assert f"{len(whole) - len(faces)} of {len(whole)} training pictures lack one of" in caplog.text
    assert len(dataset.query) == len(tree.world.split("query"))
    priors = open_priors(dataset.train, tuple(dataset.train.priors))
    for prior in priors.values():
        assert all(prior.read(k) is not None for k in range(len(dataset.train)))
    tested = open_priors(dataset.gallery, ("face",))["face"]
    shown = [tested.read(k) is not None for k in range(len(dataset.gallery))]
    rows = tree.rows(dataset.gallery)
    assert shown == [(tree.world.root / "lr_face" / row.path).exists() for row in rows]


def test_the_names_of_celeb_light_are_read_too(spoil):
    root = spoil("deskpro")
    before = read_deskpro(root)
    for file in [file for kind in KINDS for file in (root / kind).rglob("*.jpg")]:
        file.rename(file.with_name(file.name.replace("_c", "_")))
    after = read_deskpro(root)
    for one, other in zip(before.splits().values(), after.splits().values(), strict=True):
        assert one.pid.tolist() == other.pid.tolist()
        assert one.camid.tolist() == other.camid.tolist()


def test_cameras_that_count_from_0_keep_apart(spoil):
    root = spoil("deskpro")
    before = read_deskpro(root)
    for file in [file for kind in KINDS for file in (root / kind).rglob("*.jpg")]:
        file.rename(file.with_name(file.name.replace("_c1_", "_c0_").replace("_c2_", "_c1_")))
    assert read_deskpro(root).gallery.camid.tolist() == before.gallery.camid.tolist()


def test_the_protocol_is_that_of_the_set_in_the_folders_name(spoil):
    root = spoil("deskpro")
    assert read_deskpro(root).protocol == "market1501"
    assert read_deskpro(root.rename(root.with_name("celeb-light"))).protocol == "celeb_reid"


@pytest.mark.parametrize("kind", ["lr_face", "hr_face", "mask"])
def test_a_prior_that_is_missing_throughout_is_told(spoil, kind):
    root = spoil("deskpro")
    shutil.rmtree(root / kind)
    with pytest.raises(InputError, match=f"{root / kind / FOLDERS[0]}: nothing of the training pictures"):
        read_deskpro(root)


def test_a_renamed_picture_is_named(spoil):
    root = spoil("deskpro")
    file = next((root / "imgs" / "query").iterdir())
    file.rename(file.with_name("anna.jpg"))
    with pytest.raises(InputError, match=r"imgs/query/anna.jpg: not of DeskPro.*a name like 12_c3_45.jpg"):
        read_deskpro(root)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_missing_folder_is_named(spoil, name):
    root = spoil("deskpro")
    shutil.rmtree(root / "imgs" / name)
    with pytest.raises(InputError, match=f"{root / 'imgs'}: no {name}"):
        read_deskpro(root)
    shutil.rmtree(root / "imgs")
    with pytest.raises(InputError, match=f"{root / 'imgs'}: no such folder"):
        read_deskpro(root)
