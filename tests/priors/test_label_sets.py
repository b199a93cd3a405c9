"""Label sets and their merges against a table written out by hand."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.config import Data, Parsing
from sameperson.data.transforms import Transform
from sameperson.images.geometry import Geometry
from sameperson.priors.label_sets import ATR, LABEL_SETS, LIP, LabelSet, merge_table
from sameperson.priors.load import open_priors
from sameperson.priors.parsing import load_parsing
from sameperson.priors.part_groups import label_set
from sameperson.types import Samples

BY_HAND = {
    # LIP: bg hat hair glove glasses upper dress coat socks pants jumps scarf skirt face larm rarm lleg rleg lshoe rshoe
    "study-7": [0, 1, 1, 255, 1, 2, 2, 2, 255, 2, 2, 2, 2, 1, 3, 4, 5, 6, 5, 6],
    "study-8": [0, 1, 1, 255, 1, 2, 2, 2, 3, 3, 3, 2, 3, 1, 4, 5, 6, 7, 6, 7],
    "spreid": [0, 1, 1, 2, 1, 2, 2, 2, 4, 3, 2, 2, 3, 1, 2, 2, 3, 3, 4, 4],
    "isp": [0, 1, 1, 2, 1, 2, 2, 2, 4, 4, 2, 2, 2, 1, 2, 2, 4, 4, 5, 5],
    "foreground": [0] + [1] * 19,
}
ATR_NAMES_IN_LIP = {
    "background": "background", "hat": "hat", "hair": "hair", "sunglasses": "sunglasses", "pants": "pants",
    "upper-clothes": "upper-clothes", "skirt": "skirt", "dress": "dress", "left-shoe": "left-shoe", "face": "face",
    "right-shoe": "right-shoe", "left-leg": "left-leg", "right-leg": "right-leg", "left-arm": "left-arm",
    "right-arm": "right-arm", "scarf": "scarf",
}  # fmt: skip


@pytest.mark.parametrize("merge", ["study-7", "study-8", "spreid", "isp", "foreground"])
def test_merges_of_lip(merge: str) -> None:
    table = merge_table("lip", merge)
    assert table[:20].tolist() == BY_HAND[merge]
    assert (table[20:] == 255).all()


def test_atr_becomes_lip_by_name() -> None:
    table = merge_table("atr", "lip")
    for number, name in enumerate(ATR.labels):
        expected = LIP.labels.index(ATR_NAMES_IN_LIP[name]) if name in ATR_NAMES_IN_LIP else 255
        assert table[number] == expected, name
    seven = merge_table("atr", "study-7")
    for number, name in enumerate(ATR.labels):
        if name in ATR_NAMES_IN_LIP:
            assert seven[number] == BY_HAND["study-7"][LIP.labels.index(name)], name


@pytest.mark.parametrize("labels", LABEL_SETS.values(), ids=lambda labels: labels.name)
def test_every_set_is_whole(labels: LabelSet) -> None:
    assert labels.labels[0] == "background"
    assert labels.palette.shape == (len(labels.labels), 3)
    assert len({tuple(colour) for colour in labels.palette.tolist()}) == len(labels.labels)
    for number in range(256):
        name = labels.labels[number] if number < len(labels.labels) else ""
        other = int(labels.swap[number])
        if name.startswith(("left", "right")):
            assert labels.labels[other] == name.replace("left", "x").replace("right", "left").replace("x", "right")
        else:
            assert other == number


def test_sizes_are_those_of_the_publications() -> None:
    sizes = {name: sum(bool(label) for label in item.labels) for name, item in LABEL_SETS.items()}
    wanted = {"lip": 20, "atr": 18, "pascal": 7, "study-7": 7, "study-8": 8, "spreid": 5, "isp": 5, "foreground": 2}
    assert sizes == wanted


def test_what_cannot_be_made_is_said() -> None:
    with pytest.raises(InputError, match=r"pascal labels for study-7; .*; choose one of foreground$"):
        merge_table("pascal", "study-7")
    with pytest.raises(InputError, match="did you mean atr"):
        merge_table("art", "lip")


def save(file: Path, values: list[list[int]]) -> None:
    Image.fromarray(np.array(values, np.uint8)).save(file)


def test_maps_are_merged_and_swap_as_the_merged_set_does(tmp_path: Path) -> None:
    samples = Samples.of(["a.jpg", "b.jpg"], [1, 1], root=tmp_path, priors={"parsing": tmp_path})
    save(tmp_path / "a.png", [[0, 13, 5], [14, 15, 3], [18, 17, 255]])
    data = Data(parsing=Parsing(labels="lip", merge="study-7"))
    maps = open_priors(samples, ["parsing"], data)["parsing"]
    assert maps.valid.tolist() == [True, False]
    merged = load_parsing(tmp_path, samples, "lip", "study-7")
    assert merged.read(0).tolist() == [[0, 1, 2], [3, 4, 255], [5, 6, 255]]  # type: ignore[union-attr]
    assert merged.read(1) is None
    assert merged.swap is not None
    assert merged.swap[:8].tolist() == [0, 1, 2, 4, 3, 6, 5, 7]


def test_parsing_stands_in_for_masks(tmp_path: Path) -> None:
    save(tmp_path / "a.png", [[0, 16, 5], [8, 3, 255]])
    priors = {"parsing": tmp_path}
    samples = Samples.of(["a.jpg"], [1], root=tmp_path, priors=priors)
    mask = open_priors(samples, ["mask"], Data(parsing=Parsing(labels="atr", merge="lip")))["mask"]
    found = mask.place(0, Transform(Geometry.resizing((2, 3), (2, 3))))
    assert found.tolist() == [[0, 1, 1], [1, 1, 0]]  # a bag, too, is carried by a person
    assert mask.swap is None  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("labels", "value", "says"),
    [
        ("lip", 20, "label 20 is none of lip's 0 to 19"),
        ("atr", 18, "label 18 is none of atr's 0 to 17"),
        ("isp", 3, "label 3 is none of isp's 0 to 5"),
    ],
)
def test_a_label_of_another_set_is_named(tmp_path: Path, labels: str, value: int, says: str) -> None:
    save(tmp_path / "a.png", [[0, value], [1, 255]])
    maps = load_parsing(tmp_path, Samples.of(["a.jpg"], [1]), labels)
    with pytest.raises(InputError, match=rf"a\.png: {says}"):
        maps.read(0)


OWN = "head=1,2,4,13;clothes=5,6,7,8,9,10,11,12;left-arm=14;right-arm=15"


def test_a_set_of_ones_own_merges_and_swaps_sides():
    own = label_set(OWN)
    assert own.labels == ("background", "head", "clothes", "left-arm", "right-arm") and own.name == OWN
    assert own.mirrored == ((3, 4),) and own.swap[[3, 4]].tolist() == [4, 3]
    table = merge_table("lip", OWN)
    expected = [0, 1, 1, 255, 1, 2, 2, 2, 2, 2, 2, 2, 2, 1, 3, 4, 255, 255, 255, 255]
    assert table[:20].tolist() == expected and (table[20:] == 255).all()
    assert merge_table(OWN, OWN)[[0, 4, 5]].tolist() == [0, 4, 255]
    assert merge_table(OWN, "foreground")[[0, 1, 4, 5]].tolist() == [0, 1, 1, 255]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("head=", "expected classes and their labels"),
        ("head=1;head=2", "a name for each class"),
        ("background=1", "a name for each class but the background"),
        ("head=1;body=1", "each label once"),
        ("head=0", "each label once, between 1 and 254"),
        ("left-arm=14", "right-arm beside it"),
    ],
)
def test_a_set_of_ones_own_that_is_none(text, says):
    with pytest.raises(InputError, match=says):
        label_set(text)


def test_a_label_that_the_maps_do_not_have():
    with pytest.raises(InputError, match="label 40 for head; expected lip's 0 to 19"):
        merge_table("lip", "head=1,40")
