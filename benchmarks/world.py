"""How fast is the synthetic world rendered, with all its labels, compared with the bare z-buffer of the same figures?

    python benchmarks/world.py --json world.json

One run on one core times these, interleaved, at three sizes, with and without anti-aliasing: pictures with every label
that a `Crop` holds (ours), and the z-buffer pass alone over the same figures, which are already dressed, posed and
projected (floor). It also times dressing alone, a whole tree as `world make` writes it (dress, render, write files),
and a film as `world scene` makes it, in one process and in two, by the wall clock. There is no peer to compare with.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import psutil
import torch

from sameperson.world.dataset import make_world
from sameperson.world.films.plan import FilmPlan
from sameperson.world.films.write import make_film
from sameperson.world.pictures.conditions import tracklets_of
from sameperson.world.pictures.crop import BATCH, Shot, jitter_box, render_shots
from sameperson.world.pictures.scene import PosedScenes, Scene
from sameperson.world.plan import WorldPlan
from sameperson.world.population import dressed_person

SIZES = ((128, 64), (256, 128), (384, 128))
USUAL = ((256, 128), 2)
"""The size and anti-aliasing that the first figures of the JSON are of."""
Seconds = tuple[float, float]
"""Of this process' time, and by the wall clock."""


def fresh(shots: Sequence[Shot]) -> list[Shot]:
    """The shots with generators of their own, as drawing wears these out."""
    return [replace(shot, rng=copy.deepcopy(shot.rng)) for shot in shots]


def ours(shots: Sequence[Shot], size: tuple[int, int], supersample: int) -> Callable[[], None]:
    """A job that draws the shots with all labels."""

    def run() -> None:
        render_shots(fresh(shots), size, supersample)

    return run


def floor(shots: Sequence[Shot], size: tuple[int, int], supersample: int) -> Callable[[], None]:
    """A job that only fills the z-buffers of the shots, in batches as large as those of `render_shots`."""
    stages = []
    for start in range(0, len(shots), BATCH):
        some = fresh(shots[start : start + BATCH])
        staged = PosedScenes([Scene(shot.camera, (shot.figure, *shot.bystanders), shot.props) for shot in some])
        boxes = [
            jitter_box(bounds[0].astype(float), shot.rng) for bounds, shot in zip(staged.bounds, some, strict=True)
        ]
        views = [staged.view(k, box, size) for k, box in enumerate(boxes)]
        staged.rasterizer.project(staged.rasterizer.figures, views, size, supersample)
        stages.append((staged.rasterizer, (len(some), *size)))

    def run() -> None:
        for stage, shape in stages:
            stage.rasterize(stage.figures, shape, supersample)

    return run


def timed(job: Callable[[], Any]) -> Seconds:
    """How long a job takes."""
    wall, own = time.perf_counter(), time.process_time()
    job()
    return time.process_time() - own, time.perf_counter() - wall


def peak_extra_mb(job: Callable[[], Any]) -> float:
    """The largest resident memory during the job above that before it, looked at every 5 ms."""
    process, done, peak = psutil.Process(), threading.Event(), 0
    before = process.memory_info().rss

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.005):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    job()
    done.set()
    watcher.join()
    return max(peak - before, 0) / 2**20


