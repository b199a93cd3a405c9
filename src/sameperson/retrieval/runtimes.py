"""Runs a network file in the runtime that knows its format, always in float32.

Both runtimes are extras, so they are imported when a file asks for them. numpy in, numpy out.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
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
    type: str = "float32"
    """Of its numbers: numpy's name, or the runtime's own where numpy has none (bfloat16)."""
    layout: str = ""
    """What its sizes are, as in NHWC; "" where the file does not say."""

    def __str__(self) -> str:
        return f"{self.name} ({', '.join('?' if size is None else str(size) for size in self.shape)})"


class Fault(Exception):
    """A runtime could not run a network; the message is the runtime's own reason, in one line."""


@dataclass(frozen=True)
class Engine:
    """An opened network file.

    run: the one input, in its type and layout -> one array an output; raises `Fault` where the runtime cannot.
    metadata: what the file says of itself, as section -> key -> text.
    """

    inputs: Sequence[Port]
    outputs: Sequence[Port]
    run: Callable[[Array], list[Array]]
    files: Sequence[Path]
    metadata: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def open_engine(path: str | Path) -> Engine:
    """The network in a .onnx, .xml or .tflite file. Raises InputError for a file that is none, or a missing runtime."""
    path = existing_file(path, "a network (.onnx, .xml or .tflite)")
    return choose("network file", path.suffix.lower(), RUNTIMES)(path)


def reason(error: Exception) -> str:
    """The last line a runtime says: the lines before only say where in its own code, and one after begs to mend it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.strip().startswith("Please")]
    return lines[-1][:160] if lines else type(error).__name__


def _open_onnx(path: Path) -> Engine:
    """An ONNX file in ONNX Runtime."""
    try:
        import onnxruntime as ort

        state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    except ImportError as error:
        raise _missing("ONNX Runtime", path) from error
    # Its own errors have no common class but Exception.
    own = [kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    faults = (*own, RuntimeError, ValueError, MemoryError)
    options = ort.SessionOptions()
    options.log_severity_level = FATAL_ONLY
    providers = [(name, PROVIDER_OPTIONS.get(name, {})) for name in ort.get_available_providers() if name != TENSORRT]
    try:
        session = ort.InferenceSession(str(path), options, providers=providers)
        metadata = session.get_modelmeta().custom_metadata_map
    except faults as error:
        raise _unreadable(path, "an ONNX network", error) from error

    def port(node: Any) -> Port:
        shape = tuple(size if isinstance(size, int) else None for size in node.shape or ())
        name = str(node.type).removeprefix("tensor(").removesuffix(")")
        return Port(node.name, shape, ONNX_TYPES.get(name, name))

    inputs = [port(node) for node in session.get_inputs()]

    def run(pixels: Array) -> list[Array]:
        try:
            return [np.asarray(output) for output in session.run(None, {inputs[0].name: pixels})]
        except faults as error:
            raise Fault(reason(error)) from error

    # torch's exporter keeps the weights of large networks beside the graph.
    files = [file for file in (path, path.with_name(f"{path.name}.data")) if file.is_file()]
    return Engine(inputs, [port(node) for node in session.get_outputs()], run, files, {"metadata_props": metadata})


def _open_openvino(path: Path) -> Engine:
    """An OpenVINO IR (.xml with its .bin beside it)."""
    core = _openvino_core(path)
    weights = existing_file(path.with_suffix(".bin"), "the weights of the network, beside its .xml")
    try:
        # First, because OpenVINO would try every other format it knows and complain about each.
        root = ElementTree.parse(path).getroot()
        if root.tag != "net":
            raise ElementTree.ParseError(f"its root is {root.tag}")
        compiled = core.compile_model(str(path), "CPU", OPENVINO_OPTIONS)
    except (ElementTree.ParseError, RuntimeError, ValueError, LookupError) as error:
        raise _unreadable(path, "an OpenVINO network", error) from error
    return _openvino_engine(compiled, [path, weights], _sections(root))


def _open_tflite(path: Path) -> Engine:
    """A TensorFlow Lite file, in OpenVINO."""
    core = _openvino_core(path)
    try:
        compiled = core.compile_model(str(path), "CPU", OPENVINO_OPTIONS)
    except (RuntimeError, ValueError, LookupError) as error:
        raise _unreadable(path, "a TensorFlow Lite network", error) from error
    return _openvino_engine(compiled, [path], {})


def _openvino_core(path: Path) -> Any:
    """OpenVINO's core, to open `path`. Raises InputError where OpenVINO is not installed."""
    try:
        import openvino as ov
    except ImportError as error:
        raise _missing("OpenVINO", path) from error
    return _process_core(ov.Core)


