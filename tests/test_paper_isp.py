"""docs/papers/isp.md says what is so of the recipes of ISP, and the recipes train what they say."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from sameperson.cli.main import main, parser
from sameperson.data.readers import LAYOUTS
from sameperson.evaluation.similarity import Similarity
from sameperson.methods.build import build_method
from sameperson.methods.isp.method import ISPMethod
from sameperson.methods.isp.options import Options as ISP
from sameperson.methods.isp.relabel import FILE
from sameperson.overrides import RECIPES as ALL
from sameperson.overrides import field_types, known_recipes, load_recipe
from sameperson.training.metrics import read_metrics

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "papers" / "isp.md").read_text(encoding="utf-8")
OURS = ALL / "isp"
RECIPES = sorted(file for file in OURS.glob("*.yaml") if not file.stem.endswith("_baseline"))
LENGTHS = {
    "market1501": 2048,
    "dukemtmc": 2048,
    "occluded_duke": 1792,
    "cuhk03_np_labeled": 3712,
    "cuhk03_np_detected": 3456,
    "world_gpu": 2048,
}
THEIRS = re.findall(
    r"\S+",
    """
    MODEL.DEVICE_ID MODEL.NAME MODEL.PRETRAIN_PATH MODEL.IF_WITH_CENTER MODEL.IF_LABELSMOOTH MODEL.IF_BIGG
    CLUSTERING.PART_NUM CLUSTERING.ENHANCED CLUSTERING.PERIOD CLUSTERING.STOP CLUSTERING.AL
    DATASETS.NAMES DATASETS.ROOT_DIR DATASETS.PSEUDO_LABEL_SUBDIR DATASETS.PREDICTED_GT_SUBDIR
    TEST.WITH_ARM TEST.NECK_FEAT TEST.FEAT_NORM TEST.RE_RANKING OUTPUT_DIR TEST.WEIGHT
    num_part original_image_dir pseudo_labels_dir visualization_dir RE_PROB PROB CLUSTER_MARGIN RANGE_*
    """,
)
"""What the authors' README, YAML and scripts set."""
TINY = {
    "data.size": "64,32",
    "data.workers": "0",
    "backbone.name": "osnet_x0_25",
    "backbone.weights": "none",
    "sampler.people": "3",
    "train.device": "cpu",
    "train.epochs": "2",
}


def recipe_of(name: str, **over: str):
    return load_recipe(f"isp/{name}", [f"{k}={v}" for k, v in over.items()])


def rows_of(table: str) -> list[list[str]]:
    """The cells of a table between its marks, without head and rule."""
    (found,) = re.findall(rf"<!-- {table} -->\n(.*?)\n<!-- /{table} -->", PAGE, flags=re.S)
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in found.splitlines()]


def read_key(recipe, key: str):
    value = recipe.model_dump(mode="json")
    for name in key.split("."):
        value = value[name]
    return value


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_every_recipe_builds_what_it_says(file):
    recipe = load_recipe(file)
    assert recipe.method.name == "isp"
    small = recipe_of(file.stem, **{"backbone.weights": "none", "data.size": "64,32"})
    method = build_method(small, people=3).eval()
    assert isinstance(method, ISPMethod)
    with torch.inference_mode():
        features = method.embed(torch.zeros(1, 3, 64, 32), {}).features
        if method.match == "parts":
            Similarity(recipe.evaluate.metric, method.match, method.wholes)
            parts = method.embed(torch.zeros(1, 3, 64, 32), {}, "parts").parts
            assert parts is not None and parts.shape[1] == method.settings.classes - 1
    if file.stem in LENGTHS:
        assert features.shape == (1, LENGTHS[file.stem])
        assert recipe.data.size == (256, 128) and recipe.backbone.name.startswith("hrnet_w32")


