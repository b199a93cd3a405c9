"""The background along one ray: ground, sides, furniture and their shadows."""

import warp as wp

from sameperson.world.places.place import Floor, Wall
from sameperson.world.render.kernels.ground import ground_colour
from sameperson.world.render.kernels.light import dimmed, lit
from sameperson.world.render.kernels.noise import noise2
from sameperson.world.render.kernels.sky import ceiling_light, far_green, sky_light
from sameperson.world.render.kernels.tables import Scenery
from sameperson.world.render.kernels.view import BoxRow, LightRow, RoomRow, ViewRow
from sameperson.world.render.kernels.walls import top_of, wall_colour

FAR = 1000.0
"""Far plane: metres beyond which nothing is drawn."""
NEAR, HAZE = 25.0, 25.0
"""Distance at which the ground begins to fade, and the metres within which it does."""
DUSK = 0.4
"""A sky less blue than this is an evening sky, under which street lamps give the light."""
POLISH = 0.12
"""How much a floor's reflection blurs with distance."""
GROUND, ABOVE = 4, 5


@wp.struct
class Backdrop:
    """The background along one ray: its light, and 1 over its distance along the optical axis (0: sky)."""

    light: wp.vec3
    nearness: float


@wp.func
def leave(room: RoomRow, origin: wp.vec3, way: wp.vec3) -> wp.vec2:
    """The distance along a ray to the side through which it leaves the place, and which side."""
    nearest = float(FAR)
    side = float(0.0)
    if wp.abs(way[0]) > 1.0e-6:
        reach = (wp.sign(way[0]) * room.half_x - origin[0]) / way[0]
        if reach < nearest:
            nearest = reach
            side = wp.where(way[0] > 0.0, 0.0, 1.0)
    if wp.abs(way[1]) > 1.0e-6:
        reach = (wp.sign(way[1]) * room.half_y - origin[1]) / way[1]
        if reach < nearest:
            nearest = reach
            side = wp.where(way[1] > 0.0, 2.0, 3.0)
    return wp.vec2(nearest, side)


@wp.func
def sunlit(view: ViewRow, p: wp.vec3) -> float:
    """The share of sunlight that reaches a point of an open place, or of the street lamps' light, in pools."""
    room = view.room
    if room.under_sky == 0:
        return 0.65 + 0.7 * noise2(0.35 * p[0], 0.35 * p[1], room.seed + 32)
    if room.sky_low[2] < DUSK:
        return 0.2 + 1.6 * noise2(0.22 * p[0], 0.22 * p[1], room.seed + 32)
    met = leave(room, p, view.light.direction)
    q = p + view.light.direction * met[0]
    side = int(met[1])
    over = q[2] - top_of(room, side, wp.where(side < 2, q[1], q[0]))
    if room.walls[side] == Wall.TREES:  # dappled: light finds its way between the leaves
        u = q[0] + q[1]
        gap = 0.6 * noise2(1.9 * u + 0.8 * q[2], 1.9 * q[2] - 0.8 * u, room.seed + 30)
        gap += 0.4 * noise2(5.1 * u - 2.3 * q[2], 5.1 * q[2] + 2.3 * u, room.seed + 31)
        return wp.clamp(0.75 + 0.5 * over, wp.smoothstep(0.55, 0.8, gap), 1.0)
    return wp.smoothstep(-0.15, 0.15, over)


@wp.func
def shadow(blobs: wp.array2d[wp.vec4], picture: int, x: float, y: float) -> wp.vec2:
    """The shares of all light, and of the lamp's or the sun's alone, that people's shadows leave at the ground.

    Two blobs (x, y, radius, strength) are the ends of one shadow.
    """
    light = wp.vec2(1.0, 1.0)
    for k in range(blobs.shape[1] / 2):
        first = blobs[picture, 2 * k]
        strength = first[3]
        if strength != 0.0:
            last = blobs[picture, 2 * k + 1]
            along = wp.vec2(last[0] - first[0], last[1] - first[1])
            off = wp.vec2(x - first[0], y - first[1])
            share = wp.clamp(wp.dot(off, along) / wp.max(wp.dot(along, along), 1.0e-6), 0.0, 1.0)
            off = off - along * share
            near = wp.dot(off, off) / (first[2] * first[2])
            if near < 4.0:
                if strength > 0.0:
                    light[0] = wp.min(light[0], 1.0 - strength * wp.exp(-near))
                else:
                    light[1] = wp.min(light[1], 1.0 + strength * wp.exp(-near * near))
    return light


@wp.func
def enter(box: BoxRow, origin: wp.vec3, way: wp.vec3) -> wp.vec2:
    """The distance along a ray to a box and the axis of the face that it meets; FAR if it misses."""
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
def beside(box: BoxRow, p: wp.vec3) -> float:
    """The share of light that a box leaves to the ground near it."""
    dx = wp.max(0.0, wp.max(box.low[0] - p[0], p[0] - box.high[0]))
    dy = wp.max(0.0, wp.max(box.low[1] - p[1], p[1] - box.high[1]))
    return 1.0 - 0.55 * wp.exp(-(dx + dy) / 0.22)


