"""Places: plain values, things along the sides, and every kind of ground and side."""

import json
from dataclasses import asdict

import numpy as np

from sameperson.world.places.place import Floor, Marking, Wall, in_sun, is_free, sample_room
from sameperson.world.render.kernels.view import BOXES

ROOMS = [sample_room(np.random.default_rng(seed)) for seed in range(200)]
HALLS = [room for room in ROOMS if room.sky is None]
OPEN = [room for room in ROOMS if room.sky is not None]


def test_a_seed_decides_a_room():
    assert sample_room(np.random.default_rng(4)) == ROOMS[4] != ROOMS[5]


def test_rooms_are_plain_values():
    assert all(json.dumps(asdict(room)) for room in ROOMS)


def test_every_kind_of_ground_and_side_occurs_where_it_belongs():
    assert {room.floor for room in ROOMS} | {room.verge_floor for room in ROOMS} == set(Floor)
    assert {wall for room in ROOMS for wall in room.walls} == set(Wall)
    assert {room.marking for room in ROOMS} == set(Marking)
    assert all(wall <= Wall.WAINSCOT for room in HALLS for wall in room.walls)
    assert all(wall > Wall.WAINSCOT for room in OPEN for wall in room.walls)
    assert 60 < len(HALLS) < 130


def test_the_sky_is_clear_covered_or_dark():
    clouds = np.array([room.sky.clouds for room in OPEN])
    bright = np.array([sum(room.sky.low) > 1 for room in OPEN])
    assert (bright & (clouds < 0.9)).sum() > 20 and (clouds == 1).sum() > 20 and (~bright).sum() > 5


def test_a_hall_is_as_high_everywhere():
    assert all(len(set(room.tops)) == 1 and room.tops[0] > 3 for room in HALLS)


def test_furniture_stands_along_the_sides_and_leaves_the_middle_free():
    for room in ROOMS:
        assert len(room.furniture) <= BOXES
        for box in room.furniture:
            reach = np.abs(box.centre) + box.half
            assert reach[0] < room.half_x + 0.8 and reach[1] < room.half_y + 0.5
            inner = np.abs(box.centre) - box.half
            assert inner[0] > room.half_x - 0.9 or inner[1] > room.half_y - 1.9
            assert 0 <= box.base < box.height


def test_colours_can_be_reflected():
    for room in ROOMS:
        boxes = [box.colour for box in room.furniture]
        for colour in (*room.floor_colours, *room.wall_colours, room.verge_colour, *boxes):
            assert all(0 < channel < 1 for channel in colour)


def test_light_is_tinted_but_not_by_much():
    for room in ROOMS:
        for colour in (room.lamp, room.air):
            assert 0.5 < min(colour) <= max(colour) < 1.3


def test_the_sun_reaches_where_no_side_stands_in_its_way():
    for room in ROOMS[:20]:
        rng = np.random.default_rng(1)
        towards = rng.normal(0, 1, 3)
        towards[2] = abs(towards[2])
        spots = rng.uniform(-0.9, 0.9, (30, 2)) * (room.half_x, room.half_y)
        expected = []
        for x, y in spots:
            at = np.array([x, y, 1.0])
            while abs(at[0]) < room.half_x and abs(at[1]) < room.half_y:
                at = at + 0.01 * towards
            beyond = [at[0] >= room.half_x, at[0] <= -room.half_x, at[1] >= room.half_y, at[1] <= -room.half_y]
            expected.append(room.sky is None or at[2] > room.tops[beyond.index(True)])
        got = in_sun(room, towards, spots)
        assert (got == expected).mean() >= 29 / 30  # a step may end on either side of an edge


def test_one_can_stand_where_nothing_else_does():
    for room in ROOMS:
        spots = np.random.default_rng(0).uniform(-1.1, 1.1, (200, 2)) * (room.half_x, room.half_y)
        for x, y in spots:
            inside = abs(x) <= room.half_x - 0.35 and abs(y) <= room.half_y - 0.35
            if room.marking == Marking.EDGE:
                inside = inside and abs(y) <= room.half_y - room.verge - 0.35
            clear = True
            for box in room.furniture:
                low, high = np.subtract(box.centre, box.half) - 0.35, np.add(box.centre, box.half) + 0.35
                clear = clear and not ((low < (x, y)) & ((x, y) < high)).all()
            assert is_free(room, (x, y)) == (inside and clear)
        assert is_free(room, (0.0, 0.0))
