"""The front page cannot rot: its blocks run, its pictures exist, its make targets exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.S)


def test_the_shell_blocks_work_as_written(tmp_path, typed):
    typed("\n".join(blocks("sh")))
    assert (tmp_path / "ranked.png").stat().st_size > 10_000
    assert "mAP" in (tmp_path / "mine.json").read_text()


@pytest.mark.parametrize("code", blocks("python"))
def test_the_python_blocks_work_as_written(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})


def test_pictures_and_links_exist():
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in target]
    assert targets
    missing = [target for target in targets if not (ROOT / target).exists()]
    assert not missing


def test_make_targets_exist():
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    used = set(re.findall(r"^    make ([a-z-]+)", README, flags=re.M))
    assert {"demo", "test"} <= used <= known
