"""Clothes: which points of the template each garment covers, and what it looks like there."""

import warp as wp

from sameperson.world.kernels.look import FeetRow, LegwearRow, SkirtRow, TopRow
from sameperson.world.kernels.noise import cell
from sameperson.world.kernels.patterns import cloth_colour
from sameperson.world.kernels.surface import Surface, fabric, nothing, shiny
from sameperson.world.labels import Label

NECK_HALF_WIDTH = 0.055
SHOULDER_X = 0.12
ARMHOLE_X = 0.135


@wp.func
def below_collar(p: wp.vec3, collar: float, vee: float) -> float:
    """Metres (roughly) by which a point lies under the neckline: level at the neck, rising along the shoulders."""
    side = wp.abs(p[0])
    line = collar + 0.35 * p[1] + 2.2 * wp.max(0.0, side - NECK_HALF_WIDTH)
    if p[1] < 0.0:
        line -= vee * wp.max(0.0, 1.0 - side / 0.075)
    if side > SHOULDER_X:
        return 1.0
    return line - p[2]


@wp.func
def opening_at(garment: TopRow, z: float) -> float:
    """Half-width of an open front at a height: closed below, widest at the chest."""
    return garment.opening * wp.smoothstep(0.0, 0.5, z) + 0.25 * garment.opening


@wp.func
def covers(garment: TopRow, p: wp.vec3, limb: wp.vec4) -> bool:
    """Whether a garment of the trunk and arms is there."""
    if limb[0] > 0.5:
        return limb[1] < garment.sleeve
    if p[2] < garment.hem or below_collar(p, garment.collar, garment.vee) < 0.0:
        return False
    if garment.sleeve < 0.0 and wp.abs(p[0]) > ARMHOLE_X and p[2] > 0.38:
        return False
    if garment.opening > 0.0 and p[1] < 0.0 and wp.abs(p[0]) < opening_at(garment, p[2]):
        return False
    return True


@wp.func
def logo(p: wp.vec3, seed: int) -> bool:
    """Whether a printed block of a chest logo is at a point."""
    across = int(wp.floor((p[0] + 0.075) / 0.03))
    up = int(wp.floor((p[2] - 0.31) / 0.0325))
    inside = p[1] < 0.0 and across >= 0 and across < 5 and up >= 0 and up < 4
    return inside and cell(across, up, seed) > 0.45


@wp.func
def top(garment: TopRow, p: wp.vec3, limb: wp.vec4) -> Surface:
    """A top at a point, or nothing."""
    if garment.label == 0 or not covers(garment, p, limb):
        return nothing()
    surface = fabric(garment.label, cloth_colour(garment.cloth, p, limb))
    if limb[0] > 0.5:
        if garment.sleeve - limb[1] < 0.04:
            surface.colour = surface.colour * 0.85
        if garment.quilted == 1:
            surface.colour = surface.colour * (0.72 + 0.4 * wp.abs(wp.sin(limb[1] * 24.0)))
        return surface
    under = below_collar(p, garment.collar, garment.vee)
    if under < 0.016 or p[2] - garment.hem < 0.016:
        surface.colour = surface.colour * 0.82
    if garment.quilted == 1:
        surface.colour = surface.colour * (0.72 + 0.4 * wp.abs(wp.sin(p[2] * 50.0)))
    if garment.logo == 1 and logo(p, garment.cloth.seed):
        surface.colour = garment.cloth.third
    if garment.buttoned == 1 and p[1] < 0.0 and wp.abs(p[0]) < 0.007:
        surface.colour = surface.colour * 0.6
    return surface


@wp.func
def legwear(garment: LegwearRow, p: wp.vec3, limb: wp.vec4) -> Surface:
    """Trousers at a point, or nothing."""
    if garment.label == 0 or limb[0] > 0.5 or p[2] > garment.waist or p[2] < garment.end:
        return nothing()
    surface = fabric(garment.label, cloth_colour(garment.cloth, p, limb))
    if garment.belted == 1 and p[2] > garment.waist - 0.03:
        return shiny(garment.label, garment.belt, 0.3)
    if p[2] - garment.end < 0.014:
        surface.colour = surface.colour * 0.82
    return surface


@wp.func
def skirt(garment: SkirtRow, p: wp.vec3, limb: wp.vec4) -> Surface:
    """A skirt, or the tails of a coat, at a point, or nothing."""
    if garment.label == 0 or limb[0] > 0.5 or p[2] > garment.waist or p[2] < garment.hem:
        return nothing()
    if (
        garment.opening > 0.0
        and p[1] < 0.0
        and wp.abs(p[0]) < garment.opening + 0.22 * wp.max(0.0, garment.waist - p[2])
    ):
        return nothing()
    surface = fabric(garment.label, cloth_colour(garment.cloth, p, wp.vec4(0.0, 0.0, 0.0, 0.0)))
    if p[2] - garment.hem < 0.014:
        surface.colour = surface.colour * 0.82
    return surface


@wp.func
def shoe(feet: FeetRow, p: wp.vec3) -> Surface:
    """A shoe at a point, or nothing."""
    if p[2] > feet.shoe_top:
        return nothing()
    label = int(Label.LEFT_SHOE)
    if p[0] < 0.0:
        label = int(Label.RIGHT_SHOE)
    surface = shiny(label, feet.shoe, 0.35)
    if p[2] < -0.797:
        return shiny(label, feet.sole, 0.05)
    if p[1] < -0.06 and p[1] > -0.12 and p[2] > -0.775 and feet.shoe_top < -0.7:
        lace = wp.abs(wp.sin(p[1] * 260.0))
        surface.colour = wp.lerp(feet.shoe, feet.sole, 0.35 * lace)
    return surface
