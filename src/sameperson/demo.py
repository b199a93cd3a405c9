"""The whole story on people who do not exist: make them, learn from some, search for the others, say how well.

One stage, one function. Each leaves a whole file or folder behind, so that a demo that was killed goes on from there.
"""

from __future__ import annotations

import os
import platform
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sameperson import __version__
from sameperson.checks import atomic
from sameperson.config import Recipe
from sameperson.data.dataset import Dataset
from sameperson.data.readers import read_dataset
from sameperson.data.split import learned_and_held_out
from sameperson.demo_folder import DemoFolder, open_demo
from sameperson.evaluation.embed import embed
from sameperson.evaluation.network import Network
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.raw_pixels import RawPixels
from sameperson.evaluation.result import Evaluation, evaluate
from sameperson.locks import locked
from sameperson.methods.build import build_method
from sameperson.methods.load import TrainedNetwork, describe, load_network
from sameperson.models.model_card import checksum
from sameperson.overrides import load_recipe
from sameperson.report.examples import Searches, answered, sheet
from sameperson.report.html import write_report
from sameperson.report.run import DemoResult, Pictures
from sameperson.report.values import Judged
from sameperson.retrieval.calibrate import Calibration
from sameperson.retrieval.calibrated import calibrate_weights
from sameperson.retrieval.find import find
from sameperson.training.determinism import reseed
from sameperson.training.loop import train
from sameperson.training.progress import Progress
from sameperson.training.run_folder import WEIGHTS
from sameperson.types import Embeddings, Samples
from sameperson.world.dataset import make_world
from sameperson.world.plan import WorldPlan

EXAMPLES, HARDEST, ANSWERS, SEARCHED = 4, 4, 10, 6
"""Searches drawn at random and the hardest ones, answers shown to each, and answers to the search a user makes."""
CARD = {
    "training_data": "synthetic people rendered by sameperson world",
    "licence": "Apache-2.0",
    "limits": "It has seen only synthetic people, each in one outfit. On real pictures it is far weaker.",
}


@dataclass(frozen=True)
class Plan:
    """What a demo is made of. quick: a tiny world and two epochs, to see that every part works."""

    seed: int = 0
    quick: bool = False

    @property
    def world(self) -> WorldPlan:
        """The people: the test people are never seen in training."""
        if self.quick:
            return WorldPlan(people=16, test_people=6, cameras=3, shots=2, seed=self.seed, size=(64, 32))
        return WorldPlan(people=144, test_people=48, cameras=6, shots=4, seed=self.seed, size=(128, 64))

    def recipe(self, root: Path) -> Recipe:
        """The recipe that comes with the package, on the people in `root`."""
        recipe = load_recipe("demo_quick" if self.quick else "demo")
        data = recipe.data.model_copy(update={"root": root, "size": self.world.size})
        return recipe.model_copy(update={"data": data, "seed": self.seed})

    def arguments(self, recipe: Recipe) -> dict[str, Any]:
        """All that shapes the result, but not where it lies: with the same arguments, what is there may be kept."""
        learning = recipe.model_dump(mode="json", exclude={"data": {"root"}})
        return {"version": __version__, "world": self.world.as_json(), "recipe": learning}


Tell = Callable[[str], object]
"""Hears what stage a demo has come to, and what it found."""


@dataclass(frozen=True)
class Judgement:
    """How a network did on the test people, and the embeddings that say so."""

    evaluation: Evaluation
    query: Embeddings
    gallery: Embeddings


