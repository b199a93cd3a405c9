"""Dress codes: which garments go together, by occasion and season, and how often each code is seen in a street.

Shares are (masculine, feminine) throughout. Crowds look alike because most people keep to a code.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Shares = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class DressCode:
    """A dress code: how often each garment is worn by those who follow it.

    share: how often the code is seen; outer: how often something is worn over the top; cold: how often scarf or gloves
    are worn; smart: how often leather shoes; loud: how much likelier bright colours are than usual.
    """

    share: tuple[float, float]
    tops: Shares
    bottoms: Shares
    outers: Shares = field(default_factory=lambda: {"jacket": (1.0, 0.6), "cardigan": (0.1, 0.4)})
    outer: float = 0.2
    bags: Shares = field(
        default_factory=lambda: {
            "none": (0.62, 0.48),
            "backpack": (0.22, 0.15),
            "handbag": (0.03, 0.17),
            "satchel": (0.13, 0.20),
        }
    )
    smart: float = 0.1
    cold: float = 0.0
    loud: float = 1.0


DRESS_CODES: dict[str, DressCode] = {
    "summer": DressCode(
        share=(0.30, 0.32),
        tops={
            "tee": (0.76, 0.48),
            "polo": (0.14, 0.04),
            "tank": (0.04, 0.14),
            "shirt": (0.06, 0.06),
            "dress": (0, 0.28),
        },
        bottoms={
            "shorts": (0.48, 0.36),
            "jeans": (0.34, 0.28),
            "chinos": (0.14, 0.08),
            "skirt": (0.0, 0.20),
            "joggers": (0.04, 0.02),
            "leggings": (0.0, 0.06),
        },
        outer=0.03,
        loud=1.25,
    ),
    "campus": DressCode(
        share=(0.28, 0.24),
        tops={"tee": (0.44, 0.38), "hoodie": (0.30, 0.24), "long sleeve": (0.14, 0.28), "shirt": (0.12, 0.10)},
        bottoms={
            "jeans": (0.62, 0.56),
            "chinos": (0.14, 0.08),
            "joggers": (0.16, 0.06),
            "leggings": (0.0, 0.22),
            "shorts": (0.08, 0.04),
            "skirt": (0.0, 0.04),
        },
        outers={"jacket": (0.75, 0.62), "cardigan": (0.08, 0.26), "puffer": (0.10, 0.08), "gilet": (0.07, 0.04)},
        outer=0.32,
        bags={"none": (0.38, 0.36), "backpack": (0.48, 0.36), "satchel": (0.13, 0.20), "handbag": (0.01, 0.08)},
    ),
    "office": DressCode(
        share=(0.17, 0.17),
        tops={"shirt": (0.78, 0.50), "long sleeve": (0.10, 0.24), "polo": (0.12, 0.02), "dress": (0.0, 0.24)},
        bottoms={"suit trousers": (0.52, 0.40), "chinos": (0.32, 0.14), "jeans": (0.16, 0.18), "skirt": (0.0, 0.28)},
        outers={"blazer": (0.66, 0.56), "coat": (0.22, 0.30), "cardigan": (0.12, 0.14)},
        outer=0.5,
        bags={"none": (0.52, 0.34), "satchel": (0.24, 0.22), "handbag": (0.10, 0.36), "backpack": (0.14, 0.08)},
        smart=0.8,
        loud=0.35,
    ),
    "sport": DressCode(
        share=(0.09, 0.09),
        tops={"tee": (0.56, 0.40), "tank": (0.06, 0.22), "hoodie": (0.28, 0.24), "long sleeve": (0.10, 0.14)},
        bottoms={"joggers": (0.58, 0.22), "shorts": (0.42, 0.22), "leggings": (0.0, 0.56)},
        outers={"jacket": (0.8, 0.8), "gilet": (0.2, 0.2)},
        outer=0.14,
        bags={"none": (0.72, 0.72), "backpack": (0.24, 0.22), "satchel": (0.04, 0.06)},
        smart=0.0,
        loud=1.6,
    ),
    "winter": DressCode(
        share=(0.16, 0.18),
        tops={"long sleeve": (0.46, 0.56), "hoodie": (0.24, 0.14), "shirt": (0.30, 0.22), "dress": (0.0, 0.08)},
        bottoms={
            "jeans": (0.64, 0.56),
            "chinos": (0.18, 0.08),
            "joggers": (0.10, 0.04),
            "leggings": (0.0, 0.24),
            "suit trousers": (0.08, 0.08),
        },
        outers={"jacket": (0.36, 0.24), "puffer": (0.40, 0.34), "coat": (0.20, 0.40), "gilet": (0.04, 0.02)},
        outer=0.94,
        smart=0.25,
        cold=0.26,
        loud=0.5,
    ),
}
"""Name -> dress code."""
CHILD_CODES = {"office": "campus"}
"""Dress code -> the code that a child follows instead."""
