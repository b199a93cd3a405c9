"""Recipes: one frozen pydantic tree that is at once the YAML, the command line and the record kept with a result.

Nothing here imports torch, so that a misspelt key is answered at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]


class Section(BaseModel):
    """A part of a recipe: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class Augment(Section):
    """What training pictures go through, from one sampled geometry per picture."""

    flip: Fraction = 0.5
    pad: Count = 10
    """Pixels added on each side before cropping back to size."""
    erase: Fraction = 0.5
    erase_fill: Literal["mean", "noise", "zero"] = "mean"
    erase_area: tuple[float, float] = (0.02, 0.4)
    erase_labels: Literal["background", "ignore", "keep"] = "background"
    """What parsing, masks and keypoints say under the erased box."""
    brightness: Fraction = 0.0
    contrast: Fraction = 0.0
    saturation: Fraction = 0.0


class Parsing(Section):
    """Which labels parsing maps have (`priors.label_sets`)."""

    labels: Literal["lip", "atr", "pascal", "study-7", "study-8", "spreid", "isp", "foreground"] = "lip"
    """What lies on disk."""
    merge: Literal["none", "lip", "study-7", "study-8", "spreid", "isp", "foreground"] = "none"
    """What the method wants made of it."""


class Data(Section):
    """Which pictures, how large, and how they are read."""

    reader: str = "market1501"
    root: Path = Path("data")
    pattern: str | None = None
    """For the folder reader: how a file's path says who and where, e.g. `{pid}_{camid}_*.jpg`."""
    size: tuple[Positive, Positive] = (256, 128)
    """Height and width in pixels."""
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    priors: tuple[str, ...] = ()
    """What is read beside each picture: keypoints, parsing, mask, irrelevant, face, face_restored."""
    parsing: Parsing = Parsing()
    skeleton: Literal["coco", "openpose"] = "coco"
    """The joints that keypoints have; those of the other skeleton are converted."""
    face_size: tuple[Positive, Positive] = (224, 224)
    """Height and width in pixels of a face."""
    val_fraction: Fraction = 0.1
    """Share of the training identities held out to choose the model on."""
    workers: Count = 2
    skip_broken: bool = False
    augment: Augment = Augment()


class Sampler(Section):
    """P people with K pictures each make a batch."""

    people: Positive = 16
    pictures: Annotated[int, Field(ge=2)] = 4


class Backbone(Section):
    """The network under the heads: a name of ours (osnet_*) or timm's."""

    name: str = "resnet50"
    weights: str = "none"
    """`none`, a local .safetensors or .pth file, or `hub` to let timm download."""
    last_stride: Literal[1, 2] = 1
    allow_mismatch: bool = False
    """Accept a weights file with missing or surplus keys; they are logged."""


class Baseline(Section):
    """The strong baseline (Luo et al. 2019, Bag of Tricks)."""

    name: Literal["baseline"] = "baseline"
    pooling: Literal["gap", "gmp", "gem"] = "gap"
    embedding: Positive | None = None
    """Length of the feature, by a linear layer before the neck; None keeps the backbone's channels."""
    neck: Literal["bnneck", "none"] = "bnneck"
    retrieve: Literal["after", "before"] = "after"
    """Search with the feature after or before the batch-normalisation neck."""
    label_smoothing: Fraction = 0.1
    id_weight: float = 1.0
    triplet_weight: float = 1.0
    triplet_margin: Annotated[float, Field(gt=0)] | Literal["soft"] = 0.3
    center_weight: float = 5e-4
    center_lr: float = 0.5


