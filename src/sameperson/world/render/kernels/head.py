"""Heads: face, hair, glasses and headwear. Coordinates are the template's; the face looks along -Y."""

import warp as wp

from sameperson.world.render.kernels.look import HeadRow
from sameperson.world.render.kernels.noise import noise, noise2
from sameperson.world.render.kernels.surface import Surface, matte, shiny
from sameperson.world.render.labels import Label

EYE_X = 0.033
EYE_Z = 0.7285
BROW_Z = 0.748
MOUTH_Z = 0.660
CROWN_Z = 0.795
DARK = wp.vec3(0.03, 0.03, 0.035)
EYE_WHITE = wp.vec3(0.60, 0.58, 0.56)


@wp.func
def is_ear(p: wp.vec3) -> bool:
    """Whether a point belongs to an ear."""
    return wp.abs(p[0]) > 0.079 and p[2] < 0.765 and p[1] < 0.01


@wp.func
def over_hairline(head: HeadRow, p: wp.vec3) -> float:
    """Metres above the hairline, which runs high on the forehead, before and around the ears, to the nape.

    A fringe hangs below that line, receding temples lie above it.
    """
    side = wp.smoothstep(-0.092, -0.070, p[1])
    line = head.hairline - 0.075 * side
    line -= 0.030 * wp.smoothstep(-0.02, 0.02, p[1]) + 0.035 * wp.smoothstep(0.02, 0.07, p[1])
    corner = (wp.abs(p[0]) - 0.046) / 0.022
    line += head.temples * wp.exp(-corner * corner) * wp.smoothstep(-0.05, -0.09, p[1])
    line -= (head.fringe + head.slant * p[0] * 16.0) * (1.0 - side)
    return p[2] - wp.max(line, wp.where(side < 0.5, BROW_Z - 0.002, 0.0))


@wp.func
def bare_crown(head: HeadRow, p: wp.vec3) -> bool:
    """Whether a point lies on a bald crown, which opens to the forehead."""
    return p[2] > 0.775 and wp.abs(p[0]) < head.crown and p[1] < 0.9 * head.crown - 0.045


@wp.func
def over_brim(p: wp.vec3) -> float:
    """Metres above the edge of a hat."""
    return p[2] - CROWN_Z + 0.30 * (p[1] + 0.12)


@wp.func
def around(x: float, width: float) -> float:
    """A bump of height 1 at 0."""
    return wp.exp(-x * x / (width * width))


@wp.func
def whiskered(head: HeadRow, p: wp.vec3) -> float:
    """The density of a beard at a point, in [0, 1]: below the cheek line, above the jaw, and over the lip."""
    x = wp.abs(p[0])
    cheek = MOUTH_Z - 0.010 + 0.75 * wp.max(0.0, x - 0.022)
    jaw = 0.606 + 0.35 * (p[1] + 0.14)
    grows = wp.smoothstep(0.006, -0.006, p[2] - cheek) * wp.smoothstep(-0.006, 0.006, p[2] - jaw)
    above = p[2] - MOUTH_Z
    lip = wp.smoothstep(0.036, 0.026, x) * wp.smoothstep(0.004, 0.008, above) * wp.smoothstep(0.021, 0.014, above)
    chin = grows * wp.smoothstep(0.032, 0.024, x)
    ring = wp.smoothstep(0.034, 0.027, x) * wp.smoothstep(0.020, 0.026, x) * wp.smoothstep(0.018, 0.010, wp.abs(above))
    dense = wp.max(head.beard * wp.max(grows, lip), head.moustache * lip)
    return wp.max(dense, head.goatee * wp.max(chin, ring)) * wp.smoothstep(-0.01, -0.03, p[1])


