"""`sameperson cross`: the matrix of who learned where and was tested where; stopped, resumed, and wrong words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.cli.cross import sorted_out
from sameperson.cli.main import main
from sameperson.evaluation.cross_dataset import EvaluationSettings, Matrix, NamedDataset, NamedNetwork

RECIPE = """
data: {size: [32, 16], val_fraction: 0, workers: 0}
sampler: {people: 2, pictures: 2}
backbone: {name: osnet_x0_25}
train: {epochs: 2, device: cpu}
"""


def crowd(root: Path, seed: int) -> Path:
    """A Market-1501 tree of three people to learn from and three to be asked for, each by two cameras."""
    rng = np.random.default_rng(seed)
    for pid in range(1, 7):
        coat = rng.integers(30, 220, 3)
        for camera in (1, 2):
            folders = ["bounding_box_train"] if pid < 4 else ["query", "bounding_box_test"]
            for number, folder in enumerate(folders):
                (root / folder).mkdir(parents=True, exist_ok=True)
                pixels = np.clip(coat + rng.normal(0, 25, (32, 16, 3)), 0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(root / folder / f"{pid:04d}_c{camera}s1_{number:06d}_00.png")
    return root


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A matrix of two crowds by a two-epoch recipe, and the words that made it."""
    place = tmp_path_factory.mktemp("cross")
    words = [f"{name}={crowd(place / name, seed)}" for seed, name in enumerate(("one", "two"))]
    (place / "small.yaml").write_text(RECIPE)
    words += ["--recipe", str(place / "small.yaml"), "--out", str(place / "out"), "--resamples", "20", "--workers", "0"]
    assert main(["cross", *words, "seed=3"]) == 0
    return place, words


