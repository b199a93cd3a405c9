"""Why other tools say "all query identities do not appear in gallery": each cause on files, and its sentence."""

from itertools import product

import numpy as np
import pytest

from sameperson.data.doctor.unmatchable import unmatched
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.protocols.doctor_rule import ProtocolRule
from sameperson.types import Samples

TRAIN, QUERY, GALLERY = "bounding_box_train", "query", "bounding_box_test"
THEIR_WORDS = "all query identities do not appear in gallery"


def market(folder, people, cameras=(1, 2), shots=1):
    return [f"{folder}/{p:04d}_c{c}s1_{s:06d}_00.png" for p, c, s in product(people, cameras, range(shots))]


LEARNED = market(TRAIN, range(11, 28), shots=2)


def test_everyone_under_one_camera(crops, said):
    # KaiyangZhou/deep-person-reid#207, michuanhaohao/AlignedReID#35, tinyvision/SOLIDER-REID#12
    one = (1,)
    tree = crops(*market(TRAIN, range(11, 28), one, 4), *market(QUERY, (1, 2), one), *market(GALLERY, (1, 2), one, 3))
    told = said(tree, reader="market1501")
    line = told["unmatched-own-camera"]
    assert line.startswith("error: None of 2 queries can ever match") and "only under the query's own camera" in line
    assert THEIR_WORDS in line and "query/0001_c1s1_000000_00.png" in line
    assert "under one camera (0)" in told["one-camera"]


def test_query_and_gallery_share_a_camera_though_there_are_others(crops, said):
    # damo-cv/TransReID#62, JDAI-CV/fast-reid#173
    tree = crops(*LEARNED, *market(QUERY, (1, 2), (1,)), *market(GALLERY, (1, 2), (1,), 3))
    told = said(tree, reader="market1501")
    assert "protocol market1501 leaves out" in told["unmatched-own-camera"]
    assert "Queries and gallery are all under one camera (0)" in told["one-test-camera"]


def test_a_sequence_taken_for_a_camera(crops, said):
    # NirAharon/BoT-SORT#117: people of a film are seen in that film alone
    seen = [f"{folder}/{p:04d}_c{p % 3 + 1}s1_{s:06d}_00.png" for folder, people, shots in
            ((TRAIN, range(11, 28), 4), (QUERY, (1, 2, 3), 1), (GALLERY, (1, 2, 3), 3))
            for p in people for s in range(shots)]  # fmt: skip
    told = said(crops(*seen), reader="market1501")
    assert "None of 3 queries" in told["unmatched-own-camera"]
    assert "seen by one camera only" in told["train-one-camera-each"]


def test_no_camera_written_down(crops, said):
    # Cysu/open-reid#51: "No valid query"; KaiyangZhou/deep-person-reid#223, #224, #255
    tree = crops(*(f"p{p}/{s}.png" for p in range(5) for s in range(4)))
    told = said(tree, "market1501")
    assert (
        "nobody wrote cameras down" in told["unmatched-no-camera"] and "No valid query" in told["unmatched-no-camera"]
    )
    assert told["no-cameras"].startswith("warning: No picture has a camera label")
    assert not [kind for kind in said(tree) if kind.startswith("unmatched")]  # judged camera-blind, as the reader says


def test_pictures_split_at_random(crops, said):
    # KaiyangZhou/deep-person-reid#497: people in query who are not in the gallery, and in training too
    tree = crops(
        "train/1/1/a.png",
        "train/2/1/a.png",
        "train/3/2/a.png",
        "query/1/2/a.png",
        "query/2/2/a.png",
        "gallery/3/1/a.png",
    )
    told = said(tree)
    assert told["unmatched-absent"].startswith("error: None of 2 queries can ever match: their person has no picture")
    assert THEIR_WORDS in told["unmatched-absent"] and "a split is by person" in told["unmatched-absent"]
    assert "3 people are both in training (3) and in the test (3)" in told["shared-people"]


def test_some_people_are_not_in_the_gallery(crops, said):
    # KaiyangZhou/deep-person-reid#509; liangzheng06/MARS-evaluation#4
    told = said(crops(*LEARNED, *market(QUERY, (1, 2, 3)), *market(GALLERY, (1, 2))), reader="market1501")
    line = told["unmatched-absent"]
    assert line.startswith("warning: 2 of 6 queries can never match") and "0003_c1s1_000000_00.png" in line
    assert "without a word" in line and THEIR_WORDS not in line


def test_the_gallery_is_the_queries(crops, said):
    # Cysu/open-reid#51: evaluate(val, val); one picture of each person
    tree = crops("a.png", "b.png")
    (tree / "t.csv").write_text(
        "path,pid,camid,split\na.png,1,0,query\nb.png,2,1,query\na.png,1,0,gallery\nb.png,2,1,gallery"
    )
    for protocol in ("market1501", "camera_blind"):
        line = said(tree / "t.csv", protocol)["unmatched-own-file"]
        assert "holds of their person only the query's own file" in line


def test_a_gallery_of_junk(crops, said):
    # KaiyangZhou/deep-person-reid#90, #562 and JDAI-CV/fast-reid#36: on Market-1501's own names, with a bad gallery
    junk = [f"{GALLERY}/-1_c{c}s1_{s:06d}_00.png" for c in (1, 2) for s in range(3)]
    told = said(crops(*LEARNED, *market(QUERY, (1, 2)), *junk), reader="market1501")
    assert THEIR_WORDS in told["unmatched-absent"]
    assert "shows no one in particular" in told["gallery-of-nobody"]