@wp.func
def mirrored(view: ViewRow, p: wp.vec3, way: wp.vec3) -> wp.vec3:
    """The reflection of lamps and walls in a smooth floor, stronger at a flatter angle."""
    room = view.room
    if room.under_sky == 1 or room.floor > Floor.PLANKS:
        return wp.vec3(0.0, 0.0, 0.0)
    reach = -room.tops[0] / way[2]
    x = p[0] + way[0] * reach
    y = p[1] + way[1] * reach
    light = room.wall_first * 0.7
    if wp.abs(x) < room.half_x and wp.abs(y) < room.half_y:
        light = ceiling_light(room, x, y, POLISH * reach)
    flat = 1.0 + way[2] / wp.length(way)
    flat = flat * flat
    return wp.cw_mul(light, view.light.air) * (view.light.ambient * (0.03 + 0.3 * flat * flat))


@wp.func
def ground_light(scenery: Scenery, picture: int, p: wp.vec3, way: wp.vec3, blur: float) -> wp.vec3:
    """The light that leaves a point of the ground, with the shadows of people, furniture and houses."""
    view = scenery.views[picture]
    room = view.room
    left = shadow(scenery.blobs, picture, p[0], p[1])
    openness = left[0]
    sun = left[1] * sunlit(view, p)
    for k in range(room.boxes):
        openness = openness * beside(scenery.boxes[picture, k], p)
        if enter(scenery.boxes[picture, k], p, view.light.direction)[0] < FAR:
            sun = sun * 0.15
    corner = wp.min(room.half_x - wp.abs(p[0]), room.half_y - wp.abs(p[1]))
    openness = openness * (0.72 + 0.28 * wp.smoothstep(0.0, 0.9, wp.abs(corner)))
    light = dimmed(view.light, sun * left[0])
    dull = lit(light, ground_colour(room, p[0], p[1], blur), wp.vec3(0.0, 0.0, 1.0), openness)
    return dull + mirrored(view, p, way) * left[0]


@wp.func
def shaded(view: ViewRow, p: wp.vec3) -> LightRow:
    """The light that reaches a point."""
    return dimmed(view.light, sunlit(view, p))


@wp.func
def background(scenery: Scenery, picture: int, way: wp.vec3) -> Backdrop:
    """The background that the camera sees along `way`, a ray of length 1 along the optical axis."""
    view = scenery.views[picture]
    room = view.room
    origin = view.eye
    met = leave(room, origin, way)
    nearest = float(met[0])
    side = int(met[1])
    p = origin + way * nearest
    if p[2] < 0.0:
        side = int(GROUND)
    elif p[2] > top_of(room, side, wp.where(side < 2, p[1], p[0])):
        side = wp.where(room.under_sky == 1 and way[2] < -1.0e-4, GROUND, ABOVE)
    if side == GROUND:
        nearest = -origin[2] / way[2]
    elif side == ABOVE and room.under_sky == 0:
        nearest = (room.tops[0] - origin[2]) / way[2]
    elif side == ABOVE:
        nearest = float(FAR)
    found = int(-1)
    face = int(0)
    for k in range(room.boxes):
        meets = enter(scenery.boxes[picture, k], origin, way)
        if meets[0] < wp.min(nearest, FAR):  # ground near the horizon is farther than FAR
            nearest = meets[0]
            face = int(meets[1])
            found = k
    backdrop = Backdrop()
    backdrop.nearness = 1.0 / nearest
    p = origin + way * nearest
    blur = nearest / view.focal[1]
    normal = wp.vec3(0.0, 0.0, 0.0)
    if found >= 0:
        normal[face] = -wp.sign(way[face])
        tone = 0.85 + 0.3 * noise2(p[0] * 3.0 + p[1] * 3.0, p[2] * 3.0, found)
        light = shaded(view, p + normal * 0.01)
        backdrop.light = lit(light, scenery.boxes[picture, found].colour * tone, normal, 0.9)
    elif side == GROUND:
        backdrop.light = ground_light(scenery, picture, p, way, blur)
        if room.under_sky == 1 and nearest > NEAR:  # far ground ends in the green of the skyline
            backdrop.light = wp.lerp(far_green(room), backdrop.light, wp.exp((NEAR - nearest) / HAZE))
    elif side == ABOVE:
        if room.under_sky == 1:
            backdrop.light = sky_light(room, way)
            backdrop.nearness = 0.0
        else:
            backdrop.light = wp.cw_mul(ceiling_light(room, p[0], p[1], blur), view.light.air) * view.light.ambient
    else:
        normal[side / 2] = -wp.sign(way[side / 2])
        foot = 0.75 + 0.25 * wp.smoothstep(0.0, 0.8, p[2])
        colour = wall_colour(room, side, wp.where(side < 2, p[1], p[0]), p[2], blur)
        backdrop.light = lit(shaded(view, p + normal * 0.01), colour, normal, foot)
    return backdrop
