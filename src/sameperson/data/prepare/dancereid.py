"""DanceReID out of its films, its tracks and its annotation, as a tree that the reader `dancereid` opens.

    images/0007_000150.jpg  person and frame; 256 x 128
    poses/0007_000150.txt   17 lines `x y`, -1 -1 for a joint that is missing
    skeleton/               the pictures with their joints, if asked for
    meta.json, splits.json, video.json

Films that are not there are told and left out; everyone else's number stays the same. The tree grows under a hidden
name and takes its own when whole; a killed run goes on from the films it finished.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, atomic, existing_folder, holds_json, read_json, writing
from sameperson.data.prepare import frames, tracks
from sameperson.data.prepare.annotation import Film
from sameperson.data.prepare.crops import cut, cut_box, moved, pose_text, with_joints
from sameperson.data.prepare.dance_split import Split, present
from sameperson.data.prepare.pack import pack, require_hdf5
from sameperson.data.prepare.tracks import Tracks, read_tracks
from sameperson.leftovers import discard, sweep_tree
from sameperson.locks import locked

log = logging.getLogger(__name__)
QUALITY = 95
DONE = ".done"
PACKED = "DanceReID.h5"


@dataclass(frozen=True)
class TreeOptions:
    """How the tree is to be written.

    every: the frames whose number it divides are kept; skeletons: also draw the joints; folders: a folder for each film
    below images/ and the others; packed: also DanceReID.h5.
    """

    every: int = 5
    skeletons: bool = False
    folders: bool = False
    packed: bool = False

    def __post_init__(self) -> None:
        if self.every < 1:
            raise InputError(f"-d {self.every}", "at least 1", "try -d 5")


@dataclass(frozen=True)
class Source:
    """A film that is there, with its tracks."""

    film: Film
    video: Path
    tracks: Path


def prepare(
    out: Path,
    sources: Sequence[Source],
    split: Split,
    wish: TreeOptions,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, int]:
    """Cut the tree `out` from films; returns how many pictures each of trainval, query and gallery holds.

    progress: called with frames done and in all. Raises InputError where `out` is taken, cannot be written, or is being
    written by another process, where there is no film, and for films and tracks that cannot be read.
    """
    growing = out.with_name(f".{out.name}.part")
    with locked(out), writing(out):
        require_free(out)
        if not sources:
            raise InputError("no film with its tracks", "the films in -i and their tracks in -n", "check both folders")
        frames.require_decoder()
        if wish.packed:
            require_hdf5()
        begin(growing, sources, wish)
        in_all = sum(len(frames_of(source.film, wish.every)) for source in sources)
        before = 0
        for source in sources:
            if not done_file(growing, source.film).exists():

                def tell(done: int, before: int = before) -> None:
                    if progress is not None:
                        progress(before + done, in_all)

                cut_film(growing, source, wish, tell)
            before += len(frames_of(source.film, wish.every))
        counts = finish(growing, sources, split, wish)
        sweep_tree(growing)
        if out.exists():
            out.rmdir()
        growing.rename(out)
    return counts


def require_free(out: Path) -> None:
    """Raise InputError where `out` exists and is not an empty folder."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out}: there already", "a new or empty folder", "choose another name or remove it")


def begin(growing: Path, sources: Sequence[Source], wish: TreeOptions) -> None:
    """Make the growing tree, or keep the one that a killed run with the same wish and labels left."""
    note, kinds = growing / "prepare.json", ("images", "poses", *(("skeleton",) if wish.skeletons else ()))
    asked = {**asdict(wish), "films": {source.film.folder: fingerprint(source) for source in sources}}
    if growing.exists() and not holds_json(note, asked):
        discard(growing, note)
    for kind in (*kinds, DONE):
        (growing / kind).mkdir(parents=True, exist_ok=True)
        if wish.folders and kind != DONE:
            for source in sources:
                (growing / kind / source.film.folder).mkdir(exist_ok=True)
    with atomic(note) as temporary:
        temporary.write_text(json.dumps(asked), encoding="utf-8")


def fingerprint(source: Source) -> str:
    """What a film's pictures depend on: its labels, and that the files are still the same."""
    film = source.film
    told = {local: frames.tolist() for local, frames in sorted(film.frames.items())}
    files = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in (source.video, source.tracks)]
    return sha256(json.dumps([film.first, film.people, told, files]).encode()).hexdigest()


def done_file(growing: Path, film: Film) -> Path:
    """Where it is written down that a film is cut, and what came of it."""
    return growing / DONE / f"{film.number:04d}.json"


def frames_of(film: Film, every: int) -> list[int]:
    """The frames that anyone is kept in."""
    return sorted({int(frame) for _, kept in film.kept(every) for frame in kept})


