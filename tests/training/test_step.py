"""One step of the loop, on networks small enough to work out by hand."""

import torch
from torch import Tensor, nn

from sameperson.config import Optim
from sameperson.data.batch import Batch
from sameperson.methods.method import Embedded, Group, Method, Phase
from sameperson.overrides import load_recipe
from sameperson.training.distributed import Processes
from sameperson.training.learner import Learner
from sameperson.training.loop import Loop
from sameperson.training.progress import Progress
from sameperson.training.train_split import TrainSplit
from sameperson.types import Samples

CREW = Processes(torch.device("cpu"))
SGD = ["optim.name=sgd", "optim.momentum=0", "optim.weight_decay=0"]


class Line(Method):
    """Pulls one weight towards the mean of the pictures: loss = (w - x)^2 / 2."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.neck = nn.BatchNorm2d(3)
        self.saw: list[tuple[str, torch.dtype]] = []

    def phases(self):
        return [Phase("main", [Group([self.weight])])]

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        self.neck(batch.images)
        self.saw.append((phase, (torch.ones(2, 2) @ torch.ones(2, 2)).dtype))
        pull = (self.weight - batch.images.mean((1, 2, 3))).square().mean() / 2
        return {"pull": pull}

    def embed(self, images, priors, give="features"):
        return Embedded(images.mean((2, 3)))


class Duel(Line):
    """Two phases over one product a * b: each must move its own factor only, the second seeing what the first did."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Parameter(torch.tensor(2.0)), nn.Parameter(torch.tensor(3.0))

    def phases(self):
        return [Phase("judge", [Group([self.a])]), Phase("main", [Group([self.b], lr_scale=0.5)])]

    def losses(self, batch: Batch, phase: str) -> dict[str, Tensor]:
        return {"product": self.a * self.b}


def loop(method: Method, *words: str) -> Loop:
    recipe = load_recipe(None, [*SGD, *words])
    none = Samples.of([], [])
    return Loop(
        recipe,
        none.root,
        CREW,
        TrainSplit(none, none, none, "market1501", 0),
        Learner(method, recipe, CREW),
        Progress(),
        [],
    )


def batch(*values: float) -> Batch:
    images = torch.tensor(values).view(-1, 1, 1, 1).expand(-1, 3, 2, 2)
    rows = torch.arange(len(values))
    return Batch(images, rows, rows, rows, rows)


def test_a_step_goes_down_the_gradient():
    method = Line()
    loop(method).step([batch(1.0, 3.0)], [0.5])
    assert method.weight.item() == 1.0  # from 0, half the way to the mean, 2


def test_accumulated_batches_make_the_step_of_one_large_batch():
    apart, whole = Line(), Line()
    loop(apart).step([batch(1.0, 3.0), batch(5.0, 7.0)], [0.5])
    loop(whole).step([batch(1.0, 3.0, 5.0, 7.0)], [0.5])
    assert apart.weight.item() == whole.weight.item() == 2.0


def test_each_phase_moves_its_own_parameters_in_order_and_leaves_no_gradient():
    method = Duel()
    running = loop(method)
    running.step([batch(0.0)], [0.1, 0.1])
    # judge: a = 2 - 0.1 * 3; main: b = 3 - 0.1 * 0.5 * 1.7, seeing the new a.
    torch.testing.assert_close(method.a.detach(), torch.tensor(1.7))
    torch.testing.assert_close(method.b.detach(), torch.tensor(2.915))
    assert all(parameter.grad is None for parameter in method.parameters())
    assert set(running.learner.at.losses) == {"judge/product", "main/product"}


def test_each_phase_has_its_own_optimiser_and_schedule():
    """Momentum moves only the judge: its second step repeats its first one, while the other factor has none."""

    class Own(Duel):
        def phases(self):
            judge, main = super().phases()
            momentum = Optim(name="sgd", lr=0.1, momentum=1.0, weight_decay=0.0, schedule="constant", warmup_epochs=0)
            return [Phase(judge.name, judge.groups, momentum), main]

    method = Own()
    running = loop(method)
    assert [phase.optim.momentum for phase in running.learner.phases] == [1.0, 0.0]
    running.step([batch(0.0)], [0.1, 0.0])  # a = 2 - 0.1 * 3 = 1.7
    running.step([batch(0.0)], [0.1, 0.0])  # a = 1.7 - 0.1 * (3 + 3) = 1.1
    torch.testing.assert_close(method.a.detach(), torch.tensor(1.1))
    assert method.b.item() == 3.0


def test_losses_are_summed_by_name_over_batches():
    running = loop(Line())
    running.step([batch(2.0), batch(4.0)], [0.0])
    assert running.learner.at.losses["pull"].item() == 2.0 + 8.0
    assert (running.learner.at.step, running.learner.at.steps, running.learner.at.batches) == (1, 1, 2)


def test_gradients_are_clipped_to_a_norm():
    method = Line()
    loop(method, "optim.clip=0.25").step([batch(8.0)], [1.0])
    torch.testing.assert_close(method.weight.detach(), torch.tensor(0.25))


def test_statistics_are_still_when_frozen_and_move_otherwise():
    for frozen in (True, False):
        method = Line()
        running = loop(method, f"train.freeze_bn={frozen}")
        running.learner.train()
        running.step([batch(1.0, 3.0)], [0.0])
        assert bool((method.neck.running_mean == 0).all()) is frozen


def test_the_average_follows_the_steps():
    method = Line()
    running = loop(method, "train.ema=0.9")
    running.step([batch(1.0)], [1.0])
    assert method.weight.item() == 1.0
    torch.testing.assert_close(running.learner.kept.weight, torch.tensor(1 - 2 / 11))


def test_precision_of_the_forward_pass_and_fp16s_scaled_gradients():
    for name, seen in (("none", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)):
        method = Line()
        running = loop(method, f"train.amp={name}")
        assert running.learner.scaler.is_enabled() is (name == "fp16")
        running.step([batch(2.0)], [0.5])
        assert method.saw == [("main", seen)] and method.weight.item() == 1.0
