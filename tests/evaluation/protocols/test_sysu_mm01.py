"""SYSU-MM01's evaluation: by hand, by the authors' own steps in a loop, and what is drawn of whom."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.checks import InputError
from sameperson.evaluation import rank
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.protocols.definition import Protocol
from sameperson.evaluation.protocols.shots_by_camera import some_by_camera
from sameperson.evaluation.result import evaluate
from sameperson.types import Embeddings, Samples

SYSU = [name for name in PROTOCOLS if name.startswith("sysu")]
INFRARED, VISIBLE = (2, 5), (0, 1, 3, 4)


def judged(protocol, queries, pictures, line, **how):
    """Queries at 0 on a line, the gallery where `line` says."""
    q, g = np.zeros((len(queries), 1), np.float32), np.array(line, np.float32)[:, None]
    return evaluate(
        Embeddings(q, "f"), queries, Embeddings(g, "f"), pictures, protocol, metric="euclidean", resamples=5, **how
    )


def samples(letter, pids, cameras):
    return Samples.of([f"{letter}{k}" for k in range(len(pids))], pids, cameras)


def test_infrared_cameras_ask_and_each_person_counts_once():
    # By the distance to both queries, cameras counted from 1: person 2 by camera 1 and by 4, person 1 by 2 and by 5.
    pictures = samples("g", [2, 2, 1, 1], [0, 3, 1, 4])
    queries = samples("q", [1, 1, 1], [2, 5, 0])
    result = judged("sysu_all_single_shot", queries, pictures, [1, 2, 3, 4])
    # Camera 1 is not asked. For both others person 2 comes first, once, and person 1 second.
    assert result.first_rank.tolist() == [1, 1, -1] and result.not_asked.tolist() == [2]
    # Every picture counts for mAP. Camera 3 skips camera 2: 2 2 1. Camera 6: 2 2 1 1.
    assert result.average_precision[:2].tolist() == pytest.approx([1 / 3, (1 / 3 + 2 / 4) / 2])
    assert result.inverse_negative_penalty[:2].tolist() == pytest.approx([1 / 3, 2 / 4])
    assert (result.shots, result.repeats, result.gallery, result.queries) == ("single", 10, 4, 2)
    assert result.dropped_pairs == 10  # in each of ten draws


def test_camera_3_skips_camera_2_whoever_is_on_it():
    # Person 2 is nearest by camera 2, and again behind person 1 by camera 1.
    pictures = samples("g", [2, 1, 2], [1, 0, 0])
    result = judged("sysu_all_single_shot", samples("q", [1, 1], [2, 5]), pictures, [1, 2, 3])
    assert result.first_rank.tolist() == [0, 1]
    assert result.average_precision.tolist() == [1, 1 / 2]
    # Whom only camera 2 saw, camera 3 cannot find.
    result = judged("sysu_all_single_shot", samples("q", [1, 1], [2, 5]), samples("g", [2, 1], [0, 1]), [2, 1])
    assert result.first_rank.tolist() == [-1, 0] and result.skipped.tolist() == [0]


def test_indoors_cameras_4_and_5_are_not_searched():
    pictures = samples("g", [2, 2, 1], [3, 4, 0])
    result = judged("sysu_indoor_single_shot", samples("q", [1], [5]), pictures, [1, 2, 3])
    assert (result.first_rank.tolist(), result.gallery) == ([0], 1)
    result = judged("sysu_all_single_shot", samples("q", [1], [5]), pictures, [1, 2, 3])
    assert (result.first_rank.tolist(), result.gallery) == ([1], 3)
    with pytest.raises(InputError, match=r"no queries of cameras 3 and 6"):
        judged("sysu_all_single_shot", samples("q", [1], [0]), pictures, [1, 2, 3])
    with pytest.raises(InputError, match=r"no gallery of cameras 1 and 2"):
        judged("sysu_indoor_single_shot", samples("q", [1], [5]), samples("g", [1], [3]), [1])


def test_one_or_ten_of_each_person_and_camera():
    # Person 1 at 1 and 3 by one camera, person 2 at 2: with one picture person 1 is first in half of the galleries.
    pictures = samples("g", [1, 2, 1], [0, 0, 0])
    single = [judged("sysu_all_single_shot", samples("q", [1], [5]), pictures, [1, 2, 3], seed=s) for s in range(60)]
    assert np.mean([result.rank1.value for result in single]) == pytest.approx(1 / 2, abs=0.06)
    assert np.mean([result.mAP.value for result in single]) == pytest.approx((1 + 1 / 2) / 2, abs=0.04)
    multi = judged("sysu_all_multi_shot", samples("q", [1], [5]), pictures, [1, 2, 3])
    assert (multi.rank1.value, multi.mAP.value, multi.shots) == (1, pytest.approx((1 + 2 / 3) / 2), "multi")


def authors(q, queries, g, pictures, galleries):
    """CMC and mAP of each gallery, in the steps of the authors' description, one query at a time."""
    place_of = [1, 2, 2, 4, 5, 6]  # cameras 2 and 3 are in the same place
    score = -((q[:, None] - g[None]) ** 2).sum(-1)
    trials = []
    for rows in galleries:
        hits, precisions = [], []
        for i in range(len(queries)):
            order = sorted(rows, key=lambda j: (-score[i, j], j))
            order = [j for j in order if place_of[pictures.camid[j]] != place_of[queries.camid[i]]]
            people = list(dict.fromkeys(int(pictures.pid[j]) for j in order))
            if int(queries.pid[i]) not in people:
                continue
            hits.append(people.index(int(queries.pid[i])))
            right = np.flatnonzero([pictures.pid[j] == queries.pid[i] for j in order]) + 1
            precisions.append(np.mean(np.arange(1, len(right) + 1) / right))
        if hits:
            trials.append(([np.mean(np.array(hits) < k) for k in (1, 5, 10, 20)], np.mean(precisions)))
    return trials


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), tile=st.sampled_from([1, 3, 256]))
@pytest.mark.parametrize("name", SYSU)
def test_equals_the_authors_steps(name, seed, tile):
    rng = np.random.default_rng(seed)
    people, levels = int(rng.integers(1, 6)), int(rng.choice([1, 2, 6]))
    queries = samples("q", rng.integers(1, people + 1, 7), rng.choice(INFRARED, 7))
    pictures = samples("g", rng.integers(1, people + 1, 60), rng.choice(VISIBLE, 60))
    q, g = (rng.integers(-levels, levels + 1, (n, 3)).astype(np.float32) for n in (7, 60))
    searched = np.flatnonzero(np.isin(pictures.camid, PROTOCOLS[name].gallery_cameras))
    if not len(searched):
        return
    count = 10 if "multi" in name else 1
    galleries = [searched[some_by_camera(pictures.take(searched), count, 3, repeat)].tolist() for repeat in range(10)]
    trials = authors(q, queries, g, pictures, galleries)
    before, rank.TILE = rank.TILE, tile
    try:
        result = evaluate(
            Embeddings(q, "f"), queries, Embeddings(g, "f"), pictures, name, metric="euclidean", resamples=5, seed=3
        )
    finally:
        rank.TILE = before
    if not trials:
        assert result.queries == 0
        return
    assert len(trials) == 10
    figures = [result.rank1.value, result.rank5.value, result.rank10.value, result.rank20.value]
    assert figures == pytest.approx(np.mean([cmc for cmc, _ in trials], axis=0))
    assert result.mAP.value == pytest.approx(np.mean([precision for _, precision in trials]))


