"""Names read many at a time say what each says by itself."""

import re

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.data.readers import named_files
from sameperson.data.readers.named_files import (
    CAMERA,
    ZERO,
    NameForm,
    first_picture,
    looks_like,
    read_names,
    sample_columns,
    samples_in_folder,
)

FORM = NameForm(
    "a test", rf"(?P<pid>-1|\d{{1,6}})_c{CAMERA}(s\d+)?_(?P<clothes_id>\d+)(_x)?", "0001_c1_2.jpg", zero=True
)


@pytest.mark.parametrize("chunk", [1, 3, 1000])
def test_a_million_names_are_read_as_one_by_one(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(named_files, "CHUNK", chunk)
    rng = np.random.default_rng(4)
    names = []
    for _ in range(50):
        sequence, more = rng.choice(["", "s3"]), rng.choice(["", "_x"])
        names.append(f"{rng.integers(999)}_c{rng.integers(1, 99):02d}{sequence}_{rng.integers(9)}{more}.jpg")
    names[7] = "deep/in.side/-1_c3_4.PNG"
    found = read_names(names, FORM, tmp_path)
    single = re.compile(r"(-?\d+)_c(\d+)(?:s\d+)?_(\d+)")
    for row, name in enumerate(names):
        pid, camid, clothes = map(int, single.match(name.rpartition("/")[2]).groups())
        assert (found["pid"][row], found["camid"][row], found["clothes_id"][row]) == (pid, camid, clothes)


def test_numbers_become_those_of_samples():
    columns = {name: np.array(values) for name, values in
               {"pid": [0, 5, -1], "camid": [1, 2, 9], "clothes_id": [0, 3, 1]}.items()}  # fmt: skip
    kept = sample_columns(columns, NameForm("", "", ""))
    assert kept["pid"].tolist() == [0, 5, -1]
    assert kept["camid"].tolist() == [0, 1, 8]
    assert kept["clothes_id"].tolist() == [-1, 5003, -1]
    assert sample_columns(columns, FORM)["pid"].tolist() == [ZERO, 5, -1]
    assert columns["pid"].tolist() == [0, 5, -1]


@pytest.mark.parametrize(
    "name", ["0001_c1.jpg", "0001_c0_2.jpg", "1234567_c1_2.jpg", "0001_c1_2", "0001_c1_2.jpg\n0001_c1_2.jpg",
             "x\n0001_c1_2.jpg", "\u0661_c1_2.jpg"],
)  # fmt: skip
@pytest.mark.parametrize("before", [0, 2])
def test_a_strange_name_is_told_whole_on_one_line(tmp_path, name, before):
    names = ["0001_c1_2.jpg"] * before + [name, "0002_c1_2.jpg"]
    with pytest.raises(InputError, match="not of a test") as caught:
        read_names(names, FORM, tmp_path)
    text = str(caught.value)
    assert "\n" not in text
    assert ascii(name)[1:-1] in text
    assert "0001_c1_2.jpg" in text


def test_priors_beside_are_named(tmp_path, picture):
    picture("train/0001_c1_2.jpg")
    (tmp_path / "parsing" / "train").mkdir(parents=True)
    samples = samples_in_folder(tmp_path, "train", FORM)
    assert samples.priors == {"parsing": tmp_path / "parsing" / "train"}
    assert samples.path.tolist() == ["train/0001_c1_2.jpg"]


def test_some_picture_tells_the_form_of_a_tree(tmp_path, picture):
    assert not looks_like(tmp_path, ("train", "query"), FORM)
    picture("train/b/0001_c1_2.jpg")
    (tmp_path / "train" / "a").mkdir()
    (tmp_path / "train" / "Thumbs.db").write_bytes(b"")
    assert not looks_like(tmp_path, ("train", "query"), FORM)
    picture("query/strange.jpg")
    assert first_picture(tmp_path / "train") == "b/0001_c1_2.jpg"
    assert looks_like(tmp_path, ("train", "query"), FORM)
    assert looks_like(tmp_path.parent, ("train", "query"), FORM, (tmp_path.name,))
    assert not looks_like(tmp_path, ("query", "train"), FORM)
    (tmp_path / "round").mkdir()
    (tmp_path / "round" / "again").symlink_to(tmp_path / "round")
    assert first_picture(tmp_path / "round") is None
