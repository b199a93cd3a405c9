"""docs/data.md says what is so: its commands run, its table is the readers'."""

import json
import re
from pathlib import Path

import pytest

from sameperson.data.doctor.layouts import listing
from sameperson.data.readers import LAYOUTS
from sameperson.evaluation.protocols.catalogue import PROTOCOLS

PAGE = (Path(__file__).parents[1] / "docs" / "data.md").read_text(encoding="utf-8")


def test_the_commands_work_as_written(tmp_path: Path, typed) -> None:
    pytest.importorskip("warp")
    made, five = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S)
    assert len(five.strip().splitlines()) == 5
    out = typed(made + five)
    before, _, after = out.rpartition("crops.csv: a CSV table")
    assert "No split is written down" in before and "No split" not in after and "ERROR" not in after
    assert "data:image/jpeg" not in (tmp_path / "crops.html").read_text()  # nothing is wrong with any picture
    assert json.loads((tmp_path / "first.json").read_text())["queries"] > 0


def test_the_table_is_the_readers() -> None:
    (table,) = re.findall(r"<!-- layouts -->\n(.*?)\n<!-- /layouts -->", PAGE, flags=re.S)
    assert table.strip().splitlines() == listing(), "paste what `sameperson doctor --layouts` prints"
    for layout in LAYOUTS.values():
        assert set(layout.protocols) <= set(PROTOCOLS), layout.name


def test_links_exist() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", PAGE)
    assert targets and all((Path(__file__).parents[1] / "docs" / target).exists() for target in targets)
