"""Each data set's protocol on a gallery small enough to rank by hand: who is asked, what is searched, what counts.

Everyone stands on a line; the query is at 0 and the gallery at 1, 2, 3, ...
"""

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.evaluation.protocols.catalogue import PROTOCOLS, by_what_they_suit, protocols_named
from sameperson.evaluation.result import evaluate
from sameperson.types import Embeddings, Samples


def judged(protocol, queries, pictures, **how):
    """Queries at 0, gallery at 1, 2, 3, ... in its order."""
    q = np.zeros((len(queries), 1), np.float32)
    g = np.arange(1, len(pictures) + 1, dtype=np.float32)[:, None]
    return evaluate(
        Embeddings(q, "f"), queries, Embeddings(g, "f"), pictures, protocol, metric="euclidean", resamples=5, **how
    )


def gallery(pids, cameras, clothes=None):
    return Samples.of([f"g{k}" for k in range(len(pids))], pids, cameras, clothes_id=clothes)


def asking(pids, cameras, clothes=None):
    return Samples.of([f"q{k}" for k in range(len(pids))], pids, cameras, clothes_id=clothes)


# For person 1 in clothes 10, camera 0. "=" same clothes; "!" other clothes; camera number; "x" someone else.
#       1=0   x     1!0  1=1  1!1  x   1=2
PIDS = [1, 2, 1, 1, 1, 3, 1]
CAMERAS = [0, 1, 0, 1, 1, 1, 2]
CLOTHES = [10, 20, 11, 10, 11, 30, 10]


@pytest.mark.parametrize(
    ("names", "places"),
    [
        # Dropped: the first and the third. Left: x, 1, 1, x, 1.
        ("market1501,msmt17,ltcc_general,vc_clothes_all", [2, 3, 5]),
        # Nothing is dropped: 1, x, 1, 1, 1, x, 1.
        ("camera_blind", [1, 3, 4, 5, 7]),
        # Left: x, 1 (same clothes, camera 1), x, 1 (same, camera 2).
        ("same_clothes,ltcc_sc", [2, 4]),
        # Left: x, 1 (other clothes, camera 1), x.
        ("cross_clothes,ltcc_cc", [2]),
    ],
)
def test_what_counts_of_the_own_person(names, places):
    for protocol in protocols_named(names):
        result = judged(protocol, asking([1], [0], [10]), gallery(PIDS, CAMERAS, CLOTHES))
        assert result.first_rank.tolist() == [places[0] - 1]
        assert result.mAP.value == pytest.approx(np.mean([(k + 1) / place for k, place in enumerate(places)]))
        assert result.mINP.value == pytest.approx(len(places) / places[-1])
        assert (result.protocol, result.shots, result.repeats) == (protocol.name, "multi", 1)
        assert result.dropped_pairs == 5 - len(places)


def test_prcc_asks_one_camera_and_searches_another():
    # Cameras A, B, C are 0, 1, 2; the release has A alone as gallery, and B and C as queries.
    queries = asking([1, 1, 2, 2], [1, 2, 1, 2])
    pictures = gallery(
        [2, 1, 1, 2, 1], [0, 2, 0, 1, 0]
    )  # one of B and one of C, which must not be searched: left 2 1 1
    for name, rows in (("prcc_same", [0, 2]), ("prcc_cross", [1, 3])):
        result = judged(name, queries, pictures)
        assert result.first_rank[rows].tolist() == [1, 0]
        others = np.setdiff1d(range(4), rows)
        assert result.not_asked.tolist() == others.tolist()
        assert (result.queries, len(result.skipped), result.gallery) == (2, 0, 3)
        assert np.isnan(result.per_query[others]).all() and (result.first_rank[others] == -1).all()
        assert result.mAP.value == pytest.approx(((1 / 2 + 2 / 3) / 2 + 1) / 2)
        figures = result.to_json()
        assert (figures["queries"], figures["queries_not_asked"], figures["skipped_queries"]) == (2, 2, 0)
        assert (figures["shots"], figures["repeats"]) == ("multi", 1)


