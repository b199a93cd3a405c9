"""Results as a report reads them: a demo's or a training run's folder, or the JSON that `evaluate` writes.

In a folder `result.json` holds the figures, `metrics.jsonl` the course of training, `pictures.json` which pictures the
report shows (paths relative to the run folder), `recipe.yaml` the resolved recipe. Only `result.json` or
`metrics.jsonl` must be there: a section whose file is missing is left out of the report. `evaluation.json` in the
folder of a training run is an evaluation of it. The JSON of `evaluate --json FILE` holds everything that its page
shows; its paths start from its own folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from sameperson.checks import NOTHING, InputError, existing_folder, kind_of, read_json, read_text
from sameperson.data.command_options import command, option, path, unused
from sameperson.report.failure_values import Failures
from sameperson.report.values import Accuracy, Asked, Judged, Shown, Value
from sameperson.training.metrics import read_metrics

RESULT, METRICS, PICTURES, RECIPE = "result.json", "metrics.jsonl", "pictures.json", "recipe.yaml"
EVALUATION = "evaluation.json"
"""What `evaluate RUN DATA --json RUN/evaluation.json` writes, for the run's own page."""
SYSTEMS = {"trained": "Trained", "untrained": "Untrained", "raw_pixels": "Raw pixels", "validation": "Held-out people"}
METRICS_SHOWN = {"rank1": "Rank-1", "rank5": "Rank-5", "rank10": "Rank-10", "mAP": "mAP", "mINP": "mINP"}


class DemoResult(Value):
    """`result.json` of a demo.

    trained, untrained, raw_pixels: the same searches by the network, by the network before training, by raw pixels.
    identities, queries, gallery: how many there are; skipped_queries: those without a right answer to find, left out.
    seconds: stage -> how long it took, and their total; reused: stages kept from an earlier call.
    """

    kind: Literal["demo"] = "demo"
    trained: Judged
    untrained: Judged
    raw_pixels: Judged
    train_identities: int
    validation_identities: int
    test_identities: int
    cameras: int
    train_pictures: int
    queries: int
    gallery: int
    skipped_queries: int
    protocol: str
    resamples: int
    seed: int
    quick: bool
    command: str
    recipe: dict[str, Any]
    versions: dict[str, str]
    seconds: dict[str, float]
    reused: tuple[str, ...] = ()


class CameraFigures(Value):
    """How the queries of one camera did; camera: counted from 1, None where it is unknown."""

    camera: int | None
    queries: int
    people: int
    rank1: Accuracy
    mAP: Accuracy
    mINP: Accuracy


class ProtocolFigures(Judged):
    """How a network did by one protocol, whose rules are said in words; unit: what a query is, a picture or a track."""

    protocol: str
    rules: str
    notes: tuple[str, ...] = ()
    unit: str = "picture"
    metric: str = "cosine"
    queries: int
    skipped_queries: int
    query_identities: int
    gallery: int
    resamples: int
    seed: int
    cameras: tuple[CameraFigures, ...] = ()


class EvaluationResult(Value):
    """The JSON of `sameperson evaluate`: a network, a dataset, and figures by one protocol or several."""

    data: str
    reader: str
    network: str
    fingerprint: str
    command: str
    broken: int = 0
    protocols: dict[str, ProtocolFigures]


class TrainResult(Value):
    """`result.json` of a training run: its course, and how many people and pictures stand behind its validation.

    A parser has validation_pictures and the name of its label set instead of a protocol, queries and a gallery.
    """

    name: str
    seed: int
    epochs: int
    best_epoch: int
    steps: int
    seconds: float
    device: str
    train_identities: int
    train_images: int
    validation_identities: int
    protocol: str = ""
    validation_queries: int = 0
    validation_gallery: int = 0
    validation_pictures: int = 0
    labels: str = ""


class ParsingFigures(Value):
    """How a parser did on held-out pictures: means over the labels that occur, and the IoU of each.

    absent: labels that no pixel has, predicted or true. groups: people, or pictures of nobody known.
    """

    mean_iou: Accuracy
    pixel_accuracy: Accuracy
    mean_accuracy: Accuracy
    iou: dict[str, Accuracy]
    absent: tuple[str, ...] = ()
    pictures: int
    groups: int


class Sheet(Value):
    """People by cameras: rows[i][j] is a picture of person i from cameras[j], None where there is none."""

    cameras: tuple[str, ...] = ()
    rows: tuple[tuple[Shown | None, ...], ...] = ()


class Pictures(Value):
    """Every picture a report shows."""

    people: Sheet = Sheet()
    examples: tuple[Asked, ...] = ()
    hardest: tuple[Asked, ...] = ()
    search: Asked | None = None


