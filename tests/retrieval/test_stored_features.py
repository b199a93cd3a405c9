"""Stored features: rows find their pictures, and any damage ends in features or in one line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from sameperson.checks import InputError
from sameperson.retrieval.mat_features import read_mat
from sameperson.retrieval.npy_table import read_npy
from sameperson.retrieval.store import write_store
from sameperson.retrieval.stored_features import RowsOfPictures, read_features, standing_alone
from sameperson.types import Embeddings, Samples

RNG = np.random.default_rng(2)
FEATURES = RNG.normal(size=(8, 3)).astype(np.float32)
PID, CAMID = [1, 1, 2, 2, 1, 1, 2, 2], [1, 2, 1, 2, 1, 2, 1, 2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The same features in each form."""
    out = tmp_path_factory.mktemp("stored")
    samples = Samples.of([f"{row}.jpg" for row in range(8)], PID, CAMID, root=out)
    write_store(out / "a.parquet", [(samples, Embeddings(FEATURES, "f"))], "net", (4, 2))
    np.save(out / "a.npy", FEATURES)
    lines = [f"{row}.jpg,{pid},{cam}" for row, (pid, cam) in enumerate(zip(PID, CAMID, strict=True))]
    (out / "a.csv").write_text("\n".join(["path,pid,camid", *lines]))
    savemat(out / "a.mat", {"features": FEATURES, "ids": PID, "cams": CAMID})
    return out


@pytest.mark.parametrize("form", ["parquet", "npy", "mat"])
def test_each_form_is_the_same_dataset(folder, form):
    stored = read_features([folder / f"a.{form}"], alone=True)
    assert np.array_equal(stored.embeddings.features, FEATURES)
    dataset, query, gallery = standing_alone(stored)
    assert (query.tolist(), gallery.tolist()) == ([0, 1, 2, 3], [4, 5, 6, 7])
    assert dataset.query.pid.tolist() == PID[:4] and dataset.gallery.camid.tolist() == CAMID[4:]
    assert dataset.protocol == "market1501"


def test_rows_of_pictures(folder, tmp_path):
    """By place on disk; where that is another, by an end of the path that only one row has, never by a bare name."""
    paths = ["p/1.jpg", "p/2.jpg", "q/1.jpg", "q/3.jpg"]
    samples = Samples.of(paths, [1, 1, 2, 2], root=tmp_path / "set")
    write_store(tmp_path / "b.parquet", [(samples, Embeddings(FEATURES[:4], "f"))], "net", (4, 2))
    index = RowsOfPictures.of(read_features([tmp_path / "b.parquet"], alone=False))

    def found(root, *asked):
        return index.find(Samples.of(list(asked), np.ones(len(asked)), root=root)).tolist()

    assert found(tmp_path / "set", "q/1.jpg", "p/./1.jpg", "p/9.jpg") == [2, 0, -1]
    assert found(tmp_path / "set" / "q", "1.jpg", "../p/2.jpg") == [2, 1]
    assert found(tmp_path / "moved", "q/1.jpg", "p/2.jpg", "r/1.jpg", "1.jpg") == [2, 1, -1, -1]
    assert found(tmp_path / "moved", "set/p/2.jpg", "other/set/p/2.jpg") == [1, -1]


def test_a_picture_with_two_features_is_refused_unless_they_are_alike(tmp_path):
    samples = Samples.of(["a.jpg", "b.jpg", "a.jpg"], [1, 1, 1], root=tmp_path)
    for shift, fits in ((1e-6, True), (0.5, False)):
        rows = FEATURES[[0, 1, 0]] + np.array([[0], [0], [shift]], np.float32)
        write_store(tmp_path / "twice.parquet", [(samples, Embeddings(rows, "f"))], "net", (4, 2))
        stored = read_features([tmp_path / "twice.parquet"], alone=False)
        if fits:
            assert RowsOfPictures.of(stored).find(samples).tolist() == [0, 1, 0]
        else:
            with pytest.raises(InputError, match=r"two features of .*a\.jpg"):
                RowsOfPictures.of(stored)


def test_people_without_a_split_need_two_pictures(tmp_path):
    savemat(tmp_path / "a.mat", {"features": FEATURES[:3], "ids": [1, 2, 3], "cams": [1, 2, 1]})
    with pytest.raises(InputError, match="labels of nobody who could be found again"):
        standing_alone(read_features([tmp_path / "a.mat"], alone=True))


def test_labels_may_be_a_row_or_a_column_and_cameras_may_be_unknown(tmp_path):
    savemat(tmp_path / "a.mat", {"features": FEATURES, "ids": np.array(PID, np.float64)[:, None]})
    dataset, _, gallery = standing_alone(read_features([tmp_path / "a.mat"], alone=True))
    assert dataset.protocol == "camera_blind" and dataset.query.pid.tolist() == [1, 2] and len(gallery) == 6


def test_person_zero_who_is_asked_for_is_somebody(tmp_path):
    sides = {f"{side}_{name}": value for side in ("query", "gallery") for name, value in (("f", FEATURES), ("id", PID))}
    savemat(tmp_path / "a.mat", {**sides, "query_id": np.array(PID) - 1, "gallery_id": np.array(PID) - 1})
    dataset, _, _ = standing_alone(read_features([tmp_path / "a.mat"], alone=True))
    assert set(dataset.query.pid.tolist()) == {1, 2} and dataset.query.name_of(2) == "0"


def test_a_structure_of_the_name_of_features_is_refused(tmp_path):
    savemat(tmp_path / "a.mat", {"features": {"inner": FEATURES}, "ids": PID})
    with pytest.raises(InputError, match="features is no table of real numbers"):
        read_mat(tmp_path / "a.mat")


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_headers_of_both_versions(tmp_path, version):
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array(file, FEATURES, version=version)
    assert np.array_equal(read_npy(tmp_path / "a.npy"), FEATURES)


@settings(max_examples=200)
@given(data=st.data(), form=st.sampled_from(["npy", "mat"]))
def test_damage_ends_in_features_or_in_one_line(folder, data, form):
    content = bytearray((folder / f"a.{form}").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(1, len(content))) :]
    file = folder / f"damaged.{form}"
    file.write_bytes(content)
    (folder / "damaged.csv").write_text((folder / "a.csv").read_text())
    try:
        stored = read_features([file], alone=True)
        dataset, query, gallery = standing_alone(stored)
    except InputError as error:
        assert "\n" not in str(error) and "damaged" in str(error)
    else:
        assert np.isfinite(stored.embeddings.features).all() and len(dataset.query) == len(query)
        assert max(query.max(), gallery.max()) < len(stored.embeddings)


def test_what_a_header_holds_is_not_run(tmp_path):
    """A header is a literal, so that a call in it is refused and not made."""
    header = (
        f"{{'descr': '<f4', 'fortran_order': False, 'shape': (__import__('os').system('touch {tmp_path}/ran'), 3)}}"
    )
    text = header.ljust(117) + "\n"
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode())
    with pytest.raises(InputError, match=r"no \.npy file"):
        read_npy(tmp_path / "a.npy")
    assert not (tmp_path / "ran").exists()
