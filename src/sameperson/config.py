"""Recipes: the configuration of an experiment as one frozen pydantic tree, for YAML, command line and results alike.

Here are the options that all methods share. A method keeps its own beside its code, in `options.py`, and is found by
its name. Nothing here imports torch, so that a misspelt key is reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, model_validator

from sameperson.checks import MOST, InputError, nearest

METHODS = Path(__file__).parent / "methods"
"""The folder of all methods, one folder for each; those with an `options.py` can be trained."""
Fraction = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(ge=0)]
"""The weight of a loss, or a rate that may be 0."""
Positive = Annotated[int, Field(ge=1, le=MOST)]
Count = Annotated[int, Field(ge=0, le=MOST)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
Side = Annotated[int, Field(ge=1, le=4096)]
"""A height or width in pixels."""
Width = Annotated[int, Field(ge=1, le=65_536)]
"""Numbers in a feature, or channels of a map."""
Workers = Annotated[int, Field(ge=0, le=1024)]
Resamples = Annotated[int, Field(ge=1, le=1_000_000)]
Deviation = Annotated[float, Field(gt=0)]
NUMBERS = ConfigDict(allow_inf_nan=False)
"""No number of a recipe is infinite or not a number."""


def in_order(area: tuple[float, float]) -> tuple[float, float]:
    """Return a range whose least comes first; pydantic says which is not."""
    if area[0] > area[1]:
        raise ValueError(f"the least first, not {area[0]:g} before {area[1]:g}")
    return area


OWN_LABELS = r"[a-z][a-z-]*=\d{1,3}(,\d{1,3})*(;[a-z][a-z-]*=\d{1,3}(,\d{1,3})*)*"
LABEL_SETS = ("lip", "atr", "pascal", "study-7", "study-8", "spreid", "isp", "foreground")
"""The names of the label sets of parsing maps (`priors.label_sets`)."""


def label_set_name(name: str) -> str:
    """Return the name of a label set, or the text of one of the user's own; pydantic says why another is none."""
    if name not in LABEL_SETS and not re.fullmatch(OWN_LABELS, name):
        raise ValueError(
            f"{', '.join(LABEL_SETS)}, or a set of your own such as head=1,2,4,13;left-arm=14;right-arm=15"
        )
    return name


def merge_name(name: str) -> str:
    """Return `none`, or the name of a label set as `label_set_name` does."""
    return name if name == "none" else label_set_name(name)


class Section(BaseModel):
    """A section of a recipe: it is frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=(), allow_inf_nan=False)


class Augment(Section):
    """Augmentation of training pictures, with one sampled geometry for a picture and its priors."""

    flip: Fraction = 0.5
    pad: Annotated[int, Field(ge=0, le=1024)] = 10
    """Pixels added on each side before cropping back to size."""
    scale: Fraction = 0.0
    """Deviation of a random scale about the picture's centre, which stays within 1 - scale and 1 + scale."""
    rotate: Annotated[float, Field(ge=0, le=90)] = 0.0
    """Deviation in degrees of a random rotation about the picture's centre, which goes at most twice as far."""
    rotate_share: Fraction = 0.6
    """Share of the pictures that are rotated."""
    border: Literal["black", "mean"] = "black"
    """What is seen beyond the picture's edges: black, or `data.mean`."""
    border_labels: Literal["background", "ignore"] = "background"
    """What parsing and masks hold beyond the picture's edges."""
    erase: Fraction = 0.5
    erase_fill: Literal["mean", "noise", "zero"] = "mean"
    erase_area: Annotated[tuple[Fraction, Fraction], AfterValidator(in_order)] = (0.02, 0.4)
    erase_labels: Literal["background", "ignore", "keep"] = "background"
    """What parsing, masks and keypoints hold under the erased box."""
    brightness: Fraction = 0.0
    contrast: Fraction = 0.0
    saturation: Fraction = 0.0
    grey: Fraction = 0.0
    """Share of the pictures that lose their colours."""
    tint: Fraction = 0.0
    """How far the gain of each colour channel goes from 1, as white balances differ."""
    coarse: Fraction = 0.0
    """Share of the pictures that are drawn at a lower resolution, down to a quarter, and enlarged again."""
    jpeg: Fraction = 0.0
    """Share of the pictures that are compressed once more, at a quality of 20 to 80."""
    occlude: Fraction = 0.0
    """Share of the pictures in front of which a thing or another person is pasted; labels under it are background."""


class Parsing(Section):
    """The label sets of parsing maps (`priors.label_sets`)."""

    labels: Annotated[str, AfterValidator(label_set_name)] = "lip"
    """The label set of the maps on disk."""
    merge: Annotated[str, AfterValidator(merge_name)] = "none"
    """The label set to which they are merged for the method; `none` leaves them as they are.

    A set of your own names each class and the labels that it merges: `head=1,2,4,13;left-arm=14;right-arm=15`.
    Label 0 is the background, and what is not named is ignored. Names with left and right change places in the mirror.
    """
    swap_sides: bool = True
    """Exchange left and right labels in mirrored pictures; false repeats a fault of published trainings."""


