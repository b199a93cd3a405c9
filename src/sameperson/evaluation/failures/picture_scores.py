"""Scores of how hard pictures are, without hand labels: hidden, several people, few rows of detail, little light.

The first four are the causes of failure that the CE2P study names, in its order; dark clothes, pose, viewpoint and bags
stand beside them. Each score says what it was measured on, and is absent where that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sameperson.evaluation.failures.body_pose import unusual_pose, viewpoint
from sameperson.evaluation.failures.clothes import below_head, clothes_brightness, clothes_of, labelled
from sameperson.evaluation.failures.low_light import white_level
from sameperson.evaluation.failures.low_resolution import detail_rows
from sameperson.evaluation.failures.occluded_share import hidden_body, hidden_limbs, unseen_joints
from sameperson.evaluation.failures.picture_priors import PicturePriors, SeenPicture, other_people
from sameperson.evaluation.failures.several_people import beside_main, outside, patches
from sameperson.priors.label_sets import IGNORED, LabelSet
from sameperson.priors.part_groups import tasks_of

Unit = Literal["share", "rows", "level"]


@dataclass(frozen=True)
class Score:
    """What a score measures. hard: whether a high or a low value makes a picture hard, beyond `limit`.

    title: of the slice of such pictures; says: what the value is, in words; rule: which pictures are in the slice, with
    {} for the limit. unit: how a value is written: a share in per cent, rows of pixels, or a level in [0, 1].
    """

    name: str
    title: str
    says: str
    rule: str
    hard: Literal["high", "low"]
    limit: float
    unit: Unit = "share"

    def beyond(self, values: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
        """Which values (N,) make a picture hard; unknown ones (NaN) do not."""
        return values > limit if self.hard == "high" else values < limit

    def written(self, value: float) -> str:
        """A value in words, short enough to stand under a picture.

        >>> SCORES["hidden"].written(0.414), SCORES["resolution"].written(31.7), SCORES["light"].written(0.2)
        ('41 %', '32 rows', '0.20')
        """
        match self.unit:
            case "share":
                return f"{100 * value:.0f} %"
            case "rows":
                return f"{value:.0f} rows"
            case _:
                return f"{value:.2f}"


SCORES: dict[str, Score] = {
    score.name: score
    for score in (
        Score(
            "hidden", "Hidden", "share of the person that is hidden",
            "more than {} of the person is hidden", "high", 0.15,
        ),
        Score(
            "several", "Several people", "share of the picture that shows other people",
            "other people fill more than {} of the picture", "high", 0.03,
        ),
        Score(
            "resolution", "Low resolution", "number of rows that its detail would need",
            "the detail would fit into fewer than {}", "low", 42, "rows",
        ),
        Score(
            "light", "Low light", "level of its brightest spots, 1 for white",
            "the brightest spots are below {} of white", "low", 0.42, "level",
        ),
        Score(
            "clothes", "Dark clothes", "brightness of the clothes, 1 for white",
            "the clothes are below {} of white", "low", 0.2, "level",
        ),
        Score(
            "pose", "Unusual pose", "distance from standing or walking upright",
            "bent, sitting, lying, or arms raised", "high", 0.4,
        ),
        Score(
            "bag", "With a bag", "share of the picture that is a bag",
            "a bag fills more than {} of the picture", "high", 0.01,
        ),
    )
}  # fmt: skip
"""By name, in the order of a report."""
OTHER_LIMITS = {"outline": 0.3, "confidence": 0.25}
"""Of the hidden share where it is measured on maps or on keypoints alone, by which whole people lack some too."""
Measure = Callable[[SeenPicture], float | None]
NEEDED = {
    "hidden": "keypoints, masks or parsing maps",
    "several": "parsing maps of everybody, beside the pictures or by a parser",
    "clothes": "parsing maps or masks",
    "pose": "keypoints",
    "bag": "parsing maps of a set with bags (atr)",
    "viewpoint": "keypoints",
}
"""Score -> what would have to be there, where it is absent."""


@dataclass(frozen=True, eq=False)
class PictureScores:
    """The scores of N pictures.

    values: score -> (N,) float64, NaN where a picture has none; only scores of which any picture has one. views: (N,)
    text, "" where unknown. heights: (N,) pixels of each picture, 0 where it cannot be read. sources: score -> what it
    was measured on. limits: score -> the value beyond which a picture is hard.
    """

    values: Mapping[str, NDArray[np.float64]]
    views: NDArray[Any]
    heights: NDArray[np.int64]
    sources: Mapping[str, str]
    limits: Mapping[str, float]

    def hard(self, name: str) -> NDArray[np.bool_]:
        """Which pictures (N,) a score calls hard."""
        return SCORES[name].beyond(self.values[name], self.limits[name])

    @property
    def missing(self) -> dict[str, str]:
        """Score -> what would have to be there, for those that no picture has."""
        return {name: needed for name, needed in NEEDED.items() if name not in self.sources}

    def worst(self, name: str, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Order rows from the most to the least extreme in a score, those without it left out."""
        values = self.values[name][rows]
        known = np.isfinite(values)
        sign = -1 if SCORES[name].hard == "high" else 1
        return rows[known][np.argsort(sign * values[known], kind="stable")]


