"""A checkpoint comes back whole or says in one line why not."""

import os
from pathlib import Path

import pytest
import torch

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.overrides import load_recipe
from sameperson.training.checkpoint import Checkpoint, TrainingState, require_same_recipe


def checkpoint() -> Checkpoint:
    moments = {"state": {0: {"exp_avg": torch.ones(3)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}
    recipe = Recipe().model_dump(mode="json")
    standing = TrainingState(2, 5, 25, {"id": torch.tensor(0.1)}, best={"epoch": 1, "mAP": 0.5})
    return Checkpoint(recipe, 7, 99, {"w": torch.arange(4.0)}, {}, [[moments]], {}, standing)


def test_what_is_saved_comes_back(tmp_path):
    checkpoint().save(tmp_path / "run" / "checkpoint.pt")
    back = Checkpoint.load(tmp_path / "run" / "checkpoint.pt")
    assert (back.people, back.pictures, back.recipe, back.standing) == (
        7,
        99,
        checkpoint().recipe,
        checkpoint().standing,
    )
    assert torch.equal(back.method["w"], torch.arange(4.0))
    assert torch.equal(back.optimizers[0][0]["state"][0]["exp_avg"], torch.ones(3))
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["checkpoint.pt"]


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, 0.9, 0.97, 0.98, 0.99, 0.995])
def test_a_cut_checkpoint_is_one_line(tmp_path, keep):
    path = tmp_path / "checkpoint.pt"
    checkpoint().save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if isinstance(keep, float) else keep])
    with pytest.raises(InputError, match=r"checkpoint\.pt: cut short or damaged"):
        Checkpoint.load(path)


@pytest.mark.parametrize("content", [{"format": 99}, {"format": 1, "recipe": {}}, [1, 2]])
def test_another_file_is_one_line(tmp_path, content):
    torch.save(content, tmp_path / "other.pt")
    with pytest.raises(InputError, match=r"other\.pt: not a (whole )?checkpoint"):
        Checkpoint.load(tmp_path / "other.pt")


def test_code_in_a_checkpoint_is_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    torch.save({"format": 1, "recipe": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(InputError):
        Checkpoint.load(tmp_path / "evil.pt")
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_line_and_leaves_the_old_checkpoint(tmp_path):
    path = tmp_path / "checkpoint.pt"
    path.write_text("the old one")
    (tmp_path / f".checkpoint.pt.{os.getpid()}.part").symlink_to("/dev/full")
    with pytest.raises(InputError, match="cannot be written"):
        checkpoint().save(path)
    assert path.read_text() == "the old one" and len(list(tmp_path.iterdir())) == 1


def test_the_same_recipe_may_be_resumed_elsewhere():
    saved = Recipe().model_dump(mode="json")
    require_same_recipe(
        saved, load_recipe(None, ["data.root=/elsewhere", "data.workers=7", "train.device=cpu"]), Path()
    )


@pytest.mark.parametrize(
    "override", ["optim.lr=0.5", "train.epochs=3", "method.neck=none", "data.size=64,32", "seed=4"]
)
def test_another_recipe_is_refused_by_the_key_that_differs(override):
    key = override.partition("=")[0]
    with pytest.raises(InputError, match=f"made with {key} = .* {key} = "):
        require_same_recipe(Recipe().model_dump(mode="json"), load_recipe(None, [override]), Path("runs/a"))


def test_another_method_is_refused():
    saved = Recipe().model_dump(mode="json")
    saved["method"] = {"name": "isp", "parts": 7}
    with pytest.raises(InputError, match=r"method\.name = isp; .* method\.name = baseline"):
        require_same_recipe(saved, Recipe(), Path("runs/a"))
