"""The method of docs/methods.md, a package outside the tree, is trained, resumed, judged and exported by its name."""

import json
import re
import sys
from pathlib import Path

import pytest
import torch

from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.methods.load import load_network
from sameperson.models.weights import load_weights
from sameperson.overrides import dump_recipe, load_recipe
from sameperson.training.loop import train
from sameperson.training.metrics import read_metrics

PAGE = (Path(__file__).parents[1] / "docs" / "methods.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```(?:python|yaml)\n# (\S+)\n(.*?)```", PAGE, flags=re.S))
"""The files that the page shows: their paths and what is in them."""
NAME = "toy_package.stripes"


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """The package, where Python finds it."""
    folder = tmp_path / "elsewhere" / "toy_package" / "stripes"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "__init__.py").touch()
    for name in ("options.py", "method.py"):
        (folder / name).write_text(FILES[f"toy_package/stripes/{name}"])
    for name in [name for name in sys.modules if name.split(".")[0] == "toy_package"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(folder.parents[1])
    return folder


@pytest.fixture
def recipe_file(package, tmp_path, small_words) -> Path:
    """A recipe that names it."""
    words = small_words(method__name=NAME, method__stripes=2, train__epochs=3, data__val_fraction=0.3)
    recipe = load_recipe(None, words)
    file = tmp_path / "mine.yaml"
    file.write_text(dump_recipe(recipe))
    assert "name: toy_package.stripes" in file.read_text()
    return file


def test_train_resume_evaluate_and_export(recipe_file, crowd, tmp_path, capsys):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    assert main(["train", str(recipe_file), "--out", str(whole)]) == 0
    lines = read_metrics(whole)
    assert [line["epoch"] for line in lines if "loss/identity" in line] == [1, 2, 3]
    assert [line["epoch"] for line in lines if "weight" in line] == [0, 1, 2]  # what the method told of itself
    assert "before training  weight" in capsys.readouterr().err

    class StoppedError(Exception):
        pass

    def stop(line):
        if line.get("epoch") == 2 and "loss" in line:
            raise StoppedError

    with pytest.raises(StoppedError):
        train(load_recipe(recipe_file), stopped, on_epoch=stop)
    assert main(["train", str(recipe_file), "--out", str(stopped), "--resume"]) == 0
    one, other = (load_network(folder / "best.safetensors", device="cpu") for folder in (whole, stopped))
    assert one.card.method == NAME and one.fingerprint == other.fingerprint
    images = torch.randint(0, 256, (3, 3, 32, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    assert one.features(images).features.shape == (3, 8)
    state, _ = load_weights(whole / "best.safetensors")
    assert set(state) == {"layer.weight", "layer.bias"}

    figures = tmp_path / "f.json"
    assert main(["evaluate", str(whole), str(crowd), "--json", str(figures), "--resamples", "20"]) == 0
    assert json.loads(figures.read_text())["queries"] == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["method.stipes=2"], r"did you mean method\.stripes"),
        (["method.stripes=two"], r"method\.stripes = 'two'"),
        (["method.pooling=gem"], r"a key of the method toy_package\.stripes"),
        (["method.name=toy_package.strpes"], r"no module toy_package\.strpes"),
    ],
)
def test_a_slip_is_one_line(recipe_file, words, says):
    with pytest.raises(InputError, match=says):
        load_recipe(recipe_file, words)


def test_a_package_that_lacks_its_part_is_named(package, recipe_file):
    from sameperson.methods.build import build_method

    recipe = load_recipe(recipe_file)
    (package / "method.py").write_text("")
    with pytest.raises(InputError, match=r"toy_package\.stripes\.method without build"):
        build_method(recipe, 3)


def test_an_error_inside_the_users_module_is_not_hidden(package):
    (package / "options.py").write_text("import a_module_that_nobody_has\n")
    with pytest.raises(ModuleNotFoundError, match="a_module_that_nobody_has"):
        load_recipe(None, [f"method.name={NAME}"])


@pytest.mark.slow
def test_the_commands_of_the_page_work_as_written(tmp_path, typed):
    for name, content in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (commands,) = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S)
    typed(commands)
    assert (tmp_path / "stripes.html").stat().st_size > 100_000