@cache
def _process_core(core: Callable[[], Any]) -> Any:
    """One core for the whole process, which never goes.

    Each core gives the thread that compiles a signal stack of its own, and puts back the one before when it goes. Where
    two go in another order than they came, what is put back is freed memory, and the next signal (Ctrl-C, or the end of
    a child) kills the process.
    """
    return core()


def _openvino_engine(compiled: Any, files: Sequence[Path], metadata: Mapping[str, Mapping[str, str]]) -> Engine:
    """The engine of a network that OpenVINO has compiled."""
    import openvino as ov

    def port(number: int, node: Any) -> Port:
        shape = node.partial_shape
        sizes = () if shape.rank.is_dynamic else tuple(None if n.is_dynamic else n.get_length() for n in shape)
        kind, layout = str(node.element_type.get_type_name()), ov.layout_helpers.get_layout(node).to_string()
        name = min(node.get_names(), default=f"unnamed {number}")
        return Port(name, sizes, OPENVINO_TYPES.get(kind, kind), "".join(filter(str.isalpha, layout)).upper())

    def run(pixels: Array) -> list[Array]:
        try:
            return [np.array(output) for output in compiled(pixels).values()]
        except (RuntimeError, ValueError, TypeError, MemoryError) as error:
            raise Fault(reason(error)) from error

    inputs, outputs = ([port(*one) for one in enumerate(nodes)] for nodes in (compiled.inputs, compiled.outputs))
    return Engine(inputs, outputs, run, files, metadata)


def _sections(root: ElementTree.Element) -> dict[str, dict[str, str]]:
    """How an OpenVINO file was converted, and what the Model API keeps in it."""
    places = {"conversion_parameters": OPENVINO_CONVERSION, "model_info": ("rt_info/model_info",)}
    return {
        name: {one.tag: one.get("value", "") for place in there for one in root.findall(f"{place}/*")}
        for name, there in places.items()
    }


RUNTIMES: dict[str, Callable[[Path], Engine]] = {".onnx": _open_onnx, ".xml": _open_openvino, ".tflite": _open_tflite}
TENSORRT = "TensorrtExecutionProvider"
"""It builds the network anew, for minutes, for each number of pictures."""
PROVIDER_OPTIONS: dict[str, dict[str, str]] = {"CUDAExecutionProvider": {"use_tf32": "0"}}
"""TF32 keeps 10 bits of each product: 1e-3 off, and other features elsewhere."""
ONNX_TYPES = {"float": "float32", "double": "float64"}
OPENVINO_OPTIONS = {"INFERENCE_PRECISION_HINT": "f32"}
"""Left alone, OpenVINO computes in bfloat16 on processors that have it: 1e-3 off, and other features elsewhere."""
OPENVINO_TYPES = {
    **{f"f{bits}": f"float{bits}" for bits in (16, 32, 64)},
    **{f"{kind[0]}{bits}": f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)},
}
OPENVINO_CONVERSION = ("meta_data/cli_parameters", "rt_info/conversion_parameters")
"""Where older and newer files record how they were converted."""
FATAL_ONLY = 4


def _missing(runtime: str, path: Path) -> InputError:
    return InputError(
        f"{path} needs {runtime}, which is not installed", "the extra `networks`", "pip install 'sameperson[networks]'"
    )


def _unreadable(path: Path, what: str, error: Exception) -> InputError:
    return InputError(f"{path}: not {what} ({reason(error)})", what, "export it again or give another file")
