"""Rooms: plain values, furniture against the walls, and every kind of floor and wall."""

import json
from dataclasses import asdict

import numpy as np

from sameperson.world.kernels.view import BOXES
from sameperson.world.room import Floor, Wall, sample_room

ROOMS = [sample_room(np.random.default_rng(seed)) for seed in range(200)]


def test_a_seed_decides_a_room():
    assert sample_room(np.random.default_rng(4)) == ROOMS[4] != ROOMS[5]


def test_rooms_are_plain_values():
    assert all(json.dumps(asdict(room)) for room in ROOMS)


def test_every_floor_and_wall_occurs():
    assert {room.floor for room in ROOMS} == set(Floor) and {room.wall for room in ROOMS} == set(Wall)


def test_furniture_stands_along_the_walls_and_leaves_the_middle_free():
    for room in ROOMS:
        assert len(room.furniture) <= BOXES
        for box in room.furniture:
            reach = np.abs(box.centre) + box.half
            assert reach[0] < room.half_x + 0.5 and reach[1] < room.half_y + 0.5
            inner = np.abs(box.centre) - box.half
            assert inner[0] > room.half_x - 0.8 or inner[1] > room.half_y - 0.8


def test_colours_can_be_reflected():
    for room in ROOMS:
        for colour in (*room.floor_colours, *room.wall_colours, *(box.colour for box in room.furniture)):
            assert all(0 < channel < 1 for channel in colour)
