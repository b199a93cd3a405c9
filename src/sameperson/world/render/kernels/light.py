"""How surfaces take light: a lamp and light from all around."""

import warp as wp

from sameperson.world.render.kernels.surface import Surface
from sameperson.world.render.kernels.view import LightRow

LINT = 0.008
"""What even the blackest cloth gives back."""


@wp.func
def dimmed(light: LightRow, share: float) -> LightRow:
    """The same light with a share of the lamp's or the sun's only."""
    row = LightRow()
    row.direction = light.direction
    row.ambient = light.ambient
    row.diffuse = light.diffuse * share
    row.lamp = light.lamp
    row.air = light.air
    row.bounce = light.bounce
    return row


@wp.func
def lit(light: LightRow, colour: wp.vec3, normal: wp.vec3, openness: float) -> wp.vec3:
    """Light leaving a dull surface: the lamp's, the air's from above, the ground's from below; hollows get less."""
    lamp = light.diffuse * wp.max(0.0, wp.dot(normal, light.direction)) * (0.5 + 0.5 * openness)
    around = wp.lerp(light.bounce, light.air * 1.25, 0.5 + 0.5 * normal[2]) * (light.ambient * openness)
    return wp.cw_mul(colour + wp.vec3(LINT, LINT, LINT), light.lamp * lamp + around)


@wp.func
def shine(surface: Surface, light: LightRow, normal: wp.vec3, towards_eye: wp.vec3) -> float:
    """The highlight of a surface (Blinn-Phong)."""
    if surface.gloss <= 0.0:
        return 0.0
    half = wp.normalize(light.direction + towards_eye)
    near = wp.max(0.0, wp.dot(normal, half))
    near = near * near
    near = near * near
    near = near * near
    return surface.gloss * 0.3 * light.diffuse * near