def score_pictures(
    priors: PicturePriors, rows: Sequence[int] | None = None, progress: Callable[[int, int], None] | None = None
) -> PictureScores:
    """Score pictures, one at a time: all, or only `rows`, while the others have no scores."""
    count = len(priors.samples)
    chosen = range(count) if rows is None else rows
    measures = measures_of(priors)
    values = {name: np.full(count, np.nan) for name in measures}
    views, heights = np.full(count, "", object), np.zeros(count, np.int64)
    for done, (row, seen) in enumerate(priors.read(chosen), start=1):
        heights[row] = len(seen.picture)
        for name, way in measures.items():
            if (value := way.measure(seen)) is not None:
                values[name][row] = value
        if seen.joints is not None:
            views[row] = viewpoint(seen.joints) or ""
        if progress is not None:
            progress(done, len(chosen))
    found = {name: of for name, of in values.items() if np.isfinite(of).any()}
    if not np.nansum(found.get("several", 1)) and not (priors.of and other_people(priors.of)):
        del found["several"]  # maps of the one person alone, which say nothing of others
    sources = {name: measures[name].source for name in found}
    limits = {name: measures[name].limit or SCORES[name].limit for name in found}
    if (views != "").any():
        sources["viewpoint"] = priors.where["keypoints"]
    return PictureScores(found, views, heights, sources, limits)


@dataclass(frozen=True)
class Way:
    """A way to measure a score. source: what it looks at, in words; limit: its own, where it is not the usual one."""

    measure: Measure
    source: str
    limit: float | None = None


def measures_of(priors: PicturePriors) -> dict[str, Way]:
    """Choose how each score is measured by what is there."""
    where = priors.where
    of = priors.of if "parsing" in where else None
    person, joints = where.get("mask") or where.get("parsing"), where.get("keypoints")
    ways: dict[str, Way] = {}
    if joints and person:
        ways["hidden"] = Way(by_limbs, f"limbs by {joints} that lie outside {person}")
    elif person:
        ways["hidden"] = Way(by_outline, f"what {person} lacks of a standing person", OTHER_LIMITS["outline"])
    elif joints:
        ways["hidden"] = Way(by_confidence, f"confidence of {joints}", OTHER_LIMITS["confidence"])
    if of is not None:
        ways["several"] = several_way(of, where)
    ways["resolution"] = Way(lambda seen: detail_rows(seen.picture), "the pixels")
    ways["light"] = Way(lambda seen: white_level(seen.picture), "the pixels")
    if of is not None and clothes_of(of):
        ways["clothes"] = Way(by_clothes, f"clothes in {where['parsing']}")
    elif person:
        ways["clothes"] = Way(below_the_head, f"{person}, without the upper fifth")
    if joints:
        ways["pose"] = Way(lambda seen: None if seen.joints is None else unusual_pose(seen.joints), joints)
    if of is not None and "bag" in of.labels:
        bag = of.labels.index("bag")
        ways["bag"] = Way(lambda seen: share_of(seen, bag), where["parsing"])
    return ways


def several_way(of: LabelSet, where: Mapping[str, str]) -> Way:
    """Choose how other people are found: by their own label, outside the mask, or apart from the largest patch."""
    maps = where["parsing"]
    if others := other_people(of):
        return Way(lambda seen: None if seen.labels is None else patches(np.isin(seen.labels, others)), maps)
    if "mask" in where:
        return Way(beside_mask, f"people in {maps} outside {where['mask']}")
    tasks = tasks_of(of)
    person, head = tasks["foreground"], tasks.get("head", ())

    def apart(seen: SeenPicture) -> float | None:
        return None if seen.labels is None else beside_main(seen.labels, person, head)

    return Way(apart, f"patches and heads in {maps} that stand apart")


def by_limbs(seen: SeenPicture) -> float | None:
    """Measure occlusion by keypoints and the person's pixels."""
    person = seen.person
    return None if seen.joints is None or person is None else hidden_limbs(seen.joints, person)


def by_outline(seen: SeenPicture) -> float | None:
    """Measure occlusion by the person's pixels alone."""
    person = seen.person
    return None if person is None else hidden_body(person)


def by_confidence(seen: SeenPicture) -> float | None:
    """Measure occlusion by keypoints alone."""
    return None if seen.joints is None else unseen_joints(seen.joints)


def beside_mask(seen: SeenPicture) -> float | None:
    """Measure other people by a map of everybody and the person's mask."""
    if seen.labels is None or seen.mask is None:
        return None
    return outside((seen.labels != 0) & (seen.labels != IGNORED), seen.mask)


def by_clothes(seen: SeenPicture) -> float | None:
    """Measure the brightness of clothes by their labels, on the person where a mask says who that is."""
    if seen.labels is None or seen.of is None:
        return None
    clothes = labelled(seen.labels, clothes_of(seen.of))
    return clothes_brightness(seen.picture, clothes if seen.mask is None else clothes & seen.mask)


def below_the_head(seen: SeenPicture) -> float | None:
    """Measure the brightness of clothes by the person's outline."""
    person = seen.person
    return None if person is None else clothes_brightness(seen.picture, below_head(person))


def share_of(seen: SeenPicture, label: int) -> float | None:
    """The share of a picture that has a label."""
    return None if seen.labels is None else float((seen.labels == label).mean())
