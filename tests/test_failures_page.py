"""docs/failures.md says what is so: its commands work as written, and its limits are those of the code."""

import json
import re
from pathlib import Path

import pytest

from sameperson.cli.main import parser
from sameperson.evaluation.failures.alternatives import MOST_RERANKED
from sameperson.evaluation.failures.camera_pairs import MOST
from sameperson.evaluation.failures.picture_scores import OTHER_LIMITS, SCORES

PAGE = (Path(__file__).parents[1] / "docs" / "failures.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_commands_work_as_written(tmp_path: Path, typed) -> None:
    pytest.importorskip("warp")
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.S)
    typed(block)
    assert (tmp_path / "again.html").read_text() == (tmp_path / "report.html").read_text()
    failures = json.loads((tmp_path / "report.json").read_text())["failures"]
    titles = [one["title"] for one in failures["slices"]]
    assert titles[:3] == ["Hidden", "Low resolution", "Low light"] and "several" in failures["missing"]


def test_the_other_commands_have_these_words() -> None:
    lines = re.findall(r"^sameperson (evaluate|report|parse train) (.*?)(?: +#.*)?$", PAGE.replace("\\\n", " "), re.M)
    assert len(lines) >= 6
    for command, rest in lines:
        words = [word.strip("'") for word in rest.split()]
        parser((command.split()[0],)).parse_args([*command.split(), *words])


def test_the_limits_are_those_of_the_code() -> None:
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| ")]
    limits = [(cells[0], float(re.sub(r"[^0-9.]", "", cells[2])) if "%" in cells[2] or "under" in cells[2] else None)
              for cells in rows if len(cells) == 4]  # fmt: skip
    share = {"hidden": "hidden", "several people": "several", "unusual pose": "pose", "bag": "bag"}
    level = {"low resolution": "resolution", "low light": "light", "dark clothes": "clothes"}
    told = {name: limit for name, limit in limits if name and limit is not None}
    for name, score in share.items():
        assert told[name] == pytest.approx(100 * SCORES[score].limit)
    for name, score in level.items():
        assert told[name] == pytest.approx(SCORES[score].limit)
    others = [limit for name, limit in limits if not name]
    assert others == [pytest.approx(100 * limit) for limit in OTHER_LIMITS.values()]
    assert f"{MOST_RERANKED:,}" in PAGE and f"above {MOST} cameras" in PAGE


def test_the_figures_are_those_of_the_benchmark() -> None:
    kept = json.loads((Path(__file__).parents[1] / "benchmarks" / "results" / "slices.json").read_text())
    four = ("hidden", "several", "resolution", "light")
    names = {"true maps alone": "true maps", "true keypoints alone": "true keypoints", "the truth": "truth"}
    names["maps of the light parser"] = "the parser"
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| ")]
    written = 0
    for name, *cells in (row for row in rows if len(row) == 5):
        of = names.get(name.partition(" (")[0], name)
        if "(" in cells[0]:
            slices = kept["slices"][of]
            wanted = [f"{100 * slices[one]['difference']['value']:+.1f} ({slices[one]['place']})" for one in four]
        elif of in kept["auc"]:
            wanted = [f"{kept['auc'][of][one]:.3f}" if one in kept["auc"][of] else "" for one in four]
        else:
            continue  # a head
        assert cells == wanted
        written += 1
    assert written == 6 and f"{kept['pictures']} queries" in PAGE
    assert [kept["slices"]["truth"][one]["place"] for one in four] == [
        kept["slices"]["true keypoints and maps"][one]["place"] for one in four
    ]
