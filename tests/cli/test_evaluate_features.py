"""`evaluate --features`: stored features have the figures of their network, or those of a plain loop."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.lib import format as npy
from scipy.io import savemat

from sameperson.cli.main import main
from sameperson.retrieval.store import read_store

FIGURES = ("rank1", "rank5", "mAP", "mINP", "queries", "gallery", "skipped_files", "cmc", "dropped_pairs", "cameras")
HARD = ["--std", "1,1e9,1e9"]
"""A deviation so large in every channel but the first leaves only red, by which two of three people look alike."""


def run(words: list, out: Path) -> dict:
    file = out / "figures.json"
    assert main(["evaluate", *map(str, words), "--json", str(file), "--resamples", "50"]) == 0
    return json.loads(file.read_text())


def embed(words: list, out: Path) -> Path:
    assert main(["embed", *map(str, words), "--out", str(out)]) == 0
    return out


def drawn(seed: int = 3, queries: int = 30, gallery: int = 120) -> dict[str, np.ndarray]:
    """Features of 12 people under 3 cameras with some noise; junk (-1) and distractors (0) in the gallery."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(13, 8))
    query_label, gallery_label = rng.integers(1, 13, queries), rng.integers(-1, 13, gallery)
    return {
        "query_f": (centres[query_label] + rng.normal(size=(queries, 8))).astype(np.float32),
        "query_label": query_label,
        "query_cam": rng.integers(1, 4, queries),
        "gallery_f": (centres[gallery_label] + rng.normal(size=(gallery, 8))).astype(np.float32),
        "gallery_label": gallery_label,
        "gallery_cam": rng.integers(1, 4, gallery),
    }


def by_loop(arrays: dict, naive_figures) -> dict:
    query, gallery = ([arrays[f"{side}_{what}"] for what in ("f", "label", "cam")] for side in ("query", "gallery"))
    return naive_figures(query, gallery)


def same(figures: dict, naive: dict) -> None:
    assert 0.1 < naive["mAP"] < 0.95  # neither trivial nor hopeless
    assert figures["queries"] == naive.pop("queries")
    for name, value in naive.items():
        assert figures[name]["value"] == pytest.approx(value, abs=1e-9), name


