"""The door: help without torch, one line for a wrong word, examples that work as written."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sameperson.cli.main import COMMANDS, command, main


def test_help_needs_no_torch():
    code = (
        "import sys\nfrom sameperson.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'cv2', 'timm', 'warp', 'pyarrow', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert name in done.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["serach"], "did you mean search"),
        (["search"], "sameperson search --help"),
        (["world", "make"], "sameperson world make --help"),
        (["search", "--tpo", "3"], "sameperson search --help"),
    ],
)
def test_a_wrong_word_is_one_line(words, says, capsys):
    assert main(words) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.err.count("\n") == 1
    assert not printed.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_its_example(name, capsys):
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    assert command(name).EXAMPLE in capsys.readouterr().out
    assert shlex.split(command(name).EXAMPLE)[:2] == ["sameperson", name]


def test_without_a_command_the_help_is_shown(capsys):
    assert main([]) == 0
    assert "COMMAND" in capsys.readouterr().out


def test_every_example_works_as_written(tmp_path, monkeypatch, capsys):
    """One after the other in an empty folder, as someone who reads one help after the other would type them."""
    monkeypatch.chdir(tmp_path)
    for name in ("world", "parse", "embed", "search", "compare", "train", "evaluate", "report"):
        words = shlex.split(command(name).EXAMPLE)[1:]
        words = [found for word in words for found in sorted(map(str, Path().glob(word))) or [word]]
        assert main(words) == 0, capsys.readouterr().err
    for made in (
        "people/labels.csv",
        "overlays.png",
        "query.parquet",
        "ranked.png",
        "runs/small/best.safetensors",
        "small.json",
    ):
        assert (tmp_path / made).exists(), made
    assert list((tmp_path / "runs" / "small").glob("*.html"))
