"""Label sets: what the numbers of a parsing map mean, and the coarser sets that papers merge them into.

numpy only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, choose
from sameperson.config import OWN_LABELS

Labels = NDArray[np.uint8]
IGNORED = 255
"""The label of an unlabelled pixel; losses and scores leave it out."""


@dataclass(frozen=True)
class LabelSet:
    """A set of parsing labels, with their names and colours.

    labels: the name of each number, "" for a number that the set leaves out; number 0 is the background.
    colours: (len(labels), 3), what each is painted with.
    """

    name: str
    labels: tuple[str, ...]
    colours: Sequence[tuple[int, int, int]]

    @property
    def mirrored(self) -> tuple[tuple[int, int], ...]:
        """The pairs of labels that change places in the mirror, the person's own left one first."""
        place = {label: number for number, label in enumerate(self.labels)}
        return tuple((place[name], place[f"right{name[4:]}"]) for name in self.labels if name.startswith("left"))

    @property
    def swap(self) -> Labels:
        """What each label becomes in the mirror: (256,) uint8."""
        return mirror_table(self.mirrored)

    @property
    def palette(self) -> Labels:
        """The colours of the K labels: (K, 3) uint8."""
        return np.array(self.colours, np.uint8)

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """The mask (256,) of numbers that a map of this set may hold."""
        known = np.array([bool(name) for name in self.labels] + [False] * (256 - len(self.labels)))
        known[IGNORED] = True
        return known

    def first_unknown(self, labels: Labels) -> int | None:
        """Return the first number in `labels` that the set does not know, or None."""
        known = self.known[labels]
        return None if known.all() else int(labels[~known][0])


def mirror_table(pairs: Sequence[tuple[int, int]]) -> Labels:
    """Make the table (256,) uint8 of what each label becomes in the mirror."""
    table = np.arange(256, dtype=np.uint8)
    for left, right in pairs:
        table[[left, right]] = right, left
    return table


def voc_colours(count: int) -> list[tuple[int, int, int]]:
    """Return the colours that PASCAL VOC's tools give to numbers: low bits become the high bits of R, G, B.

    >>> voc_colours(4)
    [(0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0)]
    """
    spread = [[sum(((number >> (3 * bit + k)) & 1) << (7 - bit) for bit in range(3)) for k in range(3)]
              for number in range(count)]  # fmt: skip
    return [(r, g, b) for r, g, b in spread]


LIP = LabelSet(
    "lip",
    (
        "background", "hat", "hair", "glove", "sunglasses", "upper-clothes", "dress", "coat", "socks", "pants",
        "jumpsuits", "scarf", "skirt", "face", "left-arm", "right-arm", "left-leg", "right-leg", "left-shoe",
        "right-shoe",
    ),
    (
        (0, 0, 0), (128, 0, 0), (255, 0, 0), (0, 85, 0), (170, 0, 51), (255, 85, 0), (0, 0, 85), (0, 119, 221),
        (85, 85, 0), (0, 85, 85), (85, 51, 0), (52, 86, 128), (0, 128, 0), (0, 0, 255), (51, 170, 221), (0, 255, 255),
        (85, 255, 170), (170, 255, 85), (255, 255, 0), (255, 170, 0),
    ),
)  # fmt: skip
"""Look Into Person (Gong et al., CVPR 2017), in the colours of its own tools."""
ATR = LabelSet(
    "atr",
    (
        "background", "hat", "hair", "sunglasses", "upper-clothes", "skirt", "pants", "dress", "belt", "left-shoe",
        "right-shoe", "face", "left-leg", "right-leg", "left-arm", "right-arm", "bag", "scarf",
    ),
    voc_colours(18),
)  # fmt: skip
"""Liang et al., TPAMI 2015, numbered as SCHP (Li et al., TPAMI 2020) writes them."""
PASCAL = LabelSet(
    "pascal",
    ("background", "head", "torso", "upper-arms", "lower-arms", "upper-legs", "lower-legs"),
    voc_colours(7),
)
"""PASCAL-Person-Part (Chen et al., CVPR 2014)."""
STUDY_7 = LabelSet(
    "study-7", ("background", "head", "clothes", "left-arm", "right-arm", "left-leg", "right-leg"), voc_colours(7)
)
"""The CE2P study's first merge; a leg includes its shoe."""
STUDY_8 = LabelSet(
    "study-8",
    ("background", "head", "upper-clothes", "lower-clothes", "left-arm", "right-arm", "left-leg", "right-leg"),
    voc_colours(8),
)
"""The CE2P study's second merge, clothes above and below the waist apart."""
SPREID = LabelSet("spreid", ("background", "head", "upper", "lower", "shoes"), voc_colours(5))
"""The regions of Kalayeh et al., CVPR 2018, whose fifth, the foreground, is all of them together."""
ISP = LabelSet("isp", ("background", "head", "body", "", "legs", "shoes"), voc_colours(6))
"""The groups by which ISP (Zhu et al., ECCV 2020) scores six pseudo labels: 1, 4 and 5, the rest of a person 2."""
FOREGROUND = LabelSet("foreground", ("background", "person"), voc_colours(2))

LABEL_SETS: dict[str, LabelSet] = {
    item.name: item for item in (LIP, ATR, PASCAL, STUDY_7, STUDY_8, SPREID, ISP, FOREGROUND)
}

