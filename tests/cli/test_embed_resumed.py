"""`embed` stopped after some shards and typed again: what is done stays, unless something of it has changed."""

import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.cli.main import main
from sameperson.evaluation import embed as embedding

PICTURES = 2500


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> Path:
    root, rng = tmp_path_factory.mktemp("people") / "people", np.random.default_rng(3)
    root.mkdir()
    for number in range(PICTURES):
        Image.fromarray(rng.integers(0, 256, (8, 4, 3), np.uint8)).save(root / f"{number:04d}.bmp")
    return root


@pytest.fixture
def embed(people, tmp_path, network, monkeypatch):
    """Type `embed`: how many pictures it read, and how it ended; `until`: it is stopped before reading the next."""
    read = []

    def run(*more: str, until: int = PICTURES + 1, out: str = "e.parquet") -> tuple[int, int]:
        read.clear()
        load = embedding.eval_loader

        def loader(*words, **named):
            for part in load(*words, **named):
                if len(read) + len(part.rows) > until:
                    raise KeyboardInterrupt
                read.extend(part.rows)
                yield part

        with monkeypatch.context() as patch:
            patch.setattr(embedding, "eval_loader", loader)
            code = main(["embed", str(people), "--out", str(tmp_path / out), *network, *more])
        return code, len(read)

    return run


def test_what_is_done_is_said_and_not_done_again(embed, tmp_path, capsys):
    assert embed(until=2200) == (130, 2176)  # 34 batches of 64
    assert sorted(path.name for path in tmp_path.iterdir()) == [".e.parquet.part", "mean.onnx"]
    capsys.readouterr()
    assert embed() == (0, PICTURES - 2048)
    assert f"{tmp_path / 'e.parquet'}: 2,048 of 2,500 pictures were done already\n" in capsys.readouterr().err
    assert embed(out="alone.parquet") == (0, PICTURES)
    assert "already" not in capsys.readouterr().err
    assert (tmp_path / "e.parquet").read_bytes() == (tmp_path / "alone.parquet").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["alone.parquet", "e.parquet", "mean.onnx"]


@pytest.mark.parametrize("more", [("--flip",), ("--batch", "50"), ("--mean", "0.25")])
def test_other_options_start_anew(embed, tmp_path, more):
    assert embed(until=2200) == (130, 2176)
    assert embed(*more) == (0, PICTURES)
    assert embed(*more, out="alone.parquet") == (0, PICTURES)
    assert (tmp_path / "e.parquet").read_bytes() == (tmp_path / "alone.parquet").read_bytes()
    assert not (tmp_path / ".e.parquet.part").exists()


def test_a_changed_picture_is_embedded_again(embed, people, tmp_path):
    assert embed(until=2200) == (130, 2176)
    file = people / f"{random.randrange(1024):04d}.bmp"
    before = file.read_bytes()
    try:
        Image.new("RGB", (4, 8), "red").save(file)
        assert embed() == (0, PICTURES - 1024)
        assert embed(out="alone.parquet") == (0, PICTURES)
    finally:
        file.write_bytes(before)
    assert (tmp_path / "e.parquet").read_bytes() == (tmp_path / "alone.parquet").read_bytes()


def test_a_broken_picture_in_the_middle(embed, people, tmp_path, capsys):
    """It ends the run, but what was done before it is kept; then it is left out, or mended."""
    file = people / "1500.bmp"
    before = file.read_bytes()
    try:
        file.write_bytes(b"BM")
        code, _ = embed()
        assert code == 2 and "1500.bmp" in capsys.readouterr().err and not (tmp_path / "e.parquet").exists()
        assert embed("--skip-broken", until=1200) == (130, 1023 + 2 * 64)
        assert "1,024 of 2,500" in capsys.readouterr().err
        assert embed("--skip-broken") == (0, PICTURES - 2048)
        said = capsys.readouterr().err
        assert "2,048 of 2,500" in said and "left out 1 broken: 1500.bmp" in said
        assert embed("--skip-broken", out="alone.parquet") == (0, PICTURES - 1)
        assert "left out 1 broken: 1500.bmp" in capsys.readouterr().err
        assert (tmp_path / "e.parquet").read_bytes() == (tmp_path / "alone.parquet").read_bytes()
    finally:
        file.write_bytes(before)
