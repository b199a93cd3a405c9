"""Query and gallery are labelled by one rule: pattern, Market-1501's names, a CSV, or a file of embeddings."""

from pathlib import Path

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.data.readers.pictures import read_pictures
from sameperson.data.readers.query_pictures import read_queries
from sameperson.types import Samples

MARKET = "0003_c1s1_000001_00.png"


def labels(samples: Samples) -> list[str | None]:
    return [None if pid == -1 else samples.name_of(pid) for pid in samples.pid.tolist()]


def queries(query: Path, gallery: Path, pattern: str | None = None) -> list[str | None]:
    return labels(read_queries(query, pattern, gallery, read_pictures(gallery, pattern)))


@pytest.fixture
def k(tmp_path: Path, picture) -> Path:
    """People 21, 22 and 23 in folders, under names that say 1, 2 and 3."""
    for who in (1, 2, 3):
        for camera in (1, 2):
            picture(f"k/{who + 20}/000{who}_c{camera}s1_000001_00.png")
    return tmp_path / "k"


@pytest.mark.parametrize(
    ("query", "pattern", "said"),
    [
        (f"23/{MARKET}", "{pid}/*_c{camid}s*", ["23"]),
        (f"23/{MARKET}", "{pid}_*", ["0003"]),
        (f"23/{MARKET}", None, ["3"]),
        ("23", "{pid}/*_c{camid}s*", ["23", "23"]),
        ("23", "{pid}/**", ["23", "23"]),
        ("", "{pid}/*", ["21", "21", "22", "22", "23", "23"]),
    ],
)
def test_queries_inside_the_gallery(k: Path, query: str, pattern: str | None, said: list[str]) -> None:
    assert queries(k / query, k, pattern) == said


def test_queries_inside_the_gallery_by_a_relative_path(k: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(k / "23")
    assert queries(Path(MARKET), Path(".."), "{pid}/*") == ["23"]
    assert queries(Path(), Path(".."), "{pid}/*") == ["23", "23"]


@pytest.mark.parametrize(
    ("query", "pattern", "said"),
    [
        ("q/23/x.png", "{pid}/*", ["23"]),
        ("q", "{pid}/*", [None, "23"]),
        ("q/23", "{pid}/*", ["23"]),
        ("q/who.png", "{pid}/*", [None]),  # q is nobody in the gallery
        ("q/who.png", "{pid}_c*", [None]),
        ("q/23/x.png", "{pid}/*_c{camid}s*", [None]),
    ],
)
def test_queries_from_elsewhere(k: Path, picture, query: str, pattern: str, said: list[str | None]) -> None:
    picture("q/23/x.png")
    picture("q/who.png")
    assert queries(k.parent / query, k, pattern) == (said if query != "q" else ["23", None])


def test_a_csv_says_its_own_labels(k: Path) -> None:
    (k / "q.csv").write_text(f"path,pid\n23/{MARKET},anna\n")
    assert queries(k / "q.csv", k, "{pid}/*") == ["anna"]


def test_names_are_not_believed_where_a_gallerys_table_says_otherwise(k: Path) -> None:
    (k / "gallery.csv").write_text(f"path,pid\n23/{MARKET},23\n21/0001_c1s1_000001_00.png,21\n")
    assert queries(k / "23" / "0003_c2s1_000001_00.png", k / "gallery.csv") == [None]
    (k / "gallery.csv").write_text(f"path,pid\n23/{MARKET},0003\n21/0001_c1s1_000001_00.png,0001\n")
    assert queries(k / "23" / "0003_c2s1_000001_00.png", k / "gallery.csv") == ["3"]


def test_a_query_that_is_not_there(k: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        queries(k / "gone.png", k, "{pid}/*")


def test_labels_are_those_of_the_gallery_for_every_picture_of_it(k: Path) -> None:
    for pattern in (None, "{pid}/*_c{camid}s*", "{pid}_c{camid}s*", "{pid}/**"):
        everyone = read_pictures(k, pattern)
        for row, path in enumerate(everyone.path.tolist()):
            one = read_queries(k / path, pattern, k, everyone)
            assert labels(one) == [labels(everyone)[row]]
            np.testing.assert_array_equal(one.camid >= 0, everyone.camid[[row]] >= 0)
