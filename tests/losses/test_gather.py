"""Rows of two processes against the same rows in one."""

import os
from pathlib import Path

import torch
import torch.distributed as dist

from sameperson.losses.gather import gather_rows
from sameperson.losses.triplet import triplet_loss

ROWS = torch.randn(8, 5, generator=torch.Generator().manual_seed(0))
PIDS = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])
WEIGHT = torch.randn(5, 4, generator=torch.Generator().manual_seed(1))


def loss_and_gradient(rows: torch.Tensor, pids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    weight = WEIGHT.clone().requires_grad_()
    loss = triplet_loss(gather_rows(rows @ weight), gather_rows(pids), 1.0)
    loss.backward()
    assert weight.grad is not None
    return loss.detach(), weight.grad


def one_of_two(rank: int, folder: Path) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    half = slice(4 * rank, 4 * rank + 4)
    loss, gradient = loss_and_gradient(ROWS[half], PIDS[half])
    dist.all_reduce(gradient)
    torch.save([loss, gradient / 2, gather_rows(PIDS[half])], folder / f"{rank}.pt")
    dist.barrier()
    dist.destroy_process_group()


def test_two_processes_get_the_loss_and_the_mean_gradient_of_one(tmp_path):
    """Every person has one picture in each process, so that no triplet could be made without the other's rows."""
    children = []
    for rank in range(2):
        child = os.fork()
        if not child:
            failed = 1
            try:
                one_of_two(rank, tmp_path)
                failed = 0
            finally:
                os._exit(failed)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    loss, gradient = loss_and_gradient(ROWS, PIDS)
    for rank in range(2):
        theirs = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert torch.allclose(theirs[0], loss, atol=1e-6)
        assert torch.allclose(theirs[1], gradient, atol=1e-5)
        assert torch.equal(theirs[2], PIDS)
    assert gradient.abs().max() > 0.01


def test_alone_rows_stay_as_they_are():
    assert gather_rows(ROWS) is ROWS