def test_people_counted_from_zero(crops, said):
    # KaiyangZhou/deep-person-reid#588
    tree = crops(*LEARNED, *market(QUERY, (0, 1)), *market(GALLERY, (0, 1)), *market(TRAIN, (0,)))
    told = said(tree, reader="market1501")
    assert "2 of 4 queries can never match: they show no one in particular" in told["unmatched-nobody"]
    assert "count people from 1" in told["person-zero"]


def test_test_labels_that_nobody_published(crops, said):
    # heshuting555/AICITY2020_DMT_VehicleReID#10, #19: every test picture is "person 2"
    tree = crops(*market(QUERY, (2,), (1,), 4), *market(GALLERY, (2,), (2,), 4), *market(TRAIN, (2,)))
    assert "All pictures are of one person" in said(tree, reader="market1501")["one-person"]


def test_names_written_in_two_ways(crops, said):
    # labels as text: JDAI-CV/fast-reid#173
    anna = [f"{place}/{c}/a.png" for place in ("query/Anna", "gallery/anna ") for c in (1, 2)]
    tree = crops(*anna, "train/bob/1/a.png", "gallery/bea/1/a.png", "query/bea/2/a.png")
    told = said(tree)
    assert told["names-alike"].startswith("error") and "'Anna' and 'anna" in told["names-alike"]
    assert "2 of 3 queries can never match: their person has no picture" in told["unmatched-absent"]


def test_every_picture_its_own_camera(crops, said):
    # nixingyang/FlipReID#2: "use {1..N} as camera_ID"
    tree = crops(*(f"p{n % 4}_c{n}.png" for n in range(16)))
    assert (
        "Every picture has a camera id of its own (16 ids)"
        in said(tree, pattern="{pid}_c{camid}.*")["camera-per-picture"]
    )


def test_frame_numbers_taken_for_cameras(crops, said):
    # KaiyangZhou/deep-person-reid#90: person01_cam01_frame026.jpg
    names = [
        f"person{p:02d}_cam{c:02d}_frame{100 * p + 7 * f:03d}.png" for p in range(4) for c in (1, 2) for f in range(5)
    ]
    tree = crops(*names)
    line = said(tree, pattern="person{pid}_cam*_frame{camid}.*")["cameras-like-frames"]
    assert line.startswith("warning: Camera ids look like frame numbers") and "--pattern" in line
    assert "cameras-like-frames" not in said(tree, pattern="person{pid}_cam{camid}_frame*")


def test_cameras_made_up_to_pass(crops, said):
    # zydou in Cysu/open-reid#51, JDAI-CV/fast-reid#285: query camera 0, gallery camera 1
    tree = crops(*LEARNED, *market(QUERY, (1, 2), (1,)), *market(GALLERY, (1, 2), (2,), 3))
    told = said(tree, reader="market1501")
    assert "made up" in told["invented-cameras"] and not [kind for kind in told if kind.startswith("unmatched")]


def test_nobody_changes_clothes(crops, said):
    # moon-wh/MADE#8: the clothes label is the person's label
    tree = crops(*(f"{p}{c}{s}.png" for p in (1, 2) for c in (1, 2) for s in (0, 1)))
    rows = [
        f"{p}{c}{s}.png,{p},{c},{'query' if c == 1 else 'gallery'},{p}" for p in (1, 2) for c in (1, 2) for s in (0, 1)
    ]
    (tree / "t.csv").write_text("\n".join(["path,pid,camid,split,clothes_id", *rows]))
    told = said(tree / "t.csv", "cross_clothes")
    assert "only in clothes that protocol cross_clothes leaves out" in told["unmatched-clothes"]
    assert "clothes labels say who it is" in told["one-outfit"]
    bare = [row.rsplit(",", 1)[0] for row in rows]
    (tree / "t.csv").write_text("\n".join(["path,pid,camid,split", *bare]))
    assert "clothes unknown in" in said(tree / "t.csv", "cross_clothes")["labels-missing"]


def naive(queries, gallery, across):
    """Query -> whether any gallery picture counts for it, one by one."""
    return [
        any(
            queries.pid[q] > 0 and queries.pid[q] == gallery.pid[g]
            and not (across and queries.camid[q] == gallery.camid[g]) for g in range(len(gallery))
        )
        for q in range(len(queries))
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_as_a_naive_loop_says(seed, monkeypatch):
    monkeypatch.setattr("sameperson.data.doctor.unmatchable.PAIRS", 7)
    rng = np.random.default_rng(seed)
    queries, gallery = (
        Samples.of([f"{name}{n}" for n in range(count)], rng.integers(-1, 9, count), rng.integers(0, 3, count))
        for name, count in (("q", 30), ("g", 25))
    )
    why = unmatched(queries, gallery, ProtocolRule(PROTOCOLS["market1501"]))
    found = np.zeros(30, int)
    for rows in why.values():
        found[rows] += 1
    assert found.tolist() == [int(not matched) for matched in naive(queries, gallery, across=True)]
