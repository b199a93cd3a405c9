"""How fast is the evaluation, compared with the matrix product that it needs and with torchreid's evaluation?

    python benchmarks/ranking.py --queries 3368 --gallery 15913 --dim 512 --json ranking.json

One run times these, interleaved: ours (distances, ranks, CMC, mAP, mINP), the bare blocked matrix product (floor), and
torchreid's evaluation from PyPI with its own distances (peer extra; null without it). Features are identities with
noise (`--noise`), and a fifth of the gallery are distractors. `--noise 0` gives features without any identity, which is
the worst case for ours.
"""

from __future__ import annotations

import argparse
import json
import statistics
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch

from sameperson.evaluation.rank import tiles
from sameperson.evaluation.result import Evaluation, evaluate
from sameperson.evaluation.scores import Product
from sameperson.types import Embeddings, Samples

CAMERAS = 6
FLOOR_TILE = 256
"""Queries at once in the bare product: the fastest of 64, 96, 128, 256 and 512 here."""


def problem(queries: int, gallery: int, dim: int, noise: float) -> tuple[Embeddings, Samples, Embeddings, Samples]:
    """Market-1501's proportions: about 4.5 queries and 20 gallery pictures for each person, a fifth distractors."""
    rng = np.random.default_rng(0)
    people = max(1, queries * 750 // 3368)
    centres = rng.standard_normal((people + 1, dim), dtype=np.float32)
    sides = []
    for count, distractors in ((queries, 0.0), (gallery, 0.2)):
        pid = np.where(rng.random(count) < distractors, 0, rng.integers(1, people + 1, count))
        features = rng.standard_normal((count, dim), dtype=np.float32)
        if noise:
            features = features * noise + np.where(pid[:, None] > 0, centres[pid], 0)
        names = np.arange(count).astype(str)
        sides += [Embeddings(features, "benchmark"), Samples.of(names, pid, rng.integers(0, CAMERAS, count))]
    return sides[0], sides[1], sides[2], sides[3]


def peer_evaluation(data: tuple[Embeddings, Samples, Embeddings, Samples]) -> tuple[Callable[[], Any] | None, str]:
    """torchreid's distances and ranking, and which implementation it runs; None where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from torchreid.reid.metrics import compute_distance_matrix, evaluate_rank  # pyright: ignore
            from torchreid.reid.metrics.rank import IS_CYTHON_AVAI  # pyright: ignore
    except ImportError:
        return None, "torchreid is not installed: make peers"
    query, queries, gallery, pictures = data

    def run() -> Any:
        matrix = compute_distance_matrix(
            torch.from_numpy(query.features), torch.from_numpy(gallery.features), "cosine"
        ).numpy()
        return evaluate_rank(matrix, queries.pid, pictures.pid, queries.camid, pictures.camid, use_cython=True)

    return run, "torchreid 0.2.5, " + ("Cython" if IS_CYTHON_AVAI else "Python (PyPI's sdist lacks its Cython source)")


def timed(job: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of wall time, and what the job returned."""
    start = time.perf_counter()
    value = job()
    return time.perf_counter() - start, value


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
    return (peak - before) / 2**20


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=3368)
    parser.add_argument("--gallery", type=int, default=15913)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--noise", type=float, default=3.0, help="of a picture, in units of the spread of people")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--no-peer", action="store_true", help="leave the peer out, which is slow and wants memory")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    data = problem(options.queries, options.gallery, options.dim, options.noise)
    query, queries, gallery, pictures = data
    peer, said = (None, "left out") if options.no_peer else peer_evaluation(data)

    def ours() -> Evaluation:
        return evaluate(query, queries, gallery, pictures, resamples=0)

    product = Product.of(query.features, gallery.features)

    def floor() -> None:
        for _ in tiles(product, FLOOR_TILE):
            pass

    jobs: dict[str, Callable[[], Any]] = {"floor": floor, "ours": ours}
    extra = peak_extra_mb(ours)  # the first run of all, so that it also warms up
    floor()
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    result = ours()
    for _ in range(options.runs):
        for name, job in jobs.items():
            seconds[name].append(timed(job)[0])
    peer_s, peer_map = None, None
    if peer is not None:
        times = [timed(peer) for _ in range(2)]
        peer_s, (cmc, peer_map) = statistics.median(t for t, _ in times), times[0][1]
        print(
            f"peer agrees: mAP {peer_map:.6f} ours {result.mAP.value:.6f}, rank-1 {cmc[0]:.6f} {result.rank1.value:.6f}"
        )
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    ratio = statistics.median(a / b for a, b in zip(seconds["ours"], seconds["floor"], strict=True))
    size = f"{options.queries} x {options.gallery} x {options.dim}"
    print(f"{size}, {torch.get_num_threads()} threads, mAP {result.mAP.value:.3f}")
    print(f"ours {middle['ours']:.3f} s, floor {middle['floor']:.3f} s, ours/floor {ratio:.2f}, +{extra:.0f} MB")
    beside = "none" if peer_s is None else f"{peer_s:.2f} s, {peer_s / middle['ours']:.1f} times ours"
    print(f"peer {beside} ({said})")
    if options.json:
        figures = {
            "ours_s": middle["ours"],
            "floor_s": middle["floor"],
            "peer_s": peer_s,
            "ours_over_floor": ratio,
            "peer": said,
            "peak_extra_mb": extra,
            "sizes": {"queries": options.queries, "gallery": options.gallery, "dim": options.dim},
            "runs": options.runs,
            "seconds": seconds,
            "noise": options.noise,
            "threads": torch.get_num_threads(),
            "mAP": result.mAP.value,
            "peer_mAP": peer_map,
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