def test_the_recipes_are_those_of_the_paper():
    """Section by section as the authors' files have them, typed off by hand."""
    assert set(LENGTHS) <= {file.stem for file in RECIPES}
    for name, classes, enhanced, big, center, match in (
        ("market1501", 7, True, False, 5e-4, "concat"),
        ("dukemtmc", 7, True, False, 0.0, "concat"),
        ("occluded_duke", 6, False, False, 0.0, "parts"),
        ("cuhk03_np_labeled", 7, True, True, 0.0, "concat"),
        ("cuhk03_np_detected", 6, True, True, 0.0, "concat"),
    ):
        recipe = recipe_of(name)
        own = {"classes": classes, "enhanced": enhanced, "big_global": big, "center_weight": center, "match": match}
        assert recipe.method == ISP.model_validate(own | {"period": 2, "stop": 101, "start": 1, "center_lr": 0.5})
        assert (recipe.sampler.people, recipe.sampler.pictures) == (16, 4)
        assert (recipe.train.epochs, recipe.optim.name, recipe.optim.lr) == (120, "adam", 3.5e-4)
        assert (recipe.optim.weight_decay, recipe.optim.steps, recipe.optim.gamma) == (5e-4, (40.0, 70.0), 0.1)
        assert (recipe.optim.warmup_epochs, recipe.optim.warmup_factor) == (10, 0.01)
        augment = recipe.data.augment
        assert (augment.flip, augment.pad, augment.erase, augment.erase_area) == (0.5, 10, 0.5, (0.02, 0.4))
        assert (recipe.evaluate.batch, recipe.evaluate.flip, recipe.data.val_fraction) == (128, False, 0)


def test_the_table_of_recipes_is_theirs():
    head, _, *rows = rows_of("recipes")
    names = [cell.strip("`") for cell in head[1:]]
    assert {*names, "world_gpu"} == set(LENGTHS) and len(rows) >= 6
    for key, *cells in rows:
        for name, cell in zip(names, cells, strict=True):
            assert read_key(recipe_of(name), key.strip("`")) == yaml.safe_load(cell), (key, name)
    lengths = re.search(r"^\| numbers a picture \|(.*)\|$", PAGE, flags=re.M)
    assert lengths and [int(cell) for cell in lengths[1].split("|")] == [LENGTHS[name] for name in names]


def test_the_published_numbers_are_those_of_the_recipes_comments():
    rows = dict(re.findall(r"^\| (published mAP|published rank-1|how sure) \|(.*)\|$", PAGE, flags=re.M))
    maps, firsts, sure = (
        [cell.strip() for cell in rows[name].split("|")] for name in ("published mAP", "published rank-1", "how sure")
    )
    for name, mean, first, mark in zip(list(LENGTHS), maps, firsts, sure):
        said = (OURS / f"{name}.yaml").read_text(encoding="utf-8").replace("\n# ", " ")
        assert f"mAP {mean}, rank-1 {first}" in said and "from memory" in said, name
        assert ("in the source" in said) == ("in the source" in mark) == (name == "occluded_duke")


def test_each_option_has_its_key_and_the_value_of_the_recipe():
    known, recipe = field_types("isp"), recipe_of("market1501")
    keys = set()
    for _, ours, value, _ in rows_of("options")[2:]:
        key = ours.strip("`")
        if key in known:
            assert read_key(recipe, key) == yaml.safe_load(value), key
            keys.add(key)
        else:
            assert not value, ours
            if ours:
                assert_command(key)
    ours = {key for key in known if key.startswith("method.")} & {f"method.{name}" for name in ISP.model_fields}
    assert keys >= ours - {"method.name"}, "an option of ours that the page does not name"
    assert len(keys) >= 45


def assert_command(words: str) -> None:
    """`train --out`, `parse overlay PICTURES`: such a command has such a word."""
    *names, word = words.split()
    job = parser((names[0],))
    for name in names:
        (jobs,) = (action for action in job._actions if action.choices and name in action.choices)
        job = jobs.choices[name]  # type: ignore[index]
    taken = {text for action in job._actions for text in (*action.option_strings, str(action.metavar))}
    assert any(word in text for text in taken), words


