"""Definition of an evaluation protocol: a named value that says which queries and gallery pictures count.

It is plain data, so that the command line can list protocols at once; `rules.py`, `apply.py` and `single_shot.py` apply
it to pictures. Cameras are counted from 0, as in `Samples`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Protocol:
    """The rules of an evaluation protocol.

    Junk (pid -1) is always dropped from the gallery; distractors (pid 0) and other people stay.

    across_cameras: drop the query's own person in the query's own camera. harmless_only: do so only where every query
    that had a match keeps one.
    clothes: which pictures of the query's own person count: all, only those in the query's clothes, or only in others.
    not_itself: drop the query's own picture where it is in the gallery too: the same file, or one of the same bytes.
    query_cameras, gallery_cameras: only what these cameras saw is asked, and searched; () for all.
    single_shot: one random gallery picture of each person, drawn `repeats` times, the figures averaged. "shared": for
    all queries the same, and everything is measured on that gallery. "per_query": drawn for each query again, for the
    CMC alone; mAP and mINP are measured on the whole gallery. "per_camera": `drawn` pictures of each person by each
    camera, for all queries the same; everything is measured on that gallery, and the CMC counts each person once, at
    their nearest picture. Each distractor is another person, so all of them stay.
    separate_cameras: the CMC's pictures are drawn from other cameras than the query's, whoever they show.
    skips: pairs of cameras; the queries of the first skip what the second saw, whoever is on it.
    camera: what stands for a camera in these labels. suits: the data set it is for. source: where it was published.
    """

    name: str
    across_cameras: bool
    clothes: Literal["any", "same", "other"] = "any"
    harmless_only: bool = False
    not_itself: bool = False
    query_cameras: tuple[int, ...] = ()
    gallery_cameras: tuple[int, ...] = ()
    single_shot: Literal["no", "shared", "per_query", "per_camera"] = "no"
    drawn: int = 1
    separate_cameras: bool = False
    repeats: int = 1
    skips: tuple[tuple[int, int], ...] = ()
    camera: str = "camera"
    suits: str = "any"
    source: str = ""

    def __post_init__(self) -> None:
        if self.repeats < 1 or (self.single_shot == "no" and self.repeats > 1):
            raise ValueError(f"{self.name}: {self.repeats} repeats of a gallery that is not drawn")
        if self.single_shot == "per_query" and (self.clothes != "any" or self.not_itself):
            raise ValueError(f"{self.name}: pictures drawn for each query are told apart by cameras alone")
        if self.separate_cameras and not (self.across_cameras and self.single_shot == "per_query"):
            raise ValueError(f"{self.name}: separate_cameras goes with across_cameras and pictures drawn per query")
        if self.drawn < 1 or (self.drawn > 1 and self.single_shot != "per_camera"):
            raise ValueError(f"{self.name}: {self.drawn} pictures drawn are of each person and camera")
        if self.single_shot == "per_camera" and (self.across_cameras or self.clothes != "any" or self.not_itself):
            raise ValueError(f"{self.name}: where each person counts once, only skipped cameras are left out")
        if self.skips and self.single_shot == "per_query":
            raise ValueError(f"{self.name}: skipped cameras go with one gallery for all queries")
        if self.harmless_only and not self.across_cameras:
            raise ValueError(f"{self.name}: harmless_only is about across_cameras")

    @property
    def shots(self) -> Literal["multi", "single"]:
        """Whether a query meets all pictures of a person or several by each camera, or one."""
        return "multi" if self.single_shot == "no" or self.drawn > 1 else "single"

    @property
    def rules(self) -> str:
        """The rules in words, with cameras counted from 1.

        >>> Protocol("prcc_cross", False, query_cameras=(2,), gallery_cameras=(0,)).rules
        'queries of camera 3 against a gallery of camera 1; every picture counts'
        >>> Protocol("cross_clothes", True, "other").rules
        "of the query's own person are dropped: pictures of its camera, pictures in its clothes; other pictures count"
        """
        said = []
        if self.query_cameras or self.gallery_cameras:
            by, among = cameras_named(self.query_cameras), cameras_named(self.gallery_cameras)
            said.append(f"queries of {by} against a gallery of {among}")
        for asking, skipped in self.skips:
            said.append(
                f"queries of {cameras_named([asking])} skip what {cameras_named([skipped])} saw, whoever is on it"
            )
        doubt = " (only if that leaves every query a match)"
        dropped = [f"pictures of its {self.camera}" + doubt * self.harmless_only] * self.across_cameras
        dropped += {"any": [], "same": ["pictures in other clothes"], "other": ["pictures in its clothes"]}[
            self.clothes
        ]
        dropped += ["the query's own picture"] * self.not_itself
        if dropped:
            said.append(f"of the query's own person are dropped: {', '.join(dropped)}")
        if self.single_shot == "no":
            said.append("other pictures count" if dropped else "every picture counts")
        elif self.single_shot == "shared":
            said.append(
                f"of each person one random picture is in the gallery, for all queries the same; drawn {self.repeats} "
                "times and averaged"
            )
        elif self.single_shot == "per_camera":
            few = "one random picture is" if self.drawn == 1 else f"{self.drawn} random pictures (or all there are) are"
            said.append(
                f"of each person and camera {few} in the gallery, for all queries the same; drawn {self.repeats} times "
                "and averaged"
            )
            said.append("CMC: each person counts once, at their nearest picture; mAP and mINP: every picture counts")
        else:
            where = f" from other {self.camera}s than the query's, whoever is on them" * self.separate_cameras
            said.append(
                f"CMC: of each person one random picture, drawn for each query{where}; {self.repeats} times, averaged"
            )
            said.append("mAP and mINP: the whole gallery")
        return "; ".join(said)


def cameras_named(numbers: Sequence[int]) -> str:
    """Cameras in words, counted from 1.

    >>> cameras_named([1, 2]), cameras_named([])
    ('cameras 2 and 3', 'any camera')
    >>> cameras_named([0, 1, 3, 4])
    'cameras 1, 2, 4 and 5'
    """
    if not numbers:
        return "any camera"
    *most, last = (str(number + 1) for number in numbers)
    return f"cameras {', '.join(most)} and {last}" if most else f"camera {last}"
