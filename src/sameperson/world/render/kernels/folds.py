"""Folds of cloth at joints and where it piles up, and how they tilt the surface normal.

A relief is a height over the garment, of which only the slopes are kept: they turn the normal, so that folds take the
light as real ones do, whatever the lamp and the pose. Folds run around a limb and slantwise over the trunk.
"""

import warp as wp

from sameperson.world.render.kernels.noise import cell, fade
from sameperson.world.render.kernels.surface import Surface
from sameperson.world.render.kernels.tables import Figures, Meshes

BAND = 78.0
"""Radians per metre along a limb of the folds at its joints."""
QUILT = 50.0
"""Radians per metre of a quilted garment, half a turn to a tube."""
FLUTES = 15.0
"""Upright folds around a skirt."""
ARM_LENGTH = 0.52
STEEPEST = 0.9


@wp.struct
class Relief:
    """The relief of cloth at a point.

    slope: rise per metre along the axes of the template; along: rise per unit of `limb[1]`; shade: brightness, lower in
    hollows.
    """

    slope: wp.vec3
    along: float
    shade: float


@wp.func
def rough(p: wp.vec3, seed: int) -> wp.vec4:
    """Smooth value noise in [0, 1] and its gradient (3); one lattice cell is one unit of `p`."""
    x = wp.floor(p[0])
    y = wp.floor(p[1])
    z = wp.floor(p[2])
    fx = p[0] - x
    fy = p[1] - y
    fz = p[2] - z
    u = fade(fx)
    v = fade(fy)
    w = fade(fz)
    i = int(x)
    j = int(y)
    k = int(z) + seed * 131
    a = cell(i, j, k)
    b = cell(i + 1, j, k) - a
    c = cell(i, j + 1, k)
    d = cell(i + 1, j + 1, k) - c
    e = cell(i, j, k + 1)
    f = cell(i + 1, j, k + 1) - e
    g = cell(i, j + 1, k + 1)
    h = cell(i + 1, j + 1, k + 1) - g
    low = wp.lerp(a + b * u, c + d * u, v)
    high = wp.lerp(e + f * u, g + h * u, v)
    across = wp.lerp(wp.lerp(b, d, v), wp.lerp(f, h, v), w) * 6.0 * fx * (1.0 - fx)
    deep = wp.lerp(c - a + (d - b) * u, g - e + (h - f) * u, w) * 6.0 * fy * (1.0 - fy)
    return wp.vec4(wp.lerp(low, high, w), across, deep, (high - low) * 6.0 * fz * (1.0 - fz))


@wp.func
def hump(x: float, reach: float) -> float:
    """A bump of height 1 at 0 that falls to 0 at `reach`."""
    t = wp.max(0.0, 1.0 - x * x / (reach * reach))
    return t * t


@wp.func
def fluted(surface: Surface, p: wp.vec3, seed: int) -> Relief:
    """The relief of a skirt's upright folds, deeper towards its hem."""
    ahead = -p[1] - 0.01
    round2 = wp.max(p[0] * p[0] + ahead * ahead, 1.0e-3)
    n = rough(wp.vec3(p[0] * 9.0, p[1] * 9.0, p[2] * 6.0), seed)
    fall = wp.clamp((0.16 - p[2]) * 2.2, 0.15, 1.0)
    phase = FLUTES * wp.atan2(p[0], ahead) + 5.0 * n[0]
    steep = -surface.flutes * fall * 0.0055 * wp.sin(phase)
    swell = 0.022 * surface.folds + 5.0 * steep
    around = FLUTES * steep / round2
    found = Relief()
    found.slope = wp.vec3(around * ahead + 9.0 * swell * n[1], around * p[0] + 9.0 * swell * n[2], 6.0 * swell * n[3])
    found.along = 0.0
    found.shade = 1.0 - 0.16 * surface.flutes * fall * (0.5 - 0.5 * wp.cos(phase)) - 0.1 * (0.5 - n[0])
    return found