@wp.func
def relief(head: HeadRow, p: wp.vec3) -> float:
    """The brightness factor of a face's hollows and lines: sockets, lids, sides and wings of the nose, wrinkles."""
    x = wp.abs(p[0])
    z = p[2]
    dx = x - EYE_X
    dz = z - EYE_Z
    light = 1.0 - head.sockets * wp.exp(-(dx * dx * 0.55 + dz * dz) / 0.00017)
    lid = dz - 0.0088 + dx * dx * 14.0
    light *= 1.0 - 0.75 * head.lashes * around(lid, 0.0021) * wp.smoothstep(0.021, 0.016, wp.abs(dx))
    light *= 1.0 - 0.25 * around(dz + 0.012 - dx * dx * 10.0, 0.003) * wp.smoothstep(0.018, 0.010, wp.abs(dx))
    light *= 1.0 - 0.16 * around(x - 0.0145, 0.005) * wp.smoothstep(0.684, 0.694, z) * wp.smoothstep(0.742, 0.722, z)
    light *= 1.0 - 0.22 * around(z - 0.676, 0.0045) * wp.smoothstep(0.021, 0.013, x)
    light *= 1.0 - 0.5 * around(x - 0.0085, 0.0032) * around(z - 0.679, 0.0028)
    light *= 1.0 - 0.18 * around(z - MOUTH_Z + 0.0145, 0.004) * wp.smoothstep(0.020, 0.010, x)
    if head.lines > 0.0:
        fold = x - 0.019 - 0.42 * (0.688 - z)
        deep = around(fold, 0.0026) * wp.smoothstep(0.640, 0.652, z) * wp.smoothstep(0.692, 0.682, z)
        bags = around(dz + 0.0185 - dx * dx * 12.0, 0.0026) * wp.smoothstep(0.022, 0.014, wp.abs(dx))
        crow = around(dz - 0.5 * (x - 0.052), 0.0016) + around(dz + 0.5 * (x - 0.052), 0.0016)
        crow = crow * wp.smoothstep(0.048, 0.053, x) * wp.smoothstep(0.068, 0.060, x)
        rows = wp.max(0.0, wp.sin((z - 0.766 - 1.5 * x * x) * 620.0)) * wp.smoothstep(0.764, 0.768, z)
        rows = rows * wp.smoothstep(0.800, 0.792, z) * wp.smoothstep(0.050, 0.034, x)
        light *= 1.0 - head.lines * wp.min(0.5, 0.42 * deep + 0.34 * bags + 0.3 * crow + 0.26 * rows)
    return light


@wp.func
def spectacles(head: HeadRow, p: wp.vec3, front: bool) -> int:
    """The part of a pair of glasses at a point: 0 none, 1 the frame, 2 a lens."""
    z = p[2]
    if p[1] > -0.05 or z < 0.70 or z > 0.756:
        return 0
    if not front:
        return wp.where(wp.abs(z - 0.734) < head.rim_width + 0.0010, 1, 0)
    x = wp.abs(p[0])
    dx = wp.abs(x - EYE_X)
    dz = wp.abs(z - EYE_Z + 0.001)
    power = head.lens[2]
    outside = wp.pow(dx / (head.lens[0] + head.rim_width), power) + wp.pow(dz / (head.lens[1] + head.rim_width), power)
    if outside < 1.0:
        inside = wp.pow(dx / head.lens[0], power) + wp.pow(dz / head.lens[1], power)
        return wp.where(inside < 1.0, 2, 1)
    if wp.abs(z - 0.734) < head.rim_width and (x < EYE_X - head.lens[0] or x > EYE_X + head.lens[0]):
        return 1
    return 0