def run_demo(out: str | Path, plan: Plan, tell: Tell = lambda _: None, progress: Progress | None = None) -> DemoResult:
    """Tell the whole story in `out`: world/, train/, result.json, pictures.json, report.html.

    tell: hears of every stage. progress: hears how far the long ones have come.
    Raises InputError where `out` holds something else, cannot be written, or is being written by another process.
    """
    progress, out = progress or Progress(), Path(out)
    recipe = plan.recipe(out / "world")
    with locked(out):
        folder = open_demo(out, plan.arguments(recipe))
        tell(folder.found)
        dataset = make_people(folder, plan, recipe, tell, progress)
        network = learn(folder, dataset, recipe, tell, progress)
        with folder.stage("evaluate"):
            judgements = judge(network, dataset, recipe, tell)
        with folder.stage("calibrate"):
            calibration = calibrate_weights(out / "train" / WEIGHTS, recipe, dataset, **CARD)
        with folder.stage("search"):
            pictures = search(judgements["trained"], dataset, recipe, calibration, out)
        write_text(out / "pictures.json", pictures.model_dump_json(indent=1))
        with folder.stage("report"):
            # The page says how long everything took but itself.
            result = gathered(folder, plan, recipe, dataset, judgements)
            write_text(out / "result.json", result.model_dump_json(indent=2))
            write_report(out)
        result = gathered(folder, plan, recipe, dataset, judgements)
        write_text(out / "result.json", result.model_dump_json(indent=2))
        return result


def make_people(folder: DemoFolder, plan: Plan, recipe: Recipe, tell: Tell, progress: Progress) -> Dataset:
    """Render everyone, unless they are there."""
    world = folder.path / "world"
    with locked(world):
        if world.exists():
            folder.keep("world")
            tell(f"{world}: people kept from before")
            return read_dataset(recipe.data)
        tell(f"making {plan.world.people} people in front of {plan.world.cameras} cameras")
        with folder.stage("world", again=False), progress:

            def drawn(done: int, total: int) -> None:
                progress.count("people", done, total)
                folder.note()

            make_world(world, plan.world, workers=os.cpu_count() or 1, progress=drawn)
    return read_dataset(recipe.data)


def learn(folder: DemoFolder, dataset: Dataset, recipe: Recipe, tell: Tell, progress: Progress) -> TrainedNetwork:
    """Train, from where an earlier call stopped, unless that is done."""
    run = folder.path / "train"
    with locked(run):
        if (run / "result.json").exists():
            folder.keep("train")
            tell(f"{run}: training kept from before")
            return load_network(run / WEIGHTS)
        resume = run.exists()
        tell(f"training {recipe.backbone.name} for {recipe.train.epochs} epochs" + ", resumed" * resume)
        with folder.stage("train", again=False):
            train(recipe, run, dataset=dataset, resume=resume, progress=progress, on_epoch=folder.note)
    return load_network(run / WEIGHTS)


def judge(network: TrainedNetwork, dataset: Dataset, recipe: Recipe, tell: Tell) -> dict[str, Judgement]:
    """The same searches by the network, by the network before training, and by raw pixels."""
    systems: dict[str, Network] = {
        "trained": network,
        "untrained": untrained(network, recipe, dataset),
        "raw_pixels": RawPixels(recipe.data.size),
    }
    judgements = {}
    for name, system in systems.items():
        query, gallery = (embedded(system, samples, recipe) for samples in (dataset.query, dataset.gallery))
        evaluation = evaluate(
            query,
            dataset.query,
            gallery,
            dataset.gallery,
            dataset.protocol,
            metric=recipe.evaluate.metric,
            resamples=recipe.evaluate.resamples,
            seed=recipe.seed,
        )
        judgements[name] = Judgement(evaluation, query, gallery)
        rank1, precision = evaluation.rank1.value, evaluation.mAP.value
        tell(f"{name.replace('_', ' '):>10}  rank-1 {100 * rank1:5.1f} %  mAP {100 * precision:5.1f} %")
    return judgements


def untrained(network: TrainedNetwork, recipe: Recipe, dataset: Dataset) -> TrainedNetwork:
    """The network as training found it."""
    people = learned_and_held_out(dataset, recipe.data.val_fraction, recipe.seed)[0].people
    with torch.random.fork_rng(devices=()):
        reseed(recipe.seed)
        method = build_method(recipe, people)
    card = describe(recipe, 0, needs=method.needs, checksum=checksum(method.state_dict()))
    device = next(network.method.parameters()).device
    return TrainedNetwork(method.eval().requires_grad_(False).to(device), card)


