"""`sameperson parse train` and `parse predict`: folders in, label maps out, which are a prior of any method."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sameperson.api import load_network
from sameperson.cli.main import main
from sameperson.config import Data, Parsing
from sameperson.data.readers import read_dataset
from sameperson.data.readers.pictures import read_pictures
from sameperson.evaluation.predict_labels import label_scores, predict_labels
from sameperson.priors.label_sets import STUDY_7
from sameperson.priors.load import open_priors
from sameperson.types import Samples

TRAINING = (
    "data.size=32,16 data.workers=0 sampler.batch=4 backbone.name=osnet_x0_25 method.channels=8 train.epochs=2 "
    "train.validate_every=1 train.device=cpu data.val_fraction=0.25 evaluate.resamples=20"
)
WORDS = TRAINING.split()


def run(*words: object) -> int:
    return main(["parse", *map(str, words)])


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A Market-1501 tree of pictures of two sizes with maps in `labels/`, and a parser that learned from them."""
    root = tmp_path_factory.mktemp("parse")
    rng = np.random.default_rng(0)
    for pid in range(1, 5):
        for camera, size in ((1, (48, 24)), (2, (40, 30))):
            maps = np.zeros(size, np.uint8)
            maps[5:20, 6:18], maps[20:38, 6:18], maps[5:18, 3:6] = 5, 9, 15
            pixels = rng.normal(60, 20, (*size, 3)) + 12 * maps[..., None]
            name = f"{pid:04}_c{camera}s1_{camera:06}_00.png"
            for folder, array in (("tree", pixels.clip(0, 255).astype(np.uint8)), ("labels", maps)):
                for part in ("bounding_box_train", "query", "bounding_box_test"):
                    file = root / folder / part / name
                    file.parent.mkdir(parents=True, exist_ok=True)
                    Image.fromarray(array).save(file)
    words = ["light_parser/world_small", *WORDS, "--pictures", root / "tree" / "bounding_box_train"]
    assert run("train", *words, "--labels", root / "labels", "--out", root / "run", "--json", root / "f.json") == 0
    return root


def test_a_folder_of_pictures_and_one_of_maps_make_a_parser(place, capsys):
    figures = json.loads((place / "f.json").read_text())
    assert (figures["task"], figures["train_images"], figures["validation_pictures"]) == ("parsing", 6, 2)
    assert (figures["train_identities"], figures["validation_identities"], figures["labels"]) == (3, 1, "study-7")
    assert load_network(place / "run", device="cpu").card.method == "light_parser"
    words = ["light_parser/world_small", *WORDS, "--pictures", place / "tree" / "bounding_box_train"]
    assert run("train", *words, "--labels", place / "labels", "--out", place / "run", "--resume") == 0
    assert capsys.readouterr().out.strip() == str(place / "run" / "best.safetensors")


def test_predictions_have_the_pictures_own_sizes_and_are_a_prior(place, tmp_path, capsys):
    out, figures = place / "tree" / "parsing", tmp_path / "f.json"
    words = ("predict", place / "tree", "--weights", place / "run", "--out", out, "--json", figures)
    assert run(*words) == 0
    assert "24 pictures, labels study-7" in capsys.readouterr().out
    assert run(*words) == 2
    train = read_dataset(Data(root=place / "tree")).train
    network = load_network(place / "run", device="cpu")
    prior = open_priors(train, ("parsing",), Data(parsing=Parsing(labels="study-7")))["parsing"]
    assert prior.valid.all() and len(train) == 8
    for row, labels in predict_labels(network, train, workers=0):
        file = out / Path(str(train.path[row])).with_suffix(".png")
        with Image.open(file) as found, Image.open(train.file(row)) as picture:
            assert found.mode == "P" and found.size == picture.size
            assert found.getpalette()[: 3 * 7] == STUDY_7.palette.ravel().tolist()
            assert (np.asarray(found) == labels).all()
    mask = open_priors(train, ("mask",), Data(parsing=Parsing(labels="study-7")))["mask"]
    assert mask.valid.all()


