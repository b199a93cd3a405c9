"""docs/priors.md says what is so."""

import re
from pathlib import Path

import pytest
import yaml

from sameperson.config import Data
from sameperson.priors.label_sets import LABEL_SETS, merge_table
from sameperson.priors.load import PRIORS
from sameperson.priors.locations import FOLDERS

PAGE = (Path(__file__).parents[1] / "docs" / "priors.md").read_text(encoding="utf-8")


def test_the_commands_work_as_written(tmp_path: Path, typed) -> None:
    pytest.importorskip("warp")
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S)
    out = typed(block)
    pictures = len(list((tmp_path / "crops").glob("*.jpg")))
    assert pictures
    assert len(list((tmp_path / "crops" / "parsing").glob("*.png"))) == pictures
    assert f"keypoints of {pictures} of {pictures} pictures" in out


def test_the_recipe_is_one() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.S)
    data = Data.model_validate(yaml.safe_load(block)["data"])
    assert data.parsing.merge == "study-7"
    assert set(data.priors) <= set(PRIORS)


def test_the_tables_are_whole() -> None:
    for name in (*PRIORS, *LABEL_SETS):
        assert f"`{name}`" in PAGE, name
    for name in FOLDERS:
        assert f"{name}/" in PAGE, name
    for name, sources in re.findall(r"^\| `([\w-]+)` \| .* \| (`lip`, `atr`|`atr` .*|any|) ?\|$", PAGE, flags=re.M):
        wanted = list(LABEL_SETS) if sources == "any" else re.findall(r"`([\w-]+)`", sources)
        for source in wanted:
            assert merge_table(source, name)[0] == 0
