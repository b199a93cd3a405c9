"""Patterns of cloth: coordinates of a point on a garment, and the pattern's colour there."""

import warp as wp

from sameperson.world.clothes.outfit import Pattern
from sameperson.world.render.kernels.look import ClothRow
from sameperson.world.render.kernels.noise import noise, stripe

# The axis of the rest pose's left arm, on the template: shoulder, elbow, wrist (x, y, z).
SHOULDER = wp.vec3(0.180, -0.012, 0.489)
ELBOW = wp.vec3(0.366, -0.015, 0.280)
WRIST = wp.vec3(0.486, -0.179, 0.166)
ARM_LENGTH = 0.52
ON_A_SKIRT = wp.vec4(0.0, 0.0, 0.0, -1.0)
SHARPNESS = 0.06  # of an edge, in periods: about what a crop resolves


@wp.func
def on_cloth(p: wp.vec3, limb: wp.vec4) -> wp.vec2:
    """Cloth coordinates, metres around and along: of the arm, the leg (not for `ON_A_SKIRT`) or the trunk."""
    if limb[0] > 0.5:
        side = wp.vec3(wp.abs(p[0]), p[1], p[2])
        t = limb[1] * 2.0
        axis = wp.lerp(SHOULDER, ELBOW, t)
        if t > 1.0:
            axis = wp.lerp(ELBOW, WRIST, t - 1.0)
        off = side - axis
        outward = 0.747 * off[0] + 0.665 * off[2]
        return wp.vec2(wp.atan2(outward, -off[1]) * 0.055, limb[1] * ARM_LENGTH)
    if p[2] < 0.0 and limb[3] >= 0.0:
        leg = 0.11 - 0.12 * p[2]
        return wp.vec2(wp.atan2(wp.abs(p[0]) - leg, -p[1] - 0.02) * 0.075, p[2])
    return wp.vec2(wp.atan2(p[0], -p[1] - 0.03) * 0.15, p[2])


@wp.func
def dots(u: float, v: float) -> float:
    """A pattern with a dot on every unit square."""
    du = u - wp.round(u)
    dv = v - wp.round(v)
    return wp.clamp((0.3 - wp.sqrt(du * du + dv * dv)) / 0.08 + 0.5, 0.0, 1.0)


@wp.func
def cloth_colour(cloth: ClothRow, p: wp.vec3, limb: wp.vec4) -> wp.vec3:
    """The colour of a material at template point `p`; `limb` as in `region`."""
    kind = cloth.pattern
    if kind == Pattern.PLAIN:
        return cloth.first
    colour = cloth.first
    arm = limb[0] > 0.5
    place = wp.vec2(0.0, 0.0)
    if kind <= Pattern.DOTS or kind == Pattern.SIDE_STRIPE:
        place = on_cloth(p, limb)
    u = place[0] * cloth.frequency
    v = place[1] * cloth.frequency
    if kind == Pattern.HOOPS:
        colour = wp.lerp(colour, cloth.second, stripe(v, 0.45, SHARPNESS))
    elif kind == Pattern.PINSTRIPES:
        colour = wp.lerp(colour, cloth.second, stripe(u, 0.3, SHARPNESS))
    elif kind == Pattern.PLAID:
        warp_thread = stripe(u, 0.4, SHARPNESS)
        weft_thread = stripe(v, 0.4, SHARPNESS)
        colour = wp.lerp(colour, cloth.second, 0.5 * (warp_thread + weft_thread))
        colour = wp.lerp(
            colour, cloth.third, 0.7 * wp.max(stripe(u + 0.25, 0.07, SHARPNESS), stripe(v + 0.25, 0.07, SHARPNESS))
        )
    elif kind == Pattern.DOTS:
        colour = wp.lerp(colour, cloth.second, dots(1.6 * u, 1.6 * v))
    elif kind == Pattern.YOKE:
        if arm:
            colour = cloth.third
        elif p[2] > 0.34:
            colour = cloth.second
    elif kind == Pattern.CAMOUFLAGE:
        spot = noise(p * (cloth.frequency * 1.1), cloth.seed)
        if spot > 0.62:
            colour = cloth.third
        elif spot > 0.48:
            colour = cloth.second
    elif kind == Pattern.FADE:
        colour = wp.lerp(colour, cloth.second, wp.smoothstep(0.1, 0.5, p[2]))
    elif kind == Pattern.RAGLAN:
        if arm:
            colour = cloth.second
    elif kind == Pattern.CHEST_BAND:
        if not arm and p[2] > 0.25 and p[2] < 0.36:
            colour = cloth.second
            if p[2] > 0.29 and p[2] < 0.32:
                colour = cloth.third
    elif kind == Pattern.SIDE_STRIPE:
        if p[2] < 0.15 and wp.abs(p[1] + 0.01 + 0.02 * p[2]) < 0.022 and wp.abs(p[0]) > 0.11 - 0.12 * p[2]:
            colour = cloth.second
        if arm and wp.abs(place[0] - 0.086) < 0.014:
            colour = cloth.second
    elif kind == Pattern.DENIM:
        worn = wp.smoothstep(0.1, -0.15, p[2]) * wp.smoothstep(-0.55, -0.3, p[2]) * wp.smoothstep(0.0, -0.09, p[1])
        colour = colour * (0.85 + 0.75 * worn + 0.2 * noise(p * 12.0, cloth.seed))
    elif kind == Pattern.HEATHER:
        colour = colour * (0.75 + 0.5 * noise(p * 110.0, cloth.seed))
    return colour
