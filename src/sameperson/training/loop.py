"""The training loop: losses, backward and step for each phase, with validation, metrics and checkpoints around it.

torch only; pictures come as uint8 and are normalised on the device (data/loading.py). A run is a function of its
recipe and its pictures: stopped at any step and resumed, it ends with the same weights.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

from sameperson.checks import InputError
from sameperson.config import Recipe
from sameperson.data.batch import Batch
from sameperson.data.dataset import Dataset
from sameperson.data.loading import normalise, plain_loader, to_device, train_loader
from sameperson.data.samplers import batch_size
from sameperson.locks import locked
from sameperson.methods.build import build_method
from sameperson.methods.load import export_weights
from sameperson.methods.method import Run, no_agreement
from sameperson.models.normalisation import with_normalisation_of_weights
from sameperson.priors.prior import Prior
from sameperson.training.determinism import reproducible, reseed
from sameperson.training.distributed import Processes, processes
from sameperson.training.learner import Learner
from sameperson.training.metrics import NOTHING_TO_VALIDATE, Metrics
from sameperson.training.optim import rate
from sameperson.training.parsing import TrueParsing, true_parsing
from sameperson.training.progress import Progress
from sameperson.training.result import TrainResult, write_result
from sameperson.training.run_folder import CHECKPOINT, WEIGHTS, check_folder, last_checkpoint, open_folder
from sameperson.training.task import Split, Task, require_same
from sameperson.training.tasks import task_of
from sameperson.types import Rows

T = TypeVar("T")
Line = dict[str, Any]


def train(
    recipe: Recipe,
    folder: str | Path,
    *,
    dataset: Dataset | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    on_epoch: Callable[[Mapping[str, Any]], None] | None = None,
) -> TrainResult:
    """Train a recipe into `folder`, and keep the weights that do best on what is held out of training.

    The best are those with the highest mAP on held-out people or, for a parser, the highest mean IoU on held-out
    pictures. Where nothing is held out the last weights are kept. Under torchrun every process calls this; the first
    one validates and writes.

    dataset: trained on instead of the one that the recipe names. resume: continue from the checkpoint in `folder`.
    on_epoch: called with each line of metrics.

    Raises:
        InputError: for what the user can mend: pictures, a folder in which another process trains, checkpoint, device,
            losses that are not finite.
    """
    folder, progress = Path(folder), progress or Progress()
    recipe = with_normalisation_of_weights(recipe)
    with processes(recipe.train.device) as crew, reproducible(crew.device), ExitStack() as stack:
        if crew.first:
            stack.enter_context(locked(folder))
            check_folder(folder, recipe, resume=resume)
        pictures: Split = task_of(recipe).split(recipe, dataset)
        # Batches that cannot be made are told now, before there is a folder that a second try would find.
        train_loader(pictures.train, recipe, 0, 0, crew.rank, crew.world_size, pictures.priors)
        reseed(recipe.seed)
        learner = Learner(build_method(recipe, pictures.train.people), recipe, crew)
        pictures = pictures.with_needs(learner.method.needs, recipe)
        checkpoint = last_checkpoint(folder, recipe) if resume else None
        if checkpoint is not None:
            require_same(pictures.train, checkpoint, folder)
            learner.restore(checkpoint, folder)
        listeners: list[Callable[[Line], object]] = []
        if crew.first:
            open_folder(folder, recipe)
            metrics = Metrics(
                folder, learner.at.epoch, under_way=learner.at.step > 0, tensorboard=recipe.train.tensorboard
            )
            listeners = [stack.enter_context(metrics).write, stack.enter_context(progress).wrote]
            listeners += [on_epoch] if on_epoch else []
            if pictures.nothing:
                progress.say(f"note: {pictures.nothing}, so nothing is validated, and the last weights are kept")
        finds_parts = learner.method.label_set and recipe.method.task == "identity"
        truth = true_parsing(pictures.train, recipe) if crew.first and finds_parts else None
        Loop(recipe, folder, crew, pictures, learner, progress if crew.first else Progress(), listeners, truth).run()
        return write_result(folder, recipe, pictures, learner.at, crew) if crew.first else TrainResult(folder)


@dataclass(frozen=True)
class Loop:
    """A run under way: its recipe, pictures, processes and learner, and the listeners of its metrics.

    truth: the true parsing maps by which labels that the method makes are measured, if there are any. labels: the
    labels that the method makes, by name.
    """

    recipe: Recipe
    folder: Path
    crew: Processes
    pictures: Split
    learner: Learner
    progress: Progress
    listeners: Sequence[Callable[[Line], object]]
    truth: TrueParsing | None = None
    labels: dict[str, Prior] = field(default_factory=dict)

    @property
    def task(self) -> Task:
        """What the run learns."""
        return task_of(self.recipe)

    def run(self) -> None:
        """Train epoch after epoch, until the last one or until early stopping."""
        at = self.learner.at
        while not self.crew.agreed(self.over):
            self.tell(self.epoch())
            if self.crew.first and self.pictures.validated and self.due:
                self.tell(self.validation())
            at.next_epoch()
            self.save()
        if self.crew.first and not at.best:
            self.keep({})

    @property
    def over(self) -> bool:
        """Whether the last epoch is done, or validation has not improved for `train.patience` validations."""
        train, at = self.recipe.train, self.learner.at
        return at.epoch >= train.epochs or 0 < train.patience <= at.worse

    @property
    def due(self) -> bool:
        """Whether this epoch ends with a validation; every n-th and the last one do."""
        train, done = self.recipe.train, self.learner.at.epoch + 1
        return done % train.validate_every == 0 or done == train.epochs

    def epoch(self) -> Line:
        """Train what is left of this epoch, and return its line of metrics."""
        recipe, crew, at = self.recipe, self.crew, self.learner.at
        share = recipe.train.accumulate
        self.prepare()
        train, priors = self.pictures.train, {**self.pictures.priors, **self.labels}
        batches = train_loader(train, recipe, at.epoch, at.step * share, crew.rank, crew.world_size, priors)
        steps = at.step + math.ceil(len(batches) / share)
        self.learner.train()
        self.progress.epoch_began(at.epoch + 1, recipe.train.epochs, steps, at.step)
        began, now = time.monotonic() - at.seconds, recipe.optim.lr
        for group in grouped(batches, share):
            reseed(recipe.seed, at.epoch, 1 + at.step, crew.rank)
            when = at.epoch + at.step / steps
            now = rate(recipe.optim, recipe.train.epochs, when)
            rates = [rate(phase.optim, recipe.train.epochs, when) for phase in self.learner.phases]
            self.step([to_device(raw, crew.device, recipe.data.mean, recipe.data.std) for raw in group], rates)
            self.progress.stepped()
            if recipe.train.checkpoint_steps and at.steps % recipe.train.checkpoint_steps == 0 and at.step < steps:
                at.seconds = time.monotonic() - began
                self.save()
        losses = self.mean_losses()
        at.seconds = time.monotonic() - began
        pictures = at.batches * batch_size(recipe)
        pace = {"seconds": round(at.seconds, 3), "images_per_second": round(pictures / at.seconds, 1)}
        return {"epoch": at.epoch + 1, "loss": sum(losses.values()), **losses, "lr": now, **pace}

    def prepare(self) -> None:
        """Call the method's `before_epoch`, in which it may label its pictures again."""
        at, crew, train = self.learner.at, self.crew, self.pictures.train
        reseed(self.recipe.seed, at.epoch, 0)
        crew.share_buffers(self.learner.method)
        run = Run(
            folder=self.folder,
            epoch=at.epoch,
            seed=self.recipe.seed,
            device=str(crew.device),
            resumed=at.step > 0,
            samples=train,
            pictures=self.as_at_test_time,
            labels=self.labels,
            rank=crew.rank,
            world_size=crew.world_size,
            barrier=crew.barrier,
            tell=self.tell_of_method,
            agreement=self.truth.agreement if self.truth else no_agreement,
        )
        self.learner.method.before_epoch(run)

    def tell_of_method(self, line: Mapping[str, Any]) -> None:
        """Write a method's own line of metrics, about the weights as they were before this epoch."""
        if line:
            self.tell({"epoch": self.learner.at.epoch, **line})

    def as_at_test_time(self, plan: Sequence[Rows]) -> Iterator[Tensor]:
        """Load the training pictures of each batch of rows, normalised on the device, without augmentation."""
        data = self.recipe.data
        for batch in plain_loader(self.pictures.train, plan, data.size, data.workers):
            yield normalise(batch.images.to(self.crew.device), data.mean, data.std)

    def step(self, batches: Sequence[Batch], rates: Sequence[float]) -> None:
        """Make one step of every phase, with gradients accumulated over `batches`: losses, backward, step.

        rates: the learning rate of each phase.
        """
        learner, at = self.learner, self.learner.at
        for phase, now in zip(learner.phases, rates, strict=True):
            for batch in batches:
                with learner.autocast():
                    losses = learner.method.losses(batch, phase.name)
                if not losses:
                    found = "a recipe that gives every loss the weight 0"
                    raise InputError(found, "something to learn by", "set method.id_weight=1")
                total = torch.stack([loss.float() for loss in losses.values()]).sum()
                learner.scaler.scale(total / len(batches)).backward(inputs=phase.parameters)
                at.add(losses if len(learner.phases) == 1 else {f"{phase.name}/{k}": v for k, v in losses.items()})
            self.crew.average_gradients(phase.parameters)
            phase.step(now, learner.scaler, phase.optim.clip)
        at.step, at.steps, at.batches = at.step + 1, at.steps + 1, at.batches + len(batches)
        if learner.average is not None:
            learner.average.update(learner.method, at.steps)

    def mean_losses(self) -> dict[str, float]:
        """The mean of each loss of this epoch over batches and processes. Raises InputError if one is not finite."""
        at = self.learner.at
        losses = self.crew.mean({f"loss/{name}": total / at.batches for name, total in at.losses.items()})
        for name, value in losses.items():
            if not math.isfinite(value):
                raise InputError(
                    f"{name} became {value} in epoch {at.epoch + 1}",
                    "a finite loss",
                    "lower optim.lr, set optim.clip=1, or set train.amp=none, and start again",
                )
        return losses

    def validation(self) -> Line:
        """Validate on what is held out, and keep the weights if they are the best so far.

        Where nothing can be measured, such as a query without a match, the figures are None and `val/nothing` says why;
        then no weights are the best.
        """
        at, began, task = self.learner.at, time.monotonic(), self.task
        nothing = self.pictures.nothing
        found = None if nothing else task.validate(self.learner.kept, self.recipe, self.pictures)
        if found is None:
            return {"epoch": at.epoch + 1, **dict.fromkeys(task.shown), NOTHING_TO_VALIDATE: nothing or task.nothing}
        figures, key = found.figures, task.chosen_by
        better = not at.best or figures[key]["value"] > at.best["figures"][key]["value"]
        if better:
            at.best, at.worse = {"epoch": at.epoch + 1, "figures": figures}, 0
            self.keep({"validation": figures})
        else:
            at.worse += 1
        return {"epoch": at.epoch + 1, **found.shares, "best": better, "seconds": round(time.monotonic() - began, 3)}

    def keep(self, results: Mapping[str, Any]) -> None:
        """Export the present weights with their card."""
        people = self.pictures.train.people
        export_weights(self.folder / WEIGHTS, self.learner.kept, self.recipe, people=people, results=results)

    def tell(self, line: Line) -> None:
        """Pass a line of metrics to all listeners."""
        for listener in self.listeners:
            listener(line)

    def save(self) -> None:
        """Write the checkpoint, from which a stopped run is resumed."""
        if self.crew.first:
            people, pictures = self.pictures.train.people, len(self.pictures.train)
            self.learner.checkpoint(people, pictures).save(self.folder / CHECKPOINT)


def grouped(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Group items into lists of `size`; the last list may be shorter.

    >>> list(grouped("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(items)
    while group := list(islice(rest, size)):
        yield group
