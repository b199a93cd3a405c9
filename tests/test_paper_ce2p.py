"""docs/papers/ce2p.md says what is so of the parsers and their recipes."""

import json
import re
from pathlib import Path

import pytest

from sameperson.cli.main import parser
from sameperson.evaluation.published_iou import CE2P_STUDY
from sameperson.methods.build import build_method
from sameperson.overrides import field_types, known_recipes, load_recipe
from sameperson.priors.part_groups import label_set

PAGE = (Path(__file__).parents[1] / "docs" / "papers" / "ce2p.md").read_text(encoding="utf-8")
RECIPES = [name for name in known_recipes() if name.startswith(("ce2p/", "light_parser/"))]
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| ")]


def test_the_commands_work_as_written(tmp_path: Path, typed) -> None:
    pytest.importorskip("warp")
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S)
    typed(block)
    found = json.loads((tmp_path / "seen.json").read_text())
    assert found["pictures"] > 0 and set(found["classes"]["iou"]) | set(found["classes"]["absent"]) == {
        *label_set("study-7").labels
    }
    assert (tmp_path / "seen.png").exists()


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_on_the_page_and_builds(name):
    (row,) = [row for row in ROWS if row[0] == f"`{name}`"]
    recipe = load_recipe(name)
    height, width = recipe.data.size
    assert row[2] == f"{height}x{width}" and int(row[3].split()[0]) == recipe.sampler.batch
    assert int(row[4]) == recipe.train.epochs and recipe.method.task == "parsing"
    assert "parsing" in recipe.data.priors
    small = load_recipe(name, ["backbone.weights=none", "data.size=64,64", "backbone.name=osnet_x0_25"])
    method = build_method(small, people=0)
    assert method.label_set == {"none": "lip"}.get(recipe.data.parsing.merge, recipe.data.parsing.merge)


def test_the_studys_steps_are_its_recipes_epochs():
    pictures = 30_462
    for name, steps in (("study_7_473x473", 230_000), ("study_7_384x128", 230_000), ("study_8_512x512", 120_000)):
        recipe = load_recipe(f"ce2p/{name}")
        assert abs(recipe.train.epochs - steps * recipe.sampler.batch / pictures) < 1


def test_every_key_of_the_page_is_one():
    known = set(field_types("ce2p"))
    keys = re.findall(r"`((?:data|method|optim|backbone|evaluate|train|sampler)\.[\w.]+)", PAGE)
    assert len(keys) > 12 and set(keys) <= known


def test_the_merge_of_the_page_is_one_and_puts_gloves_and_socks_into_clothes():
    from sameperson.priors.label_sets import merge_table

    (text,) = re.findall(r"data\.parsing\.merge='(.*?)'", PAGE)
    recipe = load_recipe("ce2p/world_small", [f"data.parsing.merge={text}"])
    table, plain = merge_table("lip", recipe.data.parsing.merge), merge_table("lip", "study-7")
    assert label_set(text).labels == label_set("study-7").labels
    assert (table[3], table[8], plain[3], plain[8]) == (2, 2, 255, 255)
    others = [number for number in range(20) if number not in (3, 8)]
    assert (table[others] == plain[others]).all()


def test_the_studys_figures_are_those_that_are_checked():
    rows = [row for row in ROWS if re.match(r"\d+x\d+, [78] classes", row[0])]
    assert len(rows) == len(CE2P_STUDY)
    for row, run in zip(rows, CE2P_STUDY.values()):
        assert float(row[3]) == pytest.approx(run.mean_iou, abs=5e-5)
        assert [float(word) for word in re.findall(r"\.\d+", row[4])] == [one for one in run.iou if one is not None]


def test_the_other_commands_have_these_words() -> None:
    for line in re.findall(r"^sameperson (parse .*)$", PAGE.replace("\\\n", " "), flags=re.M):
        assert parser(("parse",)).parse_args(line.split()).job in line
