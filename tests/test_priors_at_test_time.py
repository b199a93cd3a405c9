"""A method that looks at masks when it embeds is trained, evaluated and searched with through every command."""

import json
import logging
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import sameperson as sp
from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.evaluation import embed as embedding
from sameperson.methods.build import build_method
from sameperson.methods.load import export_weights, load_network
from sameperson.models.model_card import Card
from sameperson.models.weights import load_weights, save_weights
from sameperson.overrides import load_recipe
from sameperson.retrieval import shards
from sameperson.retrieval.store import read_store
from sameperson.training.metrics import read_metrics

pytest.importorskip("warp")

SIZE = (64, 32)
OPTIONS = """
from typing import Literal

import sameperson as sp


class Options(sp.MethodOptions):
    name: str = "masking.pooled"
    prior: Literal["mask", "parsing"] = "mask"
"""
METHOD = '''
from torch import nn
from torch.nn import functional

import sameperson as sp
from sameperson.models.backbones import build_backbone


class Pooled(sp.Method):
    """The mean of the backbone's map over the person; over the whole picture where nothing says who the person is."""

    training_only = ("classifier.",)

    def __init__(self, backbone, prior, people):
        super().__init__()
        self.needs = (prior,)
        self.prior, self.backbone = prior, backbone
        self.classifier = nn.Linear(backbone.channels, people)

    def features(self, images, priors):
        cells = self.backbone(images)
        person = (priors[self.prior] > 0).float()[:, None]
        person[~priors.valid[self.prior]] = 1
        share = functional.adaptive_avg_pool2d(person, cells.shape[-2:])
        return (cells * share).sum((2, 3)) / share.sum((2, 3)).clamp(min=1e-3)

    def losses(self, batch, phase):
        features = self.features(batch.images, sp.Priors(batch.priors, batch.valid))
        return {"identity": functional.cross_entropy(self.classifier(features), batch.pids)}

    def embed(self, images, priors, give="features"):
        return sp.Embedded(self.features(images, priors))


def build(recipe, people):
    return Pooled(build_backbone(recipe.backbone, recipe.data.size), recipe.method.prior, people)
'''
WORDS = [
    "data.size=64,32",
    "data.workers=0",
    "data.val_fraction=0.4",
    "data.augment.erase=0",
    "sampler.people=2",
    "sampler.pictures=2",
    "backbone.name=osnet_x0_25",
    "optim.warmup_epochs=1",
    "train.epochs=2",
    "train.validate_every=1",
    "train.device=cpu",
    "evaluate.resamples=20",
    "method.name=masking.pooled",
]


