"""Cases: a command with inputs of which some are damaged, and options with values of any kind, drawn from a seed."""

from __future__ import annotations

import argparse
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from damages import damaged
from sound_inputs import SMALL

PICTURE = ("picture-jpg", "picture-png", "picture-bmp", "picture-gif", "picture-tif", "picture-webp", "picture-ppm")
DATASET = ("market", "crops", "csv", "list", "plan")
PEOPLE = ("market", "crops", "csv")
ONE = (
    *DATASET, "recipe", "run", "weights", "parsing", "keypoints", "store", "evaluation", "calibration", "films",
    "tracks", "annotation", "onnx", "xml", "pose", "splits",
)  # fmt: skip
SOURCES = {kind: (kind,) for kind in ONE} | {
    "PICTURE": PICTURE,
    "DATASET": DATASET,
    "PEOPLE": PEOPLE,
    "PICTURES": (*DATASET[:4], *PICTURE[:2]),
    "GALLERY": ("market", "crops", "store"),
    "TRAINED": ("weights", "run"),
    "NETWORK": ("onnx", "xml"),
    "PARTS": ("parsing", "run"),
    "REPORTED": ("run", "evaluation"),
}
"""A word of a template in capitals -> the kinds of inputs that may stand there."""
TEMPLATES: tuple[tuple[int, str], ...] = (
    (10, "doctor <DATASET> --html out.html --json out.json"),
    (3, "doctor <PEOPLE> --fix-split out.csv"),
    (2, "doctor <PEOPLE> --embeddings <store>"),
    (8, "evaluate <TRAINED> <PEOPLE> --json out.json --resamples 20"),
    (4, "evaluate <PEOPLE> --network <NETWORK> --report out.html --resamples 20"),
    (2, "evaluate <weights> <run> <market> --compare --json out.json --resamples 20"),
    (2, "evaluate <weights> <market> --calibrate out.json --open-set --resamples 20"),
    (8, "search <PICTURE> <GALLERY> --json out.json --out out.png"),
    (4, "search <PICTURE> <GALLERY> --weights <TRAINED> --calibration <calibration>"),
    (4, "search <PICTURE> <crops> --network <NETWORK>"),
    (6, "compare <PICTURE> <PICTURE> --json out.json"),
    (2, "compare <PICTURE> <PICTURE> --network <NETWORK> --calibration <calibration>"),
    (8, "embed <PICTURES> --out out.parquet"),
    (6, "embed <PICTURES> --network <NETWORK> --out out.parquet"),
    (4, "embed <PICTURES> --weights <TRAINED> --out out.parquet"),
    (8, "train <recipe> --out out SMALL"),
    (2, "train <recipe> --out <run!> --resume SMALL"),
    (4, "world make out --people 2 --test-people 1 --cameras 1 --shots 1 --size 16x8 --workers 1"),
    (2, "world scene out --people 1 --cameras 1 --seconds 0.1 --fps 5 --size 32x16 --workers 1"),
    (2, "world preview out.png --people 1 --columns 1 --size 16x8"),
    (4, "priors make keypoints <crops> --from <market> --out out"),
    (3, "priors make parsing <crops> --from <market> --out out"),
    (2, "priors make mask <crops> --from <market> --out out"),
    (1, "models list"),
    (4, "priors make parsing <crops> --model <NETWORK> --out out"),
    (3, "priors make keypoints <crops> --model <pose> --out out"),
    (4, "priors rescale <crops> --keypoints <keypoints> --out out"),
    (5, "prepare dancereid -i <films> -n <tracks> -a <annotation> --split <splits> -o out"),
    (3, "prepare dancereid -a <annotation> --count --json out.json"),
    (5, "parse overlay <market> --out out.png"),
    (4, "parse evaluate <PARTS> <parsing> --labels-a lip --json out.json --resamples 20"),
    (2, "parse predict <PICTURES> --weights <TRAINED> --out out"),
    (2, "parse export <run> --out out"),
    (5, "report <REPORTED> --out out.html"),
    (1, "cross one=<market> --network a=<TRAINED> --out out --resamples 20"),
    (1, "recipes"),
)
"""Weight, and words; <KIND> is an input, <KIND!> one that is also written and so always a copy, `out` what is made."""
NUMBERS = (
    "-1", "0", "1", "2", "3", "0.5", "-0.5", "1e400", "nan", "inf", "-inf", "9" * 400, "0x10", "٣", "1_0", " 1", "1 ",
    "", "1e3", "1/0", "1/3", "--1", "1,2", "2147483648", "-0",
)  # fmt: skip
WORDS = (
    "", " ", "a", "none", "all", "../../x", "/dev/null", "/dev/full", "/proc/self/mem", "a" * 3000, "{pid}",
    "{pid}/{pid}", "{pid}_{camid}*", "{", "}", "[", "\\", "*", "**/*", "é" * 200, "a,b", "a:b", "1:2", "x=y", "-",
    "RGB", "BGR", "lip", "cosine", "parts", "market1501", "camera_blind", "folder", "csv", "1x1", "0x0", "16x8",
    "99999x99999", "1x", "x1", "20,6,0.3", "1,1,1", "nan,nan,nan", "20,6,nan", "-1,-1,-1", "0,0,0", "\udcff", "\n",
    "\t", "~", "$HOME", "%s%s", "None",
)  # fmt: skip
OVERRIDES = (
    "optim.lr={}", "train.epochs={}", "sampler.people={}", "sampler.pictures={}", "data.size={}", "data.root={}",
    "backbone.name={}", "method.name={}", "data.reader={}", "data.pattern={}", "evaluate.every={}", "train.seed={}",
    "data.augment.flip={}", "data.priors={}", "name={}", "weights={}", "{}=1", "losses={}", "optim={}",
    "evaluate.metric={}",
)  # fmt: skip
UNBOUNDED = (
    "--seconds", "--fps", "--people", "--cameras", "--shots", "--outfits", "--columns", "--test-people", "--size",
    "--degree", "--benchmark", "--scale", "--layout", "--place", "--condition", "--group",
)  # fmt: skip
"""Options that ask for as much work as they say: only small numbers are drawn for them."""


