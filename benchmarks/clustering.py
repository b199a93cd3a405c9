"""How fast does ISP cluster one person's pixels, compared with other k-means and with a lower bound?

    python benchmarks/clustering.py --json clustering.json

One run times these, interleaved:

* ours: `cluster_identity`, which finds the foreground, the clusters and their order;
* peers: the same with the k-means of scikit-learn and of faiss (20 iterations over all points; null without them);
* floor: the maps read once, and every point of the foreground compared once with the centres;
* the bare matrix products of 20 iterations.

Some maps are synthetic: bands of parts, each with a direction of its own, and noise. Others are those of the package's
own network, before ISP has trained it, on a person of the world. The adjusted Rand index says how well each finds the
truth (1: the same clusters; 0: by chance). Tightness is the sum of squared distances to the cluster means, divided by
the smallest sum of all.

Then it measures the memory that labelling a whole data set adds: of a hundred people, of four hundred, and of a few
with one person of 426 pictures, as DukeMTMC-reID has.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from ranking import peak_extra_mb, timed
from torch import Tensor

import sameperson
from sameperson.config import Backbone
from sameperson.data.loading import normalise
from sameperson.methods.isp.clustering import cluster_identity, foreground, from_top, pixel_norms
from sameperson.methods.isp.method import ISPMethod
from sameperson.methods.isp.options import Options as ISP
from sameperson.methods.isp.relabel import Clusters
from sameperson.methods.method import Run
from sameperson.models.kmeans import kmeans
from sameperson.models.multiscale import build_multiscale
from sameperson.priors.part_groups import TASKS
from sameperson.types import Samples
from sameperson.world.dataset import label_maps
from sameperson.world.pictures.conditions import tracklets_of
from sameperson.world.pictures.crop import render_shots
from sameperson.world.plan import WorldPlan

PARTS = 6
GRID = (64, 32)
ITERATIONS = 20
WEIGHTS = Path(sameperson.__file__).parent / "weights" / "osnet_ain_x0_25_world.safetensors"
EIGHT = "scikit-learn, 8 starts"
"""As many as ours makes, among a sample: for what it finds, not for its time."""
Kmeans = Callable[[Tensor], Tensor]
"""Points (n, D) to the cluster of each, (n,) int64."""
Seconds = dict[str, list[float]]


def seeded(seed: int) -> torch.Generator:
    """A generator of its own."""
    return torch.Generator().manual_seed(seed)


def bands(pictures: int, channels: int, noise: float, seed: int) -> tuple[Tensor, Tensor]:
    """Maps (N, C, h, w) float32, channels last, of a body in bands, each in a direction; the truth (N, h, w) uint8.

    The background is a twentieth as long as the body. noise: the length of what is added to each pixel, in units of
    the body's.
    """
    draw = seeded(seed)
    directions = torch.rand(PARTS + 1, channels, generator=draw)
    directions *= torch.tensor([0.05] + [1.0] * PARTS)[:, None] / directions.norm(dim=1, keepdim=True)
    truth = torch.zeros(pictures, *GRID, dtype=torch.uint8)
    for one in truth:
        top, left = int(torch.randint(1, 8, (), generator=draw)), int(torch.randint(2, 14, (), generator=draw))
        for part in range(PARTS):
            bottom = top + 8 + int(torch.randint(-1, 2, (), generator=draw))
            one[top:bottom, left : left + 16] = part + 1
            top = bottom
    maps = directions[truth.long()]
    maps += noise / channels**0.5 * torch.randn(maps.shape, generator=draw)
    return maps.clamp_min_(0).permute(0, 3, 1, 2), truth


@torch.no_grad()
def world_maps(pictures: int, channels: int, seed: int) -> tuple[Tensor, Tensor]:
    """What the package's own network under ISP's untrained head sees of a person of the world, and the true parts.

    The truth (N, h, w) uint8 is background, head, legs, shoes, arms, and the rest of the person.
    """
    plan = WorldPlan(2, 1, cameras=4, shots=-(-pictures // 4), labels=("parts",), seed=seed)
    shots = [shot for tracklet in tracklets_of(plan, 1) for shot in tracklet.shots][:pictures]
    crops = render_shots(shots, (4 * GRID[0], 4 * GRID[1]))
    tasks = [TASKS["world"][name] for name in ("foreground", "head", "legs", "shoes", "arms")]
    table = np.zeros(256, np.uint8)
    for number, labels in zip((5, 1, 2, 3, 4), tasks, strict=True):
        table[list(labels)] = number
    truth = table[np.stack([np.asarray(label_maps(crop)["parts"]) for crop in crops])[:, 2::4, 2::4]]
    images = torch.from_numpy(np.stack([crop.image for crop in crops])).permute(0, 3, 1, 2)
    torch.manual_seed(seed)
    backbone = build_multiscale(Backbone(name="osnet_ain_x0_25", weights=str(WEIGHTS)))
    method = ISPMethod(backbone, ISP(channels=channels), people=1).eval().to(memory_format=torch.channels_last)
    return method.maps(normalise(images, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))[1], torch.from_numpy(truth)


def points_of(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Which pixels are the foreground, (N, h, w) bool, and the directions of their features (n, C)."""
    norms = pixel_norms(maps)
    inside = foreground(norms, enhanced=True)
    return inside, maps.permute(0, 2, 3, 1)[inside].div_(norms[inside][:, None])