@pytest.fixture(scope="module", autouse=True)
def package(tmp_path_factory):
    """The method, where Python finds it."""
    folder = tmp_path_factory.mktemp("elsewhere") / "masking" / "pooled"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "__init__.py").touch()
    (folder / "options.py").write_text(OPTIONS)
    (folder / "method.py").write_text(METHOD)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder.parents[1])
        yield
    for name in [name for name in sys.modules if name.split(".")[0] == "masking"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """Ten people before two cameras, with their masks and parsing maps."""
    root = tmp_path_factory.mktemp("world") / "people"
    plan = sp.WorldPlan(people=10, test_people=5, cameras=2, shots=2, seed=3, size=SIZE, labels=("masks", "parsing"))
    sp.make_world(root, plan)
    return root


@pytest.fixture(scope="module")
def run(world, tmp_path_factory) -> Path:
    """A run of two epochs, by the command line."""
    folder = tmp_path_factory.mktemp("runs") / "pooled"
    assert main(["train", "baseline/world_small", *WORDS, f"data.root={world}", "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def copy(world, tmp_path) -> Path:
    """The world, to be changed."""
    shutil.copytree(world, tmp_path / "copy")
    return tmp_path / "copy"


def expected(run, folder, rows, mask=True, kind="masks"):
    """Features by hand: the pictures and masks read with Pillow, the method called with what they hold."""
    network = load_network(run / "best.safetensors", device="cpu")
    pixels = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in rows]).astype(np.float64) / 255
    normalised = (pixels - network.card.mean) / network.card.std
    files = [folder.parent / kind / folder.name / f"{file.stem}.png" for file in rows]
    masks = np.stack([np.asarray(Image.open(file)) if mask else np.zeros(SIZE, np.uint8) for file in files])
    given = sp.Priors({"mask": torch.from_numpy(masks != 0)}, {"mask": torch.full((len(rows),), mask)})
    with torch.no_grad():
        return network.method.embed(torch.from_numpy(normalised.transpose(0, 3, 1, 2)).float(), given).features.numpy()


def pixels_of(file) -> torch.Tensor:
    """A picture (3, H, W) uint8."""
    return torch.from_numpy(np.array(Image.open(file).convert("RGB"))).permute(2, 0, 1)


def judged(run, data, out: Path, *more: str) -> dict:
    assert main(["evaluate", str(run), str(data), "--resamples", "20", "--json", str(out), *more]) == 0
    return json.loads(out.read_text())


def test_the_card_lists_what_the_network_needs(run, tmp_path):
    _, card = load_weights(run / "best.safetensors")
    assert card is not None and card.needs == {"mask": {"parsing.labels": "lip"}}
    assert load_network(run / "best.safetensors").needs == card.needs
    assert card.calibration is not None  # fitted with the masks of the people held out
    told = Card.model_validate_json(card.model_dump_json())
    assert told == card
    other = card.model_copy(update={"needs": {"mask": {"parsing.labels": "atr"}}})
    assert other.fingerprint != card.fingerprint


def test_a_card_that_says_something_else_than_the_method_is_one_line(run, tmp_path, capsys):
    state, card = load_weights(run / "best.safetensors")
    for needs, says in (({}, "needs nothing"), ({"masks": {}}, "did you mean mask")):
        save_weights(tmp_path / "odd.safetensors", state, card.model_copy(update={"needs": needs}))
        with pytest.raises(InputError, match=says):
            load_network(tmp_path / "odd.safetensors")


def test_training_validates_with_the_maps(run, world):
    lines = [line for line in read_metrics(run) if "val/mAP" in line]
    assert [line["epoch"] for line in lines] == [1, 2]
    best = max(lines, key=lambda line: line["val/mAP"])
    recipe = load_recipe(run / "recipe.yaml")
    from sameperson.evaluation.protocols.catalogue import PROTOCOLS
    from sameperson.training.train_split import split_training

    split = split_training(recipe)
    assert not split.priors  # the recipe names none: the method brings its need
    network = sp.load_network(run, device="cpu")
    rows = [[split.train.root / str(path) for path in side.path] for side in (split.query, split.gallery)]
    query, gallery = (
        sp.Embeddings(np.concatenate([expected(run, file.parent, [file]) for file in files]), network.fingerprint)
        for files in rows
    )
    figures = sp.evaluate(query, split.query, gallery, split.gallery, PROTOCOLS[split.protocol], resamples=20)
    assert figures.mAP.value == pytest.approx(best["val/mAP"], abs=1e-6)


def test_a_mistaken_need_is_told_before_a_folder_is_made(world, tmp_path, capsys):
    shutil.copytree(world, tmp_path / "bare", ignore=shutil.ignore_patterns("masks", "parsing"))
    words = [*WORDS, f"data.root={tmp_path / 'bare'}", "--out", str(tmp_path / "run")]
    assert main(["train", "baseline/world_small", *words]) == 2
    assert "no mask" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_evaluation_embeds_with_the_maps(run, world, tmp_path):
    network = sp.load_network(run, device="cpu")
    dataset = sp.read_dataset(world)
    for side, folder in ((dataset.query, "query"), (dataset.gallery, "bounding_box_test")):
        files = [side.file(row) for row in range(len(side))]
        found = sp.embed(network, side)
        np.testing.assert_allclose(found.features, expected(run, world / folder, files), atol=1e-4)
        assert np.abs(found.features - expected(run, world / folder, files, mask=False)).max() > 1e-2
    figures = judged(run, world, tmp_path / "f.json")
    query, gallery = (sp.embed(network, side) for side in (dataset.query, dataset.gallery))
    own = sp.evaluate(query, dataset.query, gallery, dataset.gallery, sp.PROTOCOLS[dataset.protocol], resamples=20)
    assert figures["mAP"]["value"] == pytest.approx(own.mAP.value)


def test_other_people_s_maps_give_other_figures(run, world, copy, tmp_path):
    before = judged(run, world, tmp_path / "before.json")
    for folder in ("query", "bounding_box_test"):
        files = sorted((copy / "masks" / folder).glob("*.png"))
        contents = [file.read_bytes() for file in files]
        order = np.random.default_rng(1).permutation(len(files))
        for file, other in zip(files, order, strict=True):
            file.write_bytes(contents[other])
    after = judged(run, copy, tmp_path / "after.json")
    assert after["fingerprint"] == before["fingerprint"] and after["mAP"]["value"] != before["mAP"]["value"]


def test_pictures_without_a_map_are_named_and_embedded_without(run, copy, tmp_path, capfd):
    gone = sorted((copy / "masks" / "query").glob("*.png"))[:2]
    for file in gone:
        file.unlink()
    judged(run, copy, tmp_path / "f.json")
    told = [line for line in capfd.readouterr().err.splitlines() if line.startswith("note: ")]
    count = len(list((copy / "query").glob("*.jpg")))
    names = ", ".join(f"query/{file.stem}.jpg" for file in gone)
    assert told == [f"note: {copy}: no mask of 2 of {count} pictures: {names}"]
    files = sorted((copy / "query").glob("*.jpg"))
    found = sp.embed(sp.load_network(run, device="cpu"), copy / "query").features
    np.testing.assert_allclose(found[:2], expected(run, copy / "query", files[:2], mask=False), atol=1e-4)
    np.testing.assert_allclose(found[2:], expected(run, copy / "query", files[2:]), atol=1e-4)


def test_no_map_at_all_is_one_line(run, copy, tmp_path, capsys):
    shutil.rmtree(copy / "masks")
    shutil.rmtree(copy / "parsing")
    picture = str(next((copy / "query").glob("*.jpg")))
    for words in (
        ["evaluate", str(run), str(copy)],
        ["embed", str(copy / "query"), "--weights", str(run), "--out", str(tmp_path / "e.parquet")],
        ["search", picture, str(copy / "bounding_box_test"), "--weights", str(run)],
        ["compare", picture, picture, "--weights", str(run)],
        ["cross", f"one={copy}", "--network", f"net={run}", "--out", str(tmp_path / "cross")],
    ):
        capsys.readouterr()
        assert main(words) == 2, words
        (line,) = capsys.readouterr().err.splitlines()[-1:]
        assert "no mask of the" in line and "sameperson priors make mask" in line and "--model blazepose" in line


def test_a_parsing_map_serves_as_a_mask(run, copy):
    shutil.rmtree(copy / "masks")
    query = sp.read_dataset(copy).query
    found = sp.embed(sp.load_network(run, device="cpu"), query)
    files = [query.file(row) for row in range(len(query))]
    np.testing.assert_allclose(found.features, expected(run, copy / "query", files, kind="parsing"), atol=1e-4)


@pytest.mark.parametrize("flip", [[], ["--flip"]])
def test_one_picture_finds_others_by_its_map(run, world, tmp_path, flip):
    """`search` and `compare` give the distances between what `embed` gives."""
    files = sorted((world / "query").glob("*.jpg"))
    out = tmp_path / "s.json"
    words = ["search", str(files[0]), str(world / "bounding_box_test"), "--weights", str(run), "--json", str(out)]
    assert main([*words, *flip]) == 0
    network = sp.load_network(run, device="cpu")
    asked, known = (sp.embed(network, world / side, flip=bool(flip)) for side in ("query", "bounding_box_test"))
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (asked.features, known.features)]
    cosine = 1 - unit[0][:1] @ unit[1].T
    top = json.loads(out.read_text())["queries"][0]["results"]
    np.testing.assert_allclose([one["distance"] for one in top], np.sort(cosine[0])[: len(top)], atol=1e-4)

    other = sorted((world / "bounding_box_test").glob("*.jpg"))[3]
    assert main(["compare", str(files[0]), str(other), "--weights", str(run), "--json", str(out), *flip]) == 0
    assert json.loads(out.read_text())["distance"] == pytest.approx(cosine[0, 3], abs=1e-4)
    assert sp.compare(files[0], other, network, flip=bool(flip)).distance == pytest.approx(cosine[0, 3], abs=1e-4)


