"""Part groups: which labels of a set are head, legs, shoes, arms or foreground, to compare maps of different sets.

numpy only.
"""

from __future__ import annotations

from collections.abc import Mapping

from sameperson.checks import InputError, nearest
from sameperson.priors.label_sets import LABEL_SETS, LIP, LabelSet, is_own, own_set, voc_colours

Task = Mapping[str, tuple[int, ...]]
MOST = 255
"""The most classes of parts that a name such as isp-7 may ask for."""

WORLD = LabelSet(
    "world",
    (*LIP.labels, "bag", "bare-torso", "in-front"),
    (*LIP.colours, (200, 100, 255), (255, 180, 160), (120, 120, 120)),
)
"""What `world make --labels parts` writes: LIP's, a bag, a bare torso, and whatever stands in front of a person."""

TASKS: Mapping[str, Task] = {
    "lip": {
        "foreground": tuple(range(1, 20)), "head": (1, 2, 4, 13), "legs": (8, 9, 16, 17), "shoes": (18, 19),
        "arms": (14, 15),
    },
    "world": {
        "foreground": tuple(range(1, 22)), "head": (1, 2, 4, 13), "legs": (8, 9, 16, 17), "shoes": (18, 19),
        "arms": (14, 15),
    },
    "atr": {
        "foreground": tuple(range(1, 18)), "head": (1, 2, 3, 11), "legs": (6, 12, 13), "shoes": (9, 10),
        "arms": (14, 15),
    },
    "pascal": {"foreground": tuple(range(1, 7)), "head": (1,)},
    "study-7": {"foreground": tuple(range(1, 7)), "head": (1,), "arms": (3, 4)},
    "study-8": {"foreground": tuple(range(1, 8)), "head": (1,), "arms": (4, 5)},
    "spreid": {"foreground": (1, 2, 3, 4), "head": (1,)},
    "isp": {"foreground": (1, 2, 4, 5), "head": (1,), "legs": (4,), "shoes": (5,)},
    "foreground": {"foreground": (1,)},
    "isp-6": {"foreground": tuple(range(1, 6)), "head": (1,), "legs": (4,), "shoes": (5,)},
    "isp-7": {"foreground": tuple(range(1, 7)), "head": (1,), "legs": (4, 5), "shoes": (6,)},
}  # fmt: skip
"""Label set -> task -> the labels that make it; a set is left out of a task that it draws otherwise than LIP does.

Head, legs and shoes are ISP's (Zhu et al., ECCV 2020): hat, hair, sunglasses and face; socks, pants and legs. A leg of
study-7 includes its shoe, and spreid's shoes its socks, so they are no such task. A bag is foreground where a set has
one.
"""


def part_set(classes: int) -> LabelSet:
    """Make the label set of ISP's parts: `classes` with the background, numbered from the top of a person down.

    >>> part_set(3).labels
    ('background', 'part 1', 'part 2')
    """
    names = ("background", *(f"part {number}" for number in range(1, classes)))
    return LabelSet(f"isp-{classes}", names, voc_colours(classes))


def label_set(name: str) -> LabelSet:
    """Return the set of that name: one of `LABEL_SETS`, `world`, `isp-7` for seven classes of parts, or a user's own.

    Raises InputError for an unknown one.
    """
    family, _, count = name.partition("-")
    if family == "isp" and count.isdigit() and 2 <= int(count) <= MOST:
        return part_set(int(count))
    if is_own(name):
        return own_set(name)
    known = {**LABEL_SETS, WORLD.name: WORLD}
    if name not in known:
        raise InputError(f"label set {name!r}", "a known label set", nearest(name, [*known, "isp-6", "isp-7"]))
    return known[name]


def tasks_of(labels: LabelSet) -> Task:
    """Return the part groups of a set; a set that `TASKS` does not list has the foreground only.

    >>> tasks_of(part_set(4))
    {'foreground': (1, 2, 3)}
    """
    return TASKS.get(labels.name) or {"foreground": tuple(range(1, len(labels.labels)))}
