"""The uniform buffer of one dressed person; `world.render.uniforms` fills it field by field.

The fields mirror `world.clothes.outfit` and `world.people.identity`; heights and lengths are on the template.
A part that is not worn has label 0.
"""

import warp as wp


@wp.struct
class ClothRow:
    """A material: `Pattern`, repeats per metre, and three colours."""

    pattern: int
    frequency: float
    seed: int
    first: wp.vec3
    second: wp.vec3
    third: wp.vec3


@wp.struct
class TopRow:
    """A garment of the trunk and arms. make: `Collar`; pocket: `Pocket`; tailed: 1 for a coat or dress."""

    label: int
    sleeve: float
    hem: float
    collar: float
    vee: float
    opening: float
    quilted: int
    logo: int
    buttoned: int
    make: int
    pocket: int
    ribbed: int
    tailed: int
    folds: float
    cloth: ClothRow


@wp.struct
class LegwearRow:
    """Trousers; `belt` counts only where `belted` is 1."""

    label: int
    waist: float
    end: float
    belted: int
    belt: wp.vec3
    pocket: int
    ribbed: int
    creased: int
    folds: float
    cloth: ClothRow


@wp.struct
class SkirtRow:
    """A skirt, the lower half of a dress, or coat tails."""

    label: int
    waist: float
    hem: float
    opening: float
    flutes: float
    cloth: ClothRow


@wp.struct
class FeetRow:
    """Shoes and socks."""

    shoe_top: float
    sock_top: float
    shoe: wp.vec3
    sole: wp.vec3
    sock: wp.vec3


@wp.struct
class HeadRow:
    """Hair, face, glasses and headwear.

    Fields mirror `world.people.haircut.Haircut` and `world.people.skin.Face`. hairy: 0 for a shaved head;
    lens: half width, half height, squareness; glasses: 1 clear, 2 dark; hat: 1 cap, 2 beanie, 3 headscarf.
    """

    seed: int
    hair: wp.vec3
    hairline: float
    fringe: float
    slant: float
    temples: float
    crown: float
    fade: float
    parting: float
    curl: float
    locks: int
    hair_end: float
    hairy: int
    ears_show: int
    brow: wp.vec3
    brow_thickness: float
    arch: float
    lip: wp.vec3
    mouth: float
    iris: wp.vec3
    whiskers: wp.vec3
    beard: float
    moustache: float
    goatee: float
    sockets: float
    freckles: float
    flush: float
    lines: float
    lashes: float
    glasses: int
    rim: wp.vec3
    rim_width: float
    lens: wp.vec3
    hat: int
    hat_colour: wp.vec3


@wp.struct
class LookRow:
    """One dressed person."""

    seed: int
    skin: wp.vec3
    gloved: int
    glove: wp.vec3
    bag: wp.vec3
    strap: int
    top: TopRow
    outer: TopRow
    legwear: LegwearRow
    skirt: SkirtRow
    tails: SkirtRow
    feet: FeetRow
    head: HeadRow
    scarf: ClothRow
