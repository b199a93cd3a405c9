"""Runs a network file in the runtime that knows its format, always in float32.

Both runtimes are extras, so they are imported when a file asks for them. numpy in, numpy out.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, choose, existing_file

Array = NDArray[Any]


@dataclass(frozen=True)
class Port:
    """An input or output of a network file; None stands for a size left open."""

    name: str
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        return f"{self.name} ({', '.join('?' if size is None else str(size) for size in self.shape)})"


@dataclass(frozen=True)
class Engine:
    """An opened network file. run: (B, 3, H, W) float32 -> one array per output, or one of `faults`."""

    inputs: Sequence[Port]
    outputs: Sequence[Port]
    run: Callable[[Array], list[Array]]
    faults: tuple[type[Exception], ...]
    files: Sequence[Path]


def open_engine(path: str | Path) -> Engine:
    """The network in a .onnx or .xml file. Raises InputError for a file that is none, or a missing runtime."""
    path = existing_file(path, "a network (.onnx or .xml)")
    return choose("network file", path.suffix.lower(), RUNTIMES)(path)


def reason(error: Exception) -> str:
    """The last line a runtime says: the lines before only say where in its own code."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:160] if lines else type(error).__name__


def _open_onnx(path: Path) -> Engine:
    """An ONNX file in ONNX Runtime."""
    try:
        import onnxruntime as ort

        state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    except ImportError as error:
        raise _missing("ONNX Runtime", path) from error
    faults = tuple(getattr(state, name) for name in ORT_FAULTS)
    options = ort.SessionOptions()
    options.log_severity_level = FATAL_ONLY
    try:
        session = ort.InferenceSession(str(path), options, providers=ort.get_available_providers())
    except faults as error:
        raise _unreadable(path, "an ONNX network", error) from error

    def ports(nodes: Sequence[Any]) -> list[Port]:
        return [Port(node.name, tuple(n if isinstance(n, int) else None for n in node.shape)) for node in nodes]

    def run(pixels: Array) -> list[Array]:
        return [np.asarray(output) for output in session.run(None, {session.get_inputs()[0].name: pixels})]

    # torch's exporter keeps the weights of large networks beside the graph.
    files = [file for file in (path, path.with_name(f"{path.name}.data")) if file.is_file()]
    return Engine(ports(session.get_inputs()), ports(session.get_outputs()), run, faults, files)


def _open_openvino(path: Path) -> Engine:
    """An OpenVINO IR (.xml with its .bin beside it)."""
    try:
        import openvino as ov
    except ImportError as error:
        raise _missing("OpenVINO", path) from error
    weights = existing_file(path.with_suffix(".bin"), "the weights of the network, beside its .xml")
    try:
        # First, because OpenVINO would try every other format it knows and complain about each.
        root = ElementTree.parse(path).getroot().tag
        if root != "net":
            raise ElementTree.ParseError(f"its root is {root}")
        # Left alone, OpenVINO computes in bfloat16 on processors that have it: 1e-3 off, and other features elsewhere.
        compiled = ov.Core().compile_model(str(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    except (ElementTree.ParseError, RuntimeError) as error:
        raise _unreadable(path, "an OpenVINO network", error) from error

    def ports(nodes: Sequence[Any]) -> list[Port]:
        return [
            Port(node.any_name, tuple(None if n.is_dynamic else n.get_length() for n in node.partial_shape))
            for node in nodes
        ]

    def run(pixels: Array) -> list[Array]:
        return [np.array(output) for output in compiled(pixels).values()]

    return Engine(ports(compiled.inputs), ports(compiled.outputs), run, (RuntimeError,), [path, weights])


RUNTIMES: dict[str, Callable[[Path], Engine]] = {".onnx": _open_onnx, ".xml": _open_openvino}
ORT_FAULTS = (
    "Fail",
    "InvalidArgument",
    "InvalidGraph",
    "InvalidProtobuf",
    "NoModel",
    "NotImplemented",
    "RuntimeException",
)
"""ONNX Runtime's errors have no common class but Exception."""
FATAL_ONLY = 4


def _missing(runtime: str, path: Path) -> InputError:
    return InputError(
        f"{path} needs {runtime}, which is not installed", "the extra `networks`", "pip install 'sameperson[networks]'"
    )


def _unreadable(path: Path, what: str, error: Exception) -> InputError:
    return InputError(f"{path}: not {what} ({reason(error)})", what, "export it again or give another file")
