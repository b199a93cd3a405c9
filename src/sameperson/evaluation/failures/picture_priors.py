"""Priors of single pictures for an analysis: whatever of keypoints, parsing maps and masks lies beside them.

A parser can make the maps on the way. Nothing but the pictures themselves has to be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sameperson.config import Data, Parsing
from sameperson.evaluation.predict_labels import predict_labels
from sameperson.evaluation.segmentation import nearest
from sameperson.images.decode import BrokenPicture, picture_of
from sameperson.methods.load import TrainedNetwork
from sameperson.priors.keypoints import Keypoints
from sameperson.priors.label_sets import IGNORED, LIP, Labels, LabelSet, known_set
from sameperson.priors.load import open_if_there
from sameperson.priors.locations import find_priors_of_pictures
from sameperson.priors.maps import Maps
from sameperson.priors.part_groups import label_set
from sameperson.types import Samples

Mask = NDArray[np.bool_]
OTHERS = ("others", "other-people", "other people")
"""What a label set may call other people than the one."""
BLOCK = 64
"""Pictures that are held at once while a parser labels them."""


@dataclass(frozen=True, eq=False)
class SeenPicture:
    """A picture (H, W, 3) uint8 RGB with its priors; None for one that it lacks.

    labels: (H, W) parsing labels of the set `of`; mask: (H, W) bool, the person; joints: COCO's (17, 3) in pixels.
    """

    picture: NDArray[np.uint8]
    labels: Labels | None = None
    of: LabelSet | None = None
    mask: Mask | None = None
    joints: NDArray[np.float32] | None = None

    @property
    def person(self) -> Mask | None:
        """The person's visible pixels (H, W): the mask, else what the labels call a person and not somebody else."""
        if self.mask is not None or self.labels is None or self.of is None:
            return self.mask
        nobody = (0, IGNORED, *other_people(self.of))
        return ~np.isin(self.labels, nobody)


@dataclass(frozen=True, eq=False)
class PicturePriors:
    """What lies beside N pictures, and who makes their parsing maps where a parser does.

    where: prior -> the place or the network it comes from, in words; a prior that is not there is missing.
    """

    samples: Samples
    labels: Maps | None = None
    of: LabelSet | None = None
    mask: Maps | None = None
    keypoints: Keypoints | None = None
    parser: TrainedNetwork | None = None
    where: dict[str, str] = field(default_factory=dict)

    def read(self, rows: Sequence[int]) -> Iterator[tuple[int, SeenPicture]]:
        """Yield the row and the picture with its priors, in order; pictures that cannot be read are left out."""
        for start in range(0, len(rows), BLOCK):
            block = [(row, self._beside(row)) for row in rows[start : start + BLOCK]]
            readable = [(row, seen) for row, seen in block if seen is not None]
            if self.parser is None:
                yield from readable
                continue
            maps = predict_labels(self.parser, self.samples, [row for row, _ in readable], workers=0)
            for (row, seen), (_, labels) in zip(readable, maps, strict=True):
                yield row, replace(seen, labels=labels, of=self.of)

    def _beside(self, row: int) -> SeenPicture | None:
        """The picture with what lies beside it, or None where it cannot be read."""
        try:
            picture = picture_of(self.samples, row)
        except BrokenPicture:
            return None
        size = picture.shape[:2]
        labels, mask = (None if maps is None else maps.read(row) for maps in (self.labels, self.mask))
        joints = None if self.keypoints is None else self.keypoints.read(row)
        return SeenPicture(
            picture,
            None if labels is None else nearest(labels, size),
            None if labels is None else self.of,
            None if mask is None else nearest(mask, size) != 0,
            joints,
        )


def open_picture_priors(
    samples: Samples, labels: str = LIP.name, parser: TrainedNetwork | None = None
) -> PicturePriors:
    """Open what lies beside pictures: keypoints, masks, and parsing maps of the set `labels`, or by a parser.

    Raises InputError for priors that are damaged, and for a network that does not parse.
    """
    stored = known_set(labels)
    if samples.source is None and not samples.priors:
        samples = replace(samples, priors=find_priors_of_pictures(samples.root))
    data = Data(skeleton="coco", parsing=Parsing(labels=labels))
    opened: dict[str, Any] = {}
    where: dict[str, str] = {}
    for name in ("keypoints", "parsing", "mask"):
        if name == "parsing" and parser is not None:
            parser.require_parsing()
            where[name] = f"the parser {parser.card.name} ({parser.method.label_set})"
        elif name == "mask" and name not in samples.priors:
            continue  # the labels say as much, and more
        elif (found := open_if_there(name, samples, data)) is not None and found[1].valid.any():
            opened[name] = found[1]
            where[name] = place_of(found[0], samples)
    of = label_set(parser.method.label_set) if parser is not None else stored
    return PicturePriors(samples, opened.get("parsing"), of, opened.get("mask"), opened.get("keypoints"), parser, where)


def place_of(place: Path, samples: Samples) -> str:
    """Name the place of a prior: below the pictures' root, or beside it, where it lies there."""
    roots = [root for root in (samples.root, samples.root.parent) if place.is_relative_to(root)]
    below = place.relative_to(roots[0]) if roots else Path(place.name)
    return f"{below.as_posix()}/" if place.is_dir() else below.as_posix()


def other_people(of: LabelSet) -> tuple[int, ...]:
    """The numbers of a set that mean other people than the one; none in most sets."""
    return tuple(number for number, name in enumerate(of.labels) if name in OTHERS)
