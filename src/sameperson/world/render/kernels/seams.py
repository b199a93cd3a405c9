"""Seams of garments: seams, collars, pockets, plackets and hems, which tell one plain garment from another.

Each function gives the brightness of the cloth at a template point, 1 where nothing is sewn.
"""

import warp as wp

from sameperson.world.clothes.outfit import Pattern
from sameperson.world.clothes.tailoring import Collar, Pocket
from sameperson.world.render.kernels.look import LegwearRow, TopRow

SHOULDER_X = 0.12
VEE_HALF_WIDTH = 0.075
LINE = 0.0045
"""Half the width of a seam, metres, which a crop can just resolve."""
BUTTONS = 0.085
RIB = 0.045


@wp.func
def line(distance: float, depth: float) -> float:
    """The brightness at a distance from a seam that takes `depth` of the light."""
    return 1.0 - depth * wp.clamp(2.0 - wp.abs(distance) / LINE, 0.0, 1.0)


@wp.func
def below_collar(p: wp.vec3, collar: float, vee: float) -> float:
    """Metres (roughly) of a point below the neckline, which is round at the neck and rises along the shoulders."""
    side = wp.abs(p[0])
    if side > SHOULDER_X:
        return 1.0
    edge = collar - 0.012 + 0.35 * p[1] + 10.8 * side * side
    if p[1] < 0.0:
        edge -= vee * wp.max(0.0, 1.0 - side / VEE_HALF_WIDTH)
    return edge - p[2]


@wp.func
def opening_at(garment: TopRow, z: float) -> float:
    """The half-width of an open front at a height: closed below, widest at the chest."""
    return garment.opening * (0.25 + wp.smoothstep(0.0, 0.5, z))


@wp.func
def from_edge(garment: TopRow, p: wp.vec3) -> float:
    """Metres from the front edge of an open garment, or from its neckline."""
    edge = below_collar(p, garment.collar, garment.vee)
    if p[1] < 0.0:
        if garment.vee > 0.0 and wp.abs(p[0]) < VEE_HALF_WIDTH:
            steep = garment.vee / VEE_HALF_WIDTH
            edge = edge / wp.sqrt(1.0 + steep * steep)
        if garment.opening > 0.0:
            edge = wp.min(edge, wp.abs(p[0]) - opening_at(garment, p[2]))
    return edge


@wp.func
def collar_of(garment: TopRow, p: wp.vec3, edge: float) -> float:
    """The brightness of a collar: a knitted rib, turned down with points in front, or lapels with their notch."""
    if garment.make == Collar.LAPELS:
        if p[1] > 0.0:
            return line(edge - 0.045, 0.35) * wp.where(edge < 0.045, 1.1, 1.0)
        wide = 0.062 * wp.smoothstep(0.08, 0.36, p[2])
        if edge > wide + 2.0 * LINE:
            return 1.0
        notch = line(p[2] - 0.44 - 0.5 * edge, 0.4)
        return wp.where(edge < wide, 1.12 * notch, 1.0) * line(edge - wide, 0.5)
    if garment.make == Collar.TURNED_DOWN:
        wide = float(0.034)
        if p[1] < 0.0:
            wide += 0.034 * wp.max(0.0, 1.0 - wp.abs(p[0]) / 0.075)
        if edge < wide:
            return 1.07
        return 1.0 - 0.38 * wp.clamp(1.0 - (edge - wide) / 0.013, 0.0, 1.0)
    if garment.opening > 0.0:
        return line(edge - 0.02, 0.2)
    return wp.where(edge < 0.016, 0.9, 1.0) * line(edge - 0.018, 0.25)


@wp.func
def pocket_of(garment: TopRow, p: wp.vec3) -> float:
    """The brightness of a top's pockets."""
    side = wp.abs(p[0])
    if garment.pocket == Pocket.WELTS:
        if side > 0.075 and side < 0.125:
            return line(p[2] - 0.115 - 0.9 * (side - 0.10), 0.4)
    elif garment.pocket == Pocket.POUCH:
        slant = 0.135 - 0.5 * wp.max(0.0, p[2] - 0.10)
        if p[2] > 0.05 and p[2] < 0.195 and side < slant + LINE:
            return line(side - slant, 0.3) * line(p[2] - 0.19, 0.3)
    elif garment.pocket == Pocket.BREAST:
        if p[0] > 0.045 and p[0] < 0.115 and p[2] > 0.30 and p[2] < 0.39:
            sides = line(p[0] - 0.05, 0.18) * line(p[0] - 0.11, 0.18)
            return sides * line(p[2] - 0.386, 0.28) * line(p[2] - 0.304, 0.18)
    return 1.0


