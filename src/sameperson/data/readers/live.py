"""A plan of a synthetic world: its pictures are drawn while they are read, and never lie on disk.

The plan is the `world.json` of a tree that `sameperson world make` wrote, or such a file written by hand, as
`{"people": 60, "test_people": 20, "cameras": 6, "size": [256, 128]}`. The pictures and their order are the tree's.
"""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sameperson.checks import InputError, nearest, read_json
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Layout
from sameperson.world.plan import WORLD_VERSION, WorldPlan

OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)")
"""An option of `world make`, which a plan in a file writes as a key."""
WANTED = "a plan as `sameperson world make` writes it into world.json"


def read_live(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset that the plan in the file `root` describes; only a tree on disk has keypoints and other priors.

    Raises InputError for a file that is no plan, for one of another version of the world, and without the renderer.
    """
    plan = read_plan(root)
    try:
        from sameperson.world.lazy_pictures import LivePictures
    except ModuleNotFoundError as error:
        if error.name != "warp":
            raise
        then = "type: pip install 'sameperson[world]'"
        raise InputError("warp-lang is not installed", "the renderer", then) from error
    train, query, gallery = (LivePictures(plan, split).samples for split in ("train", "query", "gallery"))
    return Dataset("live", train, query, gallery)


def read_plan(file: Path) -> WorldPlan:
    """Read the plan in a JSON file; the counts that `world make` adds to it are ignored."""
    values = read_json(file, WANTED)
    if not isinstance(values, dict):
        raise InputError(f"{file}: {type(values).__name__}", WANTED, "check which file this is")
    known = {field.name for field in fields(WorldPlan)}
    version = values.pop("version", WORLD_VERSION)
    values.pop("pictures", None)
    if version != WORLD_VERSION:
        found = f"{file}: a world of version {version!r}"
        raise InputError(found, f"version {WORLD_VERSION}", "read the tree itself, or make it anew")
    for name in values:
        if name not in known:
            raise InputError(f"{file}: {name!r}", WANTED, nearest(name, known))
    try:
        return TypeAdapter(WorldPlan).validate_python(values)
    except ValidationError as error:
        first: Any = error.errors()[0]
        refused = first.get("ctx", {}).get("error")
        if isinstance(refused, InputError):  # by the plan itself
            told = (OPTION.sub(_key, said) for said in (refused.found, refused.expected, refused.then))
            found, expected, then = told
            raise InputError(f"{file}: {found}", expected, then) from error
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"{file}: {place}: {first['msg']}", WANTED, "correct it") from error


def _key(option: re.Match[str]) -> str:
    return option[1].replace("-", "_")


LAYOUT = Layout(
    name="live",
    title="a plan of a synthetic world",
    read=read_live,
    recognise=lambda path: path.suffix.lower() == ".json" and path.is_file(),
    clothes=True,
    about="pictures are drawn while they are read; priors only a tree has",
)
