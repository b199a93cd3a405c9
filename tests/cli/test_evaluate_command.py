"""`evaluate` from the command line: the table, the queries that have no match, the calibration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sameperson.cli.main import main
from sameperson.retrieval.calibrate import read_calibration


def test_figures_with_intervals_and_a_query_without_its_person(
    market: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(market), "--json", str(tmp_path / "f.json"), "--resamples", "50", *network]) == 0
    said = capsys.readouterr().out
    assert "rank-1" in said and "mINP" in said
    assert "0009_c1s1_000001_00.png" in said
    figures = json.loads((tmp_path / "f.json").read_text())
    # Every query but the stranger's has one picture of its person under the other camera, and it is the nearest.
    for measure in ("rank1", "rank5", "rank10", "mAP", "mINP"):
        assert figures[measure] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert figures["protocol"] == "market1501"


def test_a_network_blind_to_colour_does_worse(market: Path, network: list[str], tmp_path: Path) -> None:
    # A deviation so large in every channel but the first leaves only red: bob and cay look alike.
    words = [*network, "--std", "1,1e9,1e9", "--json", str(tmp_path / "f.json"), "--resamples", "50"]
    assert main(["evaluate", str(market), *words]) == 0
    figures = json.loads((tmp_path / "f.json").read_text())
    assert figures["mAP"]["value"] < 1.0


def test_a_calibration_is_fitted_on_the_training_people(market: Path, network: list[str], tmp_path: Path) -> None:
    words = ["--calibrate", str(tmp_path / "c.json"), "--json", str(tmp_path / "f.json"), "--resamples", "50"]
    assert main(["evaluate", str(market), *words, *network]) == 0
    calibration = read_calibration(tmp_path / "c.json")
    # Three people under two cameras with one picture each: 3 pairs of one, 6 of two.
    assert (calibration.positives, calibration.negatives) == (3, 6)
    assert calibration.probability(0.0) > 0.5 > calibration.probability(1.5)
    assert json.loads((tmp_path / "f.json").read_text())["calibration"]["positives"] == 3


def test_a_csv_is_read_as_one(market: Path, network: list[str], tmp_path: Path) -> None:
    rows = ["path,pid,camid"]
    for path in sorted((market / "query").glob("000[123]*")):
        rows.append(f"{path},{path.name[:4]},{path.name[6]}")
    (tmp_path / "all.csv").write_text("\n".join(rows))
    words = ["--json", str(tmp_path / "f.json"), "--resamples", "50", *network]
    assert main(["evaluate", str(tmp_path / "all.csv"), *words]) == 0
    assert json.loads((tmp_path / "f.json").read_text())["rank1"]["value"] == 1.0


def test_other_clothes_are_asked_for_by_name(
    market: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # In camera 2 ann and bob have changed; cay is queried in both cameras in what she wears throughout.
    rows = ["path,clothes_id"]
    for path in sorted(market.glob("*/*.png")):
        person, camera = int(path.name[:4]), int(path.name[6])
        rows.append(f"{path.parent.name}/{path.name},{10 * person + (camera if person < 3 else 0)}")
    words = ["evaluate", str(market), "--json", str(tmp_path / "f.json"), "--resamples", "50", *network]
    assert main([*words, "--protocol", "cross_clothes"]) == 2
    assert "clothes unknown in 12 pictures" in capsys.readouterr().err
    (market / "labels.csv").write_text("\n".join(rows) + "\n")
    for protocol, queries in (("cross_clothes", 4), ("same_clothes", 2)):
        assert main([*words, "--protocol", protocol]) == 0
        figures = json.loads((tmp_path / "f.json").read_text())
        assert (figures["protocol"], figures["queries"]) == (protocol, queries)
        assert figures["rank1"]["value"] == 1.0


def test_a_world_is_judged_without_a_tree(network: list[str], tmp_path: Path) -> None:
    plan = {"people": 3, "test_people": 2, "cameras": 2, "size": [64, 32]}
    (tmp_path / "world.json").write_text(json.dumps(plan))
    words = ["--json", str(tmp_path / "f.json"), "--resamples", "50", *network]
    assert main(["evaluate", str(tmp_path / "world.json"), *words]) == 0
    figures = json.loads((tmp_path / "f.json").read_text())
    assert (figures["queries"], figures["query_identities"], figures["gallery"]) == (4, 2, 12)
    assert 0 < figures["mAP"]["value"] <= 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere: no such file or folder"),
        (["{market}", "--reader", "markt1501"], "did you mean market1501?"),
        (["{market}", "--protocol", "market1510"], "did you mean market1501?"),
        (["a", "b", "{market}"], "one, or two with --compare"),
        (["{market}", "--seed", "-1"], "'-1' is no whole number from 0"),
        (["weights.safetensors", "{market}"], "both --weights and --network"),
    ],
)
def test_bad_input_is_one_line(
    market: Path, network: list[str], capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["evaluate", *(word.replace("{market}", str(market)) for word in words), *network]) == 2
    caught = capsys.readouterr().err
    assert said in caught and caught.count("\n") == 1


def test_a_gallery_without_anyone_asked_for_is_counted(
    market: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (market / "query").glob("000[123]*"):
        path.unlink()
    assert main(["evaluate", str(market), "--json", str(tmp_path / "f.json"), *network]) == 0
    assert "1 query has no match" in capsys.readouterr().out
    figures = json.loads((tmp_path / "f.json").read_text())
    assert (figures["queries"], figures["skipped_queries"]) == (0, 1)
    assert figures["skipped_files"] == ["query/0009_c1s1_000001_00.png"]
    assert figures["rank1"]["value"] is None


def test_a_csv_without_a_pid_column(network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("path,camid\na.jpg,1\n")
    assert main(["evaluate", str(tmp_path / "a.csv"), *network]) == 2
    assert "a pid column" in capsys.readouterr().err


def test_a_folder_without_weights_names_them(market: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run").mkdir()
    assert main(["evaluate", str(tmp_path / "run"), str(market)]) == 2
    assert "best.safetensors: no such file" in capsys.readouterr().err


def test_neighbours_expansion_and_strangers(
    market: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--rerank", "3,2,0.3", "--expand", "1,2", "--augment", "1", "--resamples", "50"]
    assert main(["evaluate", str(market), *words, "--json", str(tmp_path / "f.json"), *network]) == 0
    assert "expanded, re-ranked" in capsys.readouterr().out
    figures = json.loads((tmp_path / "f.json").read_text())
    assert figures["rerank"] == {"k1": 3, "k2": 2, "weight": 0.3}
    assert figures["expansion"] == {"k": 1, "alpha": 2.0, "database": 1}
    assert figures["rank1"]["value"] == 1.0


def test_thresholds_where_the_person_may_be_absent(
    market: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--open-set", "--resamples", "50", "--json", str(tmp_path / "f.json")]
    assert main(["evaluate", str(market), *words, *network]) == 0
    assert "equal error rate 3.33 %" in capsys.readouterr().out
    found = json.loads((tmp_path / "f.json").read_text())["open_set"]
    # The stranger among the queries looks like ann, of whom there are two pictures: 2 of 30 pairs are taken for one.
    assert (found["enrolled_queries"], found["genuine_pairs"], found["impostor_pairs"]) == (6, 6, 30)
    assert found["EER"] == pytest.approx(1 / 30)
    assert found["verification"][0]["TPR"]["value"] == 1.0
    assert found["verification"][0]["reached"] == pytest.approx(2 / 30)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--rerank", "20"], "--rerank 20"),
        (["--rerank", "0,6,0.3"], "k1=0"),
        (["--expand", "five"], "--expand five"),
        (["--match", "parts"], "without parts"),
        (["--wholes", "2"], "--wholes 2"),
    ],
)
def test_comparisons_that_mean_nothing_are_one_line(
    market: Path, network: list[str], words: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(market), "--resamples", "5", *words, *network]) == 2
    said = capsys.readouterr().err
    assert named in said and len(said.strip().splitlines()) == 1


def test_a_page_of_the_figures_and_the_same_from_their_json(
    market: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", str(market), "--resamples", "50", "--protocol", "market1501,camera_blind", *network]
    assert main([*words, "--json", str(tmp_path / "f.json"), "--report", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text()
    figures = json.loads((tmp_path / "f.json").read_text())
    cameras = figures["protocols"]["market1501"]["cameras"]
    # Three people are asked for by either camera; the stranger has no one to be found.
    assert [(one["camera"], one["queries"], one["rank1"]["value"]) for one in cameras] == [(1, 3, 1.0), (2, 3, 1.0)]
    assert figures["command"].startswith("sameperson evaluate ") and len(figures["pictures"]["hardest"]) == 3
    assert page.count("<article") == 6 and "By the camera of the query" in page and "data:image" in page
    assert "picture gone" not in page
    capsys.readouterr()
    assert main(["report", str(tmp_path / "f.json")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "f.html")
    assert (tmp_path / "f.html").read_text() == page


def test_a_page_of_nothing_to_ask_for_says_so(market: Path, network: list[str], tmp_path: Path) -> None:
    for path in (market / "query").glob("000[123]*"):
        path.unlink()
    assert main(["evaluate", str(market), "--report", str(tmp_path / "page.html"), *network]) == 0
    assert "No query has a right answer" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize("content", ['{"a": 1}', "[]", "no json", '{"fingerprint": "x", "rank1": 3}'])
def test_a_json_that_is_no_evaluation_is_one_line(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f.json").write_text(content)
    assert main(["report", str(tmp_path / "f.json")]) == 2
    said = capsys.readouterr().err
    assert "f.json" in said and said.count("\n") == 1 and not (tmp_path / "f.html").exists()