def labels_by(maps: Tensor, found: Kmeans) -> Tensor:
    """As `cluster_identity`, with somebody else's k-means."""
    inside, points = points_of(maps)
    labels = torch.zeros_like(inside, dtype=torch.uint8)
    _, rows, columns = inside.nonzero(as_tuple=True)
    labels[inside] = from_top(found(points), rows, columns, PARTS)
    return labels


def ours(points: Tensor) -> Tensor:
    """k-means of ours, by itself."""
    return kmeans(points, PARTS, seeded(1), ITERATIONS)


def peers() -> dict[str, Kmeans]:
    """The others that are installed."""
    found: dict[str, Kmeans] = {}
    try:
        from sklearn.cluster import KMeans  # pyright: ignore
        from threadpoolctl import ThreadpoolController  # pyright: ignore

        pools = ThreadpoolController()

        def sklearn(starts: int) -> Kmeans:
            def run(points: Tensor) -> Tensor:
                with pools.limit(limits=torch.get_num_threads()):
                    job = KMeans(PARTS, n_init=starts, max_iter=ITERATIONS, algorithm="lloyd", random_state=1)  # pyright: ignore
                    return torch.from_numpy(job.fit_predict(points.numpy())).long()

            return run

        found |= {"scikit-learn, 1 start": sklearn(1), EIGHT: sklearn(8)}
    except ImportError:
        pass
    try:
        import faiss  # pyright: ignore

        def by_faiss(points: Tensor) -> Tensor:
            faiss.omp_set_num_threads(torch.get_num_threads())
            job = faiss.Kmeans(points.shape[1], PARTS, niter=ITERATIONS, seed=1, max_points_per_centroid=len(points))
            job.train(points.numpy())
            return torch.from_numpy(job.index.search(points.numpy(), 1)[1][:, 0])

        found["faiss, 1 start"] = by_faiss
    except ImportError:
        pass
    return found


def products(points: Tensor, times: int) -> Callable[[], None]:
    """The products of k-means: points with centres, and memberships with points."""
    members = torch.zeros(PARTS, len(points))
    members[torch.arange(len(points)) % PARTS, torch.arange(len(points))] = 1

    def run() -> None:
        for _ in range(times):
            torch.mm(points, torch.mm(members, points).t())

    return run


def agreement(one: Tensor, other: Tensor) -> float:
    """The adjusted Rand index of two labellings (Hubert and Arabie, "Similarity partitions", 1985)."""
    table = torch.zeros(int(one.max()) + 1, int(other.max()) + 1, dtype=torch.float64)
    table.index_put_((one.flatten().long(), other.flatten().long()), torch.ones(()).double(), accumulate=True)
    pairs, rows, columns = (float((n * (n - 1) / 2).sum()) for n in (table, table.sum(1), table.sum(0)))
    total = one.numel() * (one.numel() - 1) / 2
    chance = rows * columns / total
    most = (rows + columns) / 2
    return 1.0 if most == chance else (pairs - chance) / (most - chance)


def spread(points: Tensor, labels: Tensor) -> float:
    """Squared distances of unit vectors to the means of their clusters, summed."""
    return len(points) - sum(
        float(points[labels == c].double().sum(0).square().sum()) / int((labels == c).sum()) for c in labels.unique()
    )


def judged(problems: Sequence[tuple[Tensor, Tensor]], others: Mapping[str, Kmeans]) -> dict[str, dict[str, float]]:
    """How well everyone finds the truth of some maps, and how tight their clusters are: medians over the problems."""
    rows: dict[str, list[tuple[float, float]]] = {}
    for maps, truth in problems:
        inside, points = points_of(maps)
        found = {"ours": cluster_identity(maps, PARTS, True, seeded(1))}
        found |= {name: labels_by(maps, job) for name, job in others.items()}
        spreads = {name: spread(points, labels[inside]) for name, labels in found.items()}
        for name, labels in found.items():
            rows.setdefault(name, []).append((agreement(truth, labels), spreads[name] / min(spreads.values())))
    middle = {name: [statistics.median(values) for values in zip(*pairs, strict=True)] for name, pairs in rows.items()}
    return {name: {"agreement": ari, "spread_over_best": over} for name, (ari, over) in middle.items()}


