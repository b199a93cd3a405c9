"""What is where on a dressed person: one function that gives colour and label together, so labels are exact."""

import warp as wp

from sameperson.world.kernels.garments import legwear, shoe, skirt, top
from sameperson.world.kernels.head import eye, face, hat, scalp, strands, tresses
from sameperson.world.kernels.look import LookRow
from sameperson.world.kernels.patterns import cloth_colour
from sameperson.world.kernels.surface import Surface, fabric, matte, nothing, shiny
from sameperson.world.labels import Label
from sameperson.world.layers import Layer

GROIN_Z = 0.06


@wp.func
def bare(looks: wp.array[LookRow], who: int, p: wp.vec3, limb: wp.vec4) -> Surface:
    """The body itself: skin, socks and gloves."""
    skin = looks[who].skin
    left = p[0] > 0.0
    if limb[0] > 0.5:
        label = wp.where(left, int(Label.LEFT_ARM), int(Label.RIGHT_ARM))
        if looks[who].gloved == 1 and limb[1] > 0.97:
            return matte(int(Label.GLOVE), looks[who].glove)
        return shiny(label, skin, 0.1)
    if limb[2] > 0.5:
        return face(looks[who].head, skin, p, looks[who].seed)
    if p[2] > GROIN_Z:
        return shiny(int(Label.TORSO_SKIN), skin, 0.1)
    if p[2] < looks[who].feet.sock_top:
        return matte(int(Label.SOCKS), looks[who].feet.sock)
    return shiny(wp.where(left, int(Label.LEFT_LEG), int(Label.RIGHT_LEG)), skin, 0.1)


@wp.func
def strap(looks: wp.array[LookRow], who: int, p: wp.vec3, limb: wp.vec4) -> Surface:
    """Straps over the shoulders (1, a backpack's) or one across the chest (2, a satchel's), or nothing."""
    if limb[0] > 0.5 or p[2] < 0.02 or limb[2] > 0.4:
        return nothing()
    over = False
    if looks[who].strap == 1:
        over = p[2] > 0.28 and p[1] < 0.06 and wp.abs(wp.abs(p[0]) - 0.105 + 0.05 * (0.5 - p[2])) < 0.021
    elif looks[who].strap == 2:
        over = wp.abs(p[0] * 0.82 - (p[2] - 0.36) * 0.57) < 0.017
    if not over:
        return nothing()
    return matte(int(Label.BAG), looks[who].bag * 0.8)


@wp.func
def scarf(looks: wp.array[LookRow], who: int, p: wp.vec3, limb: wp.vec4) -> Surface:
    """A scarf around the neck, or nothing."""
    if looks[who].scarf_on == 0 or limb[0] > 0.5 or p[2] - 0.5 * p[1] < 0.575 or p[2] > 0.642 - 0.25 * (p[1] + 0.02):
        return nothing()
    return fabric(int(Label.SCARF), cloth_colour(looks[who].scarf, p, limb))


@wp.func
def hood(looks: wp.array[LookRow], who: int) -> Surface:
    """A hood lying on the shoulders, of the cloth of the outermost top."""
    if looks[who].outer.label != 0:
        return fabric(looks[who].outer.label, looks[who].outer.cloth.first)
    return fabric(looks[who].top.label, looks[who].top.cloth.first)


@wp.func
def region(looks: wp.array[LookRow], who: int, layer: int, p: wp.vec3, limb: wp.vec4) -> Surface:
    """A point of a piece.

    p: the point on the body template; limb: (share of the arm, place along the arm, share of the head, openness to
    light), interpolated from the vertices.
    """
    if layer == Layer.BODY:
        return bare(looks, who, p, limb)
    if layer == Layer.TOP:
        return top(looks[who].top, p, limb)
    if layer == Layer.LEGWEAR:
        return legwear(looks[who].legwear, p, limb)
    if layer == Layer.OUTER:
        return top(looks[who].outer, p, limb)
    if layer == Layer.SKIRT:
        return skirt(looks[who].skirt, p, limb)
    if layer == Layer.TAILS:
        return skirt(looks[who].tails, p, limb)
    if layer == Layer.SHOES:
        return shoe(looks[who].feet, p)
    if layer == Layer.SCALP:
        return scalp(looks[who].head, p, limb, looks[who].seed)
    if layer == Layer.TRESSES:
        return tresses(looks[who].head, p, looks[who].seed)
    if layer == Layer.EYES:
        return eye(looks[who].head, p)
    if layer == Layer.HAT:
        return hat(looks[who].head, p, limb)
    if layer == Layer.SCARF:
        return scarf(looks, who, p, limb)
    if layer == Layer.STRAP:
        return strap(looks, who, p, limb)
    if layer == Layer.PEAK:
        return matte(int(Label.HAT), looks[who].head.hat_colour * 0.85)
    if layer == Layer.HOOD:
        return hood(looks, who)
    if layer == Layer.BUN:
        return shiny(int(Label.HAIR), looks[who].head.hair * strands(p, looks[who].seed), 0.35)
    return shiny(int(Label.BAG), looks[who].bag, 0.2)
