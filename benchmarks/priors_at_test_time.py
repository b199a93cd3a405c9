"""What does it cost to embed pictures with a mask for each, beyond reading the masks?

    python benchmarks/priors_at_test_time.py --json priors.json

One run on one core times these, interleaved, on the same JPEGs and PNGs of 128x64 (made by the world or found in
`--tree`), as queries and gallery of `evaluate` are embedded:

* floor: the network on pictures alone;
* reading: the masks found, read and placed, and nothing else;
* ours: the same network, which averages its map over the mask.

The ratio that counts is (ours - reading) / floor.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import torch
from torch import Tensor
from torch.nn import functional

from sameperson.config import Backbone, Data, Recipe
from sameperson.data.batch import Priors
from sameperson.data.needed_priors import open_needed
from sameperson.data.prior_batch import PriorBatch
from sameperson.data.readers.market1501 import read_market1501
from sameperson.data.transforms import Transform
from sameperson.evaluation.embed import embed
from sameperson.images.geometry import Geometry
from sameperson.methods.load import TrainedNetwork, describe
from sameperson.methods.method import Embedded, Give, Method
from sameperson.models.backbones import build_backbone
from sameperson.types import Samples

BATCH = 64


class Pooled(Method):
    """The mean of a backbone's map, over the mask where it needs one, else over the picture."""

    def __init__(self, recipe: Recipe, needs: tuple[str, ...]) -> None:
        super().__init__()
        self.needs = needs
        self.backbone = build_backbone(recipe.backbone, recipe.data.size)

    def embed(self, images: Tensor, priors: Priors, give: Give = "features") -> Embedded:  # noqa: ARG002 - no parts
        """Embed images; a picture without a mask counts as one that is all person."""
        cells = self.backbone(images)
        if "mask" not in priors:
            return Embedded(cells.mean((2, 3)))
        person = priors["mask"].float()[:, None]
        person[~priors.valid["mask"]] = 1
        share = functional.adaptive_avg_pool2d(person, cells.shape[-2:])
        return Embedded((cells * share).sum((2, 3)) / share.sum((2, 3)).clamp(min=1e-3))


def network(recipe: Recipe, *needs: str) -> TrainedNetwork:
    """A network with weights as drawn, the same each time."""
    torch.manual_seed(0)
    method = Pooled(recipe, needs).eval().requires_grad_(False).to(memory_format=torch.channels_last)
    return TrainedNetwork(method, describe(recipe, 1, needs=needs))


def read_masks(samples: Samples, masked: TrainedNetwork) -> None:
    """Find, read and place the masks of pictures of 128x64."""
    opened = open_needed(samples, masked.needs)
    for start in range(0, len(samples), BATCH):
        rows = range(start, min(start + BATCH, len(samples)))
        batch = PriorBatch.empty(opened.priors, len(rows), masked.size)
        for place, row in enumerate(rows):
            batch.put(place, row, Transform(Geometry.resizing((128, 64), masked.size)))
        batch.tensors()


def drawn(pictures: int, folder: Path) -> Path:
    """A world of about so many test pictures, with masks."""
    from sameperson.world.dataset import make_world
    from sameperson.world.plan import WorldPlan

    people = max(2, pictures // 24)
    plan = WorldPlan(people + 1, people, cameras=6, shots=4, size=(128, 64), labels=("masks",))
    make_world(folder / "tree", plan, workers=2)
    return folder / "tree"


def seconds(job: Callable[[], object]) -> float:
    """Processor time of a job."""
    start = time.process_time()
    job()
    return time.process_time() - start


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path, help="a Market-1501 tree of pictures of 128x64 with masks/ beside it")
    parser.add_argument("--pictures", type=int, default=480, help="to draw where no tree is given")
    parser.add_argument("--backbone", default="osnet_x0_25")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        dataset = read_market1501(options.tree or drawn(options.pictures, Path(folder)))
        sides = (dataset.query, dataset.gallery)
        recipe = Recipe(data=Data(size=(256, 128)), backbone=Backbone(name=options.backbone))
        plain, masked = network(recipe), network(recipe, "mask")
        jobs: dict[str, Callable[[], object]] = {
            "floor": lambda: [embed(plain, side, batch=BATCH) for side in sides],
            "reading": lambda: [read_masks(side, masked) for side in sides],
            "ours": lambda: [embed(masked, side, batch=BATCH) for side in sides],
            "floor_flip": lambda: [embed(plain, side, batch=BATCH, flip=True) for side in sides],
            "ours_flip": lambda: [embed(masked, side, batch=BATCH, flip=True) for side in sides],
        }
        for job in jobs.values():
            job()
        spent: dict[str, list[float]] = {name: [] for name in jobs}
        for _ in range(options.runs):
            for name, job in jobs.items():
                spent[name].append(seconds(job))
    middle = {name: statistics.median(values) for name, values in spent.items()}
    ratios = {
        flip: statistics.median(
            (ours - reading) / floor
            for ours, reading, floor in zip(spent[f"ours{flip}"], spent["reading"], spent[f"floor{flip}"], strict=True)
        )
        for flip in ("", "_flip")
    }
    count = sum(map(len, sides))
    print(f"{count} pictures to 256x128 by {options.backbone}, milliseconds of one core a picture")
    for name, value in middle.items():
        print(f"{name:>12} {1000 * value / count:8.3f}")
    print(f"with masks, beyond reading them: {ratios['']:.3f} of the time without; mirrored too: {ratios['_flip']:.3f}")
    if options.json:
        figures = {f"{name}_s": value for name, value in middle.items()} | {"peer_s": None}
        figures |= {"ratio": ratios[""], "ratio_flip": ratios["_flip"], "sizes": {"pictures": count}, "runs": spent}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
