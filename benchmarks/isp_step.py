"""How many pictures a second does a training step of ISP process, in bf16 and in fp32, and with how much memory?

    python benchmarks/isp_step.py --json isp_step.json
    python benchmarks/isp_step.py --backbone hrnet_w32 --size 256 128 --batch 16 --device cpu

On an accelerator it takes the published setting: HRNet-W32, 64 pictures of 256x128. A CPU would need half a minute for
such a step, so there it takes the light backbone at 128x64, without bf16.

One run times these, interleaved: ISP's step with its optimiser, the baseline's on the same backbone, and the forward
and backward pass of ISP's backbone alone (floor). Pictures are noise that is already on the device, and labels are
stripes; data.py and clustering.py time loading and clustering.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from ranking import peak_extra_mb, timed

from sameperson.config import Recipe
from sameperson.data.batch import Batch
from sameperson.methods.build import build_method
from sameperson.methods.isp.relabel import PART_LABELS
from sameperson.models.multiscale import build_multiscale
from sameperson.models.multiscale_fusion import cells_of
from sameperson.models.part_pooling import stripes
from sameperson.training.determinism import reproducible
from sameperson.training.distributed import Processes, pick_device
from sameperson.training.learner import PRECISION, Learner

PEOPLE = 751
"""Training identities, as Market-1501 has."""
PICTURES = 4
"""Of a person in a batch."""
KINDS = {"fp32": "none", "tf32": "none", "bf16": "bf16"}
"""train.amp of each precision. tf32: what an NVIDIA card does to convolutions of `none` where nobody says otherwise."""


@dataclass(frozen=True)
class Problem:
    """A network, the size of pictures (H, W) and how many pass at once, on a device."""

    backbone: str
    size: tuple[int, int]
    batch: int
    device: torch.device

    def recipe(self, method: str, amp: str) -> Recipe:
        """The published settings of a method, on this network and these pictures."""
        data, backbone = {"size": self.size}, {"name": self.backbone, "last_stride": 2}  # as published, HRNet included
        return Recipe.model_validate(
            {"method": {"name": method}, "data": data, "backbone": backbone, "train": {"amp": amp}}
        )

    def pictures(self) -> Batch:
        """A batch: noise, people in groups, stripes as part labels."""
        images = torch.randn(self.batch, 3, *self.size, generator=torch.Generator().manual_seed(0))
        pids = torch.arange(self.batch) // PICTURES % PEOPLE
        rows = torch.arange(self.batch)
        cells = cells_of(*self.size)
        parts = torch.arange(1, 7)[:, None, None]
        labels = (stripes(6, cells) * parts).sum(0).to(torch.uint8).expand(self.batch, *cells)
        images = images.to(self.device, memory_format=torch.channels_last)
        pids, rows, labels = (found.to(self.device) for found in (pids, rows, labels.contiguous()))
        valid = torch.ones_like(rows, dtype=torch.bool)
        return Batch(images, pids, rows, rows, rows, {PART_LABELS: labels}, {PART_LABELS: valid})


def whole_step(problem: Problem, method: str, kind: str) -> Callable[[], None]:
    """Losses, backward, step, as the loop makes them."""
    recipe, batch = problem.recipe(method, KINDS[kind]), problem.pictures()
    torch.manual_seed(0)
    learner = Learner(build_method(recipe, PEOPLE), recipe, Processes(problem.device))
    learner.train()

    def run() -> None:
        torch.backends.cudnn.allow_tf32 = kind != "fp32"
        for phase in learner.phases:
            with learner.autocast():
                losses = learner.method.losses(batch, phase.name)
            total = torch.stack([loss.float() for loss in losses.values()]).sum()
            learner.scaler.scale(total).backward(inputs=phase.parameters)
            phase.step(recipe.optim.lr, learner.scaler)
        settle(problem.device)

    return run


def bare_step(problem: Problem, kind: str) -> Callable[[], None]:
    """ISP's backbone there and back, without anything on top."""
    amp = KINDS[kind]
    recipe, images = problem.recipe("isp", amp), problem.pictures().images
    torch.manual_seed(0)
    network = build_multiscale(recipe.backbone, problem.size).to(problem.device).to(memory_format=torch.channels_last)

    def run() -> None:
        torch.backends.cudnn.allow_tf32 = kind != "fp32"
        with torch.autocast(problem.device.type, PRECISION[amp], enabled=amp != "none"):
            found = network(images)
        found.backward(torch.ones_like(found))
        network.zero_grad()
        settle(problem.device)

    return run


