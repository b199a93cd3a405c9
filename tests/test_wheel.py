"""The wheel alone, in an empty folder, does what README says: recipes, weights and pages are in it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder that holds what the wheel installs, and nothing of this tree."""
    place = tmp_path_factory.mktemp("wheel")
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("uv, which builds the wheel, is not in this environment")
    subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", place / "dist", ROOT], check=True)
    (wheel,) = (place / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place / "site")
    return place / "site"


@pytest.fixture
def run(installed, tmp_path):
    """Runs a command of the installed package in an empty folder: its output, if it succeeds."""

    def command(*words: str) -> str:
        surroundings = {**os.environ, "PYTHONPATH": str(installed), "OMP_NUM_THREADS": "2"}
        entry = f"import sys, sameperson; assert sameperson.__file__.startswith({str(installed)!r}); "
        entry += "from sameperson.cli.main import main; sys.exit(main())"
        done = subprocess.run(
            [sys.executable, "-c", entry, *words], cwd=tmp_path, env=surroundings, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return command


def test_the_wheel_holds_all_recipes_weights_and_pages(installed):
    source = ROOT / "src" / "sameperson"
    kept = {".py", ".pyi", ".yaml", ".safetensors", ".json", ".html", ".css", ".npz", ".md", ".typed"}
    wanted = {file.relative_to(source) for file in source.rglob("*") if file.suffix in kept or file.name == "py.typed"}
    here = installed / "sameperson"
    assert wanted == {file.relative_to(here) for file in here.rglob("*") if file.is_file()}


def test_readmes_way_through_in_an_empty_folder(run, tmp_path):
    run("demo", "--quick", "--out", "demo")
    assert (tmp_path / "demo" / "report.html").stat().st_size > 100_000
    run("world", "make", "people", "--people", "10", "--cameras", "3", "--size", "64x32", "--seed", "1")
    (query,) = list((tmp_path / "people" / "query").glob("*_c1*.jpg"))[:1]
    assert "1 query among" in run("search", str(query), "people/bounding_box_test", "--top", "5", "--out", "ranked.png")
    assert "probability" in run("compare", str(query), str(query))
    words = ["data.root=people", "data.size=64,32", "train.epochs=1", "sampler.people=2", "data.val_fraction=0.4"]
    run("train", "baseline/world_small", *words, "--out", "runs/mine")
    run("train", "isp/world_small", *words, "--out", "runs/isp")  # from the start that lies beside the recipe
    run("evaluate", "runs/mine", "people", "--json", "mine.json", "--report", "page.html")
    assert (tmp_path / "page.html").read_text().count("<article") >= 4
    assert "baseline/market1501" in run("recipes")