@wp.func
def face(head: HeadRow, skin: wp.vec3, p: wp.vec3) -> Surface:
    """The surface of the bare head: skin with brows, lips, beard, the stubble of cropped hair, and glasses."""
    x = wp.abs(p[0])
    z = p[2]
    colour = skin
    front = p[1] < -0.09
    if front:
        blush = around(x - 0.045, 0.02) * around(z - 0.695, 0.02) + 0.7 * around(x, 0.012) * around(z - 0.69, 0.012)
        blush = blush * head.flush
        colour = wp.cw_mul(colour, wp.vec3(1.0 + 0.06 * blush, 1.0 - 0.13 * blush, 1.0 - 0.12 * blush))
        colour = colour * relief(head, p)
        if head.freckles > 0.0:
            spots = wp.smoothstep(0.62, 0.78, noise(p * 330.0, head.seed))
            spots = spots * head.freckles * around(z - 0.70, 0.022) * wp.smoothstep(0.062, 0.040, x)
            colour = wp.cw_mul(colour, wp.vec3(1.0 - 0.25 * spots, 1.0 - 0.40 * spots, 1.0 - 0.48 * spots))
        bow = head.arch * (1.0 - (x - 0.036) * (x - 0.036) / 0.00045)
        brow = wp.abs(z - BROW_Z - 0.08 * x - bow)
        thick = 0.0018 + 0.0024 * head.brow_thickness * wp.smoothstep(0.058, 0.030, x)
        drawn = wp.smoothstep(thick + 0.001, thick - 0.001, brow) * wp.smoothstep(0.010, 0.016, x)
        drawn = drawn * wp.smoothstep(0.058, 0.050, x)
        colour = wp.lerp(colour, head.brow, 0.85 * drawn)
        if z > MOUTH_Z - 0.008 and z < MOUTH_Z + 0.008 and x < head.mouth * (1.0 - wp.abs(z - MOUTH_Z) * 60.0):
            colour = wp.lerp(head.lip, colour, 0.25)
            if wp.abs(z - MOUTH_Z) < 0.0013:
                colour = colour * 0.42
    whiskers = whiskered(head, p)
    if whiskers > 0.0:
        coarse = 0.75 + 0.5 * noise(p * 180.0, head.seed)
        colour = wp.lerp(colour, head.whiskers * coarse, whiskers)
    if head.hat != 3 and over_hairline(head, p) > 0.0 and z > 0.63 and not is_ear(p):
        shadow = wp.where(head.hairy == 1, 0.85, 0.22)
        if bare_crown(head, p):
            shadow = 0.0
        elif head.fade > 0.0:
            shadow = 0.25 + 0.6 * wp.smoothstep(head.fade - 0.10, head.fade, z)
        colour = wp.lerp(colour, head.hair * (0.8 + 0.4 * noise(p * 150.0, head.seed)), shadow)
    if head.glasses > 0:
        part = spectacles(head, p, front)
        if part == 1:
            return shiny(int(Label.GLASSES), head.rim, 0.8)
        if part == 2 and head.glasses == 2:
            return shiny(int(Label.GLASSES), DARK, 0.9)
        if part == 2:
            colour = colour * 0.9 + wp.vec3(0.035, 0.04, 0.045)
    return shiny(int(Label.FACE), colour, 0.10)


@wp.func
def eye(head: HeadRow, p: wp.vec3) -> Surface:
    """The surface of an eyeball with iris and pupil; dark glasses hide it by the lens painted over it."""
    dx = wp.abs(p[0]) - 0.0315
    dz = p[2] - EYE_Z
    off = dx * dx + dz * dz
    if head.glasses == 2:
        return shiny(int(Label.GLASSES), DARK, 0.8)
    if p[1] < -0.115 and off < 0.000012:
        return shiny(int(Label.FACE), DARK, 0.9)
    if p[1] < -0.115 and off < 0.000048:
        return shiny(int(Label.FACE), head.iris * wp.where(off > 0.000036, 0.5, 1.0), 0.9)
    shade = 1.0 - 0.55 * head.lashes * wp.smoothstep(0.003, 0.008, dz)
    return shiny(int(Label.FACE), EYE_WHITE * shade, 0.3)


@wp.func
def scalp_covers(head: HeadRow, p: wp.vec3, limb: wp.vec4) -> bool:
    """Whether hair on the scalp covers a point; its hairline is slightly ragged."""
    if head.hairy == 0 or limb[2] < 0.5 or p[2] < 0.63 or head.hat == 3 or (head.hat > 0 and over_brim(p) > 0.01):
        return False
    if (head.ears_show == 1 and is_ear(p)) or bare_crown(head, p):
        return False
    ragged = (0.006 + 0.010 * head.curl) * (noise(p * 120.0, head.seed) - 0.5) + 0.007 * (noise(p * 420.0, 1) - 0.5)
    if p[2] + 0.5 * ragged < head.fade:
        return False
    return over_hairline(head, p) + ragged > 0.0


