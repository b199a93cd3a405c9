"""A recipe means the same from a file, from `a.b=v`, from `--a.b v` and from the papers' `a.b v`."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.methods.baseline.options import Options as Baseline
from sameperson.methods.isp.options import Options as ISP
from sameperson.overrides import RECIPES, dump_recipe, field_types, known_recipes, load_recipe, recipe_of


@pytest.mark.parametrize(
    "words",
    [
        ["train.epochs=60"],
        ["--train.epochs=60"],
        ["--train.epochs", "60"],
        ["train.epochs", "60"],
        ["train.epochs", "60."],
    ],
)
def test_every_spelling_means_the_same(words):
    assert load_recipe(None, words).train.epochs == 60


@pytest.mark.parametrize(
    ("words", "path", "value"),
    [
        (["optim.lr", "1e-4"], "optim.lr", 1e-4),
        (["method.center_lr", "5."], "method.center_lr", 5.0),
        (["data.skip_broken", "True"], "data.skip_broken", True),
        (["data.skip_broken=no"], "data.skip_broken", False),
        (["name", "no"], "name", "no"),
        (["name", "1e-4"], "name", "1e-4"),
        (["optim.final_lr", "-0.5"], "optim.final_lr", -0.5),
        (["data.size", "(384, 128)"], "data.size", (384, 128)),
        (["data.size=128,64"], "data.size", (128, 64)),
        (["optim.steps", "[40,70.]"], "optim.steps", (40.0, 70.0)),
        (["data.priors", "()"], "data.priors", ()),
        (["optim.clip", "5."], "optim.clip", 5.0),
        (["optim.clip=none"], "optim.clip", None),
        (["method.triplet_margin", "soft"], "method.triplet_margin", "soft"),
        (["method.triplet_margin", ".7"], "method.triplet_margin", 0.7),
        (["train.amp", "none"], "train.amp", "none"),
        (["backbone.last_stride=2"], "backbone.last_stride", 2),
        (["method.name", "isp", "method.classes", "6"], "method.classes", 6),
        (["method.classes=6", "method.name=isp"], "method.classes", 6),
        (["method.name=isp", "method.triplet_margin=soft"], "method.triplet_margin", "soft"),
    ],
)
def test_values_are_read_by_the_type_of_their_field(words, path, value):
    found = load_recipe(None, words)
    for part in path.split("."):
        found = getattr(found, part)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["trian.epochs", "3"], "did you mean train.epochs"),
        (["optim.learning_rate=3"], "unknown recipe key optim.learning_rate"),
        (["train.epochs=abc"], "train.epochs = 'abc'"),
        (["train.epochs=5.5"], "train.epochs"),
        (["train.epochs"], "a key without a value"),
        (["method.triplet_margin", "hard"], "method.triplet_margin"),
        (["data.augment.flip", "1.5"], "less than or equal to 1"),
        (["method.name", "ips"], "method.name = 'ips'"),
        (["method.name=isp", "method.clases=6"], "did you mean method.classes"),
        (["method.name=isp", "method.classes=many"], "method.classes = 'many'"),
        (["method.name=isp", "method.classes=1"], "method.classes"),
        (["method.classes=6"], "a key of the method baseline"),
        (
            ["method.name=isp", "method.pooling=gem"],
            "unknown recipe key method.pooling; expected a key of the method isp",
        ),
    ],
)
def test_a_wrong_word_is_one_line(words, says):
    with pytest.raises(InputError, match=says) as caught:
        load_recipe(None, words)
    assert "\n" not in str(caught.value)


def test_extends_lays_one_file_over_another(tmp_path):
    (tmp_path / "base.yaml").write_text("train: {epochs: 7, validate_every: 3}\nname: base\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "mine.yaml").write_text("extends: ../base.yaml\ntrain: {epochs: 9}\noptim: {lr: 1e-3}\n")
    recipe = load_recipe(tmp_path / "sub" / "mine.yaml", ["train.patience=2"])
    assert (recipe.name, recipe.train.epochs, recipe.train.validate_every, recipe.train.patience) == ("base", 9, 3, 2)
    assert recipe.optim.lr == 1e-3


def test_of_another_method_a_recipe_inherits_what_both_have(tmp_path):
    (tmp_path / "isp.yaml").write_text("method: {name: isp, classes: 6, id_weight: 0.5, triplet_margin: soft}\n")
    (tmp_path / "plain.yaml").write_text("extends: isp.yaml\nmethod: {name: baseline, id_weight: 2}\n")
    (tmp_path / "again.yaml").write_text("extends: plain.yaml\nmethod: {name: isp, channels: 8}\n")
    plain, again = (load_recipe(tmp_path / f"{name}.yaml").method for name in ("plain", "again"))
    assert plain == Baseline(id_weight=2, triplet_margin="soft")
    assert again == ISP(channels=8, id_weight=2, triplet_margin="soft")  # classes are ISP's own again
    (tmp_path / "isp.yaml").write_text("method: {name: isp, clases: 6}\n")
    with pytest.raises(InputError, match=r"unknown recipe key method\.clases"):  # no slip is dropped
        load_recipe(tmp_path / "plain.yaml")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("trian: {epochs: 3}", "did you mean train"),
        ("train: {epohcs: 3}", "did you mean train.epochs"),
        ("train: {epochs: [", "not YAML"),
        ("- a", "a list"),
        ("method: {name: ips}", "did you mean isp"),
        ("method: {name: isp, clases: 6}", "method.clases.*did you mean method.classes"),
        ("method: {name: isp, classes: 1}", "method.classes = 1"),
        ("method: {classes: 6}", "a key of the method baseline"),
        ("method: 3", "method = 3"),
        ("extends: me.yaml", "extends itself"),
        ("extends: absent.yaml", "absent.yaml: no such recipe"),
    ],
)
def test_a_broken_file_is_one_line(tmp_path, text, says):
    (tmp_path / "me.yaml").write_text(text)
    with pytest.raises(InputError, match=says):
        load_recipe(tmp_path / "me.yaml")


def test_a_recipe_survives_being_written_down():
    recipe = load_recipe(None, ["data.size=384,128", "method.triplet_margin=soft", "optim.clip=5"])
    import yaml

    assert recipe_of(yaml.safe_load(dump_recipe(recipe)), "saved") == recipe


def test_a_method_is_known_by_its_name_and_is_the_baseline_without_one():
    assert isinstance(load_recipe(None, ["method.center_lr=1"]).method, Baseline)
    recipe = load_recipe(None, ["method.name=isp", "method.parts=stripes"])
    assert isinstance(recipe.method, ISP) and recipe_of(recipe.model_dump(mode="json"), "saved") == recipe
    assert Recipe(method=ISP(classes=6)).method == ISP(classes=6)


def test_recipes_are_frozen():
    with pytest.raises(ValidationError):
        Recipe().seed = 3  # pyright: ignore[reportAttributeAccessIssue]


def test_every_leaf_is_reachable_by_its_dotted_name():
    assert {"data.augment.erase", "method.center_weight", "evaluate.protocol"} <= set(field_types("baseline"))


def test_a_recipe_of_the_package_is_known_by_its_name_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_recipe("baseline/market1501") == load_recipe(RECIPES / "baseline" / "market1501.yaml")
    for name in known_recipes():
        recipe = load_recipe(name)
        assert recipe.backbone.weights in ("none", "hub", "registry") or Path(recipe.backbone.weights).is_file(), name
    with pytest.raises(InputError, match="did you mean baseline/market1501"):
        load_recipe("recipes/baseline/market1501.yaml")


def test_a_file_may_extend_a_recipe_of_the_package_and_finds_weights_beside_itself(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "mine.yaml").write_text("extends: baseline/world_small\nbackbone: {weights: start.pth}\n")
    recipe = load_recipe(tmp_path / "deep" / "mine.yaml", ["data.size=64,32"])
    assert recipe.backbone.weights == str(tmp_path / "deep" / "start.pth")
    assert recipe.backbone.name == "osnet_x0_25"
    (tmp_path / "deep" / "again.yaml").write_text(dump_recipe(recipe))  # as a run keeps it
    assert load_recipe(tmp_path / "deep" / "again.yaml") == recipe
    assert load_recipe(tmp_path / "deep" / "mine.yaml", ["backbone.weights=other.pth"]).backbone.weights == "other.pth"


def test_a_method_of_the_users_own_that_is_not_there_is_one_line():
    with pytest.raises(InputError, match=r"no module my_package.*PYTHONPATH"):
        load_recipe(None, ["method.name=my_package.my_method"])
    with pytest.raises(InputError, match="a package such as"):
        load_recipe(None, ["method.name=my-package.x"])