@wp.func
def relief(surface: Surface, p: wp.vec3, limb: wp.vec4, seed: int) -> Relief:
    """The relief of a garment's folds at template point `p`; `limb` as in `region`."""
    if surface.flutes > 0.0:
        return fluted(surface, p, seed)
    arm = limb[0] > 0.5
    slant = float(0.0)
    height = p[2]
    fine = float(15.0)
    soft = float(0.5)
    bent = float(0.0)
    if arm:
        fine = 19.0
        height = -ARM_LENGTH * limb[1]
        bent = 0.65 * hump(limb[1] - 0.48, 0.26) + 0.6 * hump(limb[1] - 0.97, 0.18)
        slant = 0.35
        soft = 0.45 + 0.35 * bent
    elif p[2] < 0.0:
        fine = 19.0
        slant = 0.55
        knee = hump(p[2] + 0.36, 0.17)
        piled = hump(p[2] + 0.75, 0.15)
        bent = 0.5 * knee + 0.9 * piled + 0.35 * hump(p[2] + 0.03, 0.10)
        soft = 0.4 + 0.45 * knee + 0.25 * piled
    else:
        slant = -0.6
        bent = 0.45 * hump(p[2] - 0.12, 0.13) + 0.25 * hump(p[2] - 0.03, 0.07)
        soft = 0.5 + 0.35 * hump(p[2] - 0.15, 0.18) + 0.3 * hump(wp.abs(p[0]) - 0.15, 0.07) * hump(p[2] - 0.4, 0.12)
    # rounded at the middle, or there would be a ridge down the back
    side = wp.sqrt(p[0] * p[0] + 0.004)
    tilt_x = wp.where(arm, 0.0, slant * p[0] / side)
    tilt_y = wp.where(arm or p[2] < 0.0, slant, 0.0)
    height += wp.where(arm, 0.0, slant * side) + tilt_y * p[1]
    n = rough(wp.vec3(p[0] * 9.0, p[1] * 9.0, fine * height), seed)
    # a band's phase wanders with the noise, or the folds would be rings
    phase = BAND * height + 5.0 * n[0]
    swell = surface.folds * 0.036 * soft
    wave = wp.cos(phase)
    band = surface.folds * 0.42 * bent * wave
    wander = 5.0 * band / BAND
    grain = swell + wander
    up = n[3] * grain * fine + band
    found = Relief()
    found.slope = wp.vec3(
        n[1] * grain * 9.0 + up * tilt_x,
        n[2] * grain * 9.0 + up * tilt_y,
        wp.where(arm, 0.0, up),
    )
    found.along = wp.where(arm, -ARM_LENGTH * up, 0.0)
    hollow = soft * (0.5 - n[0]) + 0.4 * bent * (0.5 - 0.5 * wp.sin(phase))
    found.shade = 1.0 - 0.22 * surface.folds * hollow
    if surface.quilt > 0.0:
        turn = QUILT * wp.where(arm, -ARM_LENGTH * limb[1], p[2])
        tube = wp.sin(turn)
        steep = surface.quilt * wp.cos(turn) * wp.where(tube > 0.0, 1.0, -1.0)
        found.shade = found.shade * (0.7 + 0.34 * wp.abs(tube))
        if arm:
            found.along -= ARM_LENGTH * steep
        else:
            found.slope += wp.vec3(0.0, 0.0, steep)
    return found


@wp.func
def tilted(
    meshes: Meshes, figures: Figures, figure: int, corners: wp.vec3i, crease: Relief, normal: wp.vec3
) -> wp.vec3:
    """The world normal of a triangle of a figure, tilted by the slopes of a relief."""
    first = figures.rows[figure].first_vertex
    place = meshes.place[first + corners[0]]
    along = meshes.limb[first + corners[0]][1]
    origin = figures.points[figure, corners[0]]
    rise = wp.vec2(0.0, 0.0)
    for k in range(2):
        corner = first + corners[k + 1]
        rise[k] = wp.dot(crease.slope, meshes.place[corner] - place) + crease.along * (meshes.limb[corner][1] - along)
    edge = figures.points[figure, corners[1]] - origin
    other = figures.points[figure, corners[2]] - origin
    across = wp.cross(edge, other)
    area = wp.max(wp.dot(across, across), 1.0e-14)
    slope = (wp.cross(other, across) * rise[0] + wp.cross(across, edge) * rise[1]) / area
    steep = wp.length(slope)
    if steep > STEEPEST:
        slope = slope * (STEEPEST / steep)
    return wp.normalize(normal - slope)