class Data(Section):
    """The data set, the size and normalisation of its pictures, and the priors that are read with them."""

    reader: str = "market1501"
    root: Path = Path("data")
    pattern: str | None = None
    """For the folder reader: the pattern of file paths with person and camera, e.g. `{pid}_{camid}_*.jpg`."""
    size: tuple[Side, Side] = (256, 128)
    """Height and width in pixels."""
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[Deviation, Deviation, Deviation] = (0.229, 0.224, 0.225)
    priors: tuple[str, ...] = ()
    """What is read beside each picture: keypoints, parsing, mask, irrelevant, face, face_restored."""
    parsing: Parsing = Parsing()
    skeleton: Literal["coco", "openpose"] = "coco"
    """The joints of the keypoints; those of the other skeleton are converted."""
    face_size: tuple[Side, Side] = (224, 224)
    """Height and width in pixels of a face."""
    val_fraction: Fraction = 0.1
    """Share of the training identities held out to choose the model on."""
    workers: Workers = 2
    skip_broken: bool = False
    augment: Augment = Augment()


class Sampler(Section):
    """The P x K sampler: a batch holds P people with K pictures each, or B pictures where no identities are learned."""

    people: Annotated[int, Field(ge=1, le=10_000)] = 16
    pictures: Annotated[int, Field(ge=2, le=1000)] = 4
    batch: Annotated[int, Field(ge=2, le=65_536)] = 16
    """Pictures of a batch for a method that learns no identities, such as a parser."""


NO_FILE = ("none", "hub", "registry")
"""What `backbone.weights` may be but a file."""


class Backbone(Section):
    """The backbone: a name of ours (osnet_*) or timm's, its weights and its last stride."""

    name: str = "resnet50"
    weights: str = "none"
    """`none`, a local .safetensors or .pth file, `hub` to let timm download, or `registry` for what
    `sameperson models get` fetched.

    A path in a recipe's file starts from that file's folder."""
    last_stride: Literal[1, 2] = 1
    dilate: bool = False
    """Dilate the last stage of a network of timm where `last_stride` 1 leaves its stride out, as parsers do."""
    allow_mismatch: bool = False
    """Accept a weights file with missing or surplus keys; they are logged."""


Task = Literal["identity", "parsing"]


class MethodOptions(Section):
    """The options that every method has; each method adds its own in `Options`, beside its code."""

    name: str = ""
    """A method of ours, such as `isp`, or the dotted name of a package of the user's own (see `method_package`)."""

    task: ClassVar[Task] = "identity"
    """What the method learns: to tell people apart, or to parse them (`training.tasks`)."""


class ParserOptions(MethodOptions):
    """The options of a method that parses people and learns no identities."""

    task: ClassVar[Task] = "parsing"
    fit: Literal["stretch", "pad"] = "stretch"
    """How pictures are brought to `data.size`: stretched, or in their own shape in the middle of black."""


class ReidLosses(MethodOptions):
    """The options of losses that most methods share, and which feature is used for search."""

    retrieve: Literal["after", "before"] = "after"
    """Search with the feature after or before the batch-normalisation neck."""
    label_smoothing: Fraction = 0.1
    id_weight: Share = 1.0
    triplet_weight: Share = 1.0
    triplet_margin: Annotated[float, Field(gt=0)] | Literal["soft"] = 0.3
    center_weight: Share = 5e-4
    center_lr: Share = 0.5


def known_methods() -> list[str]:
    """List the names of the methods that come with sameperson."""
    return sorted(file.parent.name for file in METHODS.glob("*/options.py"))


def method_package(name: str) -> str:
    """The package of a method; a name without a dot is a method of ours.

    >>> method_package("isp"), method_package("my_package.my_method")
    ('sameperson.methods.isp', 'my_package.my_method')

    Raises InputError for an unknown method of ours, and for a text that is no name of a package.
    """
    if "." not in name:
        if name not in known_methods():
            raise InputError(f"method.name = {name!r}", "a known one", nearest(name, known_methods()))
        return f"sameperson.methods.{name}"
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", name):
        raise InputError(f"method.name = {name!r}", "a package such as my_package.my_method", "correct method.name")
    return name


def method_part(name: str, part: Literal["options", "method"]) -> Any:
    """Import the module `options` or `method` of a method's package. Raises InputError where there is none."""
    module = f"{method_package(name)}.{part}"
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the module exists, but a module that it imports is missing
        raise InputError(
            f"method.name = {name!r}: no module {error.name}",
            "a package with options.py and method.py that Python finds",
            "install it, or put the folder that holds it on PYTHONPATH",
        ) from error


