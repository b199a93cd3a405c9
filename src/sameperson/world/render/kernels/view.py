"""The uniform buffer of one picture: camera, light and place; `world.render.rasterizer` fills it."""

import warp as wp

BOXES = 8
"""How many pieces of furniture a room can hold."""


@wp.struct
class RoomRow:
    """A place, as `world.places.place.Room`; its furniture lies in a table of its own."""

    half_x: float
    half_y: float
    floor: int
    floor_first: wp.vec3
    floor_second: wp.vec3
    tile: float
    walls: wp.vec4i
    tops: wp.vec4
    wall_first: wp.vec3
    wall_second: wp.vec3
    bay: float
    boxes: int
    seed: int
    verge: float
    verge_floor: int
    verge_colour: wp.vec3
    marking: int
    under_sky: int
    sky_low: wp.vec3
    sky_high: wp.vec3
    clouds: float


@wp.struct
class BoxRow:
    """A box on the floor."""

    low: wp.vec3
    high: wp.vec3
    colour: wp.vec3


@wp.struct
class LightRow:
    """A lamp or the sun far away in a direction (unit vector towards it), and light from all around.

    ambient, diffuse: how strong; lamp, air, bounce: the colours of the lamp's light, of that from above and from below.
    """

    direction: wp.vec3
    ambient: float
    diffuse: float
    lamp: wp.vec3
    air: wp.vec3
    bounce: wp.vec3


@wp.struct
class ViewRow:
    """A camera: q = rotation @ X + translation, pixel = focal * q.xy / q.z + centre, pixel centres at halves."""

    rotation: wp.mat33
    translation: wp.vec3
    eye: wp.vec3
    focal: wp.vec2
    centre: wp.vec2
    light: LightRow
    room: RoomRow


@wp.func
def ray(view: ViewRow, x: float, y: float) -> wp.vec3:
    """The world direction through a point of the picture, of length 1 along the optical axis."""
    across = wp.vec3((x - view.centre[0]) / view.focal[0], (y - view.centre[1]) / view.focal[1], 1.0)
    return wp.transpose(view.rotation) * across
