"""The room behind the people, seen along one ray: floor, walls, furniture, and the shadows people throw."""

import warp as wp

from sameperson.world.kernels.light import lit
from sameperson.world.kernels.noise import cell, noise2, stripe
from sameperson.world.kernels.tables import Scenery
from sameperson.world.kernels.view import BoxRow, RoomRow
from sameperson.world.room import Floor, Wall

FAR = 1000.0
GROUND = 0
GLASS = wp.vec3(0.35, 0.45, 0.52)


@wp.struct
class Backdrop:
    """What lies behind everyone along one ray: its light, and 1 over its distance along the optical axis (0: sky)."""

    light: wp.vec3
    nearness: float


@wp.func
def floor_colour(room: RoomRow, x: float, y: float, blur: float) -> wp.vec3:
    """The floor at a point; blur: metres of floor that one pixel sees."""
    stain = noise2(x * 1.3, y * 1.3, room.seed)
    grain = noise2(x * 9.0, y * 9.0, room.seed + 1)
    colour = room.floor_first * (0.82 + 0.24 * stain + 0.12 * grain)
    u = x / room.tile
    v = y / room.tile
    soft = blur / room.tile
    if room.floor == Floor.TILES:
        tone = 0.92 + 0.16 * cell(int(wp.floor(u)), int(wp.floor(v)), room.seed)
        joint = wp.max(stripe(u + 0.015, 0.03, soft), stripe(v + 0.015, 0.03, soft))
        return wp.lerp(colour * tone, room.floor_second, joint)
    if room.floor == Floor.CHECKER:
        odd = stripe(0.5 * u, 0.5, 0.5 * soft)
        even = stripe(0.5 * v, 0.5, 0.5 * soft)
        return wp.lerp(colour, room.floor_second, odd + even - 2.0 * odd * even)
    if room.floor == Floor.PLANKS:
        plank = int(wp.floor(u * 3.0))
        along = v * 0.4 + cell(plank, 7, room.seed)
        tone = 0.8 + 0.4 * cell(plank, int(wp.floor(along)), room.seed)
        joint = wp.max(stripe(u * 3.0, 0.05, soft * 3.0), stripe(along, 0.006, soft * 0.4))
        return wp.lerp(colour * tone, colour * 0.45, joint)
    if room.floor == Floor.CARPET:
        weave = 0.9 + 0.2 * grain
        return wp.lerp(colour * weave, room.floor_second * weave, stripe(u * 0.3, 0.12, soft * 0.3))
    joint = wp.max(stripe(x * 0.31, 0.006, blur * 0.31), stripe(y * 0.31, 0.006, blur * 0.31))
    return wp.lerp(colour * (0.9 + 0.2 * stain), colour * 0.6, joint)


@wp.func
def wall_colour(room: RoomRow, side: int, u: float, z: float, blur: float) -> wp.vec3:
    """A wall at `u` metres along it and `z` metres up; side: which of the four."""
    colour = room.wall_first * (0.92 + 0.16 * noise2(u * 1.1, z * 1.1, room.seed + side))
    bay = u / room.bay
    number = int(wp.floor(bay))
    across = bay - wp.floor(bay)
    chance = cell(number, side, room.seed)
    if room.wall == Wall.POSTERS:
        if chance > 0.35 and across > 0.2 and across < 0.75 and z > 0.9 and z < 2.1:
            line = int(wp.floor(z * 5.0))
            tint = wp.vec3(cell(number, 1, room.seed), cell(number, 2, room.seed), cell(number, 3, room.seed))
            paper = wp.lerp(room.wall_second, tint, 0.45)
            colour = paper * (0.6 + 0.6 * cell(number, line, room.seed + 5))
    elif room.wall == Wall.BRICK:
        course = wp.floor(z / 0.14)
        shift = 0.5 * (course - 2.0 * wp.floor(course * 0.5))
        brick = u / 0.42 + shift
        tone = 0.75 + 0.5 * cell(int(wp.floor(brick)), int(course), room.seed)
        joint = wp.max(stripe(z / 0.14, 0.1, blur / 0.14), stripe(brick, 0.04, blur / 0.42))
        colour = wp.lerp(room.wall_second * tone, room.wall_first * 0.8, joint)
    elif room.wall == Wall.WINDOWS:
        if across > 0.08 and across < 0.92 and z > 0.35 and z < 2.6:
            pane = wp.lerp(GLASS, room.wall_second, 0.4 + 0.5 * chance)
            colour = pane * (0.5 + 0.5 * noise2(u * 2.0 + z, z * 1.5 - u, room.seed + 3) + 0.15 * z)
            if stripe(bay * 2.0 + 0.02, 0.04, blur) > 0.5 or wp.abs(z - 1.9) < 0.03:
                colour = room.wall_second * 0.5
    elif room.wall == Wall.PANELS:
        colour = colour * (0.9 + 0.2 * chance)
        joint = wp.max(stripe(bay, 0.02, blur / room.bay), stripe(z / 1.2, 0.02, blur / 1.2))
        colour = wp.lerp(colour, room.wall_second, joint)
        if chance > 0.8:
            colour = room.wall_second * (0.9 + 0.2 * chance)
    elif z < 1.05:
        colour = room.wall_second * (0.85 + 0.3 * noise2(u * 1.1, z * 1.1, room.seed + side))
    if z < 0.12:
        colour = room.wall_second * 0.5
    return colour


