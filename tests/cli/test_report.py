"""`sameperson report` writes a page, or says in one line why it cannot."""

import json

from sameperson.cli.main import main


def test_a_run_becomes_a_page(tmp_path, capsys):
    line = {"epoch": 1, "loss": 4.0, "loss/id": 4.0}
    (tmp_path / "metrics.jsonl").write_text(json.dumps(line) + "\n")
    assert main(["report", str(tmp_path), "--out", str(tmp_path / "page.html")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "page.html")
    assert "How it learned" in (tmp_path / "page.html").read_text()


def test_no_run_is_one_line(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_output_below_a_file_is_one_line(tmp_path, capsys):
    (tmp_path / "metrics.jsonl").write_text("")
    (tmp_path / "result.json").write_text('{"seed": 0}')
    assert main(["report", str(tmp_path), "--out", str(tmp_path / "result.json" / "page.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err
