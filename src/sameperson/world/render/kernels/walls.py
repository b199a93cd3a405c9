"""The colours of a place's sides: the walls of a hall, house fronts, hedges, fences and trees."""

import warp as wp

from sameperson.world.places.place import Wall
from sameperson.world.render.kernels.noise import cell, noise2, stripe
from sameperson.world.render.kernels.view import RoomRow

GLASS = wp.vec3(0.35, 0.45, 0.52)
DARK_GLASS = wp.vec3(0.05, 0.06, 0.075)
LEAVES = wp.vec3(0.068, 0.1, 0.042)
PALE = wp.vec3(0.62, 0.61, 0.58)
BARK = wp.vec3(0.09, 0.07, 0.055)
LAMPLIGHT = wp.vec3(1.0, 0.75, 0.42)
DARK = 0.4
STOREY = 3.3


@wp.func
def top_of(room: RoomRow, side: int, u: float) -> float:
    """The height of a side at `u` metres along it: even, or ragged for plants."""
    wall = room.walls[side]
    if wall == Wall.TREES:
        return room.tops[side] * (0.6 + 0.25 * noise2(u * 0.35, 5.0, room.seed) + 0.2 * noise2(u * 2.1, 1.0, room.seed))
    if wall == Wall.HEDGE:
        return room.tops[side] * (0.92 + 0.1 * noise2(u * 4.0, 2.0, room.seed))
    return room.tops[side]


@wp.func
def front_colour(room: RoomRow, shops: bool, side: int, u: float, z: float, blur: float) -> wp.vec3:
    """The colour of a house front: rows of windows, and doors or shop windows on the street."""
    colour = room.wall_first * (0.9 + 0.2 * noise2(u * 0.6, z * 0.6, room.seed + side))
    bay = u / room.bay
    number = int(wp.floor(bay))
    across = bay - wp.floor(bay)
    floor = wp.floor(z / STOREY)
    up = z - floor * STOREY
    chance = cell(number, int(floor) * 4 + side, room.seed)
    glow = wp.where(room.sky_low[2] < DARK, 7.0 * wp.smoothstep(0.45, 0.6, chance), 0.0)
    if shops and floor < 0.5:
        if up > 2.6 and up < 3.15:
            sign = wp.vec3(cell(number, 1, room.seed), cell(number, 2, room.seed), cell(number, 3, room.seed))
            letters = wp.where(up > 2.75 and up < 3.0, stripe(u * 4.0, 0.5, blur * 4.0), 0.0)
            return wp.lerp(wp.lerp(room.wall_second, sign * 0.6, 0.6), PALE, 0.6 * letters * chance)
        if up > 0.45 and up <= 2.6 and across > 0.05 and across < 0.95:
            goods = noise2(u * 3.0, z * 2.5, room.seed + 11)
            warm = wp.vec3(0.34, 0.3, 0.24) * (0.25 + 0.9 * goods * goods)
            frame = stripe(bay * 2.0 + 0.02, 0.04, blur)
            inside = wp.lerp(DARK_GLASS, warm, 0.3 + 0.5 * chance) * (1.0 + glow)
            return wp.lerp(inside, room.wall_second * 0.4, frame)
        return room.wall_second * 0.7
    if floor < 0.5 and chance > 0.72 and across > 0.3 and across < 0.66 and up < 2.3:
        return room.wall_second * (0.55 + 0.2 * stripe(up / 0.7, 0.08, blur))
    if up > 0.95 and up < 2.45 and across > 0.27 and across < 0.73:
        if across < 0.3 or across > 0.7 or up < 1.02 or up > 2.38 or wp.abs(across - 0.5) < 0.012:
            return PALE * 0.9
        sky = noise2(u * 0.8, z * 0.8, room.seed + 3)
        return wp.lerp(DARK_GLASS, GLASS, 0.15 + 0.5 * chance * sky) + LAMPLIGHT * (0.1 * glow)
    if up < 0.16 and floor > 0.5:
        return colour * 1.12
    if z < 0.5:
        return colour * 0.7
    return colour


