"""Every form of keypoints, written by hand: the same body comes out of each."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.priors.keypoints import Keypoints, load_keypoints
from sameperson.priors.skeletons import COCO, OPENPOSE, converted
from sameperson.types import Samples

SAMPLES = Samples.of(["train/a.jpg", "train/b.jpg", "query/c.jpg", "query/d.jpg"], [1, 1, 2, 2])
NAMES = [
    "nose", "neck", "rsho", "relb", "rwri", "lsho", "lelb", "lwri", "rhip",
    "rkne", "rank", "lhip", "lkne", "lank", "reye", "leye", "rear", "lear",
]  # fmt: skip
TO_COCO = [
    "nose", "leye", "reye", "lear", "rear", "lsho", "rsho", "lelb", "relb",
    "lwri", "rwri", "lhip", "rhip", "lkne", "rkne", "lank", "rank",
]  # fmt: skip


def joint(number: int) -> list[float]:
    """OpenPose's joint: x, y, confidence."""
    return [10.0 + number, 50.0 + 2 * number, 0.5 + number / 100]


def openpose_body() -> list[float]:
    return [value for number in range(18) for value in joint(number)]


def expect_coco(points: np.ndarray, sure: bool = True) -> None:
    for place, name in enumerate(TO_COCO):
        x, y, confidence = joint(NAMES.index(name))
        assert points[place].tolist() == pytest.approx([x, y, confidence if sure else 1.0])


def write(file: Path, content: Any) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def test_openpose_one_file_a_picture(tmp_path: Path) -> None:
    faint = [value for n in range(18) for value in (*joint(n)[:2], 0.1)]
    people = [{"pose_keypoints_2d": faint}, {"pose_keypoints_2d": openpose_body()}]
    write(tmp_path / "train" / "a_keypoints.json", {"version": 1.3, "people": people})
    write(tmp_path / "d_keypoints.json", {"people": [{"pose_keypoints_2d": faint}]})
    write(tmp_path / "c_keypoints.json", {"people": []})
    found = load_keypoints(tmp_path, SAMPLES)
    assert found.valid.tolist() == [True, False, False, True]
    expect_coco(found.values[0])
    assert load_keypoints(tmp_path, SAMPLES, "openpose").values[0].ravel().tolist() == pytest.approx(openpose_body())


def test_openpose_25_leaves_out_the_middle_of_the_hips_and_the_feet(tmp_path: Path) -> None:
    body = openpose_body()
    more = body[: 8 * 3] + [-1.0, -1.0, 0.9] + body[8 * 3 :] + [7.0, 7.0, 0.9] * 6
    write(tmp_path / "a_keypoints.json", {"people": [{"pose_keypoints_2d": more}]})
    expect_coco(load_keypoints(tmp_path, SAMPLES).values[0])


def test_fd_gan_rows_and_columns(tmp_path: Path) -> None:
    lines = [f"{int(joint(n)[1])} {int(joint(n)[0])}" for n in range(18)]
    write(tmp_path / "a.txt", "\n".join(lines) + "\n")
    lines[NAMES.index("leye")] = "-1 -1"
    lines[NAMES.index("lsho")] = "-1 40"
    write(tmp_path / "train" / "b.txt", "\n".join(lines))
    write(tmp_path / "c.txt", "-1 -1\n" * 18)
    found = load_keypoints(tmp_path, SAMPLES)
    assert found.valid.tolist() == [True, True, False, False]
    expect_coco(found.values[0], sure=False)
    assert not found.values[1, [1, 5]].any()
    assert found.values[1, 2, 2] == 1
    assert not found.values[2].any()


def test_dancereid_columns_and_rows(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "".join(f"{3 * n} {n}\n" if n != 4 else "-1 -1\n" for n in range(17)))
    found = load_keypoints(tmp_path, SAMPLES)
    expected = [[3 * n, n, 1] if n != 4 else [0, 0, 0] for n in range(17)]
    assert found.values[0].tolist() == expected


def test_alphapose_by_picture(tmp_path: Path) -> None:
    content = {
        "a.jpg": {"version": "AlphaPose v0.3", "bodies": [{"joints": openpose_body()}]},
        "query/c.jpg": {"version": "AlphaPose v0.3", "people": [{"pose_keypoints_2d": openpose_body()}]},
        "b.jpg": {"bodies": []},
    }
    found = load_keypoints(write(tmp_path / "pose.json", content), SAMPLES)
    assert found.valid.tolist() == [True, False, True, False]
    expect_coco(found.values[0])
    expect_coco(found.values[2])


def test_a_folder_of_lists_named_as_the_folders_of_pictures(tmp_path: Path) -> None:
    both = Samples.of(["train/a.jpg", "query/a.jpg", "gallery/a.jpg"], [1, 1, 1])
    for split, x in (("train", 1.0), ("query", 2.0)):
        write(tmp_path / f"{split}.json", [{"image_id": "a.jpg", "keypoints": [x, 5, 1] * 17, "score": 1}])
    found = load_keypoints(tmp_path, both)
    assert found.values[:, 0, 0].tolist() == [1, 2, 0]
    assert found.valid.tolist() == [True, True, False]