@dataclass(frozen=True)
class Case:
    """A case: its number, what is typed in the folder `place`, and in words what is wrong."""

    number: int
    words: tuple[str, ...]
    wrong: tuple[str, ...]
    place: Path


def draw_case(seed: int, number: int, sound: Mapping[str, Path], place: Path) -> Case:
    """Draw the case of a number, and write its damaged inputs below `place`."""
    draw = random.Random(seed * 1_000_003 + number)
    _, template = draw.choices(TEMPLATES, [weight for weight, _ in TEMPLATES])[0]
    words: list[str] = []
    for word in template.split():
        words += SMALL if word == "SMALL" else [word]
    slots = [place_ for place_, word in enumerate(words) if "<" in word]
    hit = set(draw.sample(slots, min(len(slots), draw.choice((0, 1, 1, 1, 2)))))
    wrong: list[str] = []
    for at in slots:
        before, _, kind = words[at].rstrip(">").partition("<")
        words[at] = before + str(an_input(kind, at in hit, draw, sound, place, wrong))
    for _number in range(draw.choice((0, 0, 1, 1, 2) if hit else (1, 1, 2, 3))):
        words = with_option(words, draw, wrong)
    if draw.random() < 0.05:
        gone = draw.randrange(len(words))
        wrong.append(f"without {words.pop(gone)!r}")
    return Case(number, tuple(words), tuple(wrong), place)


def an_input(
    kind: str, hit: bool, draw: random.Random, sound: Mapping[str, Path], place: Path, wrong: list[str]
) -> Path:
    """Choose a sound input of a kind, or damage a copy of one."""
    chosen = draw.choice(SOURCES[kind.rstrip("!")])
    path = sound[chosen]
    if not hit and not kind.endswith("!"):
        return path
    if draw.random() < 0.08 and not kind.endswith("!"):
        other = draw.choice(sorted(sound))
        wrong.append(f"{other} for {kind}")
        return sound[other]
    copy = place / "in" / f"{chosen}-{len(wrong)}" / path.name
    copy.parent.mkdir(parents=True)
    if path.is_dir():
        shutil.copytree(path, copy, symlinks=True)
    else:
        shutil.copyfile(path, copy)
    for beside in companions(path):
        shutil.copyfile(beside, copy.parent / beside.name)
    if hit:
        wrong.append(f"{chosen}: {damaged(copy, draw, sorted(sound.values()))}")
    return copy


def companions(path: Path) -> list[Path]:
    """Files that belong to a file: an OpenVINO network's weights."""
    return [path.with_suffix(".bin")] if path.suffix == ".xml" else []


def with_option(words: list[str], draw: random.Random, wrong: list[str]) -> list[str]:
    """Add an option of the command, or a change of its recipe, with a value of any kind."""
    if words[0] == "train" and draw.random() < 0.6:
        word = draw.choice(OVERRIDES).format(a_value(draw))
        wrong.append(word[:60])
        return [*words, word]
    options = options_of(words)
    if not options or draw.random() < 0.03:
        wrong.append("a word too many")
        return [*words, draw.choice(("--unknown", "extra", "-"))]
    option = draw.choice(options)
    name = draw.choice(option.option_strings)
    if option.nargs == 0:
        wrong.append(name)
        return [*words, name]
    value = draw.choice(NUMBERS[:6]) if name in UNBOUNDED and draw.random() < 0.5 else a_value(draw)
    if name in UNBOUNDED and value.lstrip("-").isdigit() and len(value) < 50:
        value = draw.choice(NUMBERS[:4])
    if option.choices and draw.random() < 0.5:
        value = str(draw.choice(list(option.choices)))
    wrong.append(f"{name} {value[:40]!r}")
    return [*words, name, value] if draw.random() < 0.7 else [*words, f"{name}={value}"]


def a_value(draw: random.Random) -> str:
    """Draw a number or a word."""
    return draw.choice(NUMBERS if draw.random() < 0.5 else WORDS)


def options_of(words: Sequence[str]) -> list[argparse.Action]:
    """List the options of the command that the words name."""
    from sameperson.cli.main import parser

    here: argparse.ArgumentParser = parser((words[0],))
    for word in words[:2]:
        for action in here._actions:
            if isinstance(action, argparse._SubParsersAction) and word in action.choices:
                here = action.choices[word]
                break
    return [
        action
        for action in here._actions
        if action.option_strings and action.dest not in ("help", "layouts", "protocols")
    ]
