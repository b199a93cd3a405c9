"""How fast do files become training batches, and what does a table of a million pictures cost?

    python benchmarks/data.py --pictures 2000 --json data.json

One run on one core times these, interleaved, on the same JPEGs (128x64 as in Market-1501, made by the world or found in
`--tree`):

* floor: the bare decode;
* ours: decode, one joint transform, collate to uint8; also with keypoints and parsing, and with the float normalisation
  that the device does otherwise;
* peer: the pipeline of torchreid from PyPI through torch's loader (decode, resize, flip, enlarge and crop, to tensor,
  normalise, erase).

Then it measures seconds and resident memory to open a CSV and lists of `--rows` rows, each in a process of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import multiprocessing
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import psutil
import torch

from sameperson.config import Augment, Data, Recipe, Sampler
from sameperson.data.loading import to_device, train_loader
from sameperson.data.readers.csv_table import read_csv
from sameperson.data.readers.list_file import read_list
from sameperson.data.readers.market1501 import read_market1501
from sameperson.images.decode import read_picture
from sameperson.types import Samples

SIZE = (256, 128)
BATCH = (16, 4)
SPLIT = ("train", "query", "gallery", "gallery")


def recipe(*priors: str) -> Recipe:
    """Flip, pad and crop, erase: what the peer does too."""
    people, pictures = BATCH
    data = Data(size=SIZE, workers=0, priors=priors, augment=Augment(flip=0.5, pad=10, erase=0.5))
    return Recipe(data=data, sampler=Sampler(people=people, pictures=pictures))


def ours(samples: Samples, how: Recipe, normalised: bool = False) -> Callable[[], int]:
    """An epoch's batches."""

    def run() -> int:
        count = 0
        for batch in train_loader(samples, how, epoch=0):
            if normalised:
                to_device(batch, "cpu", how.data.mean, how.data.std)
            count += len(batch.images)
        return count

    return run


def bare(samples: Samples) -> Callable[[], int]:
    """Every file read and decoded, nothing else."""

    def run() -> int:
        for row in range(len(samples)):
            read_picture(samples.file(row))
        return len(samples)

    return run


def peer_pipeline(samples: Samples) -> tuple[Callable[[], int] | None, str]:
    """torchreid's own dataset and transforms on these files; None where it is not installed."""
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            from torchreid.reid.data.datasets.dataset import ImageDataset  # pyright: ignore
            from torchreid.reid.data.transforms import build_transforms  # pyright: ignore

            steps, _ = build_transforms(*SIZE, transforms=["random_flip", "random_crop", "random_erase"])  # pyright: ignore
    except ImportError:
        return None, "torchreid is not installed: make peers"
    rows = [(str(samples.file(row)), int(samples.pid[row]), int(samples.camid[row]), 0) for row in range(len(samples))]
    dataset = ImageDataset(rows, rows, rows, transform=steps, mode="train", verbose=False)

    def run() -> int:
        size = BATCH[0] * BATCH[1]
        loader = torch.utils.data.DataLoader(dataset, size, shuffle=True, drop_last=True)  # pyright: ignore
        return sum(len(batch["img"]) for batch in loader)

    return run, "torchreid 0.2.5: resize, flip, crop, normalise, erase, by torch's DataLoader"


def rate(job: Callable[[], int]) -> float:
    """Pictures a second of processor time."""
    start = time.process_time()
    count = job()
    return count / (time.process_time() - start)


def opened(kind: str, file: Path, answer: Any) -> None:
    """In a process of its own: seconds and resident bytes of an opened table."""
    gc.collect()
    process = psutil.Process()
    before, start = process.memory_info().rss, time.perf_counter()
    dataset = {"csv": read_csv, "list": read_list}[kind](file)
    seconds = time.perf_counter() - start
    gc.collect()
    rows = sum(len(samples) for samples in dataset.splits().values())
    answer.put((seconds, (process.memory_info().rss - before) / rows, rows))


