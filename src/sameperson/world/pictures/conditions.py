"""What can make finding a person hard: each condition is a way to draw pictures of the same people.

A condition is data and a few functions of the plan; those left out change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from sameperson.world.pictures.crop import Shot
from sameperson.world.pictures.occluders import crowded, hidden
from sameperson.world.pictures.tracklet import Take, performance, walks
from sameperson.world.places.camera import Camera, sample_camera
from sameperson.world.places.degrade import degrade
from sameperson.world.plan import GALLERY, QUERY, TRAIN, Stream, WorldPlan

CLOSER = 2.5
"""How much nearer the cameras of cloth-changing sets are."""
SOME = 0.3
"""Where only some pictures are to be hard: how often one is."""
Surround = Callable[[WorldPlan, int, Shot, np.random.Generator], Shot]


Queries = Callable[[WorldPlan, Take, int], bool]
"""Whether a picture of a test person, by its number in a take, is a query."""


def first_in_each_camera(plan: WorldPlan, take: Take, number: int) -> bool:
    """As in Market-1501; where there is one picture per camera only, the first camera's is the query."""
    alone = plan.shots * plan.outfits == 1
    return take.outfit == 0 and number == 0 and (take.camid == 0 or not alone)


def not_in_the_first_camera(_plan: WorldPlan, take: Take, _number: int) -> bool:
    """As in PRCC, whose gallery is camera A."""
    return take.camid > 0


def later_on(_plan: WorldPlan, take: Take, _number: int) -> bool:
    """What was filmed after an interval."""
    return take.later


@dataclass(frozen=True)
class Condition:
    """about: what the user reads. surround: adds company to a shot; everywhere: also to pictures that are no queries.

    spoils: what the cameras suffer from; close: whether they are good ones and near, as those of cloth-changing sets
    are. queries: which pictures of test people are queries.
    """

    about: str
    surround: Surround | None = None
    everywhere: bool = True
    spoils: str | None = None
    close: bool = False
    queries: Queries = first_in_each_camera


CONDITIONS: dict[str, Condition] = {
    "plain": Condition("one outfit each, alone in the picture"),
    "occluded": Condition("things and other people in front, before every query", hidden, everywhere=False),
    "crowd": Condition("other people all around", crowded),
    "clothes": Condition("several outfits each, every one in every camera, as in LTCC", close=True),
    "clothes-abc": Condition(
        "another outfit in every third camera, as in PRCC", close=True, queries=not_in_the_first_camera
    ),
    "twins": Condition("people who wear the same clothes, in groups, as in FGPR"),
    "dance": Condition("dancers in alike costumes, frame by frame, as in DanceReID", queries=later_on),
    "lowres": Condition("cameras that resolve little", spoils="lowres"),
    "lowlight": Condition("cameras in the dark", spoils="lowlight"),
    "blur": Condition("cameras out of focus and people who move too fast", spoils="blur"),
}


@cache
def all_cameras(plan: WorldPlan) -> tuple[Camera, ...]:
    """The cameras of a world, the same for everyone."""
    condition = CONDITIONS[plan.condition]
    cameras = [sample_camera(plan.rng(Stream.CAMERA, number)) for number in range(plan.cameras)]
    if condition.close:
        cameras = [close_up(camera) for camera in cameras]
    if condition.spoils is not None:
        cameras = [degrade(camera, condition.spoils, plan.degree) for camera in cameras]
    return tuple(cameras)


def close_up(camera: Camera) -> Camera:
    """The same camera with a better sensor and nearer to people."""
    return replace(
        camera,
        resolution=min(1.0, CLOSER * camera.resolution),
        blur=camera.blur / CLOSER,
        motion=(camera.motion[0] / CLOSER, camera.motion[1] / CLOSER),
        unsteadiness=camera.unsteadiness / CLOSER,
    )


def takes(plan: WorldPlan, pid: int) -> Iterator[Take]:
    """Every take of one person, with all that the condition adds."""
    plain = performance(plan, pid) if plan.condition == "dance" else walks(plan, pid, all_cameras(plan))
    condition = CONDITIONS[plan.condition]
    for take in plain:
        if condition.surround is None:
            yield take
            continue
        yield replace(take, shots=[surrounded(plan, pid, take, number) for number in range(len(take.shots))])


def surrounded(plan: WorldPlan, pid: int, take: Take, number: int) -> Shot:
    """A shot of a take with company, if the condition wants it there."""
    condition = CONDITIONS[plan.condition]
    rng = plan.rng(Stream.COMPANY, pid, take.outfit, take.camid, number)
    query = folder(plan, pid, take, number) == QUERY
    shot = take.shots[number]
    if condition.surround is None or not (condition.everywhere or query or rng.random() < SOME):
        return shot
    return condition.surround(plan, pid, shot, rng)


def folder(plan: WorldPlan, pid: int, take: Take, number: int) -> str:
    """Where a picture belongs."""
    if not plan.is_test(pid):
        return TRAIN
    return QUERY if CONDITIONS[plan.condition].queries(plan, take, number) else GALLERY


def people_together(plan: WorldPlan) -> dict[str, Sequence[int]]:
    """Video -> who is in it, where several people are filmed together."""
    if plan.condition != "dance":
        return {}
    return {f"{plan.group_of(pid)[0]:03d}": list(plan.group_of(pid)[1]) for pid in range(1, plan.people + 1)}
