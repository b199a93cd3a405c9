"""`sameperson report` writes a page, or says in one line why it cannot."""

import json

from PIL import Image

from sameperson.cli.main import main


def test_a_run_becomes_a_page(tmp_path, capsys):
    line = {"epoch": 1, "loss": 4.0, "loss/id": 4.0}
    (tmp_path / "metrics.jsonl").write_text(json.dumps(line) + "\n")
    assert main(["report", str(tmp_path), "--out", str(tmp_path / "page.html")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "page.html")
    assert "How it learned" in (tmp_path / "page.html").read_text()


def test_an_evaluation_in_a_run_is_on_its_page(market, network, tmp_path, capsys):
    run = tmp_path / "run"
    run.mkdir()
    (run / "metrics.jsonl").write_text(json.dumps({"epoch": 1, "loss": 4.0, "loss/id": 4.0}) + "\n")
    (run / "recipe.yaml").write_text("name: mine\n")
    words = ["--report", str(run / "test.html"), "--json", str(run / "evaluation.json"), "--resamples", "50"]
    assert main(["evaluate", str(market), *network, *words]) == 0
    assert main(["report", str(run)]) == 0
    page = (run / "report.html").read_text()
    for heading in ("How it learned", "How well it finds people", "Where it fails", "The worst searches"):
        assert f"<h2>{heading}</h2>" in page
    searched = json.loads((run / "evaluation.json").read_text())
    assert (searched["mAP"]["value"] == 1) == ("in every search all right pictures" in page)
    assert "picture gone" not in page and "recipe.yaml --out NEW_FOLDER" in page
    (run / "evaluation.json").write_text("{}")
    capsys.readouterr()
    assert main(["report", str(run)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_label_sets_that_are_not_known_are_one_line(market, network, tmp_path, capsys):
    words = ["--report", str(tmp_path / "page.html"), "--labels", "lop"]
    assert main(["evaluate", str(market), *network, *words]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert "lop" in said and "lip" in said


def test_damaged_priors_are_told_before_anything_is_embedded(market, network, tmp_path, capsys):
    maps = market / "parsing" / "query"
    maps.mkdir(parents=True)
    Image.new("L", (16, 32), 77).save(maps / "0001_c1s1_000001_00.png")
    words = ["--report", str(tmp_path / "page.html")]
    assert main(["evaluate", str(market), *network, *words]) == 2
    told = capsys.readouterr()
    assert "label 77" in told.err.strip().splitlines()[-1] and told.out == ""
    assert not (tmp_path / "page.html").exists()


def test_no_run_is_one_line(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_output_below_a_file_is_one_line(tmp_path, capsys):
    (tmp_path / "metrics.jsonl").write_text("")
    (tmp_path / "result.json").write_text('{"seed": 0}')
    assert main(["report", str(tmp_path), "--out", str(tmp_path / "result.json" / "page.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err