MERGES: dict[str, Mapping[int, tuple[int, ...]]] = {
    "study-7": {1: (1, 2, 4, 13), 2: (5, 6, 7, 9, 10, 11, 12), 3: (14,), 4: (15,), 5: (16, 18), 6: (17, 19)},
    "study-8": {1: (1, 2, 4, 13), 2: (5, 6, 7, 11), 3: (8, 9, 10, 12), 4: (14,), 5: (15,), 6: (16, 18), 7: (17, 19)},
    "spreid": {1: (1, 2, 4, 13), 2: (5, 6, 7, 11, 10, 3, 14, 15), 3: (9, 16, 17, 12), 4: (18, 19, 8)},
    "isp": {1: (1, 2, 4, 13), 2: (3, 5, 6, 7, 10, 11, 12, 14, 15), 4: (8, 9, 16, 17), 5: (18, 19)},
    "foreground": {1: tuple(range(1, 20))},
}
"""Label set -> each of its numbers -> LIP's; the background stays 0, and what belongs nowhere is ignored (255).

The study says nothing of gloves (nor, in study-7, of socks), which have no side, so they are ignored; it puts skirts
in both halves of study-8, here in the lower.
"""
ATR_IN_LIP = (0, 1, 2, 4, 5, 12, 9, 6, IGNORED, 18, 19, 13, 16, 17, 14, 15, IGNORED, 11)
"""What each of ATR's labels is in LIP, which has neither belts nor bags."""


def is_own(name: str) -> bool:
    """Whether the name of a label set is the text of a set of the user's own."""
    return "=" in name


def own_set(text: str) -> LabelSet:
    """Make a label set of the user's own from its text: `NAME=LABELS` for each class, with `;` between them.

    >>> own_set("head=1,2,4,13;left-arm=14;right-arm=15").labels
    ('background', 'head', 'left-arm', 'right-arm')

    Raises InputError where a text is no such list, names a class or a label twice, or a left without a right.
    """
    names = ("background", *_own_merge(text))
    for name in names:
        side, _, rest = name.partition("-")
        other = {"left": "right", "right": "left"}.get(side)
        if other and f"{other}-{rest}" not in names:
            raise InputError(f"labels {text}: {name} alone", f"{other}-{rest} beside it", "add it, or rename it")
    return LabelSet(text, names, voc_colours(len(names)))


def _own_merge(text: str) -> dict[str, tuple[int, ...]]:
    """Read class -> labels, in the order of the new numbers."""
    then = "write it as head=1,2,4,13;left-arm=14;right-arm=15"
    if not re.fullmatch(OWN_LABELS, text):
        raise InputError(f"label set {text!r}", "classes and their labels", then)
    pairs = [part.split("=") for part in text.split(";")]
    merge = {name: tuple(int(number) for number in numbers.split(",")) for name, numbers in pairs}
    labels = [number for numbers in merge.values() for number in numbers]
    if len(merge) < len(pairs) or "background" in merge:
        raise InputError(f"label set {text!r}", "a name for each class but the background", then)
    if len(set(labels)) < len(labels) or 0 in labels or max(labels) >= IGNORED:
        raise InputError(f"label set {text!r}", f"each label once, between 1 and {IGNORED - 1}", then)
    return merge


def known_set(name: str) -> LabelSet:
    """Return the set of that name: one of `LABEL_SETS`, or one of the user's own. Raises InputError for any other."""
    return own_set(name) if is_own(name) else choose("label set", name, LABEL_SETS)


def merge_table(source: str, target: str) -> Labels:
    """Make the table (256,) uint8 of what each label of the set `source` is in the set `target`.

    Raises InputError for an unknown set, and for a target that cannot be made of the source.

    >>> merge_table("lip", "study-7")[[0, 13, 9, 3]].tolist()
    [0, 1, 2, 255]
    """
    stored, wanted = known_set(source), known_set(target)
    table = np.full(256, IGNORED, np.uint8)
    if source == target or target == "foreground":
        known = [number for number, name in enumerate(stored.labels) if name]
        table[known] = known if source == target else np.minimum(known, 1)
    elif is_own(target):
        table[0] = 0
        for new, olds in enumerate(_own_merge(target).values(), start=1):
            unknown = next((old for old in olds if old >= len(stored.labels) or not stored.labels[old]), None)
            if unknown is not None:
                found = f"label {unknown} for {wanted.labels[new]}"
                raise InputError(found, f"{source}'s 0 to {len(stored.labels) - 1}", "correct data.parsing.merge")
            table[list(olds)] = new
    elif source == "lip" and target in MERGES:
        table[0] = 0
        for new, olds in MERGES[target].items():
            table[list(olds)] = new
    elif source == "atr" and target in ("lip", *MERGES):
        table[: len(ATR_IN_LIP)] = merge_table("lip", target)[list(ATR_IN_LIP)]
    else:
        able = [name for name in LABEL_SETS if name not in (source, target) and _mergeable(source, name)]
        raise InputError(
            f"{source} labels for {target}", f"what can be made of {source}", f"choose one of {', '.join(able)}"
        )
    return table


def _mergeable(source: str, target: str) -> bool:
    return target == "foreground" or (source in ("lip", "atr") and target in ("lip", *MERGES))
