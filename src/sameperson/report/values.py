"""Values that a report shows: shares with their intervals, how a system did, pictures, and searches with answers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value read from or written to JSON; keys it does not know are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Accuracy(Value):
    """A share in [0, 1] with its 95 % interval over identities."""

    value: float
    low: float
    high: float


class Judged(Value):
    """How one system did. cmc: share of queries answered right within the first 1, 2, 3, ... answers."""

    rank1: Accuracy
    rank5: Accuracy
    rank10: Accuracy
    mAP: Accuracy
    mINP: Accuracy
    cmc: tuple[float, ...] = ()


class Shown(Value):
    """One picture on the page. file: relative to the run folder, with `/`; person, camera: as they are written."""

    file: str
    person: str
    camera: str


class Answer(Shown):
    """One answer to a query, the nearest first. right: whether it shows the person asked for; None if unknown."""

    distance: float
    right: bool | None = None
    probability: float | None = None


class Asked(Value):
    """One query and what was returned. ap: average precision in [0, 1]; first: rank of the first right answer."""

    query: Shown
    answers: tuple[Answer, ...]
    ap: float | None = None
    first: int | None = None
    command: str = ""