def timings(maps: Tensor, others: Mapping[str, Kmeans], runs: int) -> tuple[Seconds, Seconds]:
    """Of each job, run after run: by the clock, and of all cores together, whatever else keeps the machine busy."""
    _, points = points_of(maps)
    once = products(points, 1)
    jobs: dict[str, Callable[[], Any]] = {
        "ours": lambda: cluster_identity(maps, PARTS, True, seeded(1)),
        "ours, k-means alone": lambda: ours(points),
        "floor": lambda: (pixel_norms(maps), once()),
        "20 iterations' products": products(points, ITERATIONS),
    } | {name: lambda job=job: labels_by(maps, job) for name, job in others.items()}
    jobs.pop(EIGHT, None)  # eight times the time of one start
    clock, cores = ({name: [] for name in jobs} for _ in range(2))
    for count in range(runs + 1):
        for name, job in jobs.items():
            before = time.process_time()
            took = timed(job)[0]
            if count:  # the first one warms up
                clock[name].append(took)
                cores[name].append(time.process_time() - before)
    return clock, cores


def whole(counts: Sequence[int], bank: Tensor) -> None:
    """Cluster a data set of people with so many pictures each, whose maps are some of the bank (n, h, w, C)."""
    pids = np.repeat(np.arange(1, len(counts) + 1), counts)
    samples = Samples.of([f"{row}.jpg" for row in range(len(pids))], pids)

    def maps(rows: Tensor) -> Tensor:
        return bank[rows % len(bank)].permute(0, 3, 1, 2)

    with tempfile.TemporaryDirectory() as folder:
        place = {"folder": Path(folder), "epoch": 0, "seed": 0, "device": "cpu", "resumed": False, "labels": {}}
        Clusters(PARTS, GRID).recluster(
            maps, Run(samples=samples, pictures=lambda plan: map(torch.from_numpy, plan), **place)
        )


def memory(sizes: Mapping[str, Sequence[int]], bank: Tensor) -> dict[str, float]:
    """Peak MB of resident memory that each data set adds to what there was before the first of them."""
    process = psutil.Process()
    before, peaks = process.memory_info().rss, {}
    for name, counts in sizes.items():
        kept = (process.memory_info().rss - before) / 2**20
        peaks[name] = kept + peak_extra_mb(lambda counts=counts: whole(counts, bank))
    return peaks


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=17, help="of a person (default: %(default)s)")
    parser.add_argument("--channels", type=int, default=256)
    parser.add_argument("--noise", type=float, default=1.0, help="of a pixel, over a part's own length")
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--draws", type=int, default=3, help="people over whom agreement is measured")
    parser.add_argument("--no-peer", action="store_true", help="leave the peers out")
    parser.add_argument("--quick", action="store_true", help="little of everything, to see that it works")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.quick:
        options.pictures, options.channels, options.runs, options.draws = 3, 16, 2, 1
    many, most = (4, 70) if options.quick else (100, 426)

    others = {} if options.no_peer else peers()
    size = (options.pictures, options.channels)
    planted = [bands(*size, options.noise, seed) for seed in range(options.draws)]
    maps = planted[0][0]
    extra = max(peak_extra_mb(lambda: cluster_identity(maps, PARTS, True, seeded(1))) for _ in range(3))
    seconds, of_cores = timings(maps, others, options.runs)
    quality = {"bands": judged(planted, others)}
    quality["world"] = judged([world_maps(*size, seed) for seed in range(options.draws)], others)
    sizes = {
        f"{many} people": [options.pictures] * many,
        f"{4 * many} people": [options.pictures] * 4 * many,
        f"5 people, one with {most} pictures": [options.pictures] * 4 + [most],
    }
    peaks = memory(sizes, maps.permute(0, 2, 3, 1))

    middle = {name: statistics.median(values) for name, values in seconds.items()}
    inside = int(points_of(maps)[0].sum())
    cells = f"{GRID[0]}x{GRID[1]} cells x {options.channels}"
    print(f"{options.pictures} pictures of {cells}, {inside} cells of foreground, {torch.get_num_threads()} threads")
    for name, value in middle.items():
        quickest, share = 1e3 * min(seconds[name]), value / middle["ours"]
        worked = 1e3 * statistics.median(of_cores[name])
        print(f"{name}: {1e3 * value:.1f} ms (quickest {quickest:.1f}), {share:.2f} of ours; {worked:.1f} ms of cores")
    for kind, of in quality.items():
        for name, row in of.items():
            print(f"{kind}, {name}: ARI {row['agreement']:.3f}, spread {row['spread_over_best']:.4f} of the best")
    print(f"one person adds {extra:.0f} MB; " + ", ".join(f"{name} {peak:.0f} MB" for name, peak in peaks.items()))
    if options.json:
        figures = {
            "ours_s": middle["ours"],
            "floor_s": middle["floor"],
            "peer_s": middle.get("scikit-learn, 1 start"),
            "ours_over_floor": statistics.median(a / b for a, b in zip(seconds["ours"], seconds["floor"], strict=True)),
            "quickest_s": {name: min(values) for name, values in seconds.items()},
            "peak_extra_mb": extra,
            "peak_extra_mb_of_data_sets": peaks,
            "quality": quality,
            "sizes": {"pictures": options.pictures, "channels": options.channels, "cells": GRID, "points": inside},
            "runs": options.runs,
            "seconds": seconds,
            "seconds_of_cores": of_cores,
            "threads": torch.get_num_threads(),
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