@pytest.mark.parametrize(("count", "repeat"), list(product([1, 2, 10], [0, 7])))
def test_so_many_of_each_person_and_camera_are_drawn(count, repeat):
    rng = np.random.default_rng(5)
    pictures = samples("g", rng.integers(0, 6, 200), rng.integers(0, 5, 200))
    rows = some_by_camera(pictures, count, 0, repeat)
    assert rows.tolist() == sorted(set(rows.tolist()))
    there, drawn = (
        Counter(zip(one.pid.tolist(), one.camid.tolist(), strict=True)) for one in (pictures, pictures.take(rows))
    )
    assert drawn == {key: n if key[0] == 0 else min(n, count) for key, n in there.items()}  # all distractors stay


def test_every_picture_may_be_drawn_and_the_seed_decides():
    pictures = samples("g", [1, 1, 1, 2, 2, 1], [0, 0, 0, 0, 0, 3])
    drawn = Counter(tuple(some_by_camera(pictures, 1, 4, repeat).tolist()) for repeat in range(600))
    assert set(drawn) == {(one, two, 5) for one in (0, 1, 2) for two in (3, 4)}
    assert min(drawn.values()) > 60
    again = [some_by_camera(pictures, 1, 4, repeat).tolist() for repeat in range(5)]
    assert again == [some_by_camera(pictures, 1, 4, repeat).tolist() for repeat in range(5)]
    assert again != [some_by_camera(pictures, 1, 5, repeat).tolist() for repeat in range(5)]


def test_a_stranger_is_somebody_else_each_time():
    pictures = samples("g", [0, 0, 1, -1], [0, 0, 0, 0])
    result = judged("sysu_all_single_shot", samples("q", [1], [5]), pictures, [1, 2, 3, 0.5])
    assert (result.first_rank.tolist(), result.gallery) == ([2], 3)


def test_a_protocol_may_skip_cameras_and_search_whole_galleries():
    pictures = samples("g", [2, 1, 1], [1, 1, 0])
    protocol = Protocol("mine", False, skips=((2, 1),))
    result = judged(protocol, samples("q", [1, 1], [2, 3]), pictures, [1, 2, 3])
    assert result.first_rank.tolist() == [0, 1] and result.dropped_pairs == 1
    assert "queries of camera 3 skip what camera 2 saw, whoever is on it" in protocol.rules


@pytest.mark.parametrize(
    "how",
    [
        {"drawn": 0},
        {"drawn": 2},
        {"drawn": 2, "single_shot": "shared"},
        {"single_shot": "per_camera", "across_cameras": True},
        {"single_shot": "per_camera", "clothes": "same"},
        {"single_shot": "per_camera", "not_itself": True},
        {"single_shot": "per_query", "skips": ((1, 2),)},
    ],
)
def test_a_protocol_that_contradicts_itself_is_refused(how):
    with pytest.raises(ValueError, match="mine:"):
        Protocol("mine", **{"across_cameras": False, **how})
