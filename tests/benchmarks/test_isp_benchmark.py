"""The benchmark of ISP trains its arms by equal budgets, judges them, and trains nothing twice."""

import json
import runpy
import sys
from pathlib import Path

import pytest

from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.overrides import load_recipe

FOLDER = Path(__file__).parents[2] / "benchmarks"
SCRIPT = FOLDER / "isp.py"
WEIGHTS = Path(__file__).parents[2] / "src" / "sameperson" / "weights" / "osnet_ain_x0_25_world.safetensors"
BASE = f"""
name: tiny
data: {{size: [64, 32], workers: 0, val_fraction: 0, augment: {{pad: 2}}}}
sampler: {{people: 3, pictures: 2}}
backbone: {{name: osnet_ain_x0_25, weights: {WEIGHTS}}}
optim: {{lr: 1.0e-4, warmup_epochs: 0, schedule: constant}}
train: {{epochs: 2}}
evaluate: {{flip: true, resamples: 50}}
"""
ISP = "extends: base.yaml\nmethod: {name: isp, channels: 16, match: parts, center_weight: 0.0}\n"
SHAPES = ["world", "make", "tree", "--people", "7", "--test-people", "3", "--cameras", "2", "--shots", "2"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with two tiny recipes, where the script's neighbours can be imported."""
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "isp.yaml").write_text(ISP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(FOLDER))
    return tmp_path


def test_recipes_are_named_and_compared_by_what_they_train(place):
    script = runpy.run_path(str(FOLDER / "ablation.py"))
    base = load_recipe("base.yaml")
    other = load_recipe("base.yaml", ["optim.lr=0.5", "method.id_weight=2"])
    assert script["unequal"]({"a": base, "b": load_recipe("isp.yaml")}) == []
    assert script["unequal"]({"a": base, "b": other}) == ["optim.lr"]
    same = load_recipe("base.yaml", ["seed=3", "data.root=elsewhere", "train.device=cpu"])
    assert script["fingerprint"](same) == script["fingerprint"](base) != script["fingerprint"](other)


def test_a_run_that_fails_is_told_and_another_recipes_folder_refused(place):
    script = runpy.run_path(str(FOLDER / "ablation.py"))
    arm = script["Arm"]("tiny", Path("base.yaml"), ("data.root=nowhere",))
    run = script["Training"](arm, 0, Path("run"))
    with pytest.raises(InputError, match=r"run ended with 2: (.|\n)*nowhere"):
        script["train_all"]([run], 1)
    (place / "run").mkdir(exist_ok=True)
    (place / "run" / "recipe.yaml").write_text("optim: {lr: 0.5}\n")
    with pytest.raises(InputError, match="the same recipe to resume"):
        script["train_all"]([run], 1)


@pytest.mark.slow
def test_a_little_world(place, monkeypatch, capsys):
    pytest.importorskip("warp")
    assert main([*SHAPES, "--size", "64x32", "--labels", "parsing,masks,parts", "--workers", "1"]) == 0
    words = "occluded-v1 --seeds 1 --arms isp,baseline --tree tree --recipes isp.yaml base.yaml --device cpu"
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *words.split(), "--out", "out", "--json", "isp.json"])
    runs = [place / "out" / f"occluded-v1-small-0-{arm}-run0" for arm in ("isp", "baseline")]
    said, written = [], []
    capsys.readouterr()
    for _ in range(2):  # the second time everything is there
        runpy.run_path(str(SCRIPT), run_name="__main__")
        said.append(capsys.readouterr())
        written.append([(run / "result.json").stat().st_mtime_ns for run in runs])
    assert written[0] == written[1] and said[0].out == said[1].out
    assert "0 of 2 runs are done" in said[0].err and "2 of 2 runs are done" in said[1].err
    figures = json.loads(Path("isp.json").read_text())
    assert figures["benchmark"] is None and figures["counts"]["test_people"] == 3  # another tree than the benchmark's
    told = figures["protocols"]["market1501"]
    assert list(told["figures"]) == ["ISP", "ISP without ARM", "baseline"]
    means = {name: one["mAP"]["value"] for name, one in told["figures"].items()}
    for other in ("ISP without ARM", "baseline"):
        gap = told["differences"][other]["difference"]["mAP"]["value"]
        assert gap == pytest.approx(means["ISP"] - means[other])
    assert f"| baseline | {100 * told['figures']['baseline']['rank1']['value']:.1f} (" in said[0].out
    clusterings = figures["parsing"]["clusterings"]
    assert clusterings["first"] == clusterings["last"]  # of two epochs only the first clusters
    assert set(clusterings["first"]) == {"foreground", "head", "legs", "shoes", "mask"}
    assert 0 <= figures["parsing"]["test"][0]["query"]["mask"]["value"] <= 1
    assert figures["unequal"] == []
    assert figures["recipes"]["isp"]["fingerprint"] != figures["recipes"]["baseline"]["fingerprint"]
