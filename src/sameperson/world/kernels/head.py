"""Heads: face, hair and what is worn on the head. Coordinates are the template's; the face looks along -Y."""

import warp as wp

from sameperson.world.kernels.look import HeadRow
from sameperson.world.kernels.noise import noise, noise2
from sameperson.world.kernels.surface import Surface, matte, shiny
from sameperson.world.labels import Label

EYE_X = 0.033
EYE_Z = 0.7285
BROW_Z = 0.748
MOUTH_Z = 0.660
CROWN_Z = 0.795
DARK = wp.vec3(0.03, 0.03, 0.035)
EYE_WHITE = wp.vec3(0.72, 0.70, 0.68)


@wp.func
def is_ear(p: wp.vec3) -> bool:
    """Whether a point belongs to an ear."""
    return wp.abs(p[0]) > 0.079 and p[2] < 0.765 and p[1] < 0.01


@wp.func
def over_hairline(p: wp.vec3, hairline: float) -> float:
    """Metres above the line where hair starts: high on the forehead, down before the ears, round them to the nape."""
    line = hairline - 0.075 * wp.smoothstep(-0.092, -0.070, p[1])
    line -= 0.030 * wp.smoothstep(-0.02, 0.02, p[1]) + 0.035 * wp.smoothstep(0.02, 0.07, p[1])
    return p[2] - line


@wp.func
def over_brim(p: wp.vec3) -> float:
    """Metres above the edge of a hat."""
    return p[2] - CROWN_Z + 0.30 * (p[1] + 0.12)


@wp.func
def bearded(p: wp.vec3) -> float:
    """How densely a full beard grows at a point, in [0, 1]: below the cheek line, above the jaw, and over the lip."""
    x = wp.abs(p[0])
    cheek = MOUTH_Z - 0.010 + 0.75 * wp.max(0.0, x - 0.022)
    jaw = 0.606 + 0.35 * (p[1] + 0.14)
    grows = wp.smoothstep(0.006, -0.006, p[2] - cheek) * wp.smoothstep(-0.006, 0.006, p[2] - jaw)
    lip = (
        wp.smoothstep(0.034, 0.026, x)
        * wp.smoothstep(0.005, 0.009, p[2] - MOUTH_Z)
        * wp.smoothstep(0.022, 0.016, p[2] - MOUTH_Z)
    )
    return wp.max(grows, lip) * wp.smoothstep(-0.01, -0.03, p[1])


@wp.func
def face(head: HeadRow, skin: wp.vec3, p: wp.vec3, seed: int) -> Surface:
    """The bare head: skin with brows, lips, beard, stubble of a shaved scalp, and glasses."""
    x = wp.abs(p[0])
    z = p[2]
    colour = skin
    front = p[1] < -0.09
    if front:
        blush = wp.exp(-((x - 0.045) * (x - 0.045) + (z - 0.695) * (z - 0.695)) / 0.0004)
        colour = wp.cw_mul(colour, wp.vec3(1.0 + 0.08 * blush, 1.0 - 0.05 * blush, 1.0 - 0.05 * blush))
        dx = x - EYE_X
        dz = z - EYE_Z
        if dx * dx * 0.6 + dz * dz < 0.00016:
            colour = colour * 0.72
        brow = z - BROW_Z - 0.10 * x * head.brow_thickness
        if wp.abs(brow) < 0.002 + 0.0022 * head.brow_thickness and x > 0.014 and x < 0.052:
            colour = wp.lerp(colour, head.brow, 0.8)
        if z > MOUTH_Z - 0.008 and z < MOUTH_Z + 0.008 and x < head.mouth * (1.0 - wp.abs(z - MOUTH_Z) * 60.0):
            colour = head.lip
            if wp.abs(z - MOUTH_Z) < 0.0012:
                colour = colour * 0.5
    if head.beard > 0.0:
        colour = wp.lerp(colour, head.hair * (0.8 + 0.4 * noise(p * 160.0, seed)), head.beard * bearded(p))
    if over_hairline(p, head.hairline) > 0.0 and z > 0.63 and not is_ear(p):
        colour = wp.lerp(colour, head.hair, wp.where(head.hairy == 1, 0.9, 0.2))
    if head.glasses > 0 and p[1] < -0.05 and z > 0.713 and z < 0.745:
        dx = (x - EYE_X) / 0.024
        dz = (z - EYE_Z) / 0.0165
        lens = dx * dx * dx * dx + dz * dz * dz * dz
        rim = front and lens < 1.0 and lens > 0.45
        bridge = front and x < 0.012 and z > 0.728 and z < 0.735
        arm = not front and z > 0.728 and z < 0.735
        if rim or bridge or arm or (head.glasses == 2 and front and lens < 1.0):
            return shiny(int(Label.GLASSES), DARK, 0.8)
    return shiny(int(Label.FACE), colour, 0.12)