@pytest.mark.parametrize(
    ("asked", "searched"), [("viper_a_to_b", "viper_b_to_a"), ("regdb_visible_to_thermal", "regdb_thermal_to_visible")]
)
def test_all_test_pictures_are_there_and_the_protocol_says_which_camera_asks(asked, searched):
    # The same pictures are query and gallery: person 1 at 1 (camera 1) and 3 (camera 2), person 2 at 2 and 7.
    people = Samples.of(list("abcd"), [1, 2, 1, 2], [0, 0, 1, 1])
    line = Embeddings(np.array([[1.0], [2.0], [3.0], [7.0]], np.float32), "f")
    forth = evaluate(line, people, line, people, asked, metric="euclidean", resamples=5)
    # At 1: 3 is nearer than 7. At 2: 3 comes before its own 7.
    assert forth.first_rank.tolist() == [0, 1, -1, -1] and forth.not_asked.tolist() == [2, 3]
    assert (forth.queries, forth.gallery, forth.mAP.value) == (2, 2, pytest.approx((1 + 1 / 2) / 2))
    back = evaluate(line, people, line, people, searched, metric="euclidean", resamples=5)
    # At 3: the other's 2 comes before its own 1. At 7: its own 2 is nearer than 1.
    assert back.first_rank.tolist() == [-1, -1, 1, 0] and back.not_asked.tolist() == [0, 1]
    assert (forth.shots, forth.dropped_pairs, back.dropped_pairs) == ("multi", 0, 0)


def test_prcc_single_shot_in_expectation():
    # Person 2 at 1; person 1 at 3 and 5, of which one is drawn. Person 1 comes second and person 2 first, whatever is
    # drawn; with person 3 at 4 person 1 comes second in half of the galleries and third in the others.
    queries = asking([1, 2], [2, 2])
    sure = judged("prcc_cross_single_shot", queries, gallery([2, 1, 1, 2, 1], [0, 2, 0, 1, 0]))
    assert sure.rank1.value == 0.5 and sure.rank5.value == 1.0
    assert sure.mAP.value == pytest.approx((1 / 2 + 1) / 2)
    assert (sure.shots, sure.repeats, sure.gallery) == ("single", 10, 3)
    pictures = gallery([2, 1, 1, 3, 1], [0, 2, 0, 0, 0])
    drawn = [judged("prcc_cross_single_shot", queries, pictures, seed=seed) for seed in range(100)]
    assert np.mean([result.cmc[1] for result in drawn]) == pytest.approx((0.5 + 1) / 2, abs=0.02)
    assert np.mean([result.mAP.value for result in drawn]) == pytest.approx(((1 / 2 + 1 / 3) / 2 + 1) / 2, abs=0.02)


@pytest.mark.parametrize(("name", "rows"), [("vc_clothes_sc", [1, 2]), ("vc_clothes_cc", [2, 3])])
def test_vc_clothes_looks_at_two_cameras(name, rows):
    queries = asking([1, 1, 1, 1], [0, 1, 2, 3])
    pictures = gallery([1, 2, 1, 2, 1, 1], [0, 1, 1, 2, 2, 3])
    # Of cameras 1 and 2: x 1 x 1; the query of camera 1 has the fourth left, that of camera 2 the second.
    # Of cameras 2 and 3: x 1 1; the query of camera 2 has the third left, that of camera 3 the second.
    places = {"vc_clothes_sc": [3, 2], "vc_clothes_cc": [2, 2]}[name]
    result = judged(name, queries, pictures)
    assert (result.first_rank[rows] + 1).tolist() == places
    assert result.not_asked.tolist() == np.setdiff1d(range(4), rows).tolist()


def test_celeb_reid_looks_at_its_number_where_that_does_no_harm():
    queries = Samples.of(["a", "b"], [1, 2], [5, 7])
    harmless = Samples.of(["c", "d", "e", "b"], [1, 1, 2, 2], [5, 6, 8, 7])
    # Person 1: d is first. Person 2: after two of person 1 comes e; b is the query itself.
    result = judged("celeb_reid", queries, harmless)
    assert result.first_rank.tolist() == [0, 2]
    assert result.dropped_pairs == 2
    assert "every query keeps a match" in result.notes[0] and result.notes[0].startswith("1 of 3 pairs")
    assert "pictures of its second number" in result.rules and "only if" not in result.rules
    # Now the only other picture of person 2 has the query's number: nothing but the query itself is dropped.
    harmful = Samples.of(["c", "d", "e", "b"], [1, 1, 2, 2], [5, 6, 7, 7])
    result = judged("celeb_reid", queries, harmful)
    assert result.first_rank.tolist() == [0, 2]
    assert result.average_precision[0] == 1.0  # c counts too
    assert result.dropped_pairs == 1
    assert "would leave 1 of 2 queries without a match" in result.notes[0]
    assert "second number" not in result.rules and "own picture" in result.rules
    assert result.to_json()["notes"] == list(result.notes)


