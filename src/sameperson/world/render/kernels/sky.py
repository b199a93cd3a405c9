"""Sky and ceiling: a sky with clouds above a far skyline, or a ceiling with lamps."""

import warp as wp

from sameperson.world.render.kernels.noise import cell, noise2, stripe
from sameperson.world.render.kernels.view import RoomRow


@wp.func
def far_green(room: RoomRow) -> wp.vec3:
    """The light of trees far away, in the haze."""
    return wp.cw_mul(room.sky_low, wp.vec3(0.2, 0.26, 0.2))


@wp.func
def sky_light(room: RoomRow, way: wp.vec3) -> wp.vec3:
    """The light of the sky along `way`."""
    flat = wp.sqrt(way[0] * way[0] + way[1] * way[1])
    rise = wp.max(0.0, way[2] / wp.max(flat, 1.0e-4))
    clear = wp.lerp(room.sky_low, room.sky_high, wp.min(1.0, wp.sqrt(0.7 * rise)))
    u = way[0] / (wp.abs(way[2]) + 0.2 * flat)
    v = way[1] / (wp.abs(way[2]) + 0.2 * flat)
    puff = 0.65 * noise2(u * 1.7, v * 1.7, room.seed + 20) + 0.35 * noise2(u * 5.0, v * 5.0, room.seed + 21)
    cover = wp.smoothstep(1.0 - room.clouds, 1.35 - room.clouds, puff + 0.1)
    light = wp.lerp(clear, room.sky_low * (1.0 + 0.25 * puff), 0.85 * cover)
    heading = wp.atan2(way[1], way[0])
    house = wp.floor(heading * 11.0 + 0.6 * noise2(heading * 3.0, 1.0, room.seed))
    roof = 0.16 * cell(int(house), 1, room.seed + 22)
    leaves = 0.05 + 0.05 * noise2(heading * 13.0, 1.0, room.seed + 23) + 0.03 * noise2(heading * 60.0, 2.0, room.seed)
    wall = room.sky_low * (0.35 + 0.25 * cell(int(house), 2, room.seed))
    far = wp.where(rise < leaves, far_green(room), wall)
    return wp.lerp(light, far, 1.0 - wp.smoothstep(wp.max(roof, leaves), wp.max(roof, leaves) + 0.01, rise))


@wp.func
def ceiling_light(room: RoomRow, x: float, y: float, blur: float) -> wp.vec3:
    """The light of a ceiling with pale panels and rows of lamps; blur: metres of ceiling in one pixel."""
    joint = wp.max(stripe(x / 0.6, 0.04, blur / 0.6), stripe(y / 0.6, 0.04, blur / 0.6))
    lamp = stripe(x / 2.4, 0.25, blur / 2.4) * stripe(y / 3.0, 0.1, blur / 3.0)
    return wp.lerp(room.wall_first * (0.75 - 0.3 * joint), wp.vec3(1.6, 1.6, 1.6), lamp)