def write_npy(file: Path, features: np.ndarray, columns: dict) -> Path:
    np.save(file, features)
    rows = [",".join(columns)] + [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    file.with_suffix(".csv").write_text("\n".join(rows) + "\n")
    return file


def write_both(file: Path, arrays: dict) -> Path:
    """One array of queries and gallery with its table."""
    counts = len(arrays["query_f"]), len(arrays["gallery_f"])
    columns = {
        "path": [f"{row}.jpg" for row in range(sum(counts))],
        "pid": [*arrays["query_label"], *arrays["gallery_label"]],
        "camid": [*arrays["query_cam"], *arrays["gallery_cam"]],
        "split": ["query"] * counts[0] + ["gallery"] * counts[1],
    }
    return write_npy(file, np.concatenate([arrays["query_f"], arrays["gallery_f"]]), columns)


@pytest.mark.parametrize("apart", [True, False])
def test_stored_features_have_the_figures_of_their_network(market, network, tmp_path, apart, capsys):
    words = ["--rerank", "4,2,0.3", "--open-set", "--protocol", "market1501,camera_blind"]
    for more in ([], words):
        direct = run([market, *network, *HARD, *more], tmp_path)
        if apart:
            files = [
                embed([market / folder, *network, *HARD], tmp_path / f"{folder}.parquet")
                for folder in ("query", "bounding_box_test")
            ]
        else:
            files = [embed([market, *network, *HARD], tmp_path / "all.parquet")]
        stored = run([market, "--features", *files, *more], tmp_path)
        assert stored["fingerprint"] == direct["fingerprint"] and stored["features"] == [str(file) for file in files]
        pairs = (
            [(direct, stored)] if not more else list(zip(direct["protocols"].values(), stored["protocols"].values()))
        )
        for one, other in pairs:
            assert {name: one[name] for name in FIGURES} == {name: other[name] for name in FIGURES}
            assert one.get("open_set") == other.get("open_set") and one["rerank"] == other["rerank"]
    assert 0 < direct["protocols"]["market1501"]["mAP"]["value"] < 1
    assert "read as Market-1501" in capsys.readouterr().out


def test_a_tree_that_has_moved_is_found_by_the_ends_of_its_paths(market, network, tmp_path):
    direct = run([market, *network, *HARD], tmp_path)
    file = embed([market, *network, *HARD], tmp_path / "all.parquet")
    (tmp_path / "elsewhere").mkdir()
    shutil.move(market, tmp_path / "elsewhere" / "market")
    stored = run([tmp_path / "elsewhere" / "market", "--features", file], tmp_path)
    assert {name: direct[name] for name in FIGURES} == {name: stored[name] for name in FIGURES}


def test_a_folder_of_crops_and_its_features_alone(shots, network, tmp_path):
    pattern = ["--pattern", "{pid}/cam{camid}/*"]
    direct = run([shots, *network, *HARD, *pattern], tmp_path)
    file = embed([shots, *network, *HARD, *pattern], tmp_path / "all.parquet")
    stored = run(["--features", file], tmp_path)
    assert stored["reader"] == "features" and stored["protocol"] == direct["protocol"] == "market1501"
    assert {name: direct[name] for name in FIGURES} == {name: stored[name] for name in FIGURES}


def test_names_of_two_files_are_numbered_together(shots, network, tmp_path, naive_figures):
    """In the file of the queries bob is the first name, in that of the gallery ann is."""
    for name in ("bob", "cay"):
        shutil.copytree(shots / name / "cam1", tmp_path / "asked" / name / "cam1")
    pattern = [*network, *HARD, "--pattern", "{pid}/cam{camid}/*"]
    files = [
        embed([tmp_path / "asked", *pattern], tmp_path / "q.parquet"),
        embed([shots, *pattern], tmp_path / "g.parquet"),
    ]
    figures = run(["--features", *files], tmp_path)
    sides = []
    for file in files:
        store = read_store(file)
        who = [store.samples.name_of(pid) for pid in store.samples.pid]
        sides.append((store.embeddings.features, who, store.samples.camid))
    same(figures, naive_figures(*sides))


def test_features_of_tracklets_are_averaged_as_their_pictures_are(market, network, tmp_path):
    table = ["path,pid,camid,split,track_id"]
    for path in sorted(market.glob("*/*.png")):
        pid, camid = int(path.name[:4]), int(path.name[6])
        split = {"query": "query", "bounding_box_test": "gallery"}.get(path.parent.name, "train")
        table.append(f"market/{path.parent.name}/{path.name},{pid},{camid},{split},{camid if pid < 3 else 1}")
    (tmp_path / "tracks.csv").write_text("\n".join(table) + "\n")
    direct = run([tmp_path / "tracks.csv", *network, *HARD], tmp_path)
    file = embed([market, *network, *HARD], tmp_path / "all.parquet")
    stored = run([tmp_path / "tracks.csv", "--features", file], tmp_path)
    assert stored["unit"] == direct["unit"] == "track"
    assert {name: direct[name] for name in FIGURES} == {name: stored[name] for name in FIGURES}


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("compressed", [False, True])
def test_a_mat_file_equals_a_loop(tmp_path, naive_figures, kind, compressed, capsys):
    arrays = drawn()
    arrays = {name: array.astype(kind) if name.endswith("_f") else array for name, array in arrays.items()}
    savemat(tmp_path / "result.mat", {**arrays, "mquery_f": arrays["query_f"]}, do_compression=compressed)
    figures = run(["--features", tmp_path / "result.mat"], tmp_path)
    same(figures, by_loop(arrays, naive_figures))
    caught = capsys.readouterr()
    assert figures["protocol"] == "market1501" and "mquery_f is passed over" in caught.err
    assert "150 rows of 8 numbers" in caught.out


@pytest.mark.parametrize(
    "names",
    [
        {"f": "feature", "label": "ids", "cam": "cams"},
        {"f": "features", "label": "pids", "cam": "camids"},
    ],
)
def test_arrays_of_other_plain_names(tmp_path, naive_figures, names):
    arrays = drawn()
    renamed = {f"{side}_{names[what]}": arrays[f"{side}_{what}"] for side in ("query", "gallery") for what in names}
    savemat(tmp_path / "result.mat", renamed)
    same(run(["--features", tmp_path / "result.mat"], tmp_path), by_loop(arrays, naive_figures))


def first_of_each(arrays: dict) -> dict[str, np.ndarray]:
    """Queries and gallery out of the gallery alone: the first picture of each person under each camera asks."""
    pid, cam = arrays["gallery_label"], arrays["gallery_cam"]
    seen, asks = set(), np.zeros(len(pid), bool)
    for row, key in enumerate(zip(pid.tolist(), cam.tolist(), strict=True)):
        asks[row] = key not in seen and key[0] > 0
        seen.add(key)
    return {
        f"{side}_{what}": arrays[f"gallery_{what}"][asks == (side == "query")]
        for side in ("query", "gallery")
        for what in ("f", "label", "cam")
    }


def test_pictures_that_nobody_split(tmp_path, naive_figures):
    arrays = drawn(gallery=400)
    arrays["gallery_label"] = np.where(arrays["gallery_label"] == 0, 1, arrays["gallery_label"])
    plain = {name: arrays[f"gallery_{what}"] for name, what in (("feature", "f"), ("ids", "label"), ("cams", "cam"))}
    savemat(tmp_path / "all.mat", plain)
    same(run(["--features", tmp_path / "all.mat"], tmp_path), by_loop(first_of_each(arrays), naive_figures))


@pytest.mark.parametrize("kind", ["<f2", "<f4", ">f4", "<f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_with_its_table_equals_a_loop(tmp_path, naive_figures, kind, order):
    arrays = drawn()
    for name in ("query_f", "gallery_f"):
        arrays[name] = np.asarray(arrays[name], kind, order=order)
    file = write_both(tmp_path / "features.npy", arrays)
    np.save(file, np.asarray(np.load(file), kind, order=order))
    same(run(["--features", file], tmp_path), by_loop(arrays, naive_figures))


def test_two_arrays_and_labels_that_are_text(tmp_path, naive_figures):
    arrays = drawn()
    arrays["gallery_label"][arrays["gallery_label"] == 0] = 1
    words = np.array(["-1", "", *(f"p-{number}" for number in range(12, 0, -1))])  # in another order than the numbers
    for side in ("query", "gallery"):
        who = [words[label + 1] for label in arrays[f"{side}_label"]]
        paths = [f"{row}.jpg" for row in range(len(who))]
        table = {"path": paths, "pid": who, "camid": [f"door {cam}" for cam in arrays[f"{side}_cam"]]}
        write_npy(tmp_path / f"{side}.npy", arrays[f"{side}_f"], table)
    figures = run(["--features", tmp_path / "query.npy", tmp_path / "gallery.npy"], tmp_path)
    same(figures, by_loop(arrays, naive_figures))


def test_rows_with_a_tracklet_are_averaged(tmp_path, naive_figures):
    arrays = drawn(queries=60, gallery=300)
    file = write_both(tmp_path / "features.npy", arrays)
    lines = file.with_suffix(".csv").read_text().splitlines()
    track = [row % 3 for row in range(len(lines) - 1)]
    rows = [f"{line},{number}" for line, number in zip(lines[1:], track, strict=True)]
    file.with_suffix(".csv").write_text("\n".join([f"{lines[0]},track_id", *rows]) + "\n")
    figures = run(["--features", file], tmp_path)
    sides, start = [], 0
    for side in ("query", "gallery"):
        features, pid, cam = (arrays[f"{side}_{what}"] for what in ("f", "label", "cam"))
        groups: dict[tuple, list[np.ndarray]] = {}
        for row, feature in enumerate(features.astype(np.float64)):
            key = int(pid[row]), int(cam[row]), track[start + row]
            groups.setdefault(key, []).append(feature / np.linalg.norm(feature))
        means = np.array([np.mean(each, axis=0) for each in groups.values()])
        sides.append((means, [key[0] for key in groups], [key[1] for key in groups]))
        start += len(features)
    assert figures["unit"] == "track"
    same(figures, naive_figures(*sides))


def test_labels_of_digits_are_numbers(tmp_path, naive_figures):
    arrays = drawn()
    file = write_both(tmp_path / "features.npy", arrays)
    lines = file.with_suffix(".csv").read_text().splitlines()
    spelt = [
        ",".join([cells[0], cells[1].rjust(4, "0") if row % 2 and cells[1] != "-1" else cells[1], *cells[2:]])
        for row, cells in enumerate(line.split(",") for line in lines[1:])
    ]
    file.with_suffix(".csv").write_bytes("\r\n".join([lines[0], *spelt]).encode())
    same(run(["--features", file], tmp_path), by_loop(arrays, naive_figures))


def test_an_array_with_a_dataset_takes_the_dataset_s_labels(market, network, tmp_path):
    direct = run([market, *network, *HARD], tmp_path)
    store = read_store(embed([market, *network, *HARD], tmp_path / "all.parquet"))
    order = np.random.default_rng(0).permutation(len(store.samples))
    write_npy(
        tmp_path / "mine.npy",
        store.embeddings.features[order],
        {"path": [os.path.relpath(store.samples.file(row), tmp_path) for row in order]},
    )
    stored = run([market, "--features", tmp_path / "mine.npy"], tmp_path)
    assert {name: direct[name] for name in FIGURES} == {name: stored[name] for name in FIGURES}


def test_a_page_shows_searches_where_there_are_pictures(market, network, tmp_path, capsys):
    file = embed([market, *network], tmp_path / "all.parquet")
    run([market, "--features", file, "--report", tmp_path / "a.html"], tmp_path)
    assert "data:image" in (tmp_path / "a.html").read_text() and "no searches" not in capsys.readouterr().err
    savemat(tmp_path / "result.mat", drawn())
    figures = run(["--features", tmp_path / "result.mat", "--report", tmp_path / "b.html"], tmp_path)
    assert "mAP" in (tmp_path / "b.html").read_text() and "pictures" not in figures
    assert "no searches are shown" in capsys.readouterr().err


def test_pictures_without_features_are_counted(market, network, tmp_path, capsys):
    file = embed([market / "query", *network, *HARD], tmp_path / "q.parquet")
    words = ["evaluate", str(market), "--features", str(file)]
    assert main(words) == 2
    assert "no features for 6 of 13 pictures" in capsys.readouterr().err
    assert main([*words, "--skip-broken"]) == 2  # of the gallery there would be nothing
    capsys.readouterr()
    extra = market / "bounding_box_test" / "0003_c2s1_000009_00.png"
    everything = embed([market, *network, *HARD], tmp_path / "all.parquet")
    direct = run([market, *network, *HARD], tmp_path)
    shutil.copy(market / "bounding_box_test" / "0003_c2s1_000002_00.png", extra)
    stored = run([market, "--features", everything, "--skip-broken"], tmp_path)
    assert stored["missing_files"] == [f"bounding_box_test/{extra.name}"]
    assert "left out" in capsys.readouterr().err
    assert {name: direct[name] for name in FIGURES} == {name: stored[name] for name in FIGURES}
    extra.rename(extra.with_name("-1_c2s1_000009_00.png"))  # junk is never searched, so it needs no features
    assert run([market, "--features", everything], tmp_path)["missing"] == 0


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Good and faulty files of features, by name."""
    arrays, out = drawn(), tmp_path
    savemat(out / "good.mat", arrays)
    write_both(out / "good.npy", arrays)
    table = (out / "good.csv").read_text()
    whole = np.load(out / "good.npy")

    def mat(name: str, **more) -> None:
        kept = {key: value for key, value in {**arrays, **more}.items() if value is not None}
        savemat(out / f"{name}.mat", kept)

    def array(name: str, values: np.ndarray, lines: str = table) -> None:
        np.save(out / f"{name}.npy", values, allow_pickle=True)
        (out / f"{name}.csv").write_text(lines)

    bad = whole.copy()
    bad[[4, 9], 2] = np.nan, np.inf
    array("nan", bad)
    array("zero", np.where(np.arange(len(whole))[:, None] == 31, 0, whole))
    array("objects", np.array([{"a": 1}, [2]], object))
    array("integers", whole.astype(np.int32))
    array("three", whole[None])
    array("none", whole[:0])
    array("short", whole[:-1])
    array("split", whole, table.replace(",query", ",qurey", 1))
    array("nobody", whole, "path,pid\n" + "\n".join(f"{row}.jpg," for row in range(len(whole))) + "\n")
    array("unnamed", whole, "path,camid\n" + "\n".join(f"{row}.jpg,1" for row in range(len(whole))) + "\n")
    array("huge64", np.full(whole.shape, 1e200))
    np.save(out / "bare.npy", whole)
    with (out / "trillion.npy").open("wb") as file:
        npy.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (10**12, 2048)})
    (out / "trillion.csv").write_text(table)
    (out / "text.npy").write_text("no array")
    (out / "text.csv").write_text(table)
    (out / "cut.npy").write_bytes((out / "good.npy").read_bytes()[:-50])
    (out / "cut.csv").write_text(table)
    mat("count", gallery_label=arrays["gallery_label"][:-3])
    mat("half", gallery_f=None)
    mat("words", query_label=np.array([f"p{row:02d}" for row in range(30)]))
    mat("fraction", query_label=arrays["query_label"] + 0.5)
    mat("width", gallery_f=arrays["gallery_f"][:, :5])
    mat("nanmat", query_f=np.full((30, 8), np.nan))
    mat("unlabelled", query_label=None, gallery_label=None)
    mat("cameras", query_cam=None)
    savemat(out / "other.mat", {"anything": np.eye(3)})
    (out / "hdf5.mat").write_bytes(
        b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\2IM" + b"\x89HDF\r\n\x1a\n"
    )
    return out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("nan.npy", "2 features that are not finite, the first in row 4"),
        ("huge64.npy", "150 features that are not finite"),
        ("zero.npy", "features all zero in rows 1"),
        ("objects.npy", "Python objects, which are not unpickled"),
        ("integers.npy", "of int32; expected features as np.save"),
        ("three.npy", "an array of shape (1, 150, 8)"),
        ("none.npy", "an array of shape (0, 8)"),
        ("short.npy", "150 lines for the 149 rows of short.npy"),
        ("trillion.npy", "though its header says 1000000000000 rows of 2048"),
        ("text.npy", "no .npy file"),
        ("cut.npy", "though its header says 150 rows of 8"),
        ("bare.npy", "no bare.csv beside it"),
        ("nowhere.npy", "no nowhere.csv beside it"),
        ("split.npy", "did you mean query?"),
        ("nobody.npy", "labels of nobody who could be found again"),
        ("unnamed.npy", "a pid column"),
        ("count.mat", "gallery_label is 1 x 117 for 120 rows of gallery_f"),
        ("half.mat", "no gallery_f"),
        ("words.mat", "query_label is no table of real numbers"),
        ("fraction.mat", "query_label holds what is no whole number"),
        ("width.mat", "features of 8 and 5 numbers"),
        ("nanmat.mat", "30 features that are not finite"),
        ("unlabelled.mat", "no labels of query_f among its arrays"),
        ("cameras.mat", "cameras of one of query and gallery"),
        ("other.mat", "no features among its arrays: anything"),
        ("hdf5.mat", "it is of version 7.3, which is HDF5"),
        ("nowhere.mat", "nowhere.mat: no such file"),
        ("nowhere.parquet", "nowhere.parquet: no such file"),
        ("good.npy good.mat", "both .parquet or both .npy"),
        ("good.npy good.npy good.npy", "3 files of features"),
        ("good.mat market", "name the dataset before --features"),
        ("good.mat --pattern {pid}_*", "--pattern without a dataset"),
        ("good.mat --reader csv", "--reader without a dataset"),
        ("good.mat --network net.onnx", "--network with --features"),
        ("good.mat --calibrate c.json", "--calibrate with --features"),
        ("good.mat --flip", "--flip with --features"),
        ("good.mat --mean 0.5", "--mean with --features"),
        ("good.mat --match parts", "--match parts with --features"),
        ("good.mat --compare", "--compare with --features"),
        ("good.mat --protocol cross_clothes", "clothes unknown"),
        ("good.mat --unit track", "no picture with a track_id"),
    ],
)
def test_what_is_wrong_with_features_is_one_line(files, monkeypatch, capsys, words, says):
    monkeypatch.chdir(files)
    assert main(["evaluate", "--features", *words.split(), "--resamples", "20"]) == 2
    caught = capsys.readouterr().err
    assert says in caught and caught.count("\n") == 1


def test_words_before_the_features(files, market, network, monkeypatch, capsys):
    monkeypatch.chdir(files)
    for words, says in (
        (["weights.safetensors", market], "weights.safetensors with --features"),
        ([market], "features without paths, but with labels of their own"),
    ):
        assert main(["evaluate", *map(str, words), "--features", "good.mat"]) == 2
        caught = capsys.readouterr().err
        assert says in caught and caught.count("\n") == 1
    assert main(["evaluate"]) == 2
    assert "no dataset; expected DATA, or --features FILE" in capsys.readouterr().err
    one = embed([market / "query", *network], files / "one.parquet")
    other = embed([market / "bounding_box_test", *network, *HARD], files / "other.parquet")
    capsys.readouterr()
    assert main(["evaluate", "--features", str(one), str(other)]) == 2
    assert "one network for both" in capsys.readouterr().err
