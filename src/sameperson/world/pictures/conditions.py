"""Conditions that make re-ID hard: occlusion, crowds, changes of clothes, dances, bad cameras.

A condition is data and a few functions of the plan; a field that is left out changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from sameperson.world.pictures.crop import Shot
from sameperson.world.pictures.occluders import add_crowd, add_occluder
from sameperson.world.pictures.tracklet import Tracklet, dance_tracklets, walk_tracklets
from sameperson.world.places.camera import Camera, sample_camera
from sameperson.world.places.degrade import degrade
from sameperson.world.plan import GALLERY, QUERY, TRAIN, Stream, WorldPlan

CLOSER = 2.5
"""How much nearer the cameras of cloth-changing datasets are."""
OCCLUDED_SHARE = 0.3
"""The share of non-query pictures that get an occluder where only queries must have one."""
FAULTY_SHARE = 0.4
"""The share of cameras with a fault where some have one."""
AddOccluders = Callable[[WorldPlan, int, Shot, np.random.Generator], Shot]


IsQuery = Callable[[WorldPlan, int, Tracklet, int], bool]
"""Tells whether a picture of a test person (plan, pid, tracklet), by its number in the tracklet, is a query."""


def first_in_each_camera(plan: WorldPlan, pid: int, tracklet: Tracklet, number: int) -> bool:
    """Choose queries as in Market-1501: the first picture in each camera.

    Where there is only one picture per camera, that of the person's first camera is the query.
    """
    alone = plan.shots * plan.outfits == 1
    return tracklet.outfit == 0 and number == 0 and (not alone or tracklet.camid == plan.cameras_of(pid)[0])


def not_in_the_first_camera(_plan: WorldPlan, _pid: int, tracklet: Tracklet, _number: int) -> bool:
    """Choose queries as in PRCC, whose gallery is camera A."""
    return tracklet.camid > 0


def after_an_interval(_plan: WorldPlan, _pid: int, tracklet: Tracklet, _number: int) -> bool:
    """Choose pictures that were filmed after an interval as queries."""
    return tracklet.after_interval


@dataclass(frozen=True)
class Condition:
    """A condition under which pictures are drawn.

    about: description for the user. add_occluders: adds people or things to a shot; every_picture: whether it does so
    in all pictures, or in all queries but only some others. degradation: of all cameras, a name in DEGRADATIONS;
    faults: of some cameras, names of which one is drawn for each of them;
    near_cameras: whether cameras are good and near, as those of cloth-changing datasets are. is_query: which pictures
    of test people are queries.
    """

    about: str
    add_occluders: AddOccluders | None = None
    every_picture: bool = True
    degradation: str | None = None
    faults: tuple[str, ...] = ()
    near_cameras: bool = False
    is_query: IsQuery = first_in_each_camera


CONDITIONS: dict[str, Condition] = {
    "plain": Condition("one outfit each, alone in the picture"),
    "occluded": Condition("things and other people in front, before every query", add_occluder, every_picture=False),
    "crowd": Condition("other people all around", add_crowd),
    "clothes": Condition("several outfits each, every one in every camera, as in LTCC", near_cameras=True),
    "clothes-abc": Condition(
        "another outfit in every third camera, as in PRCC", near_cameras=True, is_query=not_in_the_first_camera
    ),
    "twins": Condition("people who wear the same clothes, in groups, as in FGPR"),
    "dance": Condition("dancers in alike costumes, frame by frame, as in DanceReID", is_query=after_an_interval),
    "lowres": Condition("cameras that resolve little", degradation="lowres"),
    "lowlight": Condition("cameras in the dark", degradation="lowlight"),
    "blur": Condition("cameras out of focus and people who move too fast", degradation="blur"),
    "mixed": Condition(
        "people partly hidden, and cameras of which some are dark, coarse or blurred",
        add_occluder,
        every_picture=False,
        faults=("lowlight", "lowres", "blur"),
    ),
}


@cache
def all_cameras(plan: WorldPlan) -> tuple[Camera, ...]:
    """The cameras of a world, the same for all people."""
    condition = CONDITIONS[plan.condition]
    cameras = [sample_camera(plan.rng(Stream.CAMERA, number)) for number in range(plan.cameras)]
    if condition.near_cameras:
        cameras = [close_up(camera) for camera in cameras]
    if condition.degradation is not None:
        cameras = [degrade(camera, condition.degradation, plan.degree) for camera in cameras]
    if condition.faults:
        cameras = [with_fault(plan, number, camera, condition.faults) for number, camera in enumerate(cameras)]
    return tuple(cameras)


def with_fault(plan: WorldPlan, number: int, camera: Camera, faults: Sequence[str]) -> Camera:
    """Degrade a camera by a drawn fault, or leave it as it is, as most are."""
    rng = plan.rng(Stream.FAULTS, number)
    if rng.random() > FAULTY_SHARE:
        return camera
    return degrade(camera, faults[int(rng.integers(len(faults)))], plan.degree * rng.random())


def close_up(camera: Camera) -> Camera:
    """Make a camera as good as one with a better sensor that is nearer to people."""
    return replace(
        camera,
        resolution=min(1.0, CLOSER * camera.resolution),
        blur=camera.blur / CLOSER,
        motion=(camera.motion[0] / CLOSER, camera.motion[1] / CLOSER),
        unsteadiness=camera.unsteadiness / CLOSER,
    )


def tracklets_of(plan: WorldPlan, pid: int) -> Iterator[Tracklet]:
    """Draw all tracklets of one person under the plan's condition."""
    plain = dance_tracklets(plan, pid) if plan.condition == "dance" else walk_tracklets(plan, pid, all_cameras(plan))
    condition = CONDITIONS[plan.condition]
    for tracklet in plain:
        if condition.add_occluders is None:
            yield tracklet
            continue
        yield replace(
            tracklet, shots=[with_occluders(plan, pid, tracklet, number) for number in range(len(tracklet.shots))]
        )


def with_occluders(plan: WorldPlan, pid: int, tracklet: Tracklet, number: int) -> Shot:
    """Add occluders to a shot of a tracklet, if the condition asks for them there."""
    condition = CONDITIONS[plan.condition]
    rng = plan.rng(Stream.OCCLUDERS, pid, tracklet.outfit, tracklet.camid, number)
    query = split_folder(plan, pid, tracklet, number) == QUERY
    shot = tracklet.shots[number]
    if condition.add_occluders is None or not (condition.every_picture or query or rng.random() < OCCLUDED_SHARE):
        return shot
    return condition.add_occluders(plan, pid, shot, rng)


def split_folder(plan: WorldPlan, pid: int, tracklet: Tracklet, number: int) -> str:
    """The folder of a picture's split: TRAIN, QUERY or GALLERY."""
    if not plan.is_test(pid):
        return TRAIN
    return QUERY if CONDITIONS[plan.condition].is_query(plan, pid, tracklet, number) else GALLERY


def people_by_video(plan: WorldPlan) -> dict[str, Sequence[int]]:
    """The people in each video, for a condition that films several people together."""
    if plan.condition != "dance":
        return {}
    return {f"{plan.group_of(pid)[0]:03d}": list(plan.group_of(pid)[1]) for pid in range(1, plan.people + 1)}
