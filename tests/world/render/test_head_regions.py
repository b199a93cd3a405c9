"""What the head's part of the region function says, asked at points of the template."""

from dataclasses import replace

import numpy as np
import pytest

from sameperson.world.body.model import load_body
from sameperson.world.clothes.outfit import Headwear, Outfit
from sameperson.world.clothes.pieces import Layer
from sameperson.world.clothes.random_outfit import sample_outfit
from sameperson.world.people.haircut import Haircut
from sameperson.world.people.identity import Identity, sample_identity
from sameperson.world.render.rasterizer import CoverageProbe
from sameperson.world.render.uniforms import look_row

BODY = load_body()
OUTFIT = replace(sample_outfit(np.random.default_rng(0), sample_identity(np.random.default_rng(0))), headwear=None)
TOP = (0.0, -0.03, 0.848)
FOREHEAD = (0.0, -0.145, 0.780)
CORNER = (0.046, -0.125, 0.805)
NAPE = (0.0, 0.03, 0.720)
SIDE = (0.078, -0.03, 0.775)
CHEEK = (0.04, -0.13, 0.69)
BACK = (0.0, 0.12, 0.50)


def someone(style: str = "short", hairline: float = 0.803, length: float = 0.4, **cut: float) -> Identity:
    """A person with a given haircut."""
    one = sample_identity(np.random.default_rng(1))
    cuts = replace(Haircut(), **cut)  # pyright: ignore[reportArgumentType]
    return replace(one, hair_style=style, hair_volume=0.012, hairline=hairline, hair_length=length, cut=cuts)


def there(layer: Layer, identity: Identity, *points: tuple[float, float, float], outfit: Outfit = OUTFIT) -> list[bool]:
    """Whether a layer is at points of the head."""
    limb = np.tile(np.array([0, 0, 1, 1], np.float32), (len(points), 1))
    return CoverageProbe(look_row(identity, outfit))((layer,), np.array(points, np.float32), limb)[0].tolist()


def test_hair_is_on_top_and_not_on_the_face() -> None:
    assert there(Layer.SCALP, someone(), TOP, NAPE, SIDE, CHEEK, FOREHEAD) == [True, True, True, False, False]
    assert there(Layer.SCALP, someone("bald"), TOP, NAPE) == [False, False]


def test_a_fringe_covers_the_forehead_but_never_the_eyes() -> None:
    assert there(Layer.SCALP, someone(fringe=0.035), FOREHEAD) == [True]
    assert there(Layer.SCALP, someone(fringe=0.2), (0.033, -0.14, 0.73)) == [False]
    left, right = (0.03, -0.14, 0.787), (-0.03, -0.14, 0.787)
    assert there(Layer.SCALP, someone(fringe=0.015, slant=0.03), left, right) == [True, False]


def test_hair_recedes_where_it_is_said_to() -> None:
    assert there(Layer.SCALP, someone(hairline=0.79), CORNER, TOP) == [True, True]
    assert there(Layer.SCALP, someone(hairline=0.79, temples=0.035), CORNER, TOP) == [False, True]
    assert there(Layer.SCALP, someone(crown=0.07), TOP, NAPE, SIDE) == [False, True, True]


def test_a_fade_leaves_hair_on_top_only() -> None:
    assert there(Layer.SCALP, someone(fade=0.8), TOP, NAPE, SIDE) == [True, False, False]


def test_falling_hair_ends_where_it_is_cut() -> None:
    assert there(Layer.TRESSES, someone("long", length=0.40), BACK) == [True]
    assert there(Layer.TRESSES, someone("bob", length=0.60), BACK) == [False]


@pytest.mark.parametrize(("kind", "scalp", "falls"), [("cap", False, True), ("headscarf", False, False)])
def test_hats_go_over_hair(kind: str, scalp: bool, falls: bool) -> None:
    hatted = replace(OUTFIT, headwear=Headwear(kind, (0.5, 0.1, 0.1)))
    long = someone("long")
    assert there(Layer.SCALP, long, TOP, outfit=hatted) == [scalp]
    assert there(Layer.TRESSES, long, BACK, outfit=hatted) == [falls]
    assert there(Layer.HAT, long, TOP, CHEEK, outfit=hatted) == [True, False]
    assert there(Layer.HAT, long, NAPE, outfit=hatted) == [kind == "headscarf"]


def test_what_is_uneven_about_a_head_stays_when_clothes_change() -> None:
    one = someone()
    other = sample_outfit(np.random.default_rng(9), one)
    edge = np.random.default_rng(0).uniform((-0.06, -0.15, 0.79), (0.06, -0.10, 0.82), (400, 3))
    points = [tuple(place) for place in edge.tolist()]
    before, after = (there(Layer.SCALP, one, *points, outfit=o) for o in (OUTFIT, replace(other, headwear=None)))
    assert before == after
    assert 0 < sum(before) < 400