def settle(device: torch.device) -> None:
    """Wait for what an accelerator was asked to do."""
    if device.type != "cpu":
        torch.accelerator.synchronize()


def made(job: Callable[[], Callable[[], None]], device: torch.device) -> tuple[Callable[[], None], float]:
    """A step that has been made twice, and the peak MB that it takes: weights, gradients, optimiser, maps.

    Exact on an accelerator; on a CPU resident memory, of which an earlier job may have left some to reuse.
    """
    steps: list[Callable[[], None]] = []

    def first() -> None:
        steps.append(job())
        steps[0]()
        steps[0]()  # now beside the optimiser's memory

    if device.type == "cpu":
        extra = peak_extra_mb(first)
    else:
        torch.accelerator.empty_cache()
        torch.accelerator.reset_peak_memory_stats()
        before = torch.accelerator.memory_allocated()
        first()
        extra = (torch.accelerator.max_memory_allocated() - before) / 2**20
    return steps[0], extra


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", help="default: hrnet_w32 on an accelerator, osnet_ain_x0_25 on a CPU")
    parser.add_argument("--size", type=int, nargs=2, help="height and width (default: 256 128, on a CPU 128 64)")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--runs", type=int, help="default: 30 on an accelerator, 5 on a CPU")
    parser.add_argument("--device", default="auto", help="default: the accelerator if there is one")
    parser.add_argument("--quick", action="store_true", help="a few small pictures once, to see that it works")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    device = pick_device(options.device)
    slow = device.type == "cpu"
    size = options.size or ((128, 64) if slow else (256, 128))
    problem = Problem(
        options.backbone or ("osnet_ain_x0_25" if slow else "hrnet_w32"), (size[0], size[1]), options.batch, device
    )
    runs = options.runs or (5 if slow else 30)
    if options.quick:
        problem, runs = Problem("osnet_ain_x0_25", (64, 32), 2 * PICTURES, device), 1

    jobs: dict[str, Callable[[], Callable[[], None]]] = {}
    for kind in ("fp32",) if slow else KINDS:
        jobs[f"isp, {kind}"] = lambda kind=kind: whole_step(problem, "isp", kind)
        jobs[f"baseline, {kind}"] = lambda kind=kind: whole_step(problem, "baseline", kind)
        jobs[f"backbone alone, {kind}"] = lambda kind=kind: bare_step(problem, kind)
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    tf32 = torch.backends.cudnn.allow_tf32
    with reproducible(device):
        ready = {name: made(job, device) for name, job in jobs.items()}
        for _ in range(runs):
            for name, (step, _) in ready.items():
                seconds[name].append(timed(step)[0])
    torch.backends.cudnn.allow_tf32 = tf32
    where = f"CPU, {torch.get_num_threads()} threads" + (
        "" if torch.accelerator.is_available() else ": no accelerator here"
    )
    if not slow:
        where = torch.get_device_module(device).get_device_name(device)
    height, width = problem.size
    print(f"{problem.backbone}, {problem.batch} pictures of {height}x{width} a step, on {where}")
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    rates = {name: problem.batch / value for name, value in middle.items()}
    for name, value in middle.items():
        kind = name.rpartition(", ")[2]
        said = f"{name}: {rates[name]:.1f} pictures/s, {1e3 * value:.1f} ms, {ready[name][1]:.0f} MB"
        print(f"{said}, {value / middle[f'backbone alone, {kind}']:.2f} of the backbone alone")
    faster = None
    if not slow:
        faster = middle["isp, fp32"] / middle["isp, bf16"]
        print(f"ISP in bf16 is {faster:.2f} times as fast as in fp32")
    if options.json:
        best = "isp, fp32" if slow else "isp, bf16"
        floor = best.replace("isp", "backbone alone")
        figures = {
            "ours_s": middle[best],
            "floor_s": middle[floor],
            "peer_s": None,
            "ours_over_floor": middle[best] / middle[floor],
            "images_per_s": rates,
            "bf16_over_fp32": faster,
            "peak_extra_mb": ready[best][1],
            "peak_mb": {name: extra for name, (_, extra) in ready.items()},
            "sizes": {"batch": problem.batch, "size": problem.size, "people": PEOPLE},
            "backbone": problem.backbone,
            "device": where,
            "runs": runs,
            "seconds": seconds,
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
