"""Values of the failure report: slices, the worst searches, look-alikes, and what would have changed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from sameperson.report.values import Accuracy, Answer, Asked, Shown, Value

DataAddress = Annotated[str, StringConstraints(pattern=r"^(data:image/jpeg;base64,[A-Za-z0-9+/=]+)?$")]
"""A JPEG of our own as text, or nothing."""
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]


class Drawn(Value):
    """A picture, the same with its parsing and keypoints drawn over it ("" without any), and what is said of it."""

    shown: Shown
    drawn: DataAddress = ""
    says: str = ""


class Failed(Value):
    """A search that went wrong. asked: with its first answers; query: drawn; right: the nearest right answer.

    slices: titles of those that it is in.
    """

    asked: Asked
    query: Drawn
    right: Shown | None = None
    slices: tuple[str, ...] = ()


class SliceShown(Value):
    """A slice: who is in it, how it does beside the rest, and pictures of it.

    group, title, rule, source: as in `evaluation.failures.slices.Slice`. Figures are None where a side has no query.
    place: 1 for the slice that costs most mAP, 0 for none. says: what its score is, in words. extremes: its most
    extreme pictures; worst: searches.
    """

    group: str
    title: str
    rule: str
    source: str
    queries: int
    people: int
    rest: int
    rank1: Accuracy | None = None
    mAP: Accuracy | None = None
    rest_rank1: Accuracy | None = None
    rest_mAP: Accuracy | None = None
    difference_rank1: Accuracy | None = None
    difference_mAP: Accuracy | None = None
    place: int = 0
    sure: bool = False
    says: str = ""
    extremes: tuple[Drawn, ...] = ()
    worst: tuple[Failed, ...] = ()


class CameraPairShown(Value):
    """The queries of one camera among the pictures of another; cameras as people count them."""

    query: str
    gallery: str
    queries: int
    people: int
    rank1: Accuracy
    mAP: Accuracy


class CameraTable(Value):
    """The mAP of each pair of cameras.

    values[i][j]: of queries by cameras[i] among pictures by cameras[j], None for none.
    pairs: the worst ones, with intervals. cameras is empty where a table would be too wide. too_many: how many cameras
    there are, where they are too many for pairs.
    """

    cameras: tuple[str, ...] = ()
    values: tuple[tuple[float | None, ...], ...] = ()
    pairs: tuple[CameraPairShown, ...] = ()
    too_many: int = 0


class LookAlikesShown(Value):
    """Two people who are taken for one another: taken[0] of asked[0] queries for `one` are answered with `other` first.

    query, answer: the clearest such search; right: the nearest right answer to it.
    """

    one: str
    other: str
    taken: tuple[int, int]
    asked: tuple[int, int]
    query: Shown
    answer: Shown
    right: Shown | None = None


class BeforeAfter(Value):
    """One query whose first answer changes: its answers as they are, and otherwise."""

    query: Shown
    before: tuple[Answer, ...]
    after: tuple[Answer, ...]
    better: bool


class SliceDifference(Value):
    """The mAP of two models in one slice, and the paired difference."""

    title: str
    queries: int
    a: float
    b: float
    difference: Accuracy
    sure: bool


class Change(Value):
    """What would be otherwise: how many first answers become right and wrong, and the paired difference.

    name: what is done otherwise, or the other model. slices: by slice, for two models.
    """

    name: str
    queries: int
    gained: int
    lost: int
    rank1: Accuracy
    mAP: Accuracy
    sure: bool
    slices: tuple[SliceDifference, ...] = ()
    examples: tuple[BeforeAfter, ...] = ()


class Failures(Value):
    """Where searches fail, by one protocol.

    unit: what a query is. missing: what no slice could be made of -> what would have to be there. height: that of all
    pictures where they have one, None otherwise. wrong: queries whose first answer is wrong; confused: those of them
    that are taken for someone who is named. all_right: whether every search ranks all its right pictures first.
    colours: label -> what it is painted with, where parsing maps are drawn.
    """

    protocol: str
    unit: str = "picture"
    queries: int
    wrong: int
    confused: int = 0
    all_right: bool = False
    unread: int = 0
    height: int | None = None
    missing: dict[str, str] = Field(default_factory=dict)
    colours: dict[str, Colour] = Field(default_factory=dict)
    slices: tuple[SliceShown, ...] = ()
    worst: tuple[Failed, ...] = ()
    cameras: CameraTable = CameraTable()
    look_alikes: tuple[LookAlikesShown, ...] = ()
    changes: tuple[Change, ...] = ()
    beside: Change | None = None
    beside_names: tuple[str, str] = ("", "")
