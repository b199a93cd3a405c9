"""Regions of a dressed person: which layer covers a point, and its surface there.

`covers` cuts a layer out of its mesh, and `region` gives the colour and the label of its points together, so that
labels cannot disagree with the picture. Both take a point of the body template, `p`, and `limb`: (share of the arm,
place along the arm, share of the head, openness to light), as interpolated from the vertices.
"""

import warp as wp

from sameperson.world.clothes.pieces import Layer
from sameperson.world.render.kernels.garments import (
    legwear,
    legwear_covers,
    shoe,
    skirt,
    skirt_covers,
    top,
    top_covers,
)
from sameperson.world.render.kernels.head import (
    eye,
    face,
    hair,
    hat,
    hat_covers,
    scalp_covers,
    tresses_cover,
)
from sameperson.world.render.kernels.look import LookRow
from sameperson.world.render.kernels.patterns import cloth_colour
from sameperson.world.render.kernels.seams import below_collar, from_edge
from sameperson.world.render.kernels.surface import Surface, fabric, matte, shiny
from sameperson.world.render.labels import Label

GROIN_Z = 0.06
WRIST_T = 0.97
NOT_A_LIMB = wp.vec4(0.0, 0.0, 0.0, 0.0)
ON_THE_BACK = wp.vec3(0.0, 0.1, 0.5)


@wp.func
def beneath(distance: float, reach: float, dark: float) -> float:
    """The share of light left `distance` metres beyond the edge of the layer above."""
    return 1.0 - dark * (1.0 - wp.smoothstep(0.0, reach, distance))


@wp.func
def under_tops(looks: wp.array[LookRow], who: int, p: wp.vec3) -> float:
    """The soft shadow of tops on the layers below their hems."""
    hem = looks[who].top.hem
    if looks[who].outer.label != 0:
        hem = wp.min(hem, looks[who].outer.hem)
    return beneath(hem - p[2], 0.07, 0.45)


@wp.func
def under_outer(looks: wp.array[LookRow], who: int, p: wp.vec3, limb: wp.vec4) -> float:
    """The soft shadow of an outer garment on the top under it."""
    if looks[who].outer.label == 0:
        return 1.0
    if limb[0] > 0.5:
        return beneath(0.5 * (limb[1] - looks[who].outer.sleeve), 0.03, 0.5)
    if p[2] < looks[who].outer.hem:
        return beneath(looks[who].outer.hem - p[2], 0.05, 0.5)
    return beneath(-from_edge(looks[who].outer, p), 0.03, 0.5)


@wp.func
def under_clothes(looks: wp.array[LookRow], who: int, p: wp.vec3, limb: wp.vec4) -> float:
    """The soft shadow of sleeves, trouser legs, skirts and collars on the skin."""
    if limb[0] > 0.5:
        sleeve = looks[who].top.sleeve
        if looks[who].outer.label != 0:
            sleeve = wp.max(sleeve, looks[who].outer.sleeve)
        return beneath(0.5 * (limb[1] - sleeve), 0.035, 0.4)
    if p[2] > 0.3:
        return beneath(-below_collar(p, looks[who].top.collar, looks[who].top.vee), 0.03, 0.25)
    bright = float(1.0)
    if looks[who].legwear.label != 0:
        bright = beneath(looks[who].legwear.end - p[2], 0.05, 0.4)
    if looks[who].skirt.label != 0:
        bright = wp.min(bright, beneath(looks[who].skirt.hem - p[2], 0.14, 0.45))
    return bright


@wp.func
def shaded(surface: Surface, bright: float) -> Surface:
    """Darken a surface by the soft shadow of the layer above it."""
    surface.colour = surface.colour * bright
    return surface


@wp.func
def bare(looks: wp.array[LookRow], who: int, p: wp.vec3, limb: wp.vec4) -> Surface:
    """The surface of the body: skin, socks and gloves."""
    skin = looks[who].skin
    left = p[0] > 0.0
    if limb[0] > 0.5:
        if looks[who].gloved == 1 and limb[1] > WRIST_T:
            return matte(int(Label.GLOVE), looks[who].glove)
        return shiny(wp.where(left, int(Label.LEFT_ARM), int(Label.RIGHT_ARM)), skin, 0.1)
    if limb[2] > 0.5:
        return face(looks[who].head, skin, p)
    if p[2] > GROIN_Z:
        return shiny(int(Label.TORSO_SKIN), skin, 0.1)
    if p[2] < looks[who].feet.sock_top:
        return matte(int(Label.SOCKS), looks[who].feet.sock)
    return shiny(wp.where(left, int(Label.LEFT_LEG), int(Label.RIGHT_LEG)), skin, 0.1)


