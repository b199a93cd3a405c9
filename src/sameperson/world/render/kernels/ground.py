"""The ground's colour at each point: floors, roads with paint, paving, cobbles and grass."""

import warp as wp

from sameperson.world.places.place import Floor, Marking
from sameperson.world.render.kernels.noise import cell, noise2, stripe
from sameperson.world.render.kernels.view import RoomRow

PAINT = wp.vec3(0.55, 0.54, 0.5)
YELLOW = wp.vec3(0.55, 0.42, 0.08)
KERB = wp.vec3(0.34, 0.33, 0.31)


@wp.func
def laid(floor: int, first: wp.vec3, second: wp.vec3, tile: float, seed: int, at: wp.vec2, blur: float) -> wp.vec3:
    """The colour of a kind of floor at a point; first, second: its colours; blur: metres of floor in one pixel."""
    x = at[0]
    y = at[1]
    stain = noise2(x * 1.3, y * 1.3, seed)
    grain = noise2(x * 9.0, y * 9.0, seed + 1)
    colour = first * (0.82 + 0.24 * stain + 0.12 * grain)
    u = x / tile
    v = y / tile
    soft = blur / tile
    if floor == Floor.TILES:
        tone = 0.92 + 0.16 * cell(int(wp.floor(u)), int(wp.floor(v)), seed)
        joint = wp.max(stripe(u + 0.015, 0.03, soft), stripe(v + 0.015, 0.03, soft))
        return wp.lerp(colour * tone, second, joint)
    if floor == Floor.CHECKER:
        odd = stripe(0.5 * u, 0.5, 0.5 * soft)
        even = stripe(0.5 * v, 0.5, 0.5 * soft)
        return wp.lerp(colour, second, odd + even - 2.0 * odd * even)
    if floor == Floor.PLANKS:
        plank = int(wp.floor(u * 3.0))
        along = v * 0.4 + cell(plank, 7, seed)
        tone = 0.8 + 0.4 * cell(plank, int(wp.floor(along)), seed)
        joint = wp.max(stripe(u * 3.0, 0.05, soft * 3.0), stripe(along, 0.006, soft * 0.4))
        return wp.lerp(colour * tone, colour * 0.45, joint)
    if floor == Floor.CARPET:
        weave = 0.9 + 0.2 * grain
        return wp.lerp(colour * weave, second * weave, stripe(u * 0.3, 0.12, soft * 0.3))
    if floor == Floor.ASPHALT:
        patch = cell(int(wp.floor(x * 0.17)), int(wp.floor(y * 0.23)), seed)
        fine = noise2(x * 31.0, y * 31.0, seed + 2)
        return colour * (0.84 + 0.12 * patch + 0.18 * fine)
    if floor == Floor.PAVING:
        row = wp.floor(v)
        slab = u * 0.6 + 0.5 * (row - 2.0 * wp.floor(0.5 * row))
        tone = 0.86 + 0.28 * cell(int(wp.floor(slab)), int(row), seed)
        joint = wp.max(stripe(slab, 0.025, soft * 0.6), stripe(v, 0.035, soft))
        return wp.lerp(colour * tone, colour * 0.55, joint)
    if floor == Floor.COBBLES:
        row = wp.floor(y * 8.0)
        stone = x * 8.0 + 0.5 * (row - 2.0 * wp.floor(0.5 * row)) + 0.4 * grain
        tone = 0.8 + 0.4 * cell(int(wp.floor(stone)), int(row), seed)
        joint = wp.max(stripe(stone, 0.16, blur * 8.0), stripe(y * 8.0, 0.16, blur * 8.0))
        return wp.lerp(colour * tone, colour * 0.55, joint)
    if floor == Floor.GRASS:
        blades = noise2(x * 23.0, y * 23.0, seed + 2)
        dry = wp.lerp(colour, wp.vec3(0.22, 0.2, 0.09), 0.5 * stain * stain)
        return dry * (0.55 + 0.5 * grain + 0.5 * blades)
    joint = wp.max(stripe(x * 0.31, 0.006, blur * 0.31), stripe(y * 0.31, 0.006, blur * 0.31))
    return wp.lerp(colour * (0.9 + 0.2 * stain), colour * 0.6, joint)


@wp.func
def ground_colour(room: RoomRow, x: float, y: float, blur: float) -> wp.vec3:
    """The colour of a place's ground at a point; blur: metres of ground in one pixel."""
    at = wp.vec2(x, y)
    kerb = wp.abs(y) - (room.half_y - room.verge)
    if room.verge > 0.0 and kerb > 0.0:
        beside = laid(room.verge_floor, room.verge_colour, room.floor_second, room.tile, room.seed + 9, at, blur)
        edge = 1.0 - wp.smoothstep(0.12 - blur, 0.12 + blur, kerb)
        return wp.lerp(beside, KERB * (0.85 + 0.3 * cell(int(wp.floor(x)), 3, room.seed)), edge)
    colour = laid(room.floor, room.floor_first, room.floor_second, room.tile, room.seed, at, blur)
    worn = 0.55 + 0.4 * noise2(x * 3.0, y * 3.0, room.seed + 4)
    if room.marking == Marking.LANES:
        line = float(0.0)
        if wp.abs(y) < 0.4:
            line = stripe(y + 0.06, 0.12, blur) * stripe(x / 6.0, 0.5, blur / 6.0)
        elif kerb > -0.8:
            line = stripe(kerb + 0.45, 0.1, blur)
        return wp.lerp(colour, PAINT, line * worn)
    if room.marking == Marking.BAYS:
        line = float(0.0)
        if room.half_y - wp.abs(y) < 5.0:
            end = 1.0 - wp.smoothstep(0.05, 0.05 + blur, wp.abs(room.half_y - wp.abs(y) - 4.94))
            line = wp.max(stripe(x / 2.5, 0.04, blur / 2.5), end)
        return wp.lerp(colour, PAINT, line * worn)
    if room.marking == Marking.EDGE:
        stud = 0.8 + 0.2 * stripe(x * 12.0, 0.5, blur * 12.0)
        inner = kerb + 1.0
        if inner > 0.0 and inner < 0.42:
            return wp.lerp(colour, YELLOW, 0.9 * worn * stud)
    return colour