def cut_film(growing: Path, source: Source, wish: TreeOptions, tell: Callable[[int], None]) -> None:
    """Every kept picture of one film; what was annotated and could not be cut is told."""
    film, boxes = source.film, read_tracks(source.tracks)
    wanted = {(local, int(frame)) for local, kept in film.kept(wish.every) for frame in kept}
    rows = chosen(boxes, wanted)
    at: dict[int, list[int]] = {}
    for row in rows:
        at.setdefault(int(boxes.frame[row]), []).append(row)
    names: dict[int, list[str]] = {pid: [] for pid in film.pids}
    outside = 0
    for done, (frame, image) in enumerate(frames.chosen_frames(source.video, at), start=1):
        for row in at.pop(frame):
            pid = film.first + int(boxes.person[row])
            part = cut_box(boxes.box[row], (image.shape[0], image.shape[1]))
            if part is None:
                outside += 1
                continue
            name = f"{film.folder}/" * wish.folders + f"{pid:04d}_{frame:06d}.jpg"
            write_crop(growing, name, cut(image, part), moved(boxes.pose[row], part), wish.skeletons)
            names[pid].append(name)
        tell(done)
    lost = {
        "without a box in the tracks": len(wanted) - len(rows),
        "after the film's end": sum(map(len, at.values())),
        "with a box outside the picture": outside,
    }
    for why, count in lost.items():
        if count:
            log.warning("%s: %d of %d annotated pictures left out, %s", film.folder, count, len(wanted), why)
    with atomic(done_file(growing, film)) as temporary:
        temporary.write_text(json.dumps({str(pid): sorted(listed) for pid, listed in names.items()}), encoding="utf-8")


def chosen(boxes: Tracks, wanted: set[tuple[int, int]]) -> list[int]:
    """The row of each wanted (person, frame) that has a box; of two with one number the larger."""
    best: dict[tuple[int, int], int] = {}
    left, top, right, bottom = boxes.box.T
    area = np.nan_to_num((right - left) * (bottom - top))
    for row, key in enumerate(zip(boxes.person.tolist(), boxes.frame.tolist(), strict=True)):
        if key in wanted and (key not in best or area[row] > area[best[key]]):
            best[key] = row
    return sorted(best.values())


def write_crop(
    growing: Path, name: str, image: NDArray[np.uint8], joints: NDArray[np.float64], skeletons: bool
) -> None:
    """A picture, its joints, and both in one if asked for."""
    (growing / "images" / name).write_bytes(jpeg(image))
    (growing / "poses" / name).with_suffix(".txt").write_text(pose_text(joints), encoding="utf-8")
    if skeletons:
        (growing / "skeleton" / name).write_bytes(jpeg(with_joints(image, joints)))


def jpeg(image: NDArray[np.uint8]) -> bytes:
    """(H, W, 3) RGB as the bytes of a JPEG."""
    return cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()


def finish(growing: Path, sources: Sequence[Source], split: Split, wish: TreeOptions) -> dict[str, int]:
    """Say who is who, who trains, and who dances with whom."""
    people = max(pid for source in sources for pid in source.film.pids)
    people = max(people, *(pid for pids in split.values() for pid in pids))
    identities: list[list[str]] = [[] for _ in range(people + 1)]
    for source in sources:
        for pid, names in read_json(done_file(growing, source.film)).items():
            identities[int(pid)] = names
    counts = [sum(len(identities[pid]) for pid in source.film.pids) for source in sources]
    if not sum(counts):
        raise InputError("no picture could be cut", "annotated boxes in the tracks", "check -n and -a: other films?")
    meta: dict[str, Any] = {"name": "DanceReID", "shot": "single", "identities": identities}
    meta |= {"n_detects": counts, "total_detects": sum(counts), "down_sample": wish.every}
    shown = present(split, {pid for pid, names in enumerate(identities) if names})
    for part, pids in shown.items():
        if not pids:
            log.warning("%s is empty: none of its films is there", part)
    films = {source.film.key: list(source.film.pids) for source in sources}
    for name, content in (("meta.json", meta), ("splits.json", [shown]), ("video.json", films)):
        (growing / name).write_text(json.dumps(content) + "\n", encoding="utf-8")
    if wish.packed:
        pack(growing, (name for names in identities for name in names), growing / PACKED)
    shutil.rmtree(growing / DONE)
    (growing / "prepare.json").unlink()
    return {part: sum(len(identities[pid]) for pid in pids) for part, pids in shown.items()}


def find_sources(films: Sequence[Film], videos: Path, npy: Path) -> list[Source]:
    """Which films have both a video and tracks; those that have not are told.

    A file belongs to a film if its name holds the film's.
    """
    existing_folder(videos, "the folder of films (-i)")
    existing_folder(npy, "the folder of tracks (-n)")
    shelves = [
        (sorted(path for path in folder.iterdir() if path.suffix.lower() in suffixes), what, folder)
        for folder, suffixes, what in ((videos, frames.SUFFIXES, "film"), (npy, tracks.SUFFIXES, "tracks"))
    ]
    sources = []
    for film in films:
        found, people = [named(film, files) for files, _, _ in shelves], (film.pids[0], film.pids[-1])
        for path, (_, what, folder) in zip(found, shelves, strict=True):
            if path is None:
                log.warning("%s: no %s in %s; people %d to %d are left out", film.folder, what, folder, *people)
        if found[0] is not None and found[1] is not None:
            sources.append(Source(film, found[0], found[1]))
    return sources


def named(film: Film, files: Sequence[Path]) -> Path | None:
    """The file of a film: called as the table says, or with its name in the file's, or with its other one."""
    exact = [path for path in files if path.name == film.file or path.stem == film.key]
    for fitting in (
        exact,
        *([path for path in files if name and name in path.stem] for name in (film.key, film.other)),
    ):
        if len(fitting) > 1:
            shown = ", ".join(path.name for path in fitting[:3])
            raise InputError(f"{fitting[0].parent}: {shown}", f"one file for {film.key}", "remove the others")
        if fitting:
            return fitting[0]
    return None