def test_calibration_is_fitted_with_the_maps(run, world, copy, tmp_path):
    files = []
    for name, data in (("with", world), ("without", copy)):
        if data == copy:
            for file in list((copy / "masks" / "bounding_box_train").glob("*.png"))[1:]:
                file.unlink()
        files.append(tmp_path / f"{name}.json")
        judged(run, data, tmp_path / "f.json", "--calibrate", str(files[-1]))
    one, other = (json.loads(file.read_text()) for file in files)
    assert one["slope"] != other["slope"]


def test_a_cell_of_a_matrix_is_measured_again_when_a_map_changes(run, copy, tmp_path, capsys):
    words = ["cross", f"one={copy}", "--network", f"net={run}", "--out", str(tmp_path / "cross"), "--resamples", "20"]
    cell = tmp_path / "cross" / "cells" / "net--one.json"
    assert main(words) == 0
    first = cell.read_text()
    assert "priors" in json.loads(first)["measured_from"]
    stamp = cell.stat().st_mtime_ns
    assert main(words) == 0
    assert cell.stat().st_mtime_ns == stamp
    for file in (copy / "masks" / "query").glob("*.png"):
        Image.new("L", SIZE[::-1], 255).save(file)
    assert main(words) == 0
    assert json.loads(cell.read_text())["mAP"] != json.loads(first)["mAP"]


