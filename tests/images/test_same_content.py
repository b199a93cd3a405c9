"""Files of the same bytes are found under any name; each pair is checked against the bytes themselves."""

import shutil
from pathlib import Path

import numpy as np

from sameperson.images.same_content import same_content
from sameperson.types import Samples


def test_pairs_of_equal_bytes_are_those_that_a_loop_finds(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    contents = [bytes(rng.integers(0, 3, rng.integers(1, 3)).tolist()) for _ in range(24)]
    for number, content in enumerate(contents):
        (tmp_path / f"{number}.jpg").write_bytes(content)
    one, other = (Samples.of([f"{n}.jpg" for n in part], part, root=tmp_path) for part in (range(12), range(12, 24)))
    row, column = (grid.ravel() for grid in np.meshgrid(np.arange(12), np.arange(12), indexing="ij"))
    found = same_content(one, row, other, column)
    assert found.tolist() == [contents[r] == contents[12 + c] for r, c in zip(row, column, strict=True)]
    assert 0 < found.sum() < len(found)


def test_absent_empty_and_drawn_pictures_are_like_no_other(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "c").mkdir()
    names = ["a", "b", "c", "gone"]
    files = Samples.of(names, [1] * 4, root=tmp_path)
    rows = np.arange(4)
    assert not same_content(files, rows, files, rows[::-1]).any() and not same_content(files, rows, files, rows).any()
    drawn = Samples.of(names, [1] * 4, source=lambda _: np.zeros((2, 2, 3), np.uint8))
    assert not same_content(drawn, rows, drawn, rows).any()
    assert same_content(files, rows[:0], files, rows[:0]).tolist() == []


def test_only_files_of_equal_size_are_read(tmp_path: Path, monkeypatch) -> None:
    for name, size in (("a", 3), ("b", 4), ("c", 3), ("d", 5)):
        (tmp_path / name).write_bytes(bytes(size))
    read: list[str] = []
    whole = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: (read.append(self.name), whole(self))[1])
    files = Samples.of(["a", "b", "c", "d"], [1] * 4, root=tmp_path)
    assert same_content(files, np.array([0, 0, 1]), files, np.array([1, 2, 3])).tolist() == [False, True, False]
    assert sorted(read) == ["a", "c"]


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    import os

    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"xy")
    files, zero, one = Samples.of(["a", "b"], [1, 1], root=tmp_path), np.array([0]), np.array([1])
    assert same_content(files, zero, files, one).all()
    (tmp_path / "b").write_bytes(b"xz")
    os.utime(tmp_path / "b", ns=(1, 1))
    assert not same_content(files, zero, files, one).any()


def test_links_and_folders_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "q").mkdir()
    (tmp_path / "g").mkdir()
    (tmp_path / "q/a.jpg").write_bytes(b"abc")
    shutil.copy(tmp_path / "q/a.jpg", tmp_path / "g/renamed.png")
    (tmp_path / "g/link.jpg").symlink_to(tmp_path / "q/a.jpg")
    query = Samples.of(["a.jpg"], [1], root=tmp_path / "q")
    gallery = Samples.of(["renamed.png", "link.jpg"], [1, 1], root=tmp_path / "g")
    assert same_content(query, np.array([0, 0]), gallery, np.array([0, 1])).all()
