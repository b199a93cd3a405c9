"""`doctor` from the command line: what it prints, writes and refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sameperson.cli.main import main
from sameperson.data.readers import LAYOUTS


def test_the_report_and_its_figures(market: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--json", str(tmp_path / "d.json"), "--html", str(tmp_path / "d.html")]
    assert main(["doctor", str(market), *words]) == 0
    said = capsys.readouterr().out
    assert "Market-1501 (reader market1501" in said and "next:" in said
    assert "1 of 7 queries can never match: their person has no picture in the gallery" in said
    assert len(said.splitlines()) < 80
    figures = json.loads((tmp_path / "d.json").read_text())
    assert figures["layout"] == "market1501" and figures["readable"]
    assert {"unmatched-absent", "shared-people"} <= {one["kind"] for one in figures["findings"]}
    assert figures["splits"][1]["pictures"] == 7 and figures["next"]
    page = (tmp_path / "d.html").read_text()
    assert "data:image/jpeg" in page and "<script" not in page and "http://" not in page and "https://" not in page


def test_a_name_is_escaped_on_the_page(shots: Path, tmp_path: Path) -> None:
    (shots / "ann").rename(shots / "<b>ann")
    (shots / "bob").rename(shots / "Cay")  # a twin of cay, so that names are told
    assert main(["doctor", str(shots), "--html", str(tmp_path / "d.html")]) == 0
    page = (tmp_path / "d.html").read_text()
    assert "Cay" in page and "<b>ann" not in page


def test_a_split_is_written(shots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "split.csv"
    words = ["--fix-split", str(out), "--val-fraction", "0"]
    assert main(["doctor", str(shots), *words, "--test-fraction", "0.5"]) == 2
    assert "3 people" in capsys.readouterr().err and not out.exists()
    for name in ("dan", "eve"):
        shutil.copytree(shots / "ann", shots / name)
    assert main(["doctor", str(shots), *words, "--no-pictures"]) == 0
    assert "a split by person" in capsys.readouterr().out
    dataset = LAYOUTS["csv"].read(out, None)
    assert dataset.query.people == 2 and dataset.train.people == 3


def test_wrong_labels_by_a_network(market: Path, network: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (market / "query" / "0001_c1s1_000001_00.png").rename(market / "query" / "0002_c1s1_000099_00.png")
    assert main(["doctor", str(market), "--reader", "market1501", *network]) == 0
    said = capsys.readouterr().out
    assert "0002_c1s1_000099_00.png (labelled 2, looks like" in said


def test_embeddings_of_other_pictures(market: Path, shots: Path, network: list[str], tmp_path: Path, capsys) -> None:
    assert main(["embed", str(shots), "--out", str(tmp_path / "e.parquet"), *network]) == 0
    assert main(["doctor", str(market), "--embeddings", str(tmp_path / "e.parquet")]) == 2
    assert "of other pictures" in capsys.readouterr().err
    assert main(["doctor", str(shots), "--embeddings", str(tmp_path / "e.parquet")]) == 0


@pytest.mark.parametrize("words", [["nowhere"], [".", "--reader", "markt"], [".", "--test-fraction", "2"]])
def test_bad_input_is_one_line(words, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", *words]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_all_layouts_are_listed(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["doctor", "--layouts"])
    said = capsys.readouterr().out
    assert all(f"| `{name}` |" in said for name in LAYOUTS)