def test_embed_goes_on_where_it_stopped_unless_a_map_changed(run, copy, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(shards, "SHARD", 4)
    pictures, read = copy / "bounding_box_test", []
    count = len(list(pictures.glob("*.jpg")))
    load = embedding.eval_loader

    def typed(until: int = 1000, out: str = "e.parquet") -> tuple[int, int]:
        read.clear()

        def loader(*words, **named):
            for part in load(*words, **named):
                if len(read) + len(part.rows) > until:
                    raise KeyboardInterrupt
                read.extend(part.rows)
                yield part

        with monkeypatch.context() as patch:
            patch.setattr(embedding, "eval_loader", loader)
            words = ["embed", str(pictures), "--weights", str(run), "--out", str(tmp_path / out)]
            return main(words), len(read)

    assert typed(until=9) == (130, 8)
    assert typed() == (0, count - 8)
    assert typed(out="alone.parquet") == (0, count)
    assert (tmp_path / "e.parquet").read_bytes() == (tmp_path / "alone.parquet").read_bytes()
    (tmp_path / "e.parquet").unlink()
    assert typed(until=9) == (130, 8)
    changed = sorted((copy / "masks" / "bounding_box_test").glob("*.png"))[5]
    Image.new("L", SIZE[::-1], 255).save(changed)
    assert typed() == (0, count - 4)  # the second shard is made anew, the first is kept
    assert typed(out="again.parquet") == (0, count)
    assert (tmp_path / "e.parquet").read_bytes() == (tmp_path / "again.parquet").read_bytes()
    assert (tmp_path / "e.parquet").read_bytes() != (tmp_path / "alone.parquet").read_bytes()


@pytest.fixture
def parser(world, tmp_path) -> Path:
    """Weights of ISP as they are before training, but so that half of the pixels are background."""
    words = ["data.size=64,32", "backbone.name=osnet_x0_25", "backbone.weights=none", "train.device=cpu"]
    recipe = load_recipe("isp/world_small", words)
    torch.manual_seed(1)
    method = build_method(recipe, 5).eval()
    with torch.no_grad():
        images = torch.stack([pixels_of(file).float() / 255 for file in sorted((world / "query").glob("*.jpg"))])
        scores = method.parse((images - 0.45) / 0.225)
        method.pixels.bias[0] += (scores[:, 1:].amax(1) - scores[:, 0]).median()
    export_weights(tmp_path / "parser.safetensors", method, recipe, people=5)
    return tmp_path / "parser.safetensors"


def test_a_parser_makes_the_maps_on_the_way(run, copy, parser, tmp_path, capsys):
    shutil.rmtree(copy / "masks")
    shutil.rmtree(copy / "parsing")
    out = tmp_path / "e.parquet"
    typed = ["embed", str(copy / "query"), "--weights", str(run), "--parser", str(parser), "--out", str(out)]
    assert main(typed) == 0
    files = sorted((copy / "query").glob("*.jpg"))
    seen = load_network(parser, device="cpu")
    (copy / "masks" / "query").mkdir(parents=True)
    for file in files:
        found = seen.parse(pixels_of(file)[None])[0].numpy()
        labels = Image.fromarray(found).resize(SIZE[::-1], Image.Resampling.NEAREST)
        labels.point(lambda label: 255 * (label > 0)).save(copy / "masks" / "query" / f"{file.stem}.png")
    found = read_store(out).embeddings
    np.testing.assert_allclose(found.features, expected(run, copy / "query", files), atol=1e-4)
    assert np.abs(found.features - expected(run, copy / "query", files, mask=False)).max() > 1e-3
    network = sp.load_network(run, device="cpu", parser=parser)
    assert found.fingerprint == network.fingerprint != sp.load_network(run).fingerprint

    shutil.rmtree(copy / "masks")
    data = ["--parser", str(parser), "--resamples", "20"]
    assert main(["evaluate", str(run), str(copy), *data]) == 0
    assert main(["evaluate", str(run), str(parser), str(copy), "--compare", *data]) == 0  # the one needs no maps
    assert main(["compare", str(files[0]), str(files[1]), "--weights", str(run), "--parser", str(parser)]) == 0
    assert main(["cross", f"a={copy}", "--network", f"b={run}", "--out", str(tmp_path / "cross"), *data]) == 0


def test_a_parser_that_cannot_help_is_one_line(run, copy, parser, tmp_path, capsys):
    picture = str(next((copy / "query").glob("*.jpg")))
    for words, says in (
        (["compare", picture, picture, "--parser", str(parser)], "that need no parsing maps or masks"),
        (["compare", picture, picture, "--weights", str(run), "--parser", str(run)], "says nothing of pixels"),
        (["compare", picture, picture, "--network", "n.onnx", "--parser", str(parser)], "--parser with --network"),
    ):
        capsys.readouterr()
        assert main(words) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert says in line


def test_features_alone_are_refused(run):
    network = load_network(run / "best.safetensors")
    with pytest.raises(InputError, match=r"without their mask.*sameperson\.embed"):
        network.features(torch.zeros(1, 3, *SIZE, dtype=torch.uint8))


def test_a_damaged_map_is_named(run, copy, capsys):
    file = sorted((copy / "masks" / "query").glob("*.png"))[1]
    file.write_bytes(file.read_bytes()[:40])
    assert main(["evaluate", str(run), str(copy)]) == 2
    assert str(file) in capsys.readouterr().err


def test_a_network_that_needs_nothing_opens_nothing(copy, tmp_path, caplog):
    """Whatever lies beside the pictures: the shipped network gives the same bytes with and without it."""
    with caplog.at_level(logging.WARNING):
        one = sp.embed(sp.load_network(), copy / "query").features
        shutil.rmtree(copy / "masks")
        (copy / "masks").write_text("no folder")
        other = sp.embed(sp.load_network(), copy / "query").features
    assert one.tobytes() == other.tobytes() and "note" not in caplog.text
