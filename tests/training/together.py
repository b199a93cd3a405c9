"""What torchrun does, in one import: a job in N forked processes that find each other by the environment.

`together.py N FOLDER WORD...` averages gradients, leaves in FOLDER what each process got, then runs `sameperson WORD`.
"""

import os
import socket
import sys
from collections.abc import Callable

import torch
from torch import nn

from sameperson.cli.main import main
from sameperson.training.distributed import processes


def together(world: int, job: Callable[[], int]) -> int:
    """The worst exit code of `world` processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    torch.set_num_threads(1)
    children = []
    for rank in range(world):
        child = os.fork()
        if not child:
            os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(world)}
            os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}
            os._exit(job())
        children.append(child)
    return max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)


def average(folder: str) -> int:
    """Gradients (1, 2) and (2, 4); one that only the second process has; one that nobody has; statistics of each."""
    with processes("cpu") as crew:
        both, one, none = (nn.Parameter(torch.zeros(2)) for _ in range(3))
        both.grad = torch.tensor([1.0, 2.0]) * (crew.rank + 1)
        one.grad = torch.ones(2) if crew.rank == 1 else None
        crew.average_gradients([both, one, none])
        means = crew.mean({"a": torch.tensor(float(crew.rank)), "b": torch.tensor(4.0)})
        who = [crew.rank, crew.world_size, crew.first]
        told = [both.grad, one.grad, none.grad, means, crew.agreed(crew.rank == 0), who]
        norm = nn.BatchNorm1d(1)
        norm.running_mean += crew.rank + 3
        norm.num_batches_tracked += crew.rank
        crew.share_buffers(norm)
        told.append([buffer.tolist() for buffer in norm.buffers()])
        torch.save(told, f"{folder}/{crew.rank}.pt")
    return 0


if __name__ == "__main__":
    count, folder, *words = sys.argv[1:]
    import sameperson.training.loop  # noqa: F401 - once, before the processes part

    sys.exit(together(int(count), lambda: average(folder)) or together(int(count), lambda: main(words)))