def measure(shots: Sequence[Shot], cases: Sequence[tuple[tuple[int, int], int]], runs: int) -> list[dict[str, Any]]:
    """Ours and the floor in each case, all of them once before each is timed again."""
    jobs = [(ours(shots, *case), floor(shots, *case)) for case in cases]
    seconds: list[list[tuple[Seconds, Seconds]]] = [[] for _ in cases]
    for run in range(runs + 1):  # the first only warms up
        for (job, bare), found in zip(jobs, seconds, strict=True):
            both = timed(job), timed(bare)
            if run:
                found.append(both)
    rows = []
    for (size, supersample), found in zip(cases, seconds, strict=True):
        our_cpu, our_wall, bare_cpu = (
            statistics.median(values) for values in zip(*((o[0], o[1], f[0]) for o, f in found), strict=True)
        )
        rows.append(
            {
                "size": list(size),
                "supersample": supersample,
                "crops_per_s": len(shots) / our_cpu,
                "crops_per_wall_s": len(shots) / our_wall,
                "ours_s": our_cpu,
                "floor_s": bare_cpu,
                "ours_over_floor": statistics.median(o[0] / f[0] for o, f in found),
            }
        )
        print(
            f"{size[0]}x{size[1]}, {supersample}x{supersample}: {len(shots) / our_cpu:.1f} crops/s of one core "
            f"({len(shots) / our_wall:.1f} by the clock), {1e3 * our_cpu / len(shots):.2f} ms each, "
            f"bare z-buffer {1e3 * bare_cpu / len(shots):.2f} ms, ours/floor {rows[-1]['ours_over_floor']:.2f}"
        )
    return rows


def film(plan: FilmPlan, workers: int) -> dict[str, Any]:
    """How long a film takes on the whole, and how many frames of a camera are done each second once it is going."""
    told: list[tuple[float, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        frames = make_film(
            Path(folder) / "film",
            plan,
            workers=workers,
            progress=lambda done, _: told.append((time.perf_counter(), done * plan.cameras)),
        )
        wall = time.perf_counter() - start
    first, last = told[min(workers, len(told)) - 1], told[-1]
    going = (last[1] - first[1]) / (last[0] - first[0]) if last[1] > first[1] else None
    said = f"{frames / wall:.1f}/s" + ("" if going is None else f", {going:.1f} once going")
    print(f"film, {workers} workers: {frames} frames of {plan.cameras} cameras in {wall:.1f} s, {said}")
    return {"workers": workers, "frames": frames, "wall_s": wall, "frames_per_s": frames / wall, "going_per_s": going}


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=8, help="eight pictures each (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6.0, help="length of the film (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="little of everything, to see that it works")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.quick:
        options.people, options.runs, options.seconds = 2, 1, 0.1
    cv2.setNumThreads(1)
    torch.set_num_threads(1)

    plan = WorldPlan(options.people, 1, cameras=4, shots=2, labels=())
    everyone = range(1, plan.people + 1)
    dressed_person(plan, 1, 0)  # loads the body
    dressing = [timed(lambda pid=pid: dressed_person(plan, pid, 0))[0] for pid in everyone if pid > 1]
    shots = [shot for pid in everyone for tracklet in tracklets_of(plan, pid) for shot in tracklet.shots]
    print(f"{len(shots)} shots of {plan.people} people; dressing one {1e3 * statistics.median(dressing):.0f} ms")
    extra = peak_extra_mb(ours(shots, *USUAL))  # the first run of all
    cases = [(size, supersample) for size in SIZES for supersample in (1, 2)]
    rows = measure(shots, [USUAL] if options.quick else cases, options.runs)
    with tempfile.TemporaryDirectory() as folder:
        whole = replace(plan, labels=WorldPlan(2, 1, 1).labels)
        dressed_person.cache_clear()
        tree_s = timed(lambda: make_world(Path(folder) / "tree", whole))[0]
    print(f"a tree with files, one process: {len(shots) / tree_s:.1f} crops/s")
    scene = FilmPlan(people=6, cameras=3, seconds=options.seconds, size=(640, 360))
    films = [film(scene, workers) for workers in (1, 2)]
    if options.json:
        usual = next(row for row in rows if (tuple(row["size"]), row["supersample"]) == USUAL)
        figures = {
            "ours_s": usual["ours_s"],
            "floor_s": usual["floor_s"],
            "peer_s": None,
            "ours_over_floor": usual["ours_over_floor"],
            "crops_per_s": usual["crops_per_s"],
            "peak_extra_mb": extra,
            "sizes": {"shots": len(shots), "people": plan.people, "film": list(scene.size)},
            "runs": options.runs,
            "dressing_s": statistics.median(dressing),
            "tree_crops_per_s": len(shots) / tree_s,
            "cases": rows,
            "films": films,
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
