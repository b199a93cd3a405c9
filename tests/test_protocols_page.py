"""docs/protocols.md says what the protocols are, and its commands work as written."""

import json
import re
from pathlib import Path

import pytest

from sameperson.evaluation.protocols.catalogue import PROTOCOLS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "protocols.md").read_text(encoding="utf-8")


def test_every_protocol_stands_there_with_its_rules():
    rows = [f"| `{p.name}` | {p.suits} | {p.rules} | {p.source} |" for p in PROTOCOLS.values()]
    assert re.findall(r"^\| `.*$", PAGE, flags=re.M) == rows


@pytest.mark.slow
def test_the_commands_work_as_written(tmp_path, typed):
    code = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S))
    out = typed(code)
    assert "read as PRCC" in out
    figures = json.loads((tmp_path / "runs/prcc.json").read_text())["protocols"]
    assert list(figures) == ["prcc_same", "prcc_cross", "prcc_cross_single_shot"]
    matrix = json.loads((tmp_path / "runs/cross/matrix.json").read_text())["matrix"]
    assert {row: list(cells) for row, cells in matrix.items()} == {"a": ["a", "b"], "b": ["a", "b"]}
