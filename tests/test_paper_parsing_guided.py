"""docs/papers/parsing_guided.md says what is so of PFSA, SPReID, MaskReID and MGCAM, and its commands work."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from sameperson.cli.main import main, parser
from sameperson.config import options_class
from sameperson.methods.build import build_method
from sameperson.overrides import RECIPES, field_types, known_recipes, load_recipe
from sameperson.priors.label_sets import MERGES
from sameperson.training.metrics import read_metrics

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "papers" / "parsing_guided.md").read_text(encoding="utf-8")
METHODS = ("pfsa", "spreid", "maskreid", "mgcam")
NAMES = [name for name in known_recipes() if name.startswith(tuple(f"{method}/" for method in METHODS))]
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| ")]
LOSSES = {
    "pfsa": {"identity_part", "identity_deep", "triplet"},
    "spreid": {"identity", "triplet", "center"},
    "maskreid": {"identity", "triplet", "center", "ranking"},
    "mgcam": {"identity", "triplet", "center", "identity_body", "attention", "region", "siamese"},
}


def read_key(recipe, key: str):
    value = recipe.model_dump(mode="json")
    for name in key.split("."):
        value = value[name]
    return value


def test_the_commands_work_as_written(tmp_path, monkeypatch):
    pytest.importorskip("warp")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S)
    for line in block.replace("\\\n", " ").strip().splitlines():
        program, *words = shlex.split(line)
        assert program == "sameperson" and main(words) == 0, line
    figures = {name: json.loads(Path(f"{name}.json").read_text()) for name in (*METHODS, "parsed")}
    assert {found["queries"] for found in figures.values()} == {figures["pfsa"]["queries"]}
    assert figures["parsed"]["mAP"] != figures["spreid"]["mAP"]  # by other maps
    for name in METHODS:
        lines = read_metrics(tmp_path / "runs" / name)
        assert {key.removeprefix("loss/") for line in lines for key in line if key.startswith("loss/")} == LOSSES[name]


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_is_on_the_page_with_the_figures_of_its_comment(name):
    (row,) = [row for row in ROWS if row[0] == f"`{name}`"]
    recipe = load_recipe(name)
    height, width = recipe.data.size
    sampler = recipe.sampler
    assert row[1:4] == [f"{height}x{width}", str(sampler.people * sampler.pictures), str(recipe.train.epochs)]
    assert recipe.method.name == name.split("/")[0]
    said = (RECIPES / f"{name}.yaml").read_text(encoding="utf-8").replace("\n# ", " ")
    if row[4]:
        assert re.search(rf"mAP {row[4]}, rank-1 {row[5]}\b", said)
    else:
        assert not re.search(r"mAP \d", said) or "not comparable" in said


@pytest.mark.parametrize("name", [name for name in NAMES if "/cuhk03" not in name and "/dukemtmc" not in name])
def test_every_recipe_builds(name):
    small = ["backbone.weights=none", "backbone.name=osnet_x0_25", "data.size=64,32"]
    method = build_method(load_recipe(name, small), people=3)
    needs = {"pfsa": (), "spreid": ("parsing",), "maskreid": ("mask",), "mgcam": ("mask",)}
    assert method.needs == needs[name.split("/")[0]]


@pytest.mark.parametrize("method", METHODS)
def test_each_option_is_in_its_table_with_the_value_of_the_recipe(method):
    (table,) = re.findall(rf"<!-- {method} -->\n(.*?)\n<!-- /{method} -->", PAGE, flags=re.S)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()][2:]
    recipe = load_recipe(f"{method}/market1501")
    for _, key, value, _ in rows:
        assert read_key(recipe, key.strip("`")) == yaml.safe_load(value), key
    keys = [row[1].strip("`") for row in rows]
    assert sorted(keys) == sorted(f"method.{name}" for name in options_class(method).model_fields if name != "name")


def test_the_regions_are_those_of_the_label_set():
    names = {"head": 1, "upper": 2, "lower": 3, "shoes": 4}
    rows = {row[0]: tuple(map(int, row[1].split())) for row in ROWS if row[0] in names}
    assert {number: rows[name] for name, number in names.items()} == MERGES["spreid"]


@pytest.mark.parametrize(
    ("name", "steps", "pictures"),
    [
        ("spreid/market1501", 200_000, 12_936),
        ("spreid/market1501_fine", 50_000, 12_936),
        ("spreid/dukemtmc", 200_000, 16_522),
        ("spreid/dukemtmc_fine", 50_000, 16_522),
        ("spreid/cuhk03_np_detected", 200_000, 7_365),
        ("spreid/cuhk03_np_detected_fine", 50_000, 7_365),
        ("mgcam/market1501", 75_000, 12_936),
        ("mgcam/market1501_siamese", 20_000, 12_936),
        ("mgcam/mars", 75_000, 509_914),
        ("mgcam/mars_siamese", 20_000, 509_914),
        ("mgcam/cuhk03_np_labeled", 75_000, 7_368),
        ("mgcam/cuhk03_np_labeled_siamese", 20_000, 7_368),
        ("mgcam/cuhk03_np_detected", 75_000, 7_365),
        ("mgcam/cuhk03_np_detected_siamese", 20_000, 7_365),
    ],
)
def test_the_papers_steps_are_the_recipes_epochs(name, steps, pictures):
    recipe = load_recipe(name)
    batch = recipe.sampler.people * recipe.sampler.pictures
    assert abs(recipe.train.epochs - steps * batch / pictures) < 1
    if name.startswith("mgcam/") and recipe.optim.steps:
        wanted = [15_000 * number * batch / pictures for number in range(1, 5)]
        assert all(abs(step - want) < 1 for step, want in zip(recipe.optim.steps, wanted, strict=True))


@pytest.mark.parametrize("method", METHODS)
def test_the_world_recipes_differ_from_the_baselines_in_their_method_only(method):
    ours, base = load_recipe(f"{method}/world_small"), load_recipe("baseline/world_benchmark")
    assert (ours.optim, ours.train, ours.sampler, ours.evaluate) == (
        base.optim,
        base.train,
        base.sampler,
        base.evaluate,
    )
    assert ours.backbone.weights == base.backbone.weights and ours.data.augment == base.data.augment
    shared = set(type(ours.method).model_fields) & {"id_weight", "triplet_weight", "triplet_margin", "center_weight"}
    for key in ("label_smoothing", *shared):
        assert getattr(ours.method, key) == getattr(base.method, key), key


def test_every_key_of_the_page_is_one_and_the_other_commands_have_their_words():
    known = {key for method in METHODS for key in field_types(method)}
    keys = set(re.findall(r"\b((?:data|method|optim|backbone|evaluate|train|sampler)\.[a-z_]+(?:\.[a-z_]+)*)", PAGE))
    keys -= {"data.md"}
    assert len(keys) > 30 and keys <= known
    lines = re.findall(r"^sameperson (.*)$", PAGE.replace("\\\n", " "), flags=re.M)
    assert len(lines) >= 18
    for line in lines:
        words = line.split()
        options, rest = parser((words[0],)).parse_known_args(words)
        assert callable(options.run) and all("=" in word for word in rest)


def test_links_exist():
    targets = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert targets and all((ROOT / "docs" / "papers" / target).exists() for target in targets)
    assert "docs/papers/parsing_guided.md" in (ROOT / "README.md").read_text(encoding="utf-8")
