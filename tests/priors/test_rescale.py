"""Normalised keypoints come out in the pixels of their own pictures, and what is in pixels is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.data.readers.pictures import read_pictures
from sameperson.priors.keypoints import load_keypoints
from sameperson.priors.rescale import rescale_keypoints

SIZES = {"a/1.png": (20, 60), "a/2.png": (64, 32), "b/1.jpg": (33, 47)}
"""Widths and heights."""


def body(name: str) -> np.ndarray:
    """A body (17, 3) in the pixels of a picture; its last joint is missing."""
    width, height = SIZES[name]
    rng = np.random.default_rng(len(name) + width)
    points = np.column_stack([rng.uniform(0, width, 17), rng.uniform(0, height, 17), rng.uniform(0.2, 1, 17)])
    points[16] = 0
    return points


def tree(root: Path, centred: bool) -> Path:
    entries = []
    for name, (width, height) in SIZES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (width, height), (90, 60, 30)).save(root / name)
        points = body(name)
        points[:16, :2] /= (width, height)
        if centred:
            points[:16, :2] = points[:16, :2] * 2 - 1
        entries.append({"image_id": name, "keypoints": points.ravel().tolist(), "score": 1.0})
    (root / "pose.json").write_text(json.dumps(entries))
    return root


@pytest.mark.parametrize("centred", [False, True], ids=["0..1", "-1..1"])
def test_shares_become_pixels(tmp_path: Path, centred: bool, capsys) -> None:
    root, out = tree(tmp_path / "set", centred), tmp_path / "out"
    before = (root / "pose.json").read_bytes()
    assert main(["priors", "rescale", str(root), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert f"keypoints of 3 of 3 pictures, scaled from {'-1..1' if centred else '0..1'} to pixels" in said
    assert f"move {root / 'pose.json'} away" in said
    samples = read_pictures(root)
    found = load_keypoints(out / "keypoints.json", samples)
    for row, name in enumerate(samples.path.tolist()):
        assert found.values[row] == pytest.approx(body(name), abs=2e-3)
    assert (root / "pose.json").read_bytes() == before


def test_what_is_in_pixels_already_is_refused(tmp_path: Path) -> None:
    root = tree(tmp_path / "set", False)
    entries = [{"image_id": name, "keypoints": body(name).ravel().tolist()} for name in SIZES]
    (root / "pose.json").write_text(json.dumps(entries))
    with pytest.raises(InputError, match="which are pixels already"):
        rescale_keypoints(read_pictures(root), root / "pose.json", tmp_path / "out", lambda *_: None)
    assert not (tmp_path / "out").exists()


def test_what_lies_there_is_not_written_over(tmp_path: Path) -> None:
    root = tree(tmp_path / "set", False)
    with pytest.raises(InputError, match="keypoints already"):
        rescale_keypoints(read_pictures(root), root / "pose.json", root, lambda *_: None)


def test_a_broken_picture_is_left_out_and_named(tmp_path: Path, capsys) -> None:
    root = tree(tmp_path / "set", False)
    (root / "a/1.png").write_bytes(b"no picture")
    out = tmp_path / "out"
    assert main(["priors", "rescale", str(root), "--out", str(out), "--json", str(tmp_path / "f.json")]) == 0
    assert "a/1.png" in capsys.readouterr().err
    figures = json.loads((tmp_path / "f.json").read_text())
    assert (figures["pictures"], figures["without"], figures["scale"]) == (3, 1, "0..1")


def test_keypoints_elsewhere_and_of_other_pictures(tmp_path: Path, capsys) -> None:
    root = tree(tmp_path / "set", False)
    other = tmp_path / "other.json"
    (root / "pose.json").rename(other)
    assert main(["priors", "rescale", str(root), "--out", str(tmp_path / "out")]) == 2
    assert "no keypoints beside the pictures" in capsys.readouterr().err
    assert main(["priors", "rescale", str(root), "--keypoints", str(other), "--out", str(tmp_path / "out")]) == 0
    other.write_text(json.dumps([{"image_id": "z.png", "keypoints": [0.5, 0.5, 1] * 17}]))
    assert main(["priors", "rescale", str(root), "--keypoints", str(other), "--out", str(tmp_path / "out2")]) == 2
    assert "keypoints of none of the pictures" in capsys.readouterr().err


def test_the_doctor_names_the_command(tmp_path: Path, capsys) -> None:
    root = tree(tmp_path / "my set", False)
    main(["doctor", str(root)])
    said = " ".join(capsys.readouterr().out.split())
    assert f"sameperson priors rescale '{root}' --out rescaled" in said
