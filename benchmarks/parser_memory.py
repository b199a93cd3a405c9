"""Does the memory of training a parser grow with the number of steps? It trains the light parser and watches itself.

    python benchmarks/parser_memory.py --steps 10000 --json parser_memory.json

The study of CE2P in docs/papers/ce2p.md saw its training grow from 10 to 28.9 GB. Here the whole loop runs: reading,
augmentation (mirror, crop, scale, rotation), losses, optimiser, metrics, checkpoints and validation, on pictures of
noise that it draws into a folder. Resident memory (RSS) is read after every step; the steps up to `--warm-up` fill
caches and are not counted. `grown_mb` is the highest RSS after the warm-up less that at its end.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from sameperson.config import Recipe
from sameperson.data.dataset import Dataset
from sameperson.training.loop import train
from sameperson.training.progress import Progress
from sameperson.types import Samples

MB = 2**20
ALLOWED = 100
"""MB that memory may grow by after the warm-up."""
EPOCHS = 20
"""How many epochs the steps are divided into, each with a checkpoint and a validation."""


class Watch(Progress):
    """Reads the resident memory of this process after every step."""

    def __init__(self) -> None:
        self.process = psutil.Process()
        self.resident: list[float] = []

    def stepped(self) -> None:
        """Note what is resident now, in MB."""
        self.resident.append(self.process.memory_info().rss / MB)


def drawn(folder: Path, count: int, size: tuple[int, int]) -> Dataset:
    """Write pictures of noise and label maps of blocks into a folder."""
    rng = np.random.default_rng(0)
    names = [f"{number:05}.png" for number in range(count)]
    (folder / "parsing").mkdir(parents=True)
    for name in names:
        Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8)).save(folder / name)
        blocks = rng.integers(0, 20, (size[0] // 8, size[1] // 8), np.uint8)
        Image.fromarray(blocks.repeat(8, 0).repeat(8, 1)).save(folder / "parsing" / name)
    samples = Samples.of(names, [-1] * count, root=folder, priors={"parsing": folder / "parsing"})
    nobody = samples.take(slice(0))
    return Dataset("noise", samples, nobody, nobody)


def recipe_of(options: argparse.Namespace) -> Recipe:
    """A light parser with every augmentation, so that an epoch has a twentieth of the steps."""
    return Recipe.model_validate(
        {
            "name": "parser_memory",
            "data": {
                "size": options.size, "priors": ["parsing"], "parsing": {"merge": "study-7"}, "val_fraction": 0.05,
                "workers": options.workers, "augment": {"pad": 4, "scale": 0.25, "rotate": 30, "border": "mean"},
            },
            "sampler": {"batch": options.batch},
            "backbone": {"name": options.backbone},
            "method": {"name": options.method, **({"channels": 16} if options.method == "light_parser" else {})},
            "optim": {"name": "sgd", "lr": 1e-3, "schedule": "poly", "warmup_epochs": 0},
            "train": {"epochs": EPOCHS, "validate_every": 1, "device": options.device, "checkpoint_steps": 100},
            "evaluate": {"resamples": 20, "batch": options.batch},
        }
    )  # fmt: skip


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Train, and return what memory did."""
    per_epoch = max(options.steps // EPOCHS, 1)
    count = round(per_epoch * options.batch / 0.95) + options.batch
    watch, began = Watch(), time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        dataset = drawn(Path(place) / "pictures", count, tuple(options.size))
        result = train(recipe_of(options), Path(place) / "run", dataset=dataset, progress=watch)
    seen = watch.resident
    warm = min(options.warm_up, len(seen) - 1)
    return {
        "steps": result.report["steps"],
        "warm_up": warm,
        "resident_mb": {"first": seen[0], "warm": seen[warm], "last": seen[-1], "highest": max(seen[warm:])},
        "every_hundredth_mb": [round(value, 1) for value in seen[::100]],
        "grown_mb": max(seen[warm:]) - seen[warm],
        "allowed_mb": ALLOWED,
        "seconds": time.perf_counter() - began,
        "sizes": {"size": options.size, "batch": options.batch, "pictures": count, "workers": options.workers},
        "method": options.method,
        "backbone": options.backbone,
    }


def main() -> None:
    """Train, and say whether memory stayed flat."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--warm-up", type=int, default=1000, help="steps that are not counted")
    parser.add_argument("--size", type=int, nargs=2, default=(64, 32), metavar=("H", "W"))
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--method", default="light_parser", choices=("light_parser", "ce2p"))
    parser.add_argument("--backbone", default="osnet_x0_25")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.size = list(options.size)
    figures = measured(options)
    resident = figures["resident_mb"]
    print(
        f"{figures['steps']} steps of {options.method}: {resident['warm']:.0f} MB after {figures['warm_up']}, "
        f"{resident['last']:.0f} MB at the end, at most {figures['grown_mb']:.0f} MB more ({ALLOWED} allowed), "
        f"{figures['seconds']:.0f} s"
    )
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    if figures["grown_mb"] > ALLOWED:
        raise SystemExit(f"memory grew by {figures['grown_mb']:.0f} MB, over {ALLOWED}")


if __name__ == "__main__":
    main()
