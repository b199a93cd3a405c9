"""`evaluate` by the protocols of the data sets: several at once, tracklets, what is said of the tree."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.cli.common.dataset_args import surprises
from sameperson.cli.evaluate import add_arguments
from sameperson.cli.main import main
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.types import Samples


def colour(path: Path, rgb: tuple[int, int, int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((32, 16, 3), rgb, np.uint8)).save(path)


@pytest.fixture
def prcc(tmp_path: Path) -> Path:
    """Two people before cameras A (gallery), B (same clothes) and C, in which each wears the other's colour."""
    root = tmp_path / "prcc"
    red, blue = (200, 40, 40), (40, 40, 200)
    for pid, own, other in ((1, red, blue), (2, blue, red)):
        for camera, worn in (("A", own), ("B", own), ("C", other)):
            for take in range(2):
                # A take apart, so that no two pictures of a person are equal.
                shade = tuple(value + 5 * take + ord(camera) - 65 for value in worn)
                colour(root / f"rgb/test/{camera}/{pid:03d}/cropped_rgb{take + 1:03d}.jpg", shade)
        for split in ("train", "val"):
            colour(root / f"rgb/{split}/{pid + 10 * (split == 'val') + 2:03d}/A_cropped_rgb001.jpg", own)
    return root


def test_several_protocols_from_one_pass(
    prcc: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = "prcc_same,prcc_cross,prcc_cross_single_shot"
    words = ["--protocol", names, "--json", str(tmp_path / "f.json"), "--resamples", "50"]
    assert main(["evaluate", str(prcc), *words, *network]) == 0
    said = capsys.readouterr()
    assert f"{prcc}: read as PRCC (--reader prcc)" in said.out and said.err == ""
    assert "rules: queries of camera 3 against a gallery of camera 1; every picture counts" in said.out
    figures = json.loads((tmp_path / "f.json").read_text())
    assert list(figures["protocols"]) == names.split(",") and figures["reader"] == "prcc"
    # By colour alone everyone is found in the same clothes, and no one in the other's: two wrong ones come first.
    same, cross, single = figures["protocols"].values()
    assert same["rank1"]["value"] == 1.0 and same["queries_not_asked"] == 4
    assert cross["rank1"]["value"] == 0.0 and cross["mAP"]["value"] == pytest.approx((1 / 3 + 2 / 4) / 2)
    assert single["mAP"]["value"] == pytest.approx(1 / 2)
    assert (single["shots"], single["repeats"], single["gallery"]) == ("single", 10, 4)
    assert (cross["shots"], cross["unit"], cross["rank20"]["value"]) == ("multi", "picture", 1.0)


def test_the_suiting_protocol_is_taken_and_another_is_told(
    prcc: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", str(prcc), "--json", str(tmp_path / "f.json"), "--resamples", "50", *network]
    assert main(words) == 0
    assert json.loads((tmp_path / "f.json").read_text())["protocol"] == "prcc_cross"
    assert capsys.readouterr().err == ""
    assert main([*words, "--protocol", "msmt17"]) == 0
    assert "note: protocol msmt17 is not PRCC's (prcc_" in capsys.readouterr().err


def test_a_camera_that_nobody_has_is_one_line(
    market: Path, network: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(market), "--protocol", "vc_clothes_cc", *network]) == 2
    told = capsys.readouterr()
    assert "no queries of cameras 3 and 4" in told.err and told.err.count("\n") == 1 and told.out == ""


def test_tracklets_are_asked_for_as_a_whole(
    network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "ccvid"
    lines: dict[str, list[str]] = {"train": [], "query": [], "gallery": []}
    people = {"001": (200, 40, 40), "002": (40, 40, 200)}
    for split, session in (("train", 1), ("query", 1), ("gallery", 2)):
        for pid, rgb in people.items():
            folder = f"session{session}/{pid}_0{session}"
            for frame in range(3):
                colour(root / folder / f"{frame + 1:05d}.jpg", tuple(value + 3 * frame for value in rgb))
            lines[split].append(f"{folder}\t{pid}\tu0_l0_s0_c0_a0")
    for split, rows in lines.items():
        (root / f"{split}.txt").write_text("".join(f"{row}\n" for row in rows))
    words = ["--reader", "ccvid", "--protocol", "market1501", "--resamples", "50", "--json", str(tmp_path / "f.json")]
    assert main(["evaluate", str(root), *words, *network]) == 0
    assert "2 queries of 2 people among 2 tracklets" in capsys.readouterr().out
    figures = json.loads((tmp_path / "f.json").read_text())
    assert (figures["unit"], figures["queries"], figures["gallery"]) == ("track", 2, 2)
    assert figures["rank1"]["value"] == 1.0


def test_the_rules_of_all_protocols_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", "--protocols"])
    assert stop.value.code == 0
    said = capsys.readouterr().out
    for protocol in PROTOCOLS.values():
        assert f"{protocol.name}: {protocol.rules}" in said and protocol.source in said


def test_help_names_all_protocols_by_what_they_suit() -> None:
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    told = parser.format_help()
    assert "PRCC: prcc_same, prcc_cross, prcc_same_single_shot, prcc_cross_single_shot\n" in told


def test_counts_that_are_nearly_the_releases_are_told() -> None:
    def of(count: int) -> Samples:
        return Samples.of([str(k) for k in range(count)], range(1, count + 1))

    def said(*counts: int, protocol: str = "market1501") -> list[str]:
        dataset = Dataset("d", *(of(count) for count in counts))
        return list(surprises(Path("here"), layout, dataset, [PROTOCOLS[protocol]]))

    release = {"train": Counts(10), "query": Counts(6, 6), "gallery": Counts(20)}
    layout = Layout("x", "X", lambda *_: Dataset("d", of(1), of(1), of(1)), lambda _: True, release=release)
    assert said(10, 6, 20) == []
    assert said(10, 5, 21) == [
        "here: not what the release of X has: query: 5 pictures, 1 fewer than 6",
        "here: not what the release of X has: query: 5 people, 1 fewer than 6",
        "here: not what the release of X has: gallery: 21 pictures, 1 more than 20",
    ]
    assert said(2, 5, 21) == []  # a small tree in the form of X
    assert said(10, 6, 20, protocol="camera_blind") == ["protocol camera_blind is not X's (market1501)"]


def test_pictures_of_nobody_are_told_with_what_is_known(
    network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for split in ("train", "val"):
        colour(tmp_path / f"LIP/{split}_images/1_1.jpg", (1, 2, 3))
        Image.fromarray(np.zeros((32, 16), np.uint8)).save(
            (tmp_path / f"LIP/{split}_segmentations").mkdir() or tmp_path / f"LIP/{split}_segmentations/1_1.png"
        )
        (tmp_path / f"LIP/{split}_id.txt").write_text("1_1\n")
    assert main(["evaluate", str(tmp_path / "LIP"), *network]) == 2
    told = capsys.readouterr().err
    assert "no queries (read as " in told and told.count("\n") == 1
