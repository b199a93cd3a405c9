"""The surface at a point of a dressed person: one value that holds both its colour and its label."""

import warp as wp


@wp.struct
class Surface:
    """The surface at a point.

    label: `Label`, never 0. folds: how much the cloth creases; gloss: how much it shines; in [0, 1]. quilt: how steep
    the tubes of a padded garment are; flutes: how much a skirt falls in upright folds, in [0, 1].
    """

    label: int
    colour: wp.vec3
    folds: float
    gloss: float
    quilt: float
    flutes: float


@wp.func
def matte(label: int, colour: wp.vec3) -> Surface:
    """Make a smooth dull surface."""
    surface = Surface()
    surface.label = label
    surface.colour = colour
    surface.folds = 0.0
    surface.gloss = 0.0
    surface.quilt = 0.0
    surface.flutes = 0.0
    return surface


@wp.func
def fabric(label: int, colour: wp.vec3, folds: float) -> Surface:
    """Make a surface that creases."""
    surface = matte(label, colour)
    surface.folds = folds
    return surface


@wp.func
def shiny(label: int, colour: wp.vec3, gloss: float) -> Surface:
    """Make a smooth surface with a highlight."""
    surface = matte(label, colour)
    surface.gloss = gloss
    return surface
