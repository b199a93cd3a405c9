"""Garments: which points of the template each one covers, and its surface there.

`..._covers` cuts a garment out of its shell; the surface functions hold only where it is true.
"""

import warp as wp

from sameperson.world.render.kernels.look import FeetRow, LegwearRow, SkirtRow, TopRow
from sameperson.world.render.kernels.noise import cell
from sameperson.world.render.kernels.patterns import ON_A_SKIRT, cloth_colour
from sameperson.world.render.kernels.seams import below_collar, legwear_seams, opening_at, top_seams
from sameperson.world.render.kernels.surface import Surface, fabric, shiny
from sameperson.world.render.labels import Label

ARMHOLE_X = 0.135
SOLE_Z = -0.797
CLOSED = 0.008
"""An opening up to this wide is buttoned at the waist and parts further down."""
SEAM = 0.82
"""Brightness of a hem, next to which the cloth is doubled."""


@wp.func
def top_covers(garment: TopRow, p: wp.vec3, limb: wp.vec4) -> bool:
    """Whether a garment of the trunk and arms covers a point."""
    if garment.label == 0:
        return False
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
    """Whether a chest print covers a point: blocks, a line of writing, a disc, or a badge over the heart."""
    kind = seed % 4
    if kind == 0:
        return p[0] > 0.045 and p[0] < 0.095 and wp.abs(p[2] - 0.385) < 0.016
    if kind == 1:
        letter = int(wp.floor((p[0] + 0.1) / 0.022))
        return wp.abs(p[0]) < 0.1 and wp.abs(p[2] - 0.365) < 0.022 and cell(letter, 0, seed) > 0.25
    if kind == 2:
        off = wp.length(wp.vec2(p[0], p[2] - 0.345))
        return off < 0.065 and (off > 0.045 or cell(int(wp.floor(p[0] / 0.03)), 0, seed) > 0.5)
    across = int(wp.floor((p[0] + 0.075) / 0.03))
    up = int(wp.floor((p[2] - 0.31) / 0.0325))
    return across >= 0 and across < 5 and up >= 0 and up < 4 and cell(across, up, seed) > 0.45


@wp.func
def top(garment: TopRow, p: wp.vec3, limb: wp.vec4) -> Surface:
    """The surface of a top at a point."""
    surface = fabric(garment.label, cloth_colour(garment.cloth, p, limb), garment.folds)
    if garment.logo == 1 and limb[0] < 0.5 and p[1] < 0.0 and logo(p, garment.cloth.seed):
        surface.colour = garment.cloth.third
    surface.colour = surface.colour * top_seams(garment, p, limb)
    if garment.quilted == 1:
        surface.quilt = 0.5
    return surface


@wp.func
def legwear_covers(garment: LegwearRow, p: wp.vec3, limb: wp.vec4) -> bool:
    """Whether trousers cover a point."""
    return garment.label != 0 and limb[0] < 0.5 and p[2] < garment.waist and p[2] > garment.end


@wp.func
def legwear(garment: LegwearRow, p: wp.vec3, limb: wp.vec4) -> Surface:
    """The surface of trousers at a point."""
    if garment.belted == 1 and p[2] > garment.waist - 0.03:
        return shiny(garment.label, garment.belt, 0.3)
    surface = fabric(garment.label, cloth_colour(garment.cloth, p, limb), garment.folds)
    surface.colour = surface.colour * legwear_seams(garment, p)
    return surface


@wp.func
def skirt_covers(garment: SkirtRow, p: wp.vec3, limb: wp.vec4) -> bool:
    """Whether a skirt or the tails of a coat cover a point."""
    if garment.label == 0 or limb[0] > 0.5 or p[2] > garment.waist or p[2] < garment.hem:
        return False
    slit = garment.opening - CLOSED + 0.2 * wp.max(0.0, garment.waist - 0.15 - p[2])
    return garment.opening == 0.0 or p[1] > 0.0 or wp.abs(p[0]) > slit


@wp.func
def skirt(garment: SkirtRow, p: wp.vec3) -> Surface:
    """The surface of a skirt or of coat tails at a point."""
    surface = fabric(garment.label, cloth_colour(garment.cloth, p, ON_A_SKIRT), 0.7)
    surface.flutes = garment.flutes
    if p[2] - garment.hem < 0.014:
        surface.colour = surface.colour * SEAM
    return surface


@wp.func
def shoe(feet: FeetRow, p: wp.vec3) -> Surface:
    """The surface of a shoe; a low one with a light sole is a trainer with laces and sometimes stripes."""
    label = wp.where(p[0] > 0.0, int(Label.LEFT_SHOE), int(Label.RIGHT_SHOE))
    trainer = feet.shoe_top < -0.7 and feet.sole[0] > 0.2
    if p[2] < SOLE_Z + wp.where(trainer, 0.005, 0.0):
        return shiny(label, feet.sole, 0.05)
    colour = feet.shoe
    if p[1] < -0.045 and p[1] > -0.12 and p[2] > -0.765 and feet.shoe_top < -0.7:
        colour = wp.lerp(colour, wp.lerp(feet.sole, feet.shoe, 0.3), 0.4 * wp.abs(wp.sin(p[1] * 260.0)))
    if trainer and int(-10000.0 * feet.shoe_top) % 2 == 0:  # some have stripes, others none
        stripe = (p[1] + 0.035 + 0.6 * (p[2] + 0.77)) / 0.026
        if p[2] < -0.752 and wp.abs(stripe) < 1.5 and stripe - wp.floor(stripe) < 0.45:
            colour = wp.lerp(colour, feet.sole, 0.75)
    return shiny(label, colour, wp.where(trainer, 0.0, 0.35))