def test_names_may_be_longer_or_shorter_paths(tmp_path: Path) -> None:
    samples = Samples.of(["set/train/a.jpg", "set/query/a.jpg", "set/query/b.jpg"], [1, 1, 1])

    def named(name: str) -> list[bool]:
        file = write(tmp_path / "k.json", [{"image_id": name, "keypoints": [1, 5, 1] * 17}])
        return load_keypoints(file, samples).valid.tolist()

    assert named("query/a.jpg") == [False, True, False]
    assert named("/somewhere/set/train/a.jpg") == [True, False, False]
    assert named("set\\query\\b.jpg") == [False, False, True]
    assert named("b.jpg") == [False, False, True]
    assert named("a.jpg") == [False, False, False]  # two pictures bear it
    assert named("elsewhere/b.jpg") == [False, False, False]


def test_halpe_starts_with_coco(tmp_path: Path) -> None:
    values = [[n, 2 * n, 0.5] for n in range(26)]
    file = write(tmp_path / "k.json", [{"image_id": "a.jpg", "keypoints": np.ravel(values).tolist()}])
    assert load_keypoints(file, SAMPLES).values[0].tolist() == [[n, 2 * n, 0.5] for n in range(17)]


def test_a_neck_is_the_middle_of_two_shoulders() -> None:
    body = np.arange(51, dtype=np.float32).reshape(17, 3)
    body[:, 2] = np.linspace(0.1, 0.9, 17)
    there = converted(body, COCO, OPENPOSE)
    left, right = body[5], body[6]
    assert there[1].tolist() == pytest.approx([(left[0] + right[0]) / 2, (left[1] + right[1]) / 2, left[2]])
    assert np.array_equal(converted(there, OPENPOSE, COCO), body)
    body[5, 2] = 0
    assert converted(body, COCO, OPENPOSE)[1].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("keypoints", "more", "says"),
    [
        ([1, 2, 0.5] * 16, {}, "48 numbers"),
        ([float("nan"), 2, 0.5] * 17, {}, "a keypoint of nan"),
        ([float("inf"), 2, 0.5] * 17, {}, "a keypoint of inf"),
        ([1e12, 2, 0.5] * 17, {}, r"a keypoint of 1e\+12"),
        ([10**400, 2, 0.5] * 17, {}, "keypoints is not a table of numbers"),
        (["x", 2, 0.5] * 17, {}, "keypoints is not a table of numbers"),
        ([[1, 2, 0.5]] * 9 + [[1]] * 8, {}, "keypoints is not a table of numbers"),
        ([1, 2, 0.5] * 17, {"box": [0, 0, -5, 9]}, "a box of -5 x 9"),
        ([1, 2, 0.5] * 17, {"box": [0, 0, float("nan"), 9]}, "a score or box of nan"),
        ([1, 2, 0.5] * 17, {"score": float("nan")}, "a score or box of nan"),
        ([1, 2, 0.5] * 17, {"score": [1, 2]}, "a score that is a list of 2, the first of them a number"),
        (None, {}, "no keypoints in an object of image_id, keypoints"),
        ([[1, 2]] * 17, {"keypoint_scores": [0.5] * 16}, "17 x 2 numbers with 16 keypoint_scores"),
        ([[1, 2, 3]] * 17, {"keypoint_scores": [0.5] * 17}, "17 x 3 numbers with 17 keypoint_scores"),
        ([1, 2, 0.5] * 17, {"box": "wide"}, "box is not a table of numbers"),
        ([1, 2, 0.5] * 17, {"box": [1, 2]}, "a box of 2 numbers"),
    ],
)
def test_what_is_no_body_is_named(tmp_path: Path, keypoints: Any, more: dict, says: str) -> None:
    file = write(tmp_path / "k.json", [{"image_id": "b.jpg", "keypoints": keypoints, **more}])
    with pytest.raises(InputError, match=says) as caught:
        load_keypoints(file, SAMPLES)
    assert f"{file}: body 0 (b.jpg)" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 2\n" * 16, "16 lines, of 2 numbers"),
        ("1 2 3\n" * 17, "17 lines, of 3 numbers"),
        ("1 2\n" * 17 + "nan 3\n", "a coordinate of nan"),
        ("1 2\n" * 17 + "one two\n", "words that are no numbers"),
        ("", "0 lines"),
        ("1 2\n" * 100_000, "too long"),
    ],
)
def test_what_is_no_text_of_a_body_is_named(tmp_path: Path, text: str, says: str) -> None:
    file = write(tmp_path / "a.txt", text)
    with pytest.raises(InputError, match=says) as caught:
        load_keypoints(tmp_path, SAMPLES)
    assert str(file) in str(caught.value)


