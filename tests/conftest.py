"""What every folder of tests may use."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


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