@wp.func
def bearing(p: wp.vec3) -> float:
    """The angle of a point around the head, radians from the back."""
    return wp.atan2(p[0], p[1] + 0.058)


@wp.func
def tresses_cover(head: HeadRow, p: wp.vec3) -> bool:
    """Whether falling hair, which ends in points, covers a point."""
    if head.hat == 3 or (head.hat > 0 and over_brim(p) > 0.0):
        return False
    turn = bearing(p)
    if head.locks > 0:
        place = turn * float(head.locks) * 0.159155
        place = place - wp.floor(place)
        return p[2] > 0.68 or (
            p[2] > head.hair_end + 0.04 * noise2(wp.floor(turn * 9.0), 0.5, head.seed) and place < 0.86
        )
    return p[2] > head.hair_end + 0.028 * (noise2(turn * 12.0, 3.0, head.seed) - 0.5) + 0.012 * wp.abs(
        wp.sin(turn * 2.0)
    )


@wp.func
def hair(head: HeadRow, p: wp.vec3) -> Surface:
    """The surface of hair: it varies along strands and in curls, and is darker where it is parted or plaited."""
    turn = bearing(p)
    swing = head.curl * wp.sin(p[2] * 105.0 + 5.0 * noise2(turn * 7.0, p[2] * 14.0, head.seed))
    strands = 0.60 + 0.50 * noise(wp.vec3(p[0] * 90.0 + swing, p[1] * 90.0 + swing, p[2] * 12.0), head.seed)
    strands += 0.30 * (noise2(turn * 60.0 + 2.5 * swing, p[2] * 9.0, head.seed) - 0.5)
    strands *= 1.0 + 0.14 * swing
    if head.curl > 0.5:
        tilted = wp.vec3(p[0] + 0.6 * p[2], p[1] - 0.5 * p[0], p[2] + 0.7 * p[1])
        curls = 0.3 + 0.75 * noise(tilted * 85.0, head.seed) + 0.5 * noise(tilted * 190.0, head.seed)
        strands = wp.lerp(strands, curls, wp.min(1.0, 2.5 * (head.curl - 0.5)))
    if head.locks > 0:
        place = turn * float(head.locks) * 0.159155
        across = wp.abs(place - wp.floor(place) - 0.4) * 2.5
        strands = (1.05 - 0.5 * across * across) * (0.92 + 0.08 * wp.sin(p[2] * 420.0))
    if head.parting != 0.0 and p[2] > 0.79 and p[1] < -0.01 and p[1] > -0.15:
        strands *= 1.0 - 0.6 * around(p[0] - head.parting, 0.0028)
        strands *= 1.0 + 0.15 * wp.clamp((p[0] - head.parting) * 60.0, -1.0, 1.0)
    return shiny(int(Label.HAIR), head.hair * strands, 0.38 * (1.0 - 0.6 * head.curl))


@wp.func
def hat_covers(head: HeadRow, p: wp.vec3, limb: wp.vec4) -> bool:
    """Whether a cap, beanie or headscarf covers a point."""
    if head.hat == 0 or limb[2] < wp.where(head.hat == 3, 0.3, 0.5) or p[2] < 0.56:
        return False
    if head.hat == 3:
        x = p[0] / 0.066
        z = (p[2] - 0.715) / 0.092
        return p[1] > -0.05 or x * x + z * z > 1.0
    return over_brim(p) > 0.0


@wp.func
def hat(head: HeadRow, p: wp.vec3) -> Surface:
    """The surface of a cap with a badge, a beanie with a rim, or a headscarf."""
    colour = head.hat_colour
    above = over_brim(p)
    if head.hat == 1 and wp.abs(p[0]) < 0.03 and p[1] < -0.08 and above > 0.012 and above < 0.035:
        colour = wp.lerp(colour, wp.vec3(0.8, 0.8, 0.8), 0.6)
    if head.hat == 2 and above < 0.024:
        colour = colour * 0.75
    return matte(int(Label.HAT), colour)