def test_every_recipe_is_tested_everywhere(crossed: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    place = crossed[0]
    cells = {file.stem: json.loads(file.read_text()) for file in (place / "out/cells").glob("*.json")}
    assert sorted(cells) == ["one--one", "one--two", "two--one", "two--two"]
    matrix = json.loads((place / "out/matrix.json").read_text())
    assert matrix["recipe"]["seed"] == 3
    for row in ("one", "two"):
        for column in ("one", "two"):
            assert matrix["matrix"][row][column] == cells[f"{row}--{column}"]
    # A cell says what `evaluate` says of the same weights on the same people.
    run, figures = place / "out/train/one", place / "alone.json"
    assert main(["evaluate", str(run), str(place / "two"), "--json", str(figures), "--resamples", "20"]) == 0
    alone = json.loads(figures.read_text())
    capsys.readouterr()
    for name in ("rank1", "rank20", "mAP", "mINP", "rules", "queries", "gallery", "unit"):
        assert cells["one--two"][name] == alone[name]
    assert cells["one--two"]["measured_from"]["network"] == alone["fingerprint"]
    assert cells["one--one"]["measured_from"]["network"] == alone["fingerprint"]
    assert cells["two--two"]["measured_from"]["network"] != alone["fingerprint"]


def test_only_what_is_missing_is_done_again(
    crossed: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    place, words = crossed
    before = {file: file.stat().st_mtime_ns for file in (place / "out").glob("cells/*.json")}
    weights = {file: file.stat().st_mtime_ns for file in (place / "out").glob("train/*/best.safetensors")}
    missing = place / "out/cells/one--two.json"
    lost = json.loads(missing.read_text())
    missing.unlink()
    damaged = place / "out/cells/two--one.json"
    found = json.loads(damaged.read_text())
    damaged.write_text("{")
    assert main(["cross", *words, "seed=3"]) == 0
    told = capsys.readouterr()
    assert told.err.count("kept from before") == 2
    assert json.loads(missing.read_text()) == lost and json.loads(damaged.read_text()) == found
    untouched = [file for file, when in before.items() if file.stat().st_mtime_ns == when]
    assert {file.stem for file in untouched} == {"one--one", "two--two"}
    assert all(file.stat().st_mtime_ns == when for file, when in weights.items())
    lines = told.out.splitlines()
    assert lines[1].split() == ["one", "two"] and lines[2].split() == ["market1501", "market1501"]
    assert [line.split()[:2] for line in lines[3::2]] == [["one", "rank-1"], ["two", "rank-1"]]
    value = lost["rank1"]["value"]
    assert f"{100 * value:.1f} (" in lines[3]


def test_another_recipe_does_not_go_into_the_same_folder(
    crossed: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cross", *crossed[1], "seed=4"]) == 2
    told = capsys.readouterr().err
    assert "made with seed = 3" in told and told.count("\n") == 1


def test_networks_that_are_given(
    crossed: tuple[Path, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = crossed[0]
    words = [f"test={place / 'two'}:market1501", "--network", f"known={place / 'out/train/two'}"]
    words += ["--out", str(tmp_path / "out"), "--json", str(tmp_path / "f.json"), "--resamples", "20"]
    assert main(["cross", *words, "--protocol", "camera_blind"]) == 0
    assert list((tmp_path / "out/cells").iterdir()) == [tmp_path / "out/cells/known--test.json"]
    figures = json.loads((tmp_path / "f.json").read_text())
    assert figures == json.loads((tmp_path / "out/matrix.json").read_text())
    cell = figures["matrix"]["known"]["test"]
    assert (cell["protocol"], cell["gallery"], figures["recipe"]) == ("camera_blind", 6, None)
    assert "known" in capsys.readouterr().out


def test_a_place_without_training_people_is_only_tested_on(
    crossed: tuple[Path, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = crossed[0] / "two"
    lines = ["path,pid,camid,split"]
    for folder, split in (("query", "query"), ("bounding_box_test", "gallery")):
        lines += [f"{file},{file.name[:4]},{file.name[6]},{split}" for file in sorted((root / folder).iterdir())]
    (tmp_path / "rest.csv").write_text("\n".join(lines))
    words = [f"full={root}", f"rest={tmp_path / 'rest.csv'}", "--recipe", str(crossed[0] / "small.yaml")]
    assert main(["cross", *words, "--out", str(tmp_path / "out"), "--resamples", "20", "train.epochs=1"]) == 0
    assert "note: rest has nobody to learn from" in capsys.readouterr().err
    matrix = json.loads((tmp_path / "out/matrix.json").read_text())["matrix"]
    assert list(matrix) == ["full"] and list(matrix["full"]) == ["full", "rest"]
    # The same pictures in another form, so the same figures.
    assert matrix["full"]["full"]["mAP"] == matrix["full"]["rest"]["mAP"]


class Fixed:
    """A network that says of every picture what its mean colour is, and counts how often it is asked."""

    size = (32, 16)
    fingerprint = "fixed"
    asked = 0

    def features(self, images, give="features"):
        from sameperson.methods.method import Embedded

        self.asked += len(images)
        return Embedded(images.float().mean(dim=(2, 3)) - 128)


def test_a_cell_is_measured_again_when_anything_it_rests_on_changes(tmp_path: Path) -> None:
    from sameperson.config import Data
    from sameperson.data.readers import read_dataset
    from sameperson.evaluation.protocols.catalogue import PROTOCOLS

    data = Data(root=crowd(tmp_path / "crowd", 0))
    network = Fixed()

    def cell(protocol: str = "market1501", metric: str = "cosine", resamples: int = 20) -> int:
        before = network.asked
        here = NamedDataset("here", data, read_dataset(data), PROTOCOLS[protocol])
        Matrix(tmp_path / "cells", EvaluationSettings(resamples)).cell(NamedNetwork("fixed", network, metric), here)
        return network.asked - before

    assert cell() == 12
    assert cell() == 0
    assert cell(protocol="camera_blind") == 12
    assert cell() == 12  # of one cell, what was measured last is kept
    assert cell(metric="euclidean") == 12
    assert cell(metric="euclidean", resamples=30) == 12
    network.fingerprint = "another"
    assert cell(metric="euclidean", resamples=30) == 12
    assert cell(metric="euclidean", resamples=30) == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["train.epochs=3", "--recipe", "r.yaml"], "no dataset"),
        (["a={crowd}"], "nothing to test"),
        (["a={crowd}", "b=nowhere", "--network", "n=x"], "nowhere: no such file or folder"),
        (["a={crowd}", "a={crowd}"], "a: two datasets of that name"),
        (["a={crowd}:markt1501", "--network", "n=x"], "did you mean market1501?"),
        (["a={crowd}", "train.epochs=3", "--network", "n=x"], "train.epochs=3: for a recipe, and there is none"),
        (["a={crowd}", "--network", "x"], "--network x"),
        (["a={crowd}", "--network", "n=x.safetensors"], "x.safetensors: no such file"),
        (["a={crowd}", "--network", "n=x", "--protocol", "market1501,msmt17"], "one for a matrix"),
        (["a={crowd}", "--network", "n=x", "--protocol", "market1510"], "did you mean market1501?"),
        (["a={crowd}", "--network", "a=x", "--recipe", "{recipe}"], "a: a dataset to learn from and a --network"),
        (["a={crowd}", "--recipe", "{recipe}", "train.epohcs=3"], "did you mean train.epochs?"),
    ],
)
def test_a_mistake_is_one_line(
    crossed: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    place = crossed[0]
    known = {"{crowd}": str(place / "one"), "{recipe}": str(place / "small.yaml")}
    for word, meant in known.items():
        words = [text.replace(word, meant) for text in words]
    assert main(["cross", *words, "--out", str(place / "elsewhere")]) == 2
    told = capsys.readouterr().err
    assert says in told and told.count("\n") == 1
    assert not (place / "elsewhere").exists()


def test_datasets_are_told_from_the_recipes_words() -> None:
    named, words = sorted_out(["a=x", "--train.epochs", "3", "--seed=4", "b-2=y:prcc", "name=n"])
    assert named == {"a": "x", "b-2": "y:prcc"}
    assert words == ["--train.epochs", "3", "--seed=4", "name=n"]
