"""Where others stand: boxes against hand figures, and shares as wanted."""

from dataclasses import replace

import numpy as np
import pytest

from sameperson.world.pictures.conditions import tracklets_of
from sameperson.world.pictures.occluders import (
    TALL,
    WIDE,
    add_crowd,
    add_occluder,
    card_box,
    covered_share,
    place_occluder,
)
from sameperson.world.places.camera import Camera
from sameperson.world.plan import Stream, WorldPlan

PLAN = WorldPlan(3, 1, cameras=2, shots=1, seed=9)


@pytest.fixture(scope="module")
def shots():
    return [shot for pid in (1, 2, 3) for take in tracklets_of(PLAN, pid) for shot in take.shots]


def level(camera: Camera, focal=1000.0) -> Camera:
    """The camera hung 10 m before the origin, 1 m up, looking along +Y."""
    rotation = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    return replace(camera, R=rotation, T=-rotation @ np.array([0.0, -10.0, 1.0]), f=focal, size=(960, 720))


def test_an_outline_of_hand_figures(shots):
    # 100 pixels to the metre at 10 m: half a metre to either side of the middle (480), from 1 m below (360 + 100) to
    # 0.8 m above the eye
    camera = level(shots[0].camera)
    np.testing.assert_allclose(card_box(camera, np.zeros(2), 0.5, 1.8), (430, 280, 530, 460))
    np.testing.assert_allclose(card_box(camera, np.array([1.0, 10.0]), 0.5, 2.0), (505, 310, 555, 410))


@pytest.mark.parametrize(
    ("cover", "share"),
    [
        ((0, 0, 10, 20), 1.0),
        ((-5, -5, 50, 50), 1.0),
        ((5, 0, 15, 20), 0.5),
        ((5, 10, 15, 30), 0.25),
        ((10, 0, 20, 20), 0.0),
        ((30, 30, 40, 40), 0.0),
        ((2, 5, 7, 9), 0.1),
    ],
)
def test_an_overlap_of_hand_figures(cover, share):
    assert covered_share(np.array([0.0, 0, 10, 20]), np.array(cover, float)) == pytest.approx(share)


@pytest.mark.parametrize("wanted", [0.15, 0.4, 0.75])
def test_what_stands_in_front_hides_about_the_wanted_share(shots, wanted):
    for number, shot in enumerate(shots):
        rng = np.random.default_rng([7, number])
        spot = place_occluder(shot, rng, wanted, lambda place: place, 0.3, 1.2 if wanted < 0.5 else 2.0)
        mine = card_box(shot.camera, np.asarray(shot.figure.position), WIDE, TALL)
        theirs = card_box(shot.camera, spot, 0.3, 1.2 if wanted < 0.5 else 2.0)
        both = np.minimum(mine[2:], theirs[2:]) - np.maximum(mine[:2], theirs[:2])
        assert np.prod(both.clip(0)) / np.prod(mine[2:] - mine[:2]) == pytest.approx(wanted, abs=0.08)
        eye = shot.camera.eye[:2]
        assert np.linalg.norm(spot - eye) < np.linalg.norm(shot.figure.position - eye)


def test_in_front_is_one_thing_or_one_person_and_both_occur(shots):
    kinds = set()
    for number in range(24):
        shot = add_occluder(PLAN, 1, shots[0], PLAN.rng(Stream.OCCLUDERS, 1, number))
        assert len(shot.bystanders) + len(shot.props) == 1
        assert shot.figure is shots[0].figure and shot.camera is shots[0].camera and shot.rng is shots[0].rng
        kinds.add(shot.props[0].obstacle.kind if shot.props else "person")
    assert "person" in kinds and len(kinds) >= 4


def test_most_of_a_crowd_does_not_stand_in_front(shots):
    before = []
    for number in range(20):
        shot = add_crowd(PLAN, 1, shots[0], PLAN.rng(Stream.OCCLUDERS, 2, number))
        eye, mine = shot.camera.eye[:2], np.asarray(shot.figure.position)
        for one in shot.bystanders:
            away = np.linalg.norm(one.position - mine)
            assert 0.44 < away < 1.71
            before.append(np.linalg.norm(one.position - eye) < np.linalg.norm(mine - eye) - 0.1)
    assert len(before) > 40 and 0.05 < np.mean(before) < 0.45
