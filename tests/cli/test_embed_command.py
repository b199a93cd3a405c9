"""`embed` from the command line to the Parquet, and every way it can be asked for the impossible."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.cli.main import main
from sameperson.retrieval.store import read_store


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line with which a command answers bad input."""
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("sameperson: ") and said.err.count("\n") == 1
    return said.err


def test_each_picture_gets_its_feature(shots: Path, network: list[str], tmp_path: Path) -> None:
    out = tmp_path / "e.parquet"
    assert main(["embed", str(shots), "--out", str(out), "--pattern", "{pid}/{camid}/*", *network]) == 0
    store = read_store(out)
    assert len(store.samples) == 12
    assert store.samples.name_of(int(store.samples.pid[0])) == "ann"
    for row in range(12):
        pixels = np.asarray(Image.open(store.samples.file(row)), np.float64)
        assert np.allclose(store.embeddings.features[row], pixels.mean(axis=(0, 1)) / 255 - 0.5, atol=1e-4)


def test_running_again_gives_the_same_bytes(shots: Path, network: list[str], tmp_path: Path) -> None:
    words = ["embed", str(shots), "--out", str(tmp_path / "e.parquet"), *network]
    assert main(words) == 0
    first = (tmp_path / "e.parquet").read_bytes()
    assert main([*words, "--workers", "0", "--batch", "5"]) == 0
    assert (tmp_path / "e.parquet").read_bytes() == first


def test_figures_are_written_as_json(shots: Path, network: list[str], tmp_path: Path) -> None:
    out = tmp_path / "e.parquet"
    assert main(["embed", str(shots), "--out", str(out), "--json", str(tmp_path / "f.json"), *network]) == 0
    figures = json.loads((tmp_path / "f.json").read_text())
    assert (figures["pictures"], figures["broken"], figures["size"]) == (12, 0, [32, 16])
    assert figures["fingerprint"] == read_store(out).embeddings.fingerprint


def cut(path: Path) -> None:
    Image.new("RGB", (64, 128), "red").save(path, quality=95)
    path.write_bytes(path.read_bytes()[:500])


def text(path: Path) -> None:
    path.write_text("not a picture at all")


@pytest.mark.parametrize("spoil", [cut, text])
def test_a_broken_picture_is_named_or_counted(
    shots: Path,
    network: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Path], None],
) -> None:
    spoil(shots / "ann" / "broken.jpg")
    words = ["embed", str(shots), "--out", str(tmp_path / "e.parquet"), *network]
    assert "broken.jpg" in refused(words, capsys)
    assert not (tmp_path / "e.parquet").exists()
    assert main([*words, "--skip-broken", "--json", str(tmp_path / "f.json")]) == 0
    assert "left out 1 broken: ann/broken.jpg" in capsys.readouterr().err
    figures = json.loads((tmp_path / "f.json").read_text())
    assert (figures["pictures"], figures["broken"], figures["broken_files"]) == (12, 1, ["ann/broken.jpg"])


def test_nothing_but_broken_pictures(tmp_path: Path, network: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dir").mkdir()
    text(tmp_path / "dir" / "a.jpg")
    refused(["embed", str(tmp_path / "dir"), "--skip-broken", "--out", str(tmp_path / "e.parquet"), *network], capsys)
    assert not (tmp_path / "e.parquet").exists()


def test_a_missing_and_an_empty_folder(tmp_path: Path, network: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path / "e.parquet"), *network]
    assert "nowhere: no such" in refused(["embed", str(tmp_path / "nowhere"), *out], capsys)
    (tmp_path / "empty").mkdir()
    assert "no pictures" in refused(["embed", str(tmp_path / "empty"), *out], capsys)


def test_an_output_that_cannot_be_written(
    shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    words = ["embed", str(shots), *network, "--out"]
    assert "cannot be written" in refused([*words, str(tmp_path / "file" / "e.parquet")], capsys)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(
    shots: Path, network: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    words = ["embed", str(shots), *network, "--out", str(tmp_path / "locked" / "e.parquet")]
    assert "cannot be written (Permission denied)" in refused(words, capsys)


def test_half_a_weights_file(shots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from safetensors.numpy import save_file

    save_file({"w": np.zeros((64, 64), np.float32)}, tmp_path / "w.safetensors")
    (tmp_path / "w.safetensors").write_bytes((tmp_path / "w.safetensors").read_bytes()[:4000])
    words = ["embed", str(shots), "--out", str(tmp_path / "e.parquet"), "--weights", str(tmp_path / "w.safetensors")]
    assert "w.safetensors" in refused(words, capsys)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--channels", "BGR"], "--channels without --network"),
        (["--network", "n.onnx", "--weights", "w.safetensors"], "both --weights and --network"),
        (["--network", "n.onnx", "--std", "0"], "--std of 0"),
        (["--network", "n.onnx", "--input-size", "256"], "HEIGHTxWIDTH"),
        (["--network", "n.onnx", "--mean", "1,2"], "three numbers"),
        (["--network", "n.onnx", "--scale", "one"], "no number"),
        (["--network", "nowhere.onnx"], "nowhere.onnx: no such file"),
        (["--batch", "0"], "whole number from 1"),
    ],
)
def test_words_that_do_not_fit(
    shots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert said in refused(["embed", str(shots), "--out", str(tmp_path / "e.parquet"), *words], capsys)
