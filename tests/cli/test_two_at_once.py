"""Two runs into one output: the second command is refused in one line, and changes nothing."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sameperson.cli.main import main
from sameperson.locks import locked

WORLD = ["--people", "3", "--test-people", "1", "--cameras", "1", "--size", "32x16", "--workers", "1"]


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("out", ["world", "make", "OUT", *WORLD]),
        ("out", ["world", "make", "OUT", *WORLD, "--layout", "market1501"]),
        ("out", ["world", "scene", "OUT", "--people", "2", "--cameras", "1", "--seconds", "1"]),
        ("out", ["demo", "--quick", "--out", "OUT"]),
        ("out/keypoints.json", ["priors", "make", "keypoints", "SHOTS", "--out", "out", "NETWORK"]),
        ("out/parsing", ["priors", "make", "parsing", "SHOTS", "--out", "out", "NETWORK"]),
        ("out/keypoints.json", ["priors", "make", "keypoints", "SHOTS", "--out", "out", "--from", "SHOTS"]),
        ("out/parsing", ["priors", "make", "parsing", "SHOTS", "--out", "out", "--from", "SHOTS"]),
        ("out", ["parse", "predict", "SHOTS", "--weights", "w.safetensors", "--out", "OUT"]),
        ("out", ["parse", "export", "run", "--out", "OUT"]),
        ("e.parquet", ["embed", "SHOTS", "--out", "OUT", "--network", "NETWORK"]),
    ],
)
def test_the_second_is_refused(
    tmp_path, shots, network, monkeypatch, capsys, files_of, in_another_thread, out, words
) -> None:
    monkeypatch.chdir(tmp_path)
    model = network[1:2] if "embed" in words else ["--model", network[1]]
    stands = {"OUT": [out], "SHOTS": [str(shots)], "NETWORK": model}
    typed = [word for each in words for word in stands.get(each, [each])]
    typed += network[2:] if "NETWORK" in words else []
    with in_another_thread(locked(out)):
        before = files_of(tmp_path)
        assert main(typed) == 2
        said = capsys.readouterr()
        assert files_of(tmp_path) == before
    assert f"sameperson: {out}: process {os.getpid()} on " in said.err and said.err.count("\n") == 1
    assert "wait for its end, or choose another output" in said.err and said.out == ""


def test_a_run_is_not_resumed_while_it_trains(tmp_path, small_words, capsys) -> None:
    (tmp_path / "small.yaml").write_text("name: small\n")
    run = tmp_path / "run"
    words = ["train", str(tmp_path / "small.yaml"), *small_words(train__epochs=500, data__val_fraction=0)]
    words += ["--out", str(run)]
    process = subprocess.Popen([sys.executable, "-m", "sameperson", *words], stderr=subprocess.DEVNULL)
    try:
        while not (run / "checkpoint.pt").exists():
            assert process.poll() is None
            time.sleep(0.05)
        recipe = Path(run / "recipe.yaml").stat().st_mtime_ns
        for more in ([], ["--resume"]):
            assert main([*words, *more]) == 2
            said = capsys.readouterr().err
            assert f"run: process {process.pid} on " in said and said.count("\n") == 1
        assert process.poll() is None and Path(run / "recipe.yaml").stat().st_mtime_ns == recipe
    finally:
        process.kill()
        process.wait()
    last = words.index("train.epochs=500")
    assert main([*words[:last], "train.epochs=1", *words[last + 1 :], "--resume"]) == 2
    assert "made with train.epochs = 500" in capsys.readouterr().err
    assert not (tmp_path / ".run.lock").exists()
