"""Celeb-reID: a number that looks like a camera and is none."""

import pytest

from sameperson.data.readers import recognised
from sameperson.data.readers.celeb_reid import LIGHT, WHOLE, read_celeb_reid


@pytest.fixture
def tree(tmp_path, picture):
    for name in (
        "train/1_1_0.jpg", "train/1_0_2.jpg",
        "query/7_3_0.jpg", "query/8_3_1.jpg", "query/9_1_0.jpg", "query/10_1_0.jpg",
        "gallery/7_3_1.jpg", "gallery/7_3_2.jpg", "gallery/8_3_0.jpg", "gallery/8_4_0.jpg", "gallery/9_2_0.jpg",
    ):  # fmt: skip
        picture(f"celeb/{name}")
    return tmp_path / "celeb"


def test_names_are_taken_as_they_stand(tree):
    dataset = read_celeb_reid(tree, release=WHOLE)
    assert dataset.train.path.tolist() == ["train/1_0_2.jpg", "train/1_1_0.jpg"]
    assert dataset.train.camid.tolist() == [0, 1]
    assert dataset.query.pid.tolist() == [10, 7, 8, 9]
    assert dataset.query.frame.tolist() == [0, 0, 1, 0]
    assert set(dataset.gallery.clothes_id.tolist()) == {-1}
    assert dataset.protocol == "celeb_reid"


def test_queries_that_a_camera_rule_would_lose_are_counted(tree, caplog):
    read_celeb_reid(tree, release=WHOLE)  # 7 is found under 3 alone; 10 is nowhere, whatever the rule
    assert "1 of 4 queries have nothing to find" in caplog.text
    caplog.clear()
    (tree / "gallery" / "7_3_2.jpg").rename(tree / "gallery" / "7_5_2.jpg")
    read_celeb_reid(tree, release=WHOLE)
    assert not caplog.text


def test_the_light_half_is_known_by_its_folder(tree):
    assert recognised(tree)[0].name == "celeb-reid"
    (tree / "miniature.json").write_text('{"layout": "celeb-reid-light", "counts": {}}')
    assert [layout.name for layout in recognised(tree)][:2] == ["celeb-reid-light", "celeb-reid"]
    (tree / "miniature.json").write_text("[]")
    assert recognised(tree)[0].name == "celeb-reid"
    light = tree.rename(tree.with_name(LIGHT))
    assert recognised(light)[0].name == recognised(light.parent)[0].name == "celeb-reid-light"
    assert read_celeb_reid(light.parent, release=LIGHT).name == "celeb-reid-light"
