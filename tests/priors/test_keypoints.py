import json
from pathlib import Path

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.priors.keypoints import load_keypoints
from sameperson.priors.skeletons import COCO, OPENPOSE, Skeleton
from sameperson.types import Samples

SAMPLES = Samples.of(["one/a.jpg", "one/b.jpg", "two/b.jpg", "two/c.jpg"], [1, 1, 2, 2])


def body(name: object, start: float, score: float = 1.0, **more: object) -> dict:
    return {"image_id": name, "category_id": 1, "keypoints": [start + n for n in range(51)], "score": score, **more}


def written(folder: Path, content: object) -> Path:
    file = folder / "pose.json"
    file.write_text(json.dumps(content))
    return file


def test_alphapose_lists(tmp_path: Path) -> None:
    bodies = [body("c.jpg", 100), body("one/b.jpg", 200), body("b.jpg", 300), body("stranger.jpg", 400)]
    keypoints = load_keypoints(written(tmp_path, bodies), SAMPLES)
    assert keypoints.values.shape == (4, 17, 3)
    assert keypoints.values.dtype == np.float32
    # b.jpg alone could be either, so it is neither.
    assert keypoints.valid.tolist() == [False, True, False, True]
    assert keypoints.values[3, :, :2].ravel().tolist() == [100 + n for n in range(51) if n % 3 < 2]
    assert (keypoints.values[3, :, 2] == 1).all()  # confidences above 1, which AlphaPose writes at times, are 1
    assert keypoints.values[1, 0].tolist() == [200, 201, 1]
    assert keypoints.read(0) is None
    assert not keypoints.values[0].any()


def test_coco_objects(tmp_path: Path) -> None:
    content = {"images": [{"id": 7, "file_name": "a.jpg"}], "annotations": [body(7, 5, bbox=[0, 0, 4, 4])]}
    keypoints = load_keypoints(written(tmp_path, content), SAMPLES)
    assert keypoints.valid.tolist() == [True, False, False, False]


def test_of_several_bodies_the_surest_then_the_largest(tmp_path: Path) -> None:
    bodies = [
        body("a.jpg", 1, 0.5, box=[0, 0, 90, 90]),
        body("a.jpg", 2, 0.9, box=[0, 0, 10, 10]),
        body("a.jpg", 3, 0.9, box=[0, 0, 20, 10]),
        body("a.jpg", 4, 0.9, box=[0, 0, 5, 5]),
    ]
    for order in (bodies, bodies[::-1]):
        assert load_keypoints(written(tmp_path, order), SAMPLES).values[0, 0, 0] == 3


@pytest.mark.parametrize("skeleton", [COCO, OPENPOSE], ids=lambda skeleton: skeleton.name)
def test_swap_exchanges_left_and_right_and_nothing_else(skeleton: Skeleton) -> None:
    for joint, other in enumerate(skeleton.swap):
        name = skeleton.joints[joint]
        swapped = name.replace("left", "x").replace("right", "left").replace("x", "right")
        assert skeleton.joints[other] == swapped


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([{"image_id": "a.jpg", "keypoints": [1, 2, 3]}], r"pose\.json: body 0 \(a\.jpg\): 3 numbers"),
        ([{"image_id": "a.jpg"}], r"pose\.json: body 0 \(a\.jpg\): no keypoints"),
        ([{"keypoints": []}], "not keypoints"),
        (5, "not keypoints"),
        ([body("a.jpg", 0, box=[1])], r"body 0 \(a\.jpg\): a box of 1 numbers"),
    ],
)
def test_other_json_is_one_line(tmp_path: Path, content: object, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        load_keypoints(written(tmp_path, content), SAMPLES)
    assert "\n" not in str(caught.value)


def test_no_json_at_all(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_keypoints(tmp_path / "gone.json", SAMPLES)
    file = tmp_path / "pose.json"
    file.write_text("[{")
    with pytest.raises(InputError, match="not keypoints"):
        load_keypoints(file, SAMPLES)
