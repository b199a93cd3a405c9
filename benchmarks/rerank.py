"""How fast is re-ranking, compared with the exact search that it needs and with torchreid's dense form?

    python benchmarks/rerank.py --queries 3368 --gallery 15913 --dim 512 --json rerank.json
    python benchmarks/rerank.py --queries 11659 --gallery 82161 --no-peer

One run times these, interleaved:

* ours: k-reciprocal sets in sparse form, then every tile of distances;
* floor: the exact search of the 21 nearest of all rows among themselves (faiss, flat; null without it);
* peer, run only once: torchreid's re-ranking with the three distance matrices that it needs, some 10 GB at
  Market-1501's sizes.

Features are identities with noise.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ranking import peak_extra_mb, problem, timed

from sameperson.evaluation.distance import unit
from sameperson.evaluation.rank import tiles
from sameperson.evaluation.rerank import K1, K2, WEIGHT, k_reciprocal
from sameperson.evaluation.scores import Reranked

Rows = np.ndarray[Any, np.dtype[np.float32]]


def floor_search(rows: Rows) -> Callable[[], Any] | None:
    """The exact k1 + 1 nearest of each row among all; None without faiss."""
    try:
        import faiss  # pyright: ignore
    except ImportError:
        return None
    faiss.omp_set_num_threads(torch.get_num_threads())
    return lambda: faiss.knn(rows, rows, K1 + 1)


def peer_rerank(query: Rows, gallery: Rows) -> Callable[[], Any] | None:
    """torchreid's re-ranking, with its matrices; None without torchreid."""
    try:
        from torchreid.reid.metrics import compute_distance_matrix  # pyright: ignore
        from torchreid.reid.utils.rerank import re_ranking  # pyright: ignore
    except ImportError:
        return None
    q, g = torch.from_numpy(query), torch.from_numpy(gallery)

    def run() -> Any:
        matrices = [compute_distance_matrix(a, b, "euclidean").numpy() for a, b in ((q, g), (q, q), (g, g))]
        # Its matrices are of squared distances already, and it squares them once more: take the root before.
        across, queries, rest = (np.sqrt(np.maximum(matrix, 0)) for matrix in matrices)
        return re_ranking(across, queries, rest, K1, K2, WEIGHT)

    return run


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=3368)
    parser.add_argument("--gallery", type=int, default=15913)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--noise", type=float, default=1.5, help="of a picture, in units of the spread of people")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--device", default="cpu", help="where products are made")
    parser.add_argument("--no-peer", action="store_true", help="leave the peer out, which is slow and wants memory")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    data = problem(options.queries, options.gallery, options.dim, options.noise)
    query, gallery = unit(data[0].features, "query"), unit(data[2].features, "gallery")
    rows = np.concatenate([query, gallery])

    def ours() -> None:
        for _ in tiles(Reranked(k_reciprocal(query, gallery, device=options.device))):
            pass

    floor = floor_search(rows)
    jobs = {"ours": ours} | ({} if floor is None else {"floor": floor})
    extra = peak_extra_mb(ours)  # the first run of all, so that it also warms up
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(options.runs):
        for name, job in jobs.items():
            seconds[name].append(timed(job)[0])
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    size = f"{options.queries} + {options.gallery} rows of {options.dim}"
    print(f"{size}, {torch.get_num_threads()} threads: ours {middle['ours']:.2f} s, +{extra:.0f} MB")
    ratio = None
    if floor is not None:
        ratio = statistics.median(a / b for a, b in zip(seconds["ours"], seconds["floor"], strict=True))
        print(f"exact search of {K1 + 1} nearest (faiss) {middle['floor']:.2f} s, ours/floor {ratio:.2f}")
    peer = None if options.no_peer else peer_rerank(query, gallery)
    peer_s, apart = None, None
    if peer is not None:
        peer_s, theirs = timed(peer)
        made = k_reciprocal(query, gallery)
        apart = max(float(np.abs(made.tile(s, s + 256) - theirs[s : s + 256]).max()) for s in range(0, len(query), 256))
        print(f"torchreid {peer_s:.1f} s, {peer_s / middle['ours']:.1f} times ours; largest difference {apart:.1e}")
    if options.json:
        figures = {
            "ours_s": middle["ours"],
            "floor_s": middle.get("floor"),
            "peer_s": peer_s,
            "ours_over_floor": ratio,
            "largest_difference": apart,
            "peak_extra_mb": extra,
            "sizes": {"queries": options.queries, "gallery": options.gallery, "dim": options.dim},
            "runs": options.runs,
            "seconds": seconds,
            "device": options.device,
        }
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