def test_a_folder_without_any(tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_text("none")
    with pytest.raises(InputError, match="no keypoints in it"):
        load_keypoints(tmp_path, SAMPLES)
    write(tmp_path / "deep.json", "[" * 200_000)
    with pytest.raises(InputError, match=r"deep\.json: not keypoints \(nested too deeply"):
        load_keypoints(tmp_path, SAMPLES)


def test_a_body_of_which_no_joint_is_seen_is_none(tmp_path: Path) -> None:
    file = write(tmp_path / "k.json", [{"image_id": "a.jpg", "keypoints": [4, 5, 0] * 17}])
    found = load_keypoints(file, SAMPLES)
    assert isinstance(found, Keypoints)
    assert not found.valid.any()
    assert not found.values.any()


def mmpose_body(first: float, score: float) -> dict[str, Any]:
    """MMPose's instance: points, their scores apart, a box by its corners within a list."""
    points = [[first + n, 2.0 * n] for n in range(17)]
    box = [[first, 0.0, first + 16, 32.0]]
    return {"keypoints": points, "keypoint_scores": [0.5] * 17, "bbox": box, "bbox_score": score}


@pytest.mark.parametrize("form", ["inferencer", "demo"])
def test_mmpose_a_file_a_picture(tmp_path: Path, form: str) -> None:
    bodies = [mmpose_body(1, 0.3), mmpose_body(5, 0.9)]
    if form == "inferencer":
        write(tmp_path / "train" / "a.json", bodies)
        write(tmp_path / "query" / "c.json", [])
    else:
        write(tmp_path / "train" / "results_a.json", {"meta_info": {}, "instance_info": bodies})
    found = load_keypoints(tmp_path, SAMPLES)
    assert found.valid.tolist() == [True, False, False, False]
    assert found.values[0].tolist() == [[5 + n, 2 * n, 0.5] for n in range(17)]


def test_of_mmposes_bodies_with_one_score_the_larger_box_counts(tmp_path: Path) -> None:
    near, far = mmpose_body(200, 0.5), mmpose_body(3, 0.5)
    near["bbox"] = [[200, 0, 216, 40]]
    write(tmp_path / "d.json", [far, near, far])
    assert load_keypoints(tmp_path, SAMPLES).values[3, 0, 0] == 200


def test_alphapose_tracked(tmp_path: Path) -> None:
    """AlphaPose's own tracker adds idx to each body; PoseFlow's lists the bodies by picture."""
    flat = [1.0, 5.0, 1.0] * 17
    content = [
        {"image_id": "a.jpg", "category_id": 1, "keypoints": flat, "score": 2.9, "box": [1, 2, 3, 4], "idx": [7]}
    ]
    assert load_keypoints(write(tmp_path / "k.json", content), SAMPLES).valid.tolist() == [True, False, False, False]
    other = [9.0, 5.0, 1.0] * 17
    flow = {
        "b.jpg": [{"keypoints": other, "scores": 2.5, "idx": 1}, {"keypoints": flat, "scores": 2.9, "idx": 2}],
        "c.jpg": [],
    }
    found = load_keypoints(write(tmp_path / "k.json", flow), SAMPLES)
    assert found.valid.tolist() == [False, True, False, False]
    assert found.values[1, 0].tolist() == [1, 5, 1]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"frames": [1], "fps": 25}, "an object of frames, fps"),
        ([1, 2, 3], "a list of 3, the first of them a number"),
        ([[1, 2], [3]], "a list of 2, the first of them a list"),
        ('"people"', "the text 'people'"),
        (None, "null"),
        (17, "a number"),
        ({}, "an empty object"),
        ([{"pose": 1, "person": 2}], "a list of 1, the first of them an object of pose, person"),
        ({"a.jpg": {"faces": []}}, "'a.jpg' is an object of faces"),
        ({"people": 3}, "people is a number"),
        ({"people": [3]}, "a number"),
        ({"annotations": [{"image_id": 1, "keypoints": []}]}, "images is null"),
        ({"annotations": [{"image_id": 4}], "images": [{"id": 1, "file_name": "a.jpg"}]}, "annotation 0 is of image 4"),
        ({"annotations": [{"image_id": [1]}], "images": []}, "an image's id is a list of 1"),
        ({"annotations": [{}], "images": []}, "an empty object, without image_id"),
        ([{"frame_id": 0, "instances": []}], "MMPose's results of a film"),
        ({"meta_info": {}, "instance_info": [{"frame_id": 0, "instances": []}]}, "MMPose's results of a film"),
        ([{"image_id": "a.jpg", "keypoints": [1, 2, 1] * 17}, {"id": 3}], "an object of id, without image_id"),
    ],
)
def test_another_form_is_named_by_what_is_in_it(tmp_path: Path, content: Any, says: str) -> None:
    file = write(tmp_path / "k.json", content)
    with pytest.raises(InputError) as caught:
        load_keypoints(file, SAMPLES)
    assert says in str(caught.value)
    assert str(file) in str(caught.value)
    assert "Error" not in str(caught.value)