def test_dancereid_asks_every_picture_among_all():
    # Two videos that run from frame 0: persons 1 and 2 in the first, 3 in the second. Features by hand on a line.
    at = {"1": [0.0, 1.0, 5.0], "2": [2.0, 9.0, 6.0], "3": [1.5, 20.0, 30.0]}
    line = np.array([[x] for own in at.values() for x in own], np.float32)
    people = Samples.of([str(k) for k in range(9)], np.repeat([1, 2, 3], 3), np.tile([0, 1, 2], 3))
    same = Embeddings(line, "f")
    result = evaluate(same, people, same, people, "dancereid", metric="euclidean", resamples=5)
    # Picture 0 (person 1, frame 0, at 0): mAP without itself over all: 1 at 1, 3 at 1.5, 2 at 2, 1 at 5, ...
    assert result.average_precision[0] == pytest.approx((1 / 1 + 2 / 4) / 2)
    # CMC: no picture of frame 0, so not those at 1.5 and 2; of 1 that at 1 or 5, of 2 that at 9 or 6, of 3 that
    # at 20 or 30: always first.
    assert result.per_query[0, 0] == 1.0
    # Picture 4 (person 2, frame 1, at 9): of 2 at 2 or 6, of 1 at 0 or 5, of 3 at 1.5 or 30: 6 is always first; 2 is
    # behind 5 (in half of the galleries). So rank 1 in 3 of 4.
    many = [
        evaluate(same, people, same, people, "dancereid", metric="euclidean", resamples=5, seed=s) for s in range(60)
    ]
    assert np.mean([result.per_query[4, 0] for result in many]) == pytest.approx(3 / 4, abs=0.05)
    assert result.dropped_pairs == 9 and len(result.skipped) == 0


def test_cuhk03_single_shot_by_hand():
    # The query of camera 0 meets one of person 1 (at 2 and 6) and that of person 2 at 4, never those
    # of its own camera at 1, 3, 5.
    pictures = gallery([1, 1, 2, 2, 3, 1], [0, 1, 0, 1, 0, 1])
    results = [judged("cuhk03_single_shot", asking([1], [0]), pictures, seed=seed) for seed in range(100)]
    assert np.mean([result.rank1.value for result in results]) == pytest.approx(1 / 2, abs=0.05)
    assert all(result.rank5.value == 1.0 for result in results)
    # mAP as Market: all but person 1 in camera 0: 1 2 2 3 1.
    assert results[0].mAP.value == pytest.approx((1 / 1 + 2 / 5) / 2)


def test_the_query_itself_is_known_by_its_path():
    queries = Samples.of(["a", "b"], [1, 2], root="here")
    pictures = Samples.of(["a", "c", "b"], [1, 1, 2], root="here")
    result = judged("camera_blind", queries, pictures)
    assert result.first_rank.tolist() == [0, -1] and result.skipped.tolist() == [1]
    elsewhere = Samples.of(["a", "c", "b"], [1, 1, 2], root="there")
    assert judged("camera_blind", queries, elsewhere).first_rank.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("queries", "pictures", "says"),
    [
        (asking([], []), gallery([1], [0]), "no queries"),
        (asking([1], [2]), gallery([], []), "no gallery"),
        (asking([1, 2], [0, 1]), gallery([1], [0]), "no queries of camera 3 .there are 2 of 1, 2."),
        (asking([1], [2]), gallery([1, 1], [1, 4]), "no gallery of camera 1 .there are 2 of 2, 5."),
    ],
)
def test_nobody_to_ask_for_is_one_line(queries, pictures, says):
    with pytest.raises(InputError, match=says) as error:
        judged("prcc_cross", queries, pictures)
    assert "\n" not in str(error.value)


def test_every_protocol_is_listed_with_rules_and_source():
    listed = [name for names in by_what_they_suit().values() for name in names]
    assert sorted(listed) == sorted(PROTOCOLS)
    for protocol in PROTOCOLS.values():
        assert protocol.source and protocol.rules and "\n" not in protocol.rules + protocol.source
    assert {"any", "PRCC", "LTCC", "VC-Clothes", "Celeb-reID", "DanceReID", "CUHK03", "MSMT17"} <= set(
        by_what_they_suit()
    )


def test_unknown_names_are_told_with_the_nearest():
    with pytest.raises(InputError, match="did you mean prcc_same"):
        protocols_named("market1501,prcc_sam")