@dataclass(frozen=True)
class RunFolder:
    """Results as they lie on disk. folder: where their pictures' paths start.

    demo, training, evaluation: the figures, where it is a finished demo, a training run or an evaluation. judged:
    system or protocol -> how it did, in the order the report shows them. parsed: how a parser did.
    history: the lines of `metrics.jsonl`, as `training/metrics.py` says. failures: where the searches of an
    evaluation fail.
    """

    folder: Path
    demo: DemoResult | None
    training: TrainResult | None
    evaluation: EvaluationResult | None
    judged: Mapping[str, Judged]
    history: Sequence[Mapping[str, Any]]
    pictures: Pictures
    recipe: str
    parsed: ParsingFigures | None = None
    failures: Failures | None = None


M = TypeVar("M", bound=BaseModel)


def read_results(path: str | Path) -> RunFolder:
    """The results at a path: a run's folder, or the JSON of an evaluation. Raises InputError as the two do."""
    return read_evaluation(path) if Path(path).is_file() else read_run(path)


def read_evaluation(file: str | Path) -> RunFolder:
    """The evaluation in a JSON file. Raises InputError for any other file, or a broken one."""
    file = Path(file)
    return evaluation_of(_read_json(file), file)


def evaluation_of(figures: Mapping[str, Any], file: Path) -> RunFolder:
    """An evaluation from its figures, as they are or will be written to `file`.

    Raises InputError where they are not an evaluation's.
    """
    if "fingerprint" not in figures or not ("protocols" in figures or "rank1" in figures):
        expected = "the figures of one network, written by `sameperson evaluate --json`"
        raise InputError(f"{file}: no evaluation", expected, "write them: sameperson evaluate DATA --json FILE")
    each = figures.get("protocols") or {str(figures.get("protocol")): figures}
    if isinstance(each, Mapping):  # without a query there is no figure to show
        each = {name: of for name, of in each.items() if not (isinstance(of, Mapping) and of.get("queries") == 0)}
    result = _shaped(EvaluationResult, {**figures, "protocols": each}, file)
    pictures = _shaped(Pictures, figures.get("pictures") or {}, file)
    failures = None if figures.get("failures") is None else _shaped(Failures, figures["failures"], file)
    return RunFolder(file.parent, None, None, result, dict(result.protocols), (), pictures, "", None, failures)


def read_run(folder: str | Path) -> RunFolder:
    """The run in `folder`. Raises InputError where there is none or a file in it is broken."""
    folder = existing_folder(folder, "a run folder, such as runs/demo, or the JSON of an evaluation")
    result = _read_json(folder / RESULT)
    history = read_metrics(_found(folder, METRICS).parent)
    if not result and not history:
        inner = next((one for one in sorted(folder.iterdir()) if (one / RESULT).is_file()), None)
        then = f"make one: {command('demo', *option('--out', unused('runs/demo')))}"
        if inner is not None:
            then = f"name the run inside: {command('report', path(inner))}"
        raise InputError(f"{folder}: neither {RESULT} nor {METRICS}", "the folder of a finished run", then)
    parser = result.get("task") == "parsing"
    judged = {
        name: _shaped(Judged, result[key], folder / RESULT)
        for key, name in SYSTEMS.items()
        if result.get(key) is not None and not parser
    }
    validation = result.get("validation") if parser else None
    parsed = None if validation is None else _shaped(ParsingFigures, validation, folder / RESULT)
    demo = _shaped(DemoResult, result, folder / RESULT) if result.get("kind") == "demo" else None
    pictures = _shaped(Pictures, _read_json(folder / PICTURES), folder / PICTURES)
    tested = None
    if demo is None and kind_of(folder / EVALUATION) != NOTHING:
        tested = read_evaluation(folder / EVALUATION)
        judged, pictures = dict(tested.judged), tested.pictures
    recipe = _found(folder, RECIPE)
    text = "" if kind_of(recipe) == NOTHING else read_text(recipe, *WRITTEN, wrong="cannot be read")
    training = _shaped(TrainResult, result, folder / RESULT) if "best_epoch" in result else None
    test, failures = (None, None) if tested is None else (tested.evaluation, tested.failures)
    return RunFolder(folder, demo, training, test, judged, history, pictures, text, parsed, failures)


def _found(folder: Path, name: str) -> Path:
    """A file of the run itself, or of the training inside a demo."""
    return folder / "train" / name if kind_of(folder / name) == NOTHING else folder / name


def _read_json(path: Path) -> dict[str, Any]:
    if kind_of(path) == NOTHING:
        return {}
    tree = read_json(path, *WRITTEN, wrong="cannot be read")
    if not isinstance(tree, dict):
        raise _broken(path, f"a {type(tree).__name__}")
    return tree


def _shaped(kind: type[M], tree: Any, path: Path) -> M:
    try:
        return kind.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _broken(path, f"{where}: {first['msg']}") from error


def _broken(path: Path, why: str) -> InputError:
    return InputError(f"{path}: cannot be read ({why})", *WRITTEN)


WRITTEN = ("a file written by sameperson", "run the command again")
