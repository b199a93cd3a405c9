"""Light leaving dull surfaces, against the formula by hand."""

import numpy as np
import warp as wp

from sameperson.world.render.device import from_device, launch, start_warp, zeros
from sameperson.world.render.kernels.light import LINT, dimmed, lit
from sameperson.world.render.kernels.view import LightRow

COLOUR = np.array([0.5, 0.2, 0.1])
LAMP, AIR, BOUNCE = np.array([1.1, 1.0, 0.8]), np.array([0.9, 1.0, 1.1]), np.array([0.5, 0.6, 0.4])
AMBIENT, DIFFUSE = 0.6, 0.8


@wp.kernel
def leave(light: LightRow, share: float, normal: wp.vec3, openness: float, out: wp.array[wp.vec3]):
    out[0] = lit(dimmed(light, share), wp.vec3(0.5, 0.2, 0.1), normal, openness)


def leaving(normal: tuple[float, float, float], openness: float = 1.0, share: float = 1.0) -> np.ndarray:
    """Light (3,) under a lamp that shines along -X."""
    start_warp()
    light = LightRow()
    light.direction, light.ambient, light.diffuse = wp.vec3(1.0, 0.0, 0.0), AMBIENT, DIFFUSE
    light.lamp, light.air, light.bounce = wp.vec3(*LAMP), wp.vec3(*AIR), wp.vec3(*BOUNCE)
    out = zeros(1, wp.vec3, "cpu")
    launch(leave, 1, [light, share, wp.vec3(*normal), openness, out], "cpu")
    return from_device(out)[0]


def test_what_faces_the_lamp_takes_its_colour_and_half_of_what_is_around() -> None:
    around = AMBIENT * (0.5 * BOUNCE + 0.5 * 1.25 * AIR)
    np.testing.assert_allclose(leaving((1, 0, 0)), (COLOUR + LINT) * (DIFFUSE * LAMP + around), rtol=1e-5)


def test_what_looks_up_takes_the_air_and_what_looks_down_the_ground() -> None:
    np.testing.assert_allclose(leaving((0, 0, 1)), (COLOUR + LINT) * AMBIENT * 1.25 * AIR, rtol=1e-5)
    np.testing.assert_allclose(leaving((0, 0, -1)), (COLOUR + LINT) * AMBIENT * BOUNCE, rtol=1e-5)


def test_what_faces_away_or_lies_in_shade_has_no_lamp() -> None:
    around = (COLOUR + LINT) * AMBIENT * (0.5 * BOUNCE + 0.5 * 1.25 * AIR)
    np.testing.assert_allclose(leaving((-1, 0, 0)), around, rtol=1e-5)
    np.testing.assert_allclose(leaving((1, 0, 0), share=0.0), around, rtol=1e-5)


def test_a_deep_hollow_gets_half_of_the_lamp_and_nothing_from_around() -> None:
    np.testing.assert_allclose(leaving((1, 0, 0), openness=0.0), (COLOUR + LINT) * 0.5 * DIFFUSE * LAMP, rtol=1e-5)