@wp.func
def eye(head: HeadRow, p: wp.vec3) -> Surface:
    """An eyeball with its iris and pupil; behind dark glasses it is hidden by the lens painted over it."""
    dx = wp.abs(p[0]) - 0.0315
    dz = p[2] - EYE_Z
    off = dx * dx + dz * dz
    if head.glasses == 2:
        return shiny(int(Label.GLASSES), DARK, 0.8)
    if p[1] < -0.115 and off < 0.000009:
        return shiny(int(Label.FACE), DARK, 0.9)
    if p[1] < -0.115 and off < 0.000042:
        return shiny(int(Label.FACE), head.iris, 0.9)
    return shiny(int(Label.FACE), EYE_WHITE, 0.3)


@wp.func
def scalp_covers(head: HeadRow, p: wp.vec3, limb: wp.vec4, seed: int) -> bool:
    """Whether there is hair that sits on the head, cut along a slightly ragged hairline."""
    if head.hairy == 0 or limb[2] < 0.5 or p[2] < 0.63 or (head.hat > 0 and over_brim(p) > 0.01):
        return False
    if head.ears_show == 1 and is_ear(p):
        return False
    return over_hairline(p, head.hairline) + 0.008 * (noise(p * 120.0, seed) - 0.5) > 0.0


@wp.func
def tresses_cover(head: HeadRow, p: wp.vec3, seed: int) -> bool:
    """Whether there is long hair."""
    if (p[1] < -0.085 and p[2] < 0.80) or (head.hat > 0 and over_brim(p) > 0.0):
        return False
    return p[2] > head.hair_end + 0.03 * (noise2(p[0] * 60.0, p[1] * 60.0, seed) - 0.5)


@wp.func
def hair(head: HeadRow, p: wp.vec3, seed: int) -> Surface:
    """Hair, brighter and darker along its strands."""
    strands = 0.7 + 0.6 * noise(wp.vec3(p[0] * 90.0, p[1] * 90.0, p[2] * 14.0), seed)
    return shiny(int(Label.HAIR), head.hair * strands, 0.35)


@wp.func
def hat_covers(head: HeadRow, p: wp.vec3, limb: wp.vec4) -> bool:
    """Whether there is a cap, beanie or headscarf."""
    if head.hat == 0 or limb[2] < 0.5 or p[2] < 0.56:
        return False
    if head.hat == 3:
        x = p[0] / 0.066
        z = (p[2] - 0.715) / 0.092
        return p[1] > -0.05 or x * x + z * z > 1.0
    return over_brim(p) > 0.0


@wp.func
def hat(head: HeadRow, p: wp.vec3) -> Surface:
    """A cap with a badge, a beanie with a rim, or a headscarf."""
    colour = head.hat_colour
    above = over_brim(p)
    if head.hat == 1 and wp.abs(p[0]) < 0.03 and p[1] < -0.08 and above > 0.012 and above < 0.035:
        colour = wp.lerp(colour, wp.vec3(0.8, 0.8, 0.8), 0.6)
    if head.hat == 2 and above < 0.024:
        colour = colour * 0.75
    return matte(int(Label.HAT), colour)
