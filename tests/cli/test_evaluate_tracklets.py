"""`evaluate` of one's own tracklets: figures equal a loop over mean features, and odd tables are told in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.cli.main import main

HEIGHT, WIDTH = 32, 16
PEOPLE, CAMERAS, TRACKS, FRAMES = 6, 2, 2, 3


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def colour(path: Path) -> np.ndarray:
    """What the network `mean.onnx` makes of a picture."""
    return (np.asarray(Image.open(path), np.float64) / 255).mean((0, 1)) - 0.5


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """films/0001C1T0001F001.png and so on: each person's tracklets are numbered anew under each camera, as in MARS."""
    rng = np.random.default_rng(5)
    root = tmp_path / "films"
    root.mkdir()
    for person in range(1, PEOPLE + 1):
        coat = rng.uniform(60, 200, 3)
        for camera in range(1, CAMERAS + 1):
            for track in range(1, TRACKS + 1):
                light = rng.normal(0, 25, 3)
                for frame in range(1, FRAMES + 1):
                    pixels = coat + light + rng.normal(0, 20, 3) + np.zeros((HEIGHT, WIDTH, 3))
                    name = f"{person:04d}C{camera}T{track:04d}F{frame:03d}.png"
                    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(root / name)
    return root


PATTERN = "{pid}C{camid}T{track_id}F{frame}.png"


def labels(path: Path) -> tuple[int, int, int]:
    return int(path.name[:4]), int(path.name[5]), int(path.name[7:11])


def by_tracklet(root: Path) -> tuple[dict, dict]:
    """The mean of unit features of each tracklet; the first tracklet of each person under each camera asks."""
    tracks: dict[tuple[int, int, int], list[np.ndarray]] = {}
    for path in sorted(root.glob("*.png")):
        tracks.setdefault(labels(path), []).append(colour(path))
    means = {key: unit(np.array(each)).mean(0) for key, each in tracks.items()}
    return {key: one for key, one in means.items() if key[2] == 1}, {k: m for k, m in means.items() if k[2] != 1}


def side(tracks: dict) -> tuple[np.ndarray, list[int], list[int]]:
    return np.array(list(tracks.values())), [key[0] for key in tracks], [key[1] for key in tracks]


def evaluated(words: list[str], network: list[str], out: Path) -> dict:
    assert main(["evaluate", *words, "--json", str(out / "f.json"), "--resamples", "20", *network]) == 0
    return json.loads((out / "f.json").read_text())


def same(figures: dict, naive: dict) -> None:
    assert figures["queries"] == naive.pop("queries")
    for name, value in naive.items():
        assert figures[name]["value"] == pytest.approx(value, abs=1e-9), name


def write_table(file: Path, root: Path, end: str = "\n", track=lambda path: str(labels(path)[2]), head="") -> Path:
    rows = [head or "path,pid,camid,track_id"]
    for path in sorted(root.glob("*.png")):
        pid, camid, _ = labels(path)
        rows.append(f"{root.name}/{path.name},{pid},{camid},{track(path)}")
    file.write_bytes((end.join(rows) + end).encode())
    return file


def test_a_pattern_makes_tracklets(films, network, tmp_path, capsys, naive_figures):
    figures = evaluated([str(films), "--pattern", PATTERN], network, tmp_path)
    said = capsys.readouterr().out
    assert figures["unit"] == "track" and figures["protocol"] == "market1501" and figures["gallery"] == 12
    assert "queries 36 pictures in 12 tracklets, gallery 36 pictures in 12 tracklets (--unit picture" in said
    assert "among 12 tracklets" in said
    query, gallery = by_tracklet(films)
    naive = naive_figures(side(query), side(gallery))
    assert 0.3 < naive["rank1"] < 1  # neither trivial nor hopeless
    same(figures, naive)


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_a_column_makes_tracklets(films, network, tmp_path, end, naive_figures):
    figures = evaluated([str(write_table(tmp_path / "films.csv", films, end))], network, tmp_path)
    assert figures["unit"] == "track"
    query, gallery = by_tracklet(films)
    same(figures, naive_figures(side(query), side(gallery)))


