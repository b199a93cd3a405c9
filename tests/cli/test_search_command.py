"""`search` from the command line: the right people first, the query's own file never, a picture of the list."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sameperson.cli.main import main


def search(words: list[str], folder: Path) -> dict[str, Any]:
    """The figures of a search that must work."""
    rest = ["--out", str(folder / "ranked.png"), "--json", str(folder / "f.json")]
    assert main(["search", *words, *rest]) == 0
    return json.loads((folder / "f.json").read_text())


def test_the_person_comes_first_and_the_query_itself_not_at_all(
    shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    query = shots / "bob" / "cam1" / "bob_10.png"
    words = [str(query), str(shots), "--top", "5", "--pattern", "{pid}/{camid}/*", *network]
    figures = search(words, tmp_path)
    assert "the query's own file is left out" in capsys.readouterr().out
    (one,) = figures["queries"]
    assert one["left_out"] and one["person"] == "bob"
    assert [result["same"] for result in one["results"]] == [True, True, True, False, False]
    assert str(query) not in [result["file"] for result in one["results"]]
    assert figures["gallery"] == 12
    assert [result["rank"] for result in one["results"]] == [1, 2, 3, 4, 5]
    distances = [result["distance"] for result in one["results"]]
    assert distances == sorted(distances)
    with Image.open(tmp_path / "ranked.png") as page:
        assert page.format == "PNG" and page.width > 5 * 144


def test_a_query_from_elsewhere_has_no_label(shots: Path, network: list[str], tmp_path: Path) -> None:
    shutil.copy(shots / "cay" / "cam2" / "cay_21.png", tmp_path / "who.png")
    (one,) = search([str(tmp_path / "who.png"), str(shots), "--top", "3", *network], tmp_path)["queries"]
    assert not one["left_out"] and one["person"] is None
    assert Path(one["results"][0]["file"]).name == "cay_21.png"
    assert {result["same"] for result in one["results"]} == {None}


def test_stored_embeddings_answer_as_the_pictures_do(shots: Path, network: list[str], tmp_path: Path) -> None:
    store = str(tmp_path / "e.parquet")
    assert main(["embed", str(shots), "--out", store, *network]) == 0
    query = str(shots / "ann" / "cam1" / "ann_10.png")
    stored = search([query, store, *network], tmp_path)
    assert stored == search([query, str(shots), *network], tmp_path)
    assert len(stored["queries"][0]["results"]) == 10


def test_embeddings_of_another_preprocessing_are_refused(
    shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = str(tmp_path / "e.parquet")
    assert main(["embed", str(shots), "--out", store, *network]) == 0
    capsys.readouterr()
    query = str(shots / "ann" / "cam1" / "ann_10.png")
    assert main(["search", query, store, *network, "--channels", "BGR", "--out", str(tmp_path / "r.png")]) == 2
    caught = capsys.readouterr().err
    assert "another network or preprocessing" in caught and caught.count("\n") == 1
    assert not (tmp_path / "r.png").exists()


def test_a_folder_of_queries_and_probabilities(
    shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.json").write_text(json.dumps({"slope": -8.0, "intercept": 4.0}))
    words = [str(shots / "ann"), str(shots), "--top", "2", "--calibration", str(tmp_path / "c.json"), *network]
    figures = search(words, tmp_path)
    assert "4 queries lie there too" in capsys.readouterr().out
    assert len(figures["queries"]) == 4
    for one in figures["queries"]:
        assert all(Path(result["file"]).name.startswith("ann") for result in one["results"])
        assert all(result["probability"] > 0.9 for result in one["results"])


def test_broken_pictures_in_the_folder(
    shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shots / "notes.jpg").write_text("hello")
    words = [str(shots / "ann" / "cam1" / "ann_10.png"), str(shots), *network]
    assert main(["search", *words, "--out", str(tmp_path / "r.png")]) == 2
    assert "notes.jpg" in capsys.readouterr().err
    figures = search([*words, "--skip-broken"], tmp_path)
    assert (figures["broken"], figures["gallery"]) == (1, 12)


def test_a_ranked_list_that_cannot_be_written(
    shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    query = str(shots / "ann" / "cam1" / "ann_10.png")
    assert main(["search", query, str(shots), *network, "--out", str(tmp_path / "file" / "r.png")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_picture_of_no_known_kind_is_refused_before_the_work(
    shots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", str(tmp_path / "nowhere.jpg"), str(shots), "--out", "ranked.gif"]) == 2
    assert "'.gif'" in capsys.readouterr().err


def test_only_pictures_near_enough_for_a_false_match_rate(shots: Path, network: list[str], tmp_path: Path) -> None:
    curve = {"slope": -10.0, "intercept": 4.0, "thresholds": [[0.1, 0.5], [0.01, 0.05]]}
    (tmp_path / "c.json").write_text(json.dumps(curve))
    query = shots / "bob" / "cam1" / "bob_10.png"
    words = [str(query), str(shots), "--calibration", str(tmp_path / "c.json"), *network]
    (one,) = search([*words, "--false-matches", "0.02"], tmp_path)["queries"]
    assert len(one["results"]) == 3 and all("bob" in result["file"] for result in one["results"])
    assert main(["search", *words, "--false-matches", "0.0001", "--out", str(tmp_path / "r.png")]) == 2
    assert main(["search", str(query), str(shots), *network, "--false-matches", "0.1", "--out", "r.png"]) == 2


def test_a_search_by_neighbours_gives_no_probabilities(
    shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.json").write_text(json.dumps({"slope": -10.0, "intercept": 4.0}))
    query = shots / "bob" / "cam1" / "bob_10.png"
    words = [str(query), str(shots), "--calibration", str(tmp_path / "c.json"), "--top", "3", *network]
    figures = search([*words, "--rerank", "3,2,0.3"], tmp_path)
    assert "plain cosine distances" in capsys.readouterr().out
    assert figures["rerank"] == {"k1": 3, "k2": 2, "weight": 0.3}
    (one,) = figures["queries"]
    assert [result["probability"] for result in one["results"]] == [None] * 3
    assert all("bob" in result["file"] for result in one["results"])


def test_a_calibration_of_another_network_is_refused(
    shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.json").write_text(json.dumps({"slope": -10.0, "intercept": 4.0, "fingerprint": "feedfacefeedface"}))
    query = shots / "bob" / "cam1" / "bob_10.png"
    words = [str(query), str(shots), "--calibration", str(tmp_path / "c.json"), "--out", str(tmp_path / "r.png")]
    assert main(["search", *words, *network]) == 2
    said = capsys.readouterr().err
    assert "of embeddings feedfacefeedface" in said and len(said.strip().splitlines()) == 1


def test_query_and_gallery_are_labelled_by_one_pattern(shots: Path, network: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "k" / "23"
    folder.mkdir(parents=True)
    for k, picture in enumerate(sorted((shots / "bob").rglob("*.png"))):
        shutil.copy(picture, folder / f"0003_c{k + 1}s1_000001_00.png")
    words = [str(folder / "0003_c1s1_000001_00.png"), str(folder.parent), "--pattern", "{pid}/*_c{camid}s*", *network]
    (one,) = search(words, tmp_path)["queries"]
    assert one["person"] == "23" and [result["same"] for result in one["results"]] == [True, True, True]
    store = str(tmp_path / "e.parquet")
    assert main(["embed", str(folder.parent), "--out", store, "--pattern", "{pid}/*_c{camid}s*", *network]) == 0
    (one,) = search([words[0], store, *network], tmp_path)["queries"]
    assert one["person"] == "23" and {result["same"] for result in one["results"]} == {True}


def test_a_picture_is_drawn_only_where_one_is_asked_for(
    shots: Path, network: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert main(["search", str(shots / "ann" / "cam1" / "ann_10.png"), str(shots), "--top", "3", *network]) == 0
    assert "1 query among 12 pictures" in capsys.readouterr().out
    assert not list((tmp_path / "empty").iterdir())