def embedded(network: Network, samples: Samples, recipe: Recipe) -> Embeddings:
    """The pictures as the recipe has them embedded."""
    how = recipe.evaluate
    return embed(network, samples, batch=how.batch, workers=recipe.data.workers, flip=how.flip)[0]


def search(
    trained: Judgement, dataset: Dataset, recipe: Recipe, calibration: Calibration | None, out: Path
) -> Pictures:
    """What the report shows: some searches, the hardest ones, and one as a user makes it."""
    queries, gallery, evaluation = dataset.query, dataset.gallery, trained.evaluation
    searches = Searches(evaluation, trained.query, queries, trained.gallery, gallery)
    protocol = PROTOCOLS[dataset.protocol]
    drawn = searches.drawn(EXAMPLES + 1, recipe.seed)
    lists = {
        "examples": searches.asked(drawn[:EXAMPLES], protocol, out, ANSWERS),
        "hardest": searches.asked(searches.hardest(HARDEST), protocol, out, ANSWERS),
    }
    chosen = drawn[-1:]
    asked = queries.take(chosen)
    found = find(trained.query.take(chosen), asked, trained.gallery, gallery, SEARCHED).ranking
    sure = None if calibration is None else calibration.probability(found.distances)
    words = ["sameperson", "search", asked.file(0), gallery.file(0).parent, "--weights", out / "train"]
    words += ["--top", SEARCHED, *["--flip"] * recipe.evaluate.flip]
    command = shlex.join(str(word) for word in words)
    one = answered(asked, gallery, found, out, sure)[0].model_copy(update={"command": command})
    return Pictures(people=sheet(gallery, out), search=one, **lists)


def gathered(
    folder: DemoFolder, plan: Plan, recipe: Recipe, dataset: Dataset, judgements: dict[str, Judgement]
) -> DemoResult:
    """The figures, with the counts behind them and what is needed to make them again."""
    train, held_out = learned_and_held_out(dataset, recipe.data.val_fraction, recipe.seed)
    of = {name: one.evaluation for name, one in judgements.items()}
    seconds = folder.seconds | {"total": round(sum(folder.seconds.values()), 2)}
    words = ["sameperson", "demo", "--seed", str(plan.seed), "--out", str(folder.path), *["--quick"] * plan.quick]
    return DemoResult(
        trained=judged(of["trained"]),
        untrained=judged(of["untrained"]),
        raw_pixels=judged(of["raw_pixels"]),
        train_identities=train.people,
        validation_identities=held_out.people,
        test_identities=dataset.query.people,
        cameras=plan.world.cameras,
        train_pictures=len(train),
        queries=len(dataset.query) - len(of["trained"].skipped),
        skipped_queries=len(of["trained"].skipped),
        gallery=of["trained"].gallery,
        protocol=dataset.protocol,
        resamples=recipe.evaluate.resamples,
        seed=plan.seed,
        quick=plan.quick,
        command=shlex.join(words),
        recipe=recipe.model_dump(mode="json"),
        versions=versions(),
        seconds=seconds,
        reused=tuple(folder.kept),
    )


def judged(evaluation: Evaluation) -> Judged:
    """An evaluation as the report reads it."""
    return Judged.model_validate({**evaluation.to_json(), "cmc": evaluation.cmc.tolist()})


def versions() -> dict[str, str]:
    """What the figures depend on."""
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return {
        "sameperson": __version__,
        "Python": platform.python_version(),
        "PyTorch": torch.__version__,
        "NumPy": np.__version__,
        "Machine": machine,
    }


def write_text(path: Path, text: str) -> None:
    """Write a file whole."""
    with atomic(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