@wp.func
def grown_colour(room: RoomRow, wall: int, side: int, u: float, z: float) -> wp.vec3:
    """The colour of hedges and trees: leaves in clumps, dark below, with trunks under the trees."""
    clumps = noise2(u * 1.6, z * 1.6, room.seed + side)
    leaves = noise2(u * 9.0, z * 9.0, room.seed + 6)
    fine = noise2(u * 27.0, z * 27.0, room.seed + 7)
    colour = LEAVES * (0.3 + 0.7 * clumps + 0.7 * leaves * leaves + 0.5 * fine)
    if wall == Wall.TREES and z < 1.9 + 0.9 * clumps:
        trunk = u / 3.1 + 0.2 * noise2(z * 0.5, wp.floor(u / 3.1), room.seed)
        colour = colour * 0.5
        if stripe(trunk, 0.12, 0.01) > 0.5:
            colour = BARK * (0.6 + 0.8 * leaves)
    return colour


@wp.func
def wall_colour(room: RoomRow, side: int, u: float, z: float, blur: float) -> wp.vec3:
    """The colour of a side at `u` metres along it and `z` metres up; side: which of the four, from 0."""
    wall = room.walls[side]
    if wall == Wall.FACADE or wall == Wall.SHOPS:
        return front_colour(room, wall == Wall.SHOPS, side, u, z, blur)
    if wall == Wall.HEDGE or wall == Wall.TREES:
        return grown_colour(room, wall, side, u, z)
    colour = room.wall_first * (0.92 + 0.16 * noise2(u * 1.1, z * 1.1, room.seed + side))
    bay = u / room.bay
    number = int(wp.floor(bay))
    across = bay - wp.floor(bay)
    chance = cell(number, side, room.seed)
    if wall == Wall.FENCE:
        board = u / 0.14
        tone = 0.7 + 0.5 * cell(int(wp.floor(board)), side, room.seed)
        return wp.lerp(room.wall_second * tone, room.wall_second * 0.3, stripe(board, 0.12, blur / 0.14))
    if wall == Wall.POSTERS:
        if chance > 0.35 and across > 0.2 and across < 0.75 and z > 0.9 and z < 2.1:
            line = int(wp.floor(z * 5.0))
            tint = wp.vec3(cell(number, 1, room.seed), cell(number, 2, room.seed), cell(number, 3, room.seed))
            paper = wp.lerp(room.wall_second, tint, 0.45)
            colour = paper * (0.6 + 0.6 * cell(number, line, room.seed + 5))
    elif wall == Wall.BRICK:
        course = wp.floor(z / 0.14)
        shift = 0.5 * (course - 2.0 * wp.floor(course * 0.5))
        brick = u / 0.42 + shift
        tone = 0.75 + 0.5 * cell(int(wp.floor(brick)), int(course), room.seed)
        joint = wp.max(stripe(z / 0.14, 0.1, blur / 0.14), stripe(brick, 0.04, blur / 0.42))
        colour = wp.lerp(room.wall_second * tone, room.wall_first * 0.8, joint)
    elif wall == Wall.WINDOWS:
        if across > 0.08 and across < 0.92 and z > 0.35 and z < 2.6:
            pane = wp.lerp(GLASS, room.wall_second, 0.4 + 0.5 * chance)
            colour = pane * (0.5 + 0.5 * noise2(u * 2.0 + z, z * 1.5 - u, room.seed + 3) + 0.15 * z)
            if stripe(bay * 2.0 + 0.02, 0.04, blur) > 0.5 or wp.abs(z - 1.9) < 0.03:
                colour = room.wall_second * 0.5
    elif wall == Wall.PANELS:
        colour = colour * (0.9 + 0.2 * chance)
        joint = wp.max(stripe(bay, 0.02, blur / room.bay), stripe(z / 1.2, 0.02, blur / 1.2))
        colour = wp.lerp(colour, room.wall_second, joint)
        if chance > 0.8:
            colour = room.wall_second * (0.9 + 0.2 * chance)
    elif z < 1.05:
        colour = room.wall_second * (0.85 + 0.3 * noise2(u * 1.1, z * 1.1, room.seed + side))
    if z < 0.12:
        colour = room.wall_second * 0.5
    if wall != Wall.WINDOWS and cell(number, 40 + side, room.seed) > 0.82:
        off = wp.abs(across - 0.5) * room.bay
        if off < 0.55 and z < 2.2:
            wood = wp.vec3(0.2, 0.13, 0.08) * (0.8 + 0.4 * noise2(u * 14.0, z * 1.2, room.seed))
            leaf = wp.lerp(wood, room.wall_second * 0.8, cell(1, 2, room.seed))
            colour = wp.where(off < 0.47 and z < 2.12, leaf, PALE * 0.8)
            if off < 0.2 and z > 1.2 and z < 1.9:
                colour = DARK_GLASS * 2.5
    return colour