@wp.func
def shadow(blobs: wp.array2d[wp.vec4], picture: int, x: float, y: float) -> float:
    """How much light people leave to a point of the floor. Blobs: (x, y, radius, strength)."""
    light = float(1.0)
    for k in range(blobs.shape[1]):
        blob = blobs[picture, k]
        dx = x - blob[0]
        dy = y - blob[1]
        light = light * (1.0 - blob[3] * wp.exp(-(dx * dx + dy * dy) / (blob[2] * blob[2])))
    return light


@wp.func
def enter(box: BoxRow, origin: wp.vec3, way: wp.vec3) -> wp.vec2:
    """Distance along a ray to a box and the axis of the face it meets; FAR if it misses."""
    enters = float(0.0)
    leaves = float(FAR)
    axis = float(0.0)
    for k in range(3):
        if wp.abs(way[k]) > 1.0e-6:
            one = (box.low[k] - origin[k]) / way[k]
            two = (box.high[k] - origin[k]) / way[k]
            if wp.min(one, two) > enters:
                enters = wp.min(one, two)
                axis = float(k)
            leaves = wp.min(leaves, wp.max(one, two))
        elif origin[k] < box.low[k] or origin[k] > box.high[k]:
            leaves = float(-1.0)
    if enters <= 0.0 or enters > leaves:
        return wp.vec2(FAR, 0.0)
    return wp.vec2(enters, axis)


@wp.func
def background(scenery: Scenery, picture: int, way: wp.vec3) -> Backdrop:
    """What reaches the camera along `way`, a ray of length 1 along the optical axis, when no one is there."""
    view = scenery.views[picture]
    room = view.room
    origin = view.eye
    nearest = float(FAR)
    side = int(GROUND)
    if way[2] < -1.0e-5:
        nearest = -origin[2] / way[2]
    if wp.abs(way[0]) > 1.0e-5:
        reach = (wp.sign(way[0]) * room.half_x - origin[0]) / way[0]
        if reach < nearest:
            nearest = reach
            side = wp.where(way[0] > 0.0, 1, 2)
    if wp.abs(way[1]) > 1.0e-5:
        reach = (wp.sign(way[1]) * room.half_y - origin[1]) / way[1]
        if reach < nearest:
            nearest = reach
            side = wp.where(way[1] > 0.0, 3, 4)
    found = int(-1)
    face = int(0)
    for k in range(room.boxes):
        meets = enter(scenery.boxes[picture, k], origin, way)
        if meets[0] < nearest:
            nearest = meets[0]
            face = int(meets[1])
            found = k
    backdrop = Backdrop()
    backdrop.nearness = 1.0 / nearest
    p = origin + way * nearest
    blur = nearest / view.focal[1]
    if found >= 0:
        normal = wp.vec3(0.0, 0.0, 0.0)
        normal[face] = -wp.sign(way[face])
        tone = 0.85 + 0.3 * noise2(p[0] * 3.0 + p[1] * 3.0, p[2] * 3.0, found)
        backdrop.light = lit(view.light, scenery.boxes[picture, found].colour * tone, normal, 0.9)
        return backdrop
    corner = wp.min(room.half_x - wp.abs(p[0]), room.half_y - wp.abs(p[1]))
    if side == GROUND:
        foot = 0.72 + 0.28 * wp.smoothstep(0.0, 0.9, corner)
        colour = floor_colour(room, p[0], p[1], blur) * shadow(scenery.blobs, picture, p[0], p[1])
        backdrop.light = lit(view.light, colour, wp.vec3(0.0, 0.0, 1.0), foot)
        return backdrop
    along = wp.where(side <= 2, p[1], p[0])
    normal = wp.vec3(0.0, 0.0, 0.0)
    if side <= 2:
        normal[0] = -wp.sign(way[0])
    else:
        normal[1] = -wp.sign(way[1])
    foot = 0.75 + 0.25 * wp.smoothstep(0.0, 0.8, p[2])
    backdrop.light = lit(view.light, wall_colour(room, side, along, p[2], blur), normal, foot)
    return backdrop
