"""Distributed training: the processes that torchrun started, or one process alone, and their devices.

The loop calls a method's `losses()`, not `forward()`, so there is no wrapper such as DistributedDataParallel around the
network: gradients are averaged by hand.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn

from sameperson.checks import InputError

PATIENCE = timedelta(hours=2)
"""How long processes wait for the first one, which validates alone."""


@dataclass(frozen=True)
class Processes:
    """The place of this process among `world_size` processes, and its device. Only the first process writes files."""

    device: torch.device
    rank: int = 0
    world_size: int = 1

    @property
    def first(self) -> bool:
        """Whether this process writes and validates."""
        return self.rank == 0

    def average_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Replace each gradient by its mean over the processes, in one all-reduce.

        A parameter without a gradient in one process counts as zero there; without one everywhere it keeps none, so
        that an optimiser passes over it just as it would with one process.
        """
        if self.world_size == 1:
            return
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in parameters])
        present = flat.new_tensor([p.grad is not None for p in parameters])
        both = torch.cat([flat, present])
        dist.all_reduce(both)
        flat, present = both.split([len(flat), len(parameters)])
        means = (flat / self.world_size).split([p.numel() for p in parameters])
        for parameter, mean, anywhere in zip(parameters, means, present.tolist(), strict=True):
            parameter.grad = mean.view_as(parameter) if anywhere else None

    def mean(self, values: Mapping[str, Tensor]) -> dict[str, float]:
        """Scalars by name, averaged over the processes."""
        if not values:
            return {}
        stacked = torch.stack(list(values.values()))
        if self.world_size > 1:
            dist.all_reduce(stacked)
        return dict(zip(values, (stacked / self.world_size).tolist(), strict=True))

    def agreed(self, yes: bool) -> bool:
        """Return the first process's answer in all processes; the others wait for it."""
        if self.world_size == 1:
            return yes
        answer = torch.tensor([yes], dtype=torch.uint8, device=self.device)
        dist.broadcast(answer, src=0)
        return bool(answer.item())

    def barrier(self) -> None:
        """Wait until every process has called this."""
        self.mean({"here": torch.zeros((), device=self.device)})  # the sum is complete only when all have called

    def share_buffers(self, network: nn.Module) -> None:
        """Copy the first process's buffers, such as batch statistics, to all processes.

        On the CPU each process computes them from its own share of the batch. They do not matter in training mode, but
        in evaluation mode all processes must give the same features.
        """
        if self.world_size > 1:
            for buffer in network.buffers():
                dist.broadcast(buffer, src=0)

    def synchronize(self, network: nn.Module) -> None:
        """Make batch normalisation use the statistics of all processes, in place; the CPU cannot, and is left as is."""
        if self.world_size > 1 and self.device.type != "cpu":
            nn.SyncBatchNorm.convert_sync_batchnorm(network)


def is_first() -> bool:
    """Tell whether this process is the first one of its run, before it has joined the others."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank() == 0
    return int(os.environ.get("WORLD_SIZE", "1")) == 1 or int(os.environ.get("RANK", "0")) == 0


@contextmanager
def processes(device: str = "auto") -> Iterator[Processes]:
    """Join the processes of this run: those of torchrun or of an existing process group, otherwise this one alone.

    device: "auto" takes the accelerator if there is one, one for each process; any other name is torch's.
    """
    if dist.is_available() and dist.is_initialized():
        rank, world_size = dist.get_rank(), dist.get_world_size()
        yield Processes(pick_device(device, int(os.environ.get("LOCAL_RANK", rank))), rank, world_size)
        return
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    if world_size == 1:
        yield Processes(pick_device(device))
        return
    place = pick_device(device, int(os.environ["LOCAL_RANK"]))
    dist.init_process_group(dist.get_default_backend_for_device(place), timeout=PATIENCE)
    try:
        yield Processes(place, dist.get_rank(), world_size)
    finally:
        dist.destroy_process_group()


def pick_device(name: str = "auto", local_rank: int = 0) -> torch.device:
    """Find a device by its name; `auto` is the accelerator if there is one, otherwise the CPU.

    Raises InputError for a name that torch does not know or a device that this machine does not have.
    """
    accelerator = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    here = f"cpu and {accelerator.type}" if accelerator else "cpu only"
    if name == "auto":
        device = torch.device("cpu") if accelerator is None else accelerator
    else:
        try:
            device = torch.device(name)
        except RuntimeError as error:
            raise InputError(f"train.device = {name!r}", "a device", f"this machine has {here}") from error
    if device.type == "cpu":
        return device
    if accelerator is None or device.type != accelerator.type:
        raise InputError(
            f"train.device = {name!r}: no such device", "a device that is here", f"this machine has {here}"
        )
    place = device if device.index is not None else torch.device(device.type, local_rank)
    count = torch.accelerator.device_count()
    if (place.index or 0) >= count:
        raise InputError(f"{place}: no such device", f"one of {count}", "start fewer processes or name another device")
    torch.accelerator.set_device_index(place.index or 0)
    return place