def test_every_key_on_the_page_is_one_of_a_recipe():
    sections = {key.split(".")[0] for key in field_types("isp") if "." in key}
    named = set(re.findall(rf"\b((?:{'|'.join(sections)})(?:\.[a-z_]+)+)", PAGE)) - {"data.md", "method.py"}
    assert len(named) >= 45 and named <= {*field_types("isp"), *field_types("baseline")}


def test_every_option_of_the_authors_appears():
    missing = [name for name in THEIRS if not re.search(rf"`{re.escape(name)}`", PAGE)]
    assert not missing


def test_the_commands_have_these_words(tmp_path):
    lines = re.findall(r"^sameperson (.*?)(?: +#.*)?$", PAGE, flags=re.M)
    assert len(lines) >= 15
    for line in lines:
        words = line.removesuffix("\\").split()
        options, rest = parser((words[0],)).parse_known_args(words)
        assert callable(options.run) and all("=" in word for word in rest)
        for word in words:
            if word.startswith("isp/"):
                assert word in known_recipes()
            elif "=" in word:
                load_recipe("isp/occluded_duke", [word])


def test_links_exist():
    targets = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert targets and all((ROOT / "docs" / "papers" / target).exists() for target in targets)
    assert "docs/papers/isp.md" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_commands_work_as_written(tmp_path, monkeypatch):
    pytest.importorskip("warp")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S)
    for line in block.replace("\\\n", " ").strip().splitlines():
        program, *words = shlex.split(line)
        assert program == "sameperson" and main(words) == 0, line
    figures = {name: json.loads(Path(f"{name}.json").read_text()) for name in ("parts", "whole", "parsing")}
    assert [figures[name]["match"] for name in ("parts", "whole")] == ["parts", "features"]
    assert figures["parts"]["mAP_trapezoid"]["value"] <= figures["parts"]["mAP"]["value"]
    assert figures["parsing"]["labels_a"] == "isp-6" and figures["parsing"]["pictures"] == 32
    assert Path("seen.png").stat().st_size > 1000


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in LENGTHS if name != "world_gpu"])
def test_a_miniature_of_each_data_set_is_learned_by_its_recipe(name, tmp_path, monkeypatch):
    pytest.importorskip("warp")
    monkeypatch.chdir(tmp_path)
    recipe = recipe_of(name)
    plan = ["--people", "8", "--test-people", "3", "--shots", "2", "--cameras", "2", "--size", "64x32"]
    assert main(["world", "make", "tree", "--layout", recipe.data.reader, *plan, "--workers", "1"]) == 0
    train = LAYOUTS[recipe.data.reader].read(Path("tree"), None).train
    for path in train.path.tolist():  # the page says where a parser's maps go
        file = (train.root / "parsing" / path).with_suffix(".png")
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.repeat(np.arange(20, dtype=np.uint8), 4)[:, None].repeat(40, 1)).save(file)
    words = [f"{key}={value}" for key, value in TINY.items()]
    assert main(["train", f"isp/{name}", "data.root=tree", *words, "--out", "run"]) == 0
    assert (tmp_path / "run" / FILE).exists()
    lines = read_metrics(tmp_path / "run")
    assert ["parsing/foreground" in line for line in lines] == [True, False, False]  # one clustering, two epochs
    losses = {key for line in lines for key in line if key.startswith("loss/")}
    branches = {"part", "global", "fore"}
    wanted = {f"loss/{kind}_{branch}" for kind in ("identity", "triplet") for branch in branches} | {"loss/pixel"}
    centers = {f"loss/center_{branch}" for branch in branches} if recipe.method.center_weight else set()  # type: ignore[union-attr]
    assert losses == wanted | centers
    assert main(["evaluate", "run", "tree", "--reader", recipe.data.reader, "--json", "figures.json"]) == 0
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["protocol"] == recipe.evaluate.protocol and figures["queries"] == 6
    assert figures["match"] == ("parts" if name == "occluded_duke" else "features")
