"""ISP's tree: a parser's labels, of training pictures only."""

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.data.readers.isp import PGT, read_isp
from sameperson.priors.load import open_priors


def test_training_pictures_have_lip_labels(tree_of):
    dataset = read_isp(tree_of("isp").root)
    assert set(dataset.query.priors) == set(dataset.gallery.priors) == set()
    assert dataset.train.priors == {"parsing": tree_of("isp").root / PGT}
    maps = open_priors(dataset.train, ["parsing"])["parsing"]
    labels = [maps.read(row) for row in range(len(dataset.train))]
    assert all(found is not None and found.shape == (64, 32) for found in labels)
    assert {0} < set(np.unique(np.stack(labels)).tolist()) < set(range(20))


def test_pictures_without_labels_are_counted(spoil, caplog):
    tree = spoil("isp")
    gone = sorted((tree / PGT).iterdir())[0]
    gone.unlink()
    read_isp(tree)
    assert f"no parsing for 1 of {len(list((tree / 'bounding_box_train').iterdir()))} pictures" in caplog.text
    assert gone.stem in caplog.text


def test_without_the_folder_there_is_nothing_to_measure_by(spoil):
    tree = spoil("isp")
    (tree / PGT).rename(tree / "pgt")
    with pytest.raises(InputError, match=rf"{PGT}: no such folder; expected a PNG of LIP labels"):
        read_isp(tree)