def options_class(name: str) -> type[MethodOptions]:
    """Import the class `Options` of a method from its `options.py`. Raises InputError where it is missing."""
    found = getattr(method_part(name, "options"), "Options", None)
    if not (isinstance(found, type) and issubclass(found, MethodOptions)):
        expected = "a class Options(sameperson.config.MethodOptions) there"
        raise InputError(f"{method_package(name)}.options without Options", expected, "add it")
    return found


def method_name(section: Any) -> str:
    """The name of a section's method; the baseline where it has none."""
    name = section.get("name") if isinstance(section, Mapping) else getattr(section, "name", None)
    return "baseline" if name is None else str(name)


def as_options(section: Any) -> Any:
    """Convert a plain section to the options of the method that it names; leave anything else as it is."""
    if not isinstance(section, Mapping):
        return section
    name = method_name(section)
    return options_class(name).model_validate({**section, "name": name})


class Optim(Section):
    """Optimiser and schedule; the schedule's unit is the epoch, its step the batch."""

    name: Literal["adam", "adamw", "sgd"] = "adam"
    lr: Annotated[float, Field(gt=0)] = 3.5e-4
    weight_decay: Share = 5e-4
    momentum: Fraction = 0.9
    """Momentum of SGD."""
    nesterov: bool = False
    """Nesterov's momentum, for SGD with a momentum above 0."""
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.9, 0.999)
    """Decay of the running means of the gradient and of its square, for Adam and AdamW."""
    warmup_epochs: Annotated[float, Field(ge=0)] = 10.0
    warmup_factor: Fraction = 0.01
    schedule: Literal["steps", "cosine", "poly", "constant"] = "steps"
    steps: tuple[float, ...] = (40.0, 70.0)
    gamma: Fraction = 0.1
    power: Annotated[float, Field(gt=0)] = 0.9
    """The exponent of the poly schedule, which falls to 0 at the end of the run; 1 is a straight line."""
    final_lr: float = 1e-6
    """The learning rate at the end of the cosine schedule."""
    clip: Annotated[float, Field(gt=0)] | None = None
    """Largest gradient norm."""

    @model_validator(mode="after")
    def _momentum_for_nesterov(self) -> Optim:
        if self.nesterov and not (self.name == "sgd" and self.momentum > 0):
            raise ValueError("Nesterov's momentum is for sgd with a momentum above 0")
        return self


class Train(Section):
    """Options of the training loop."""

    epochs: Positive = 120
    device: str = "auto"
    amp: Literal["none", "bf16", "fp16"] = "none"
    accumulate: Positive = 1
    ema: Fraction = 0.0
    """Decay of the averaged weights that are validated and kept; 0 keeps the weights themselves."""
    freeze_bn: bool = False
    validate_every: Positive = 10
    patience: Count = 0
    """Stop after so many validations without a better one; 0 never stops early."""
    checkpoint_steps: Count = 0
    """Also checkpoint after so many steps; 0 checkpoints at the end of each epoch only."""
    tensorboard: bool = False


class Evaluate(Section):
    """Options of the evaluation of a trained network."""

    protocol: str = "market1501"
    metric: Literal["cosine", "euclidean"] = "cosine"
    flip: bool = False
    """Add the mirrored picture's feature."""
    batch: Annotated[int, Field(ge=1, le=65_536)] = 64
    resamples: Resamples = 2000
    """Bootstrap resamples over query identities."""


def folder_name(name: str) -> str:
    """Return a name that a folder may have; pydantic says why another may not.

    A run goes into `runs/` and this name, so that it may hold no way out of there.
    """
    parts = name.replace("\\", "/").split("/")
    if not name.strip() or any(part in ("", ".", "..") for part in parts) or ":" in parts[0]:
        raise ValueError("a name that stays in its folder")
    if any(ord(sign) < 32 or 0xD800 <= ord(sign) < 0xE000 for sign in name):
        raise ValueError("a name of printable signs")
    if any(len(part.encode()) > 200 for part in parts):
        raise ValueError("a name that a folder can have, at most 200 bytes long")
    return name


class Recipe(Section):
    """The recipe of a whole experiment."""

    name: Annotated[str, AfterValidator(folder_name)] = "baseline"
    seed: Seed = 0
    data: Data = Data()
    sampler: Sampler = Sampler()
    backbone: Backbone = Backbone()
    method: Annotated[SerializeAsAny[MethodOptions], BeforeValidator(as_options)] = Field(
        default_factory=lambda: as_options({})
    )
    optim: Optim = Optim()
    train: Train = Train()
    evaluate: Evaluate = Evaluate()

    def portable(self) -> dict[str, Any]:
        """The recipe as plain data without folders of this machine: no `data.root`, and only the name of weights."""
        tree = self.model_dump(mode="json", exclude={"data": {"root"}})
        tree["backbone"]["weights"] = Path(self.backbone.weights).name
        return tree