@wp.func
def hood(looks: wp.array[LookRow], who: int) -> Surface:
    """The surface of a hood on the back, of the outermost top's cloth."""
    if looks[who].outer.label != 0:
        return fabric(looks[who].outer.label, cloth_colour(looks[who].outer.cloth, ON_THE_BACK, NOT_A_LIMB), 0.5)
    return fabric(looks[who].top.label, cloth_colour(looks[who].top.cloth, ON_THE_BACK, NOT_A_LIMB), 0.5)


@wp.func
def strap_covers(kind: int, p: wp.vec3, limb: wp.vec4) -> bool:
    """Whether a strap covers a point: over both shoulders (1, a backpack's) or across the chest (2, a satchel's)."""
    if limb[0] > 0.5 or p[2] < 0.02 or limb[2] > 0.4:
        return False
    if kind == 1:
        return p[2] > 0.28 and p[1] < 0.06 and wp.abs(wp.abs(p[0]) - 0.105 + 0.05 * (0.5 - p[2])) < 0.021
    return kind == 2 and wp.abs(p[0] * 0.82 - (p[2] - 0.36) * 0.57) < 0.017


@wp.func
def covers(looks: wp.array[LookRow], who: int, layer: int, p: wp.vec3, limb: wp.vec4) -> bool:
    """Whether a layer covers a point, after the layer is cut to shape."""
    if layer == Layer.TOP:
        return top_covers(looks[who].top, p, limb)
    if layer == Layer.OUTER:
        return top_covers(looks[who].outer, p, limb)
    if layer == Layer.LEGWEAR:
        return legwear_covers(looks[who].legwear, p, limb)
    if layer == Layer.SKIRT:
        return skirt_covers(looks[who].skirt, p, limb)
    if layer == Layer.TAILS:
        return skirt_covers(looks[who].tails, p, limb)
    if layer == Layer.SHOES:
        return p[2] < looks[who].feet.shoe_top
    if layer == Layer.SCALP:
        return scalp_covers(looks[who].head, p, limb)
    if layer == Layer.TRESSES:
        return tresses_cover(looks[who].head, p)
    if layer == Layer.HAT:
        return hat_covers(looks[who].head, p, limb)
    if layer == Layer.STRAP:
        return strap_covers(looks[who].strap, p, limb)
    return True


@wp.func
def region(looks: wp.array[LookRow], who: int, layer: int, p: wp.vec3, limb: wp.vec4) -> Surface:
    """The surface of a layer at a point where `covers` is true."""
    if layer == Layer.BODY:
        return shaded(bare(looks, who, p, limb), under_clothes(looks, who, p, limb))
    if layer == Layer.TOP:
        return shaded(top(looks[who].top, p, limb), under_outer(looks, who, p, limb))
    if layer == Layer.LEGWEAR:
        return shaded(legwear(looks[who].legwear, p, limb), under_tops(looks, who, p))
    if layer == Layer.OUTER:
        return top(looks[who].outer, p, limb)
    if layer == Layer.SKIRT:
        if looks[who].top.label == Label.DRESS:
            return skirt(looks[who].skirt, p)
        return shaded(skirt(looks[who].skirt, p), under_tops(looks, who, p))
    if layer == Layer.TAILS:
        return skirt(looks[who].tails, p)
    if layer == Layer.SHOES:
        return shaded(shoe(looks[who].feet, p), beneath(looks[who].legwear.end - p[2], 0.035, 0.35))
    if layer == Layer.EYES:
        return eye(looks[who].head, p)
    if layer == Layer.HAT:
        return hat(looks[who].head, p)
    if layer == Layer.SCARF:
        return fabric(int(Label.SCARF), cloth_colour(looks[who].scarf, p, limb), 1.0)
    if layer == Layer.STRAP:
        return matte(int(Label.BAG), looks[who].bag * 0.8)
    if layer == Layer.PEAK:
        return matte(int(Label.HAT), looks[who].head.hat_colour * 0.85)
    if layer == Layer.HOOD:
        return hood(looks, who)
    if layer == Layer.THING:
        return matte(int(Label.OCCLUDER), cloth_colour(looks[who].top.cloth, p, NOT_A_LIMB))
    if layer == Layer.BAG:
        return shiny(int(Label.BAG), looks[who].bag, 0.2)
    return hair(looks[who].head, p)
