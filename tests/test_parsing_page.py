"""docs/parsing.md says what is so."""

import json
import re
from pathlib import Path

import pytest

from sameperson.cli.main import parser
from sameperson.priors.part_groups import TASKS

PAGE = (Path(__file__).parents[1] / "docs" / "parsing.md").read_text(encoding="utf-8")


def test_the_commands_work_as_written(tmp_path: Path, typed) -> None:
    pytest.importorskip("warp")
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S)
    typed(block)
    pictures = sum(len(list((tmp_path / "tree").glob(f"{name}/*.jpg"))) for name in ("query", "bounding_box_*"))
    assert pictures
    assert len(list((tmp_path / "each").rglob("*.png"))) == pictures
    assert (tmp_path / "overlays.png").exists()
    found = json.loads((tmp_path / "agreement.json").read_text())
    assert found["pictures"] == pictures
    assert found["tasks"]["shoes"]["class_iou"]["value"] == 1.0
    assert found["tasks"]["foreground"]["class_iou"]["value"] < 1.0  # bags


def test_the_other_commands_have_these_words() -> None:
    lines = re.findall(r"^(?:sameperson (parse .*?))(?: +#.*)?$", PAGE, flags=re.M)
    assert len(lines) >= 8
    for line in lines:
        assert parser(("parse",)).parse_args(line.split()).job in line


def test_the_table_is_that_of_the_code() -> None:
    head, *rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in PAGE.splitlines()
                   if line.startswith("| ")]  # fmt: skip
    written = {}
    for name, *cells in rows:
        tasks = {}
        for task, cell in zip(head[1:], cells, strict=True):
            numbers = []
            for part in cell.split():
                first, _, last = part.partition("-")
                numbers += range(int(first), int(last or first) + 1)
            if numbers:
                tasks[task] = tuple(numbers)
        written[name] = tasks
    assert written == {name: dict(tasks) for name, tasks in TASKS.items()}
