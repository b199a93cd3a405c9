"""People who walk about keep apart, keep their pace, keep inside, and come and go by the exits."""

from itertools import combinations

import numpy as np
import pytest

from sameperson.world.films.trajectories import MIN_DISTANCE, TURN_RATE, Ground, direction_of, simulate, wrap_angle

FPS = 12
EXITS = np.array([[-6.0, -4.0], [-6.0, 4.0], [6.0, 0.0], [0.0, 4.5]])
AROUND = np.random.default_rng(9).uniform((-2, -4), (2, 4), (50, 2))
SIGHTS = tuple(AROUND + np.array([x, 0]) for x in (-3, 3))
GROUND = Ground(np.array([6.0, 4.5]), EXITS, SIGHTS)
PACES = np.linspace(0.8, 1.6, 10)


def walked_about(seed, frames=480, paces=PACES):
    return simulate(np.random.default_rng(seed), GROUND, paces, frames, FPS)


@pytest.fixture(scope="module", params=[0, 1])
def paths(request):
    return walked_about(request.param)


def test_no_two_people_come_nearer_than_half_a_metre(paths):
    for here, places in zip(paths.present, paths.position, strict=True):
        spots = places[here]
        for k, spot in enumerate(spots):
            assert all(np.hypot(*(spot - other)) >= MIN_DISTANCE - 1e-9 for other in spots[:k])


def test_people_walk_forwards_at_their_pace_and_turn_like_people(paths):
    stays = paths.present[1:] & paths.present[:-1]
    steps = np.diff(paths.position, axis=0)
    speeds = np.hypot(steps[..., 0], steps[..., 1]) * FPS
    assert (speeds <= PACES + 1e-6)[stays].all()
    assert (np.abs(wrap_angle(np.diff(paths.yaw, axis=0))) * FPS <= TURN_RATE + 1e-6)[stays].all()
    quick = stays & (speeds > 0.3)
    along = (steps * direction_of(paths.yaw[1:])).sum(-1) * FPS
    assert quick.sum() > 500
    assert (along[quick] / speeds[quick]).min() > 0.9  # nobody slides sideways
    assert np.median(speeds[quick] / np.broadcast_to(PACES, speeds.shape)[quick]) > 0.85


def test_walked_is_the_length_of_the_way(paths):
    stays = (paths.present[1:] & paths.present[:-1]).all(axis=0)
    assert stays.any() or len(stays) == 10
    for number in range(10):
        there = paths.present[1:, number] & paths.present[:-1, number]
        steps = np.hypot(*np.diff(paths.position[:, number], axis=0).T)[there]
        way = np.diff(paths.walked[:, number])[there]
        assert (way >= steps - 1e-9).all()  # a bent way is longer than the straight line
        assert way.sum() < 1.03 * steps.sum()


def test_they_stay_on_the_ground_and_come_and_go_by_the_exits(paths):
    assert (np.abs(paths.position[paths.present]) <= GROUND.half + 1e-9).all()
    came = np.argwhere(~paths.present[:-1] & paths.present[1:])
    went = np.argwhere(paths.present[:-1] & ~paths.present[1:])
    assert len(came) > 3 and len(went) > 3
    for events, offset, reach in ((came, 1, 0.25), (went, 0, 0.6)):
        for frame, number in events:
            spot = paths.position[frame + offset, number]
            assert min(np.hypot(*(EXITS - spot).T)) < reach


def test_a_visit_begins_whenever_someone_comes_in(paths):
    for here, visit in zip(paths.present.T, paths.visit.T, strict=True):
        came = np.flatnonzero(here & ~np.append(False, here[:-1]))
        for count, frame in enumerate(came):
            assert visit[frame] == count


def test_people_are_there_from_the_beginning_and_get_about():
    paths = walked_about(2)
    assert 3 <= paths.present[0].sum() < 10
    assert paths.visit[-1].max() >= 1
    for number in range(10):
        x = paths.position[paths.present[:, number], number, 0]
        assert np.ptp(x) > 2


def test_some_meet_and_face_each_other():
    paths, met = walked_about(0), 0
    for frame in range(0, 480, 4):
        still = np.flatnonzero(paths.present[frame] & (paths.speed[frame] < 0.05))
        face = direction_of(paths.yaw[frame])
        for one, other in combinations(still, 2):
            gap = paths.position[frame, other] - paths.position[frame, one]
            straight = 0.8 * np.hypot(*gap)
            met += bool(straight < 1.3 and face[one] @ gap > straight and face[other] @ -gap > straight)
    assert met > 3


def test_the_same_seed_gives_the_same_walk():
    one, two, other = walked_about(5, 60), walked_about(5, 60), walked_about(6, 60)
    assert np.array_equal(one.position, two.position)
    assert not np.array_equal(one.position, other.position)


def test_one_person_alone_walks_too():
    paths = walked_about(0, 120, [1.2])
    assert paths.present[0, 0] and paths.walked[-1, 0] > 3