@wp.func
def front_of(garment: TopRow, p: wp.vec3) -> float:
    """The brightness of a zip, or of a placket with buttons; a polo's ends on the chest."""
    side = wp.abs(p[0])
    if side > 0.022:
        return 1.0
    if garment.make == Collar.TURNED_DOWN:
        button = p[2] / BUTTONS
        button = (button - wp.round(button)) * BUTTONS
        if side < 0.007 and wp.abs(button) < 0.007:
            return 0.55
        return line(side - 0.017, 0.2)
    return line(side * 0.7, wp.where(garment.make == Collar.LAPELS, 0.3, 0.5))


@wp.func
def trunk_seams(garment: TopRow, p: wp.vec3) -> float:
    """The brightness of side seams and of details on the front."""
    bright = line((p[1] + 0.015) * 0.8, 0.16)
    if wp.abs(p[0]) < 0.08:
        bright = 1.0
    if p[1] < 0.0:
        bright = bright * pocket_of(garment, p)
        if garment.buttoned == 1:
            bright = bright * front_of(garment, p)
    return bright


@wp.func
def end_of(edge: float, ribbed: int) -> float:
    """The brightness of a hem or cuff `edge` metres away: doubled and stitched, or an elastic rib."""
    if edge > 0.06:
        return 1.0
    if ribbed == 1:
        return wp.where(edge < RIB, 0.84, 1.0) * line(edge - RIB, 0.25)
    return line(edge - 0.022, 0.15) * wp.where(edge < 0.006, 0.82, 1.0)


@wp.func
def top_seams(garment: TopRow, p: wp.vec3, limb: wp.vec4) -> float:
    """The brightness of all sewn details of a top."""
    armhole = line((limb[0] - 0.5) * 0.06, 0.22)
    if limb[0] > 0.5:
        return armhole * end_of(0.5 * (garment.sleeve - limb[1]), garment.ribbed)
    edge = from_edge(garment, p)
    bright = armhole * trunk_seams(garment, p)
    if garment.tailed == 0:
        bright = bright * end_of(p[2] - garment.hem, garment.ribbed)
    if edge < 0.1:
        bright = bright * collar_of(garment, p, edge)
    return bright


@wp.func
def seat(garment: LegwearRow, p: wp.vec3) -> float:
    """The brightness of waistband, fly and pockets of trousers."""
    side = wp.abs(p[0])
    bright = line(p[2] - garment.waist + 0.038, 0.25)
    if p[1] < -0.02:
        if p[2] > 0.01:
            bright = bright * line(p[0], 0.28)
        if garment.pocket != Pocket.NONE and side > 0.06 and p[2] > 0.03:
            bright = bright * line(0.8 * (p[2] - 0.115 + 0.9 * (side - 0.07)), 0.35)
    elif p[1] > 0.03 and garment.pocket != Pocket.NONE:
        if side > 0.028 and side < 0.112:
            bright = bright * line(p[2] - 0.065, 0.4)
            if garment.pocket == Pocket.PATCHES and p[2] < 0.065 and p[2] > -0.05:
                bright = bright * line(side - 0.034, 0.25) * line(side - 0.106, 0.25)
                bright = bright * line(p[2] + 0.042 - 0.25 * wp.abs(side - 0.07), 0.25)
        bright = bright * line(p[0], 0.25)
    return bright


@wp.func
def legwear_seams(garment: LegwearRow, p: wp.vec3) -> float:
    """The brightness of all sewn details of trousers."""
    side = wp.abs(p[0])
    leg = 0.11 - 0.12 * wp.min(p[2], 0.0)
    bright = end_of(p[2] - garment.end, garment.ribbed)
    if side > leg - 0.02:
        bright = bright * line((p[1] + 0.01 + 0.02 * p[2]) * 0.8, 0.25)
    if garment.creased == 1 and p[2] < 0.0 and p[1] < -0.02:
        bright = bright * (2.0 - line(side - leg, 0.12))
    if p[2] > -0.06:
        bright = bright * seat(garment, p)
    if garment.cloth.pattern == Pattern.DENIM and p[2] - garment.end < 0.02:
        bright = bright * 1.12
    return bright
