import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.checks import InputError
from sameperson.data.dataset import Dataset
from sameperson.data.split import across_cameras, hold_out, learned_and_held_out, query_and_gallery
from sameperson.types import Samples


def samples(pairs: list[tuple[int, int]]) -> Samples:
    pid, camid = zip(*pairs, strict=True)
    return Samples.of([f"{row}.jpg" for row in range(len(pairs))], pid, camid)


def test_hold_out_keeps_people_apart_and_depends_on_the_seed_alone() -> None:
    train = samples([(pid, cam) for pid in range(-1, 30) for cam in range(3)])
    left, held = hold_out(train, 0.2, seed=3)
    assert held.people == round(0.2 * 29)
    assert left.people + held.people == 29
    assert not set(left.pid) & set(held.pid)
    assert len(left) + len(held) == 29 * 3  # junk and distractors are in neither
    assert (hold_out(train, 0.2, seed=3)[1].path == held.path).all()
    assert set(hold_out(train, 0.2, seed=4)[1].pid) != set(held.pid)


def test_hold_out_none_and_too_many() -> None:
    train = samples([(1, 0), (2, 0), (3, 0)])
    left, held = hold_out(train, 0, seed=0)
    assert (len(left), len(held)) == (3, 0)
    with pytest.raises(InputError, match=r"3 people .* at least 4 .* data\.val_fraction=0"):
        hold_out(train, 0.1, seed=0)


def test_one_query_per_person_and_camera() -> None:
    query, gallery = query_and_gallery(
        samples([(1, 0), (1, 0), (1, 1), (1, 1), (2, 0), (2, 2), (3, 0), (3, 0), (0, 1), (-1, 1)])
    )
    # 1 asks from both cameras; 2 has one picture each, so one asks and one answers; 3 was seen by one camera only.
    assert query.path.tolist() == ["0.jpg", "2.jpg", "4.jpg"]
    assert gallery.path.tolist() == ["1.jpg", "3.jpg", "5.jpg", "6.jpg", "7.jpg", "8.jpg", "9.jpg"]


def test_without_cameras_one_query_per_person() -> None:
    query, gallery = query_and_gallery(samples([(1, -1), (1, -1), (2, -1), (3, -1), (3, -1), (3, -1)]))
    assert query.path.tolist() == ["0.jpg", "3.jpg"]
    assert len(gallery) == 4


def test_nobody_gives_no_query() -> None:
    query, gallery = query_and_gallery(samples([(-1, 0), (0, 0)]))
    assert (len(query), len(gallery)) == (0, 2)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(-1, 5), st.integers(0, 3)), min_size=1, max_size=40))
def test_every_query_has_a_positive_and_every_person_who_can_asks(pairs: list[tuple[int, int]]) -> None:
    whole = samples(pairs)
    query, gallery = query_and_gallery(whole)
    assert sorted([*query.path, *gallery.path]) == sorted(whole.path)
    cameras = {pid: {c for p, c in pairs if p == pid} for pid, _ in pairs}
    crossing = any(len(seen) > 1 for pid, seen in cameras.items() if pid > 0)
    assert across_cameras(whole) == crossing
    for pid, camid in zip(query.pid, query.camid, strict=True):
        positives = (gallery.pid == pid) & ((gallery.camid != camid) | (not crossing))
        assert positives.any()
    able = {
        pid
        for pid in cameras
        if pid > 0 and (len(cameras[pid]) > 1 if crossing else [p for p, _ in pairs].count(pid) > 1)
    }
    assert set(query.pid.tolist()) == able
    groups = list(zip(query.pid.tolist(), query.camid.tolist(), strict=True))
    assert len(groups) == len(set(groups))


def test_values_are_columns_not_copies_of_rows() -> None:
    whole = samples([(1, 0), (1, 1)])
    query, gallery = query_and_gallery(whole)
    assert query.pid.dtype == np.int64
    assert gallery.camid.dtype == np.int32


def test_a_datasets_own_validation_people_are_held_out() -> None:
    none = samples([(9, 0)]).take(slice(0))
    train, val = samples([(1, 0), (2, 0), (0, 1)]), samples([(3, 0), (3, 1), (-1, 0)])
    own = Dataset("own", train, none, none, val=val)
    learned, held = learned_and_held_out(own, 0.1, seed=0)
    assert (learned.pid.tolist(), held.pid.tolist()) == ([1, 2], [3, 3])
    assert len(learned_and_held_out(own, 0, seed=0)[1]) == 0
    both = Dataset("both", train, none, none, val=samples([(2, 1), (3, 1)]))
    with pytest.raises(InputError, match=r"1 people in train and val, e\.g\. 2"):
        learned_and_held_out(both, 0.1, seed=0)
