"""What every folder of tests may use."""

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

settings.register_profile("house", deadline=None, derandomize=True, database=None)
settings.load_profile("house")  # the same examples each time, however busy the machine is

SMALL = {
    "data.size": "32,16",
    "data.workers": "0",
    "sampler.people": "2",
    "sampler.pictures": "2",
    "backbone.name": "osnet_x0_25",
    "optim.warmup_epochs": "1",
    "optim.schedule": "cosine",
    "evaluate.resamples": "50",
    "train.device": "cpu",
}
"""The words of a recipe that trains in seconds."""


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test draws the same numbers each time."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - for what a test calls, which may still draw from it
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture
def typed(tmp_path: Path) -> Callable[[str], str]:
    """Types a page's commands into a shell in the test's folder, as a reader would: their output, if all succeed."""

    def run(commands: str) -> str:
        scripts = str(Path(sys.executable).parent)
        surroundings = {**os.environ, "PATH": f"{scripts}:/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
        shell = ["bash", "-euc", commands]
        done = subprocess.run(shell, cwd=tmp_path, env=surroundings, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def crowd(tmp_path_factory) -> Path:
    """A Market-1501 tree of 8 people for training, one picture by each camera, and one more to be asked for."""
    root = tmp_path_factory.mktemp("crowd")
    rng = np.random.default_rng(7)
    for pid in range(1, 10):
        coat, trousers = rng.integers(30, 220, (2, 3))
        for number in range(2):
            camera = 1 + number
            pixels = np.empty((32, 16, 3))
            pixels[:16], pixels[16:] = coat, trousers
            pixels += rng.normal(0, 25, pixels.shape) + 15 * camera
            folder = "bounding_box_train" if pid < 9 else ("query" if number == 0 else "bounding_box_test")
            file = root / folder / f"{pid:04}_c{camera}s1_{number:06}_00.png"
            file.parent.mkdir(exist_ok=True)
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file)
    return root


@pytest.fixture(scope="session")
def small_words(crowd):
    """A small recipe over the crowd as words of the command line; keys given here come on top."""

    def words(**over: object) -> list[str]:
        keys = SMALL | {"data.root": str(crowd)} | {key.replace("__", "."): str(value) for key, value in over.items()}
        return [f"{key}={value}" for key, value in keys.items()]

    return words


@pytest.fixture
def kill(tmp_path) -> Callable[..., tuple[Path, list[Path]]]:
    """Kill a command at drawn moments of its writing and type it again, each time in a folder of its own.

    Called as `kill(words, imports)`; returns the folder of the run left alone, and those of the killed ones.
    """

    def run(words: list[object], imports: list[str], **more: object) -> tuple[Path, list[Path]]:
        spec = {"words": list(map(str, words)), "imports": imports, "folder": str(tmp_path / "kills")}
        spec |= {"seed": 1, "count": 4, "last": 2, **more}
        (tmp_path / "kills").mkdir()
        command = [sys.executable, str(Path(__file__).with_name("kills.py"))]
        surroundings = os.environ | {"OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, input=json.dumps(spec), capture_output=True, text=True, env=surroundings)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout.splitlines()[-1])
        for one in told["killed"]:  # killed after the result took its name, the run finds that it is there already
            well = one["code"] == 0 or (one["code"] == 2 and " already; " in one["said"])
            assert well, f"killed at {one['moment']} of {told['whole']}: {one['said']}"
        return tmp_path / "kills" / "whole", [Path(one["root"]) for one in told["killed"]]

    return run


@pytest.fixture
def fetched(tmp_path, monkeypatch) -> Callable[[str], Path]:
    """Fetches a model of the registry into the user's cache or the test's own; skips where no index holds it."""

    def fetch_or_skip(name: str) -> Path:
        from sameperson.checks import InputError
        from sameperson.models.fetch import fetch
        from sameperson.models.registry import REGISTRY

        if os.environ.get("SAMEPERSON_CACHE") is None:
            monkeypatch.setenv("SAMEPERSON_CACHE", str(tmp_path / "cache"))
        try:
            return fetch(REGISTRY[name])
        except InputError as error:
            if "does not answer" in str(error) or "does not hold" in str(error):
                pytest.skip(str(error))
            raise

    return fetch_or_skip


@pytest.fixture(scope="session")
def files_of() -> Callable[[Path], dict[str, bytes | None]]:
    """All that lies in a folder: path -> bytes, None for a folder."""

    def read(root: Path) -> dict[str, bytes | None]:
        found = sorted(root.rglob("*"))
        return {str(path.relative_to(root)): path.read_bytes() if path.is_file() else None for path in found}

    return read


@pytest.fixture
def in_another_thread() -> Callable[[AbstractContextManager[object]], AbstractContextManager[None]]:
    """Enters a context in a thread of its own, which stays there until the block ends."""

    @contextmanager
    def entered(context: AbstractContextManager[object]) -> Iterator[None]:
        inside, over = threading.Event(), threading.Event()

        def stay() -> None:
            with context:
                inside.set()
                over.wait()

        thread = threading.Thread(target=stay)
        thread.start()
        assert inside.wait(60)
        try:
            yield
        finally:
            over.set()
            thread.join()

    return entered