def test_labels_may_be_text_or_numbers_too_large_for_a_column(films, network, tmp_path, naive_figures):
    words = {1: "front door", 2: "Hof-2"}
    text = write_table(tmp_path / "text.csv", films, track=lambda path: words[labels(path)[2]])
    long = write_table(tmp_path / "long.csv", films, track=lambda path: str(20260101000000 + labels(path)[2]))
    query, gallery = by_tracklet(films)
    for table in (text, long):
        same(evaluated([str(table)], network, tmp_path), naive_figures(side(query), side(gallery)))


def test_a_written_split_of_whole_tracklets(films, network, tmp_path, naive_figures):
    table = write_table(
        tmp_path / "split.csv",
        films,
        track=lambda path: f"{labels(path)[2]},{'query' if labels(path)[2] == 2 else 'gallery'}",
        head="path,pid,camid,track_id,split",
    )
    first, second = by_tracklet(films)
    same(evaluated([str(table)], network, tmp_path), naive_figures(side(second), side(first)))


def test_each_picture_by_itself_on_demand(films, network, tmp_path, naive_figures):
    figures = evaluated([str(films), "--pattern", PATTERN, "--unit", "picture"], network, tmp_path)
    each = [(colour(path), *labels(path)) for path in sorted(films.glob("*.png"))]
    query, gallery = (
        tuple(np.array(column) for column in list(zip(*[row for row in each if (row[3] == 1) == asks]))[:3])
        for asks in (True, False)
    )
    assert figures["unit"] == "picture" and figures["gallery"] == 36
    same(figures, naive_figures(query, gallery))


def test_one_picture_for_each_tracklet_is_evaluation_of_pictures(films, network, tmp_path):
    alone = write_table(tmp_path / "alone.csv", films, track=lambda path: path.name[7:])
    bare = write_table(tmp_path / "bare.csv", films, track=lambda _: "")
    tracks, pictures = (evaluated([str(table)], network, tmp_path) for table in (alone, bare))
    assert (tracks["unit"], pictures["unit"]) == ("track", "picture")
    for name in ("rank1", "rank5", "mAP", "mINP", "queries", "gallery"):
        assert tracks[name] == pictures[name], name


def test_pictures_without_a_tracklet_stand_for_themselves(films, network, tmp_path, capsys, naive_figures):
    lone = "0003C2T0002F002.png"
    table = write_table(
        tmp_path / "some.csv", films, track=lambda path: "" if path.name == lone else str(labels(path)[2])
    )
    figures = evaluated([str(table)], network, tmp_path)
    said = capsys.readouterr().err
    assert "1 of 72 test pictures without a track_id" in said and lone in said
    query, gallery = by_tracklet(films)
    rest = [path for path in sorted(films.glob("0003C2T0002*.png")) if path.name != lone]
    gallery[3, 2, 2] = unit(np.array([colour(path) for path in rest])).mean(0)
    gallery[3, 2, 3] = colour(films / lone)
    assert figures["gallery"] == 13
    same(figures, naive_figures(side(query), side(gallery)))


def test_tracklets_of_a_tree_with_labels_beside_it_on_demand(market, network, tmp_path, capsys):
    rows = [f"{path.relative_to(market)},{path.name[8:]}" for path in sorted(market.glob("*/*.png"))]
    assert main(["evaluate", str(market), "--unit", "track", *network]) == 2
    assert "no picture with a track_id" in capsys.readouterr().err
    (market / "labels.csv").write_text("\n".join(["path,track_id", *(f"{row.split(',')[0]},1" for row in rows)]))
    figures = evaluated([str(market), "--unit", "track"], network, tmp_path)
    # A label under two people or two cameras is several tracklets: three people in two cameras.
    assert (figures["unit"], figures["gallery"], figures["queries"]) == ("track", 6, 6)