class ISP(Section):
    """Identity-guided human semantic parsing (Zhu et al. 2020): parts from clusters of the network's own pixels."""

    name: Literal["isp"] = "isp"
    classes: Annotated[int, Field(ge=2, le=255)] = 7
    """Of a pixel, background included: one more than there are parts."""
    parts: Literal["clustered", "parsed", "stripes", "none"] = "clustered"
    """Where parts come from: clusters, a parser's maps beside the pictures, or equal stripes; or there are none, only
    the global feature."""
    enhanced: bool = True
    """Draw weakly active pixels, such as those of bags, into the foreground before clustering."""
    start: Positive = 1
    """The first epoch that clusters, counted from 1; until then the labels are equal stripes."""
    period: Positive = 2
    """Cluster anew every so many epochs."""
    stop: Count = 101
    """The last epoch that may cluster."""
    channels: Positive = 256
    """Of the map that is pooled, and so of the feature of each part."""
    own_area: bool = False
    """Average a part over its own pixels, not over the picture's, so that a half hidden part looks like a whole one."""
    gate: bool = True
    """Weigh each pixel by a learned spatial attention."""
    big_global: bool | Literal["coarsest"] = False
    """Take the global feature of the backbone's whole map, or of its coarsest stage alone, not of the narrower one.

    The whole map where all stages are deep, as HRNet's are; in a light network only the coarsest is."""
    match: Literal["concat", "parts"] = "concat"
    """At test: one feature of everything, or parts that both pictures show (ARM)."""
    holistic: Literal["joint", "separate"] = "joint"
    """With match parts: global and foreground feature have one cosine together, or one each."""
    visible_cells: Positive = 1
    """A part counts as visible where it wins at least so many cells."""
    retrieve: Literal["after", "before"] = "after"
    """Search with the features after or before the batch-normalisation necks."""
    label_smoothing: Fraction = 0.1
    id_weight: float = 1.0
    triplet: Literal["per_branch", "concat"] = "per_branch"
    """A triplet loss for each feature, or one for all of them side by side."""
    triplet_weight: float = 1.0
    triplet_margin: Annotated[float, Field(gt=0)] | Literal["soft"] = 0.3
    pixel_weight: float = 0.1
    pixel_lr: Annotated[float, Field(gt=0)] = 1.0
    """The pixel classifier's learning rate, in the recipe's: a short training has to find it quickly."""
    silence_weight: float = 0.0
    """Ours: short features where there is no one, long ones on the person."""
    silence_by: Literal["mask", "labels"] = "mask"
    """Who is where: masks beside the pictures, for weights to start from, or the last clustering where there is one."""
    center_weight: float = 5e-4
    center_lr: float = 0.5


def method_name(section: Any) -> str | None:
    """Which method a section is of; the baseline where it does not say, None where it is no section."""
    return section.get("name", "baseline") if isinstance(section, dict) else getattr(section, "name", None)


class Optim(Section):
    """Optimiser and schedule; the schedule's unit is the epoch, its step the batch."""

    name: Literal["adam", "adamw", "sgd"] = "adam"
    lr: Annotated[float, Field(gt=0)] = 3.5e-4
    weight_decay: float = 5e-4
    momentum: Fraction = 0.9
    warmup_epochs: Annotated[float, Field(ge=0)] = 10.0
    warmup_factor: Fraction = 0.01
    schedule: Literal["steps", "cosine", "constant"] = "steps"
    steps: tuple[float, ...] = (40.0, 70.0)
    gamma: Fraction = 0.1
    final_lr: float = 1e-6
    """Where the cosine ends."""
    clip: Annotated[float, Field(gt=0)] | None = None
    """Largest gradient norm."""


class Train(Section):
    """The loop's knobs."""

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
    """How a trained network is judged."""

    protocol: str = "market1501"
    metric: Literal["cosine", "euclidean"] = "cosine"
    flip: bool = False
    """Add the mirrored picture's feature."""
    batch: Positive = 64
    resamples: Positive = 2000
    """Bootstrap resamples over query identities."""


class Recipe(Section):
    """A whole experiment."""

    name: str = "baseline"
    seed: Count = 0
    data: Data = Data()
    sampler: Sampler = Sampler()
    backbone: Backbone = Backbone()
    method: Annotated[Annotated[Baseline, Tag("baseline")] | Annotated[ISP, Tag("isp")], Discriminator(method_name)] = (
        Baseline()
    )
    optim: Optim = Optim()
    train: Train = Train()
    evaluate: Evaluate = Evaluate()