def test_predictions_go_on_where_a_run_stopped(place, tmp_path, monkeypatch):
    from sameperson.priors.resumable_writer import LabelMapWriter

    def words(out: Path) -> tuple[object, ...]:
        return ("predict", place / "tree" / "query", "--weights", place / "run", "--out", out)

    assert run(*words(tmp_path / "whole")) == 0
    added, real = [], LabelMapWriter.add

    def stopping(self, row, *rest):
        if len(added) == 3:
            raise KeyboardInterrupt
        added.append(row)
        return real(self, row, *rest)

    monkeypatch.setattr(LabelMapWriter, "add", stopping)
    assert run(*words(tmp_path / "stopped")) == 130  # as a shell says of Ctrl-C
    assert added == [0, 1, 2] and not (tmp_path / "stopped").exists()
    monkeypatch.setattr(LabelMapWriter, "add", lambda self, row, *rest: (added.append(row), real(self, row, *rest)))
    assert run(*words(tmp_path / "stopped")) == 0
    assert added == list(range(8))
    one, other = ({f.name: f.read_bytes() for f in (tmp_path / name).rglob("*.png")} for name in ("whole", "stopped"))
    assert len(one) == 8 and one == other


def test_flipped_scores_are_the_mean_of_both_with_sides_exchanged(place):
    network = load_network(place / "run", device="cpu")
    images = torch.randint(0, 256, (2, 3, 32, 16), dtype=torch.uint8)
    plain, mirrored = (label_scores(network, one).softmax(1).numpy() for one in (images, images.flip(3)))
    expected = np.empty_like(plain)
    for label, other in enumerate((0, 1, 2, 4, 3, 6, 5)):
        expected[:, label] = (plain[:, label] + mirrored[:, other, :, ::-1]) / 2
    np.testing.assert_allclose(label_scores(network, images, flip=True).numpy(), expected, atol=1e-6)


def test_labels_inside_the_folder_of_pictures_are_no_pictures(place, tmp_path):
    for number in range(4):
        source = sorted((place / "tree" / "query").iterdir())[number]
        (tmp_path / "crops" / "maps").mkdir(parents=True, exist_ok=True)
        (tmp_path / "crops" / source.name).write_bytes(source.read_bytes())
        (tmp_path / "crops" / "maps" / source.name).write_bytes((place / "labels" / "query" / source.name).read_bytes())
    assert len(read_pictures(tmp_path / "crops")) == 8
    words = ["light_parser/world_small", *WORDS, "sampler.batch=2", "train.epochs=1", "--pictures", tmp_path / "crops"]
    json_file = tmp_path / "f.json"
    words += ["--labels", tmp_path / "crops" / "maps", "--out", tmp_path / "run", "--json", json_file]
    assert run("train", *words) == 0
    figures = json.loads(json_file.read_text())
    assert figures["train_images"] + figures["validation_pictures"] == 4


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["baseline/world_small"], "which learns identities"),
        (["light_parser/world_small", "--labels", "x"], "without --pictures"),
        (["light_parser/world_small", "--pictures", "TREE/query"], "no parsing beside the pictures"),
        (["light_parser/world_small", "--pictures", "TREE/query", "--labels", "nowhere"], "nowhere"),
        (["light_parser/world_small", "data.parsing.merge=stdy-7"], "data.parsing.merge"),
    ],
)
def test_a_slip_is_one_line(place, tmp_path, capsys, words, says):
    import shutil

    shutil.copytree(place / "tree" / "query", tmp_path / "copy" / "query")
    words = [word.replace("TREE", str(tmp_path / "copy")) for word in words]
    assert run("train", *words, "--out", tmp_path / "run") == 2
    error = capsys.readouterr().err
    assert says in error and len(error.splitlines()) == 1


def test_a_parser_cannot_search(place, capsys):
    assert main(["evaluate", str(place / "run"), str(place / "tree")]) == 2
    assert "weights that parse people" in capsys.readouterr().err


def test_maps_of_a_parser_are_measured(place, tmp_path, capsys):
    assert run("predict", place / "tree" / "query", "--weights", place / "run", "--out", tmp_path / "maps") == 0
    words = ("--labels-a", "study-7", "--labels-b", "lip", "--json", tmp_path / "f.json")
    assert run("evaluate", tmp_path / "maps", place / "labels" / "query", *words) == 0
    found = json.loads((tmp_path / "f.json").read_text())["classes"]
    query = place / "tree" / "query"
    split = Samples.of([file.name for file in sorted(query.iterdir())], [-1] * 8, root=query)
    right = total = 0
    for row, labels in predict_labels(load_network(place / "run", device="cpu"), split, workers=0):
        true = np.asarray(Image.open(place / "labels" / "query" / str(split.path[row])))
        merged = np.select([true == 5, true == 9, true == 15], [2, 2, 4], 0)
        right, total = right + int((merged == labels).sum()), total + merged.size
    assert found["pixel_accuracy"]["value"] == pytest.approx(right / total)
    assert set(found["absent"]) | set(found["iou"]) == set(STUDY_7.labels)
