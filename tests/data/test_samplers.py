from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.checks import InputError
from sameperson.data.samplers import PeopleSampler, PictureSampler, shard

PIDS = np.array([-1, 0, 0] + [3] * 9 + [4] * 2 + [8] * 5 + [11] * 4 + [12] * 1 + [20] * 13)


@settings(max_examples=60)
@given(
    counts=st.lists(st.integers(1, 14), min_size=2, max_size=12),
    people=st.integers(2, 4),
    pictures=st.integers(2, 5),
    seed=st.integers(0, 99),
)
def test_an_epoch_obeys_the_definition(counts: list[int], people: int, pictures: int, seed: int) -> None:
    if len(counts) < people:
        return
    pids = np.random.default_rng(seed).permutation(np.repeat(np.arange(1, len(counts) + 1), counts))
    left = {pid: max(count // pictures, 1) for pid, count in enumerate(counts, start=1)}
    times: Counter[int] = Counter()
    for batch in PeopleSampler(pids, people, pictures, seed).epoch(3):
        assert batch.shape == (people * pictures, 2)
        chunks = batch.reshape(people, pictures, 2)
        who = [set(pids[chunk[:, 0]].tolist()) for chunk in chunks]
        assert all(len(person) == 1 for person in who)
        assert len(set.union(*who)) == people
        for person in set.union(*who):
            left[person] -= 1
        for row, repeat in batch.tolist():
            assert repeat == times[row]
            times[row] += 1
    assert min(left.values()) >= 0
    assert sum(chunks > 0 for chunks in left.values()) < people  # it stopped only when it had to
    for row, count in times.items():
        assert count == 1 or counts[pids[row] - 1] < pictures


def test_an_epoch_depends_on_seed_and_number_alone() -> None:
    def plan(seed: int, number: int) -> list:
        return [batch.tolist() for batch in PeopleSampler(PIDS, 2, 4, seed).epoch(number)]

    assert plan(0, 1) == plan(0, 1)
    assert plan(0, 1) != plan(0, 2)
    assert plan(0, 1) != plan(1, 1)
    sampler = PeopleSampler(PIDS, 2, 4, 0)
    sampler.epoch(7)
    assert [batch.tolist() for batch in sampler.epoch(1)] == plan(0, 1)


def test_junk_and_distractors_are_never_sampled() -> None:
    rows = {row for number in range(20) for batch in PeopleSampler(PIDS, 3, 4, 0).epoch(number) for row in batch[:, 0]}
    assert (PIDS[list(rows)] > 0).all()
    assert len(rows) == (PIDS > 0).sum()


def test_too_few_people_is_one_line() -> None:
    with pytest.raises(InputError, match=r"6 people to train on; expected at least 16 .* sampler.people=6"):
        PeopleSampler(PIDS, 16, 4, 0)
    with pytest.raises(InputError, match=r"0 people to train on; .*; check data.root"):
        PeopleSampler(PIDS[PIDS <= 0], 16, 4, 0)


@pytest.mark.parametrize("world", [1, 2, 4])
def test_shards_cover_a_batch_exactly(world: int) -> None:
    batch = PeopleSampler(PIDS, 2, 4, 0).epoch(0)[0]
    parts = [shard(batch, rank, world) for rank in range(world)]
    assert len({len(part) for part in parts}) == 1
    assert (np.concatenate(parts) == batch).all()


def test_an_uneven_shard_is_one_line() -> None:
    with pytest.raises(InputError, match="a batch of 8 over 3 processes"):
        shard(PeopleSampler(PIDS, 2, 4, 0).epoch(0)[0], 0, 3)


def test_pictures_come_once_an_epoch_in_another_order_each():
    sampler = PictureSampler(23, 5, seed=1)
    epochs = [sampler.epoch(number) for number in range(3)]
    for batches in epochs:
        assert [batch.shape for batch in batches] == [(5, 2)] * 4
        rows = np.concatenate(batches)
        assert len(set(rows[:, 0].tolist())) == 20 and rows[:, 0].max() < 23 and (rows[:, 1] == 0).all()
    assert not np.array_equal(epochs[0], epochs[1])
    assert np.array_equal(epochs[2], PictureSampler(23, 5, seed=1).epoch(2))
    assert {row for number in range(20) for batch in sampler.epoch(number) for row in batch[:, 0]} == set(range(23))


def test_too_few_pictures_for_a_batch():
    with pytest.raises(InputError, match=r"3 pictures to train on; expected at least 5.*sampler\.batch=3"):
        PictureSampler(3, 5, 0)