def table_cost(kind: str, rows: int) -> tuple[float, float]:
    """Seconds to open a table of so many rows, and resident bytes for each of them afterwards."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        place = (write_csv if kind == "csv" else write_lists)(Path(folder), rows)
        answer = context.Queue()
        process = context.Process(target=opened, args=(kind, place, answer))
        process.start()
        seconds, size, found = answer.get()
        process.join()
    if found != rows:
        raise RuntimeError(f"{found} pictures of {rows} rows")
    return seconds, size


def path_of(row: int) -> tuple[str, int, int]:
    """A picture's path, person and camera."""
    pid, camid = row // 20 + 1, row % 6
    return f"bounding_box/{pid:06d}_c{camid + 1}s1_{row:07d}_00.jpg", pid, camid


def write_csv(folder: Path, rows: int) -> Path:
    """One table with every column."""
    with (folder / "people.csv").open("w") as lines:
        lines.write("path,pid,camid,split,clothes_id,track_id,frame\n")
        for row in range(rows):
            path, pid, camid = path_of(row)
            lines.write(f"{path},{pid},{camid},{SPLIT[row % 4]},{row % 3},{row // 10},{row}\n")
    return folder / "people.csv"


def write_lists(folder: Path, rows: int) -> Path:
    """train.txt, query.txt and gallery.txt."""
    with contextlib.ExitStack() as stack:
        files = {name: stack.enter_context((folder / f"{name}.txt").open("w")) for name in set(SPLIT)}
        for row in range(rows):
            path, pid, camid = path_of(row)
            files[SPLIT[row % 4]].write(f"{path} {pid} {camid}\n")
    return folder


def drawn(pictures: int, folder: Path) -> Path:
    """A world of about so many training pictures in Market's size, with keypoints and parsing."""
    from sameperson.world.dataset import make_world
    from sameperson.world.plan import WorldPlan

    people = max(20, pictures // 24)
    make_world(folder / "tree", WorldPlan(people + 1, 1, cameras=6, shots=4, size=(128, 64)), workers=2)
    return folder / "tree"


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path, help="a Market-1501 tree with keypoints/ and parsing/ beside it")
    parser.add_argument("--pictures", type=int, default=1000, help="to draw where no tree is given")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)

    with tempfile.TemporaryDirectory() as folder:
        samples = read_market1501(options.tree or drawn(options.pictures, Path(folder))).train
        peer, said = peer_pipeline(samples)
        jobs = {
            "floor": bare(samples),
            "ours": ours(samples, recipe()),
            "ours_normalised": ours(samples, recipe(), normalised=True),
            "ours_with_priors": ours(samples, recipe("keypoints", "parsing")),
            **({} if peer is None else {"peer": peer}),
        }
        for job in jobs.values():
            job()
        rates: dict[str, list[float]] = {name: [] for name in jobs}
        for _ in range(options.runs):
            for name, job in jobs.items():
                rates[name].append(rate(job))
    middle = {name: statistics.median(values) for name, values in rates.items()}
    against = {
        name: statistics.median(a / b for a, b in zip(rates["ours"], rates[name], strict=True)) for name in rates
    }
    print(
        f"{len(samples)} JPEGs of 128x64 to {SIZE[0]}x{SIZE[1]}, pictures a second and core (said of the peer: {said})"
    )
    for name, value in middle.items():
        print(f"{name:>17} {value:7.0f}   ours is {against[name]:.2f} times as fast")
    costs = {kind: table_cost(kind, options.rows) for kind in ("csv", "list")}
    for kind, (seconds, size) in costs.items():
        print(f"{options.rows} rows of {kind}: {seconds:.1f} s to open, {size:.0f} bytes a row resident")
    if options.json:
        figures = {
            "ours_s": 1 / middle["ours"],
            "floor_s": 1 / middle["floor"],
            "peer_s": 1 / middle["peer"] if peer else None,
            "peak_extra_mb": max(size for _, size in costs.values()) * options.rows / 2**20,
            "sizes": {"pictures": len(samples), "source": [128, 64], "size": SIZE, "rows": options.rows},
            "runs": options.runs,
            "pictures_per_second": middle,
            "ours_over": against,
            "open_s": {kind: seconds for kind, (seconds, _) in costs.items()},
            "bytes_per_row": {kind: size for kind, (_, size) in costs.items()},
        }
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
