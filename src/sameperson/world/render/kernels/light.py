"""Lighting of surfaces: one directional lamp and ambient light."""

import warp as wp

from sameperson.world.render.kernels.surface import Surface
from sameperson.world.render.kernels.view import LightRow

LINT = 0.008
"""The share of light that even the blackest cloth reflects."""


@wp.func
def dimmed(light: LightRow, share: float) -> LightRow:
    """The same light with only a share of the lamp's or the sun's part."""
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
    """The light that leaves a dull surface: from the lamp, from above and from the ground; hollows get less."""
    lamp = light.diffuse * wp.max(0.0, wp.dot(normal, light.direction)) * (0.5 + 0.5 * openness)
    around = wp.lerp(light.bounce, light.air * 1.25, 0.5 + 0.5 * normal[2]) * (light.ambient * openness)
    return wp.cw_mul(colour + wp.vec3(LINT, LINT, LINT), light.lamp * lamp + around)


@wp.func
def shine(surface: Surface, light: LightRow, normal: wp.vec3, towards_eye: wp.vec3) -> float:
    """The specular highlight of a surface (Blinn-Phong)."""
    if surface.gloss <= 0.0:
        return 0.0
    half = wp.normalize(light.direction + towards_eye)
    near = wp.max(0.0, wp.dot(normal, half))
    near = near * near
    near = near * near
    near = near * near
    return surface.gloss * 0.3 * light.diffuse * near
