"""Loading and exporting trained networks: a weights file becomes a network that maps pictures to features.

torch only; pictures come as uint8 and are normalised on the network's device.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from torch import Tensor

from sameperson.checks import InputError
from sameperson.config import Data, Recipe, options_class
from sameperson.data.batch import Priors
from sameperson.data.loading import normalise, normalise_priors
from sameperson.methods.build import build_method
from sameperson.methods.method import Embedded, Give, Method
from sameperson.methods.osnet.published import PublishedOSNet
from sameperson.models.model_card import Card, checksum, fingerprint
from sameperson.models.normalisation import with_normalisation_of_weights
from sameperson.models.osnet import recognise
from sameperson.models.weights import load_into, load_weights, save_weights
from sameperson.overrides import key_of
from sameperson.priors.needs import Needs, data_of, needs_in

NO_PRIORS = Priors()
SHIPPED = Path(__file__).parents[1] / "weights"


@dataclass(frozen=True)
class TrainedNetwork:
    """A method in evaluation mode, and the preprocessing it was trained with.

    parser: another network of ours, which makes the parsing maps or masks that this one needs (`with_parser`).
    """

    method: Method = field(repr=False)
    card: Card
    parser: TrainedNetwork | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the pictures it takes."""
        return self.card.size

    @property
    def needs(self) -> Needs:
        """The priors that it needs beside each picture, and their form."""
        return self.card.needs

    @property
    def fingerprint(self) -> str:
        """The name of the weights and the preprocessing; embeddings of two fingerprints are never compared."""
        own = self.card.fingerprint
        return own if self.parser is None else fingerprint(own, parser=self.parser.fingerprint)

    def features(self, images: Tensor, give: Give = "features", priors: Priors = NO_PRIORS) -> Embedded:
        """Embed images (B, 3, H, W) uint8 RGB at `size`, on any device -> features (B, D) float32 on the CPU.

        give: as `Method.embed` takes it. priors: what `needs` names, as a loader makes it, not yet normalised.
        Raises InputError where one of them is missing.
        """
        missing = sorted(set(self.needs) - set(priors))
        if missing:
            found = f"pictures without their {missing[0]}, which these weights look at"
            raise InputError(found, f"their {', '.join(self.needs)} too", "call sameperson.embed, which reads them")
        device = next(self.method.parameters()).device
        with torch.inference_mode():
            pictures = normalise(images.to(device), self.card.mean, self.card.std)
            features, *optional = self.method.embed(pictures, self._on(device, priors), give)
            return Embedded(
                features.float().cpu(), *(part if part is None else part.float().cpu() for part in optional)
            )

    def _on(self, device: torch.device, priors: Priors) -> Priors:
        """The priors that it needs, on its device, faces normalised as the pictures are."""
        valid = {name: priors.valid[name].to(device) for name in self.needs}
        tensors = {name: priors[name].to(device) for name in self.needs}
        return Priors(normalise_priors(tensors, valid, self.card.mean, self.card.std), valid)

    def parse(self, images: Tensor) -> Tensor:
        """Label each pixel: images (B, 3, H, W) uint8 RGB at `size`, on any device -> (B, h, w) uint8.

        The labels are those of `method.label_set`.
        """
        self.require_parsing()
        device = next(self.method.parameters()).device
        with torch.inference_mode():
            pictures = normalise(images.to(device), self.card.mean, self.card.std)
            return self.method.parse(pictures).argmax(dim=1).to("cpu", torch.uint8)

    def require_parsing(self) -> None:
        """Raise InputError for a method that does not label pixels."""
        if not self.method.label_set:
            found = f"weights of the method {self.card.method}, which says nothing of pixels"
            raise InputError(found, "weights of a method that parses, such as isp", "give other weights")


def load_network(path: str | Path | None = None, *, device: str | torch.device | None = None) -> TrainedNetwork:
    """Load a network from a weights file that `train` or `export_weights` wrote, or from a published OSNet checkpoint.

    path: None takes the weights that come with sameperson. device: None takes the accelerator if there is one.

    Raises InputError for a file that is cut or damaged, and for weights of a method or a network that is not known.
    """
    path = shipped_weights() if path is None else Path(path)
    state, card = load_weights(path)
    method, card = _published(path, state) if card is None else (_build(path, card), card)
    load_into(method, state, source=path, optional=method.training_only)
    if device is None:
        device = torch.accelerator.current_accelerator(check_available=True) or "cpu"
    # Convolutions on the CPU run a third faster with the channels last in memory.
    method = method.eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)
    return TrainedNetwork(method, card)


def export_weights(path: str | Path, method: Method, recipe: Recipe, *, people: int, **about: Any) -> Card:
    """Write the weights that `method.embed` needs with their card, and return the card.

    people: the number of training identities. about: more of the card's fields, such as training_data, licence, limits,
    calibration and results.
    """
    state = {name: value for name, value in method.state_dict().items() if not name.startswith(method.training_only)}
    return save_weights(path, state, describe(recipe, people, needs=method.needs, **about))


def describe(recipe: Recipe, people: int, *, needs: Sequence[str] = (), **about: Any) -> Card:
    """Make the card of a network trained by `recipe` on `people` identities.

    needs: the priors that its method needs at test time, which are read as the recipe says. about: more fields.
    """
    recipe = with_normalisation_of_weights(recipe)
    data, tree = recipe.data, recipe.portable()  # cards are published, so they name no folder of this machine
    known = {"name": recipe.name, "method": recipe.method.name, "recipe": tree, "people": people}
    known |= {"needs": needs_in(needs, data)}
    return Card.model_validate(known | {"size": data.size, "mean": data.mean, "std": data.std} | about)


def shipped_weights() -> Path:
    """The newest weights file that comes with sameperson."""
    files = sorted(SHIPPED.glob("*.safetensors"))
    if not files:
        raise InputError(
            "this install brings no weights",
            "weights of yours",
            "name a file or a run, or train one by what this lists: sameperson recipes",
        )
    return files[-1]


def named_weights(path: Path) -> Path:
    """The path itself, or for the bare name of weights that come with sameperson, such as an older version, those."""
    shipped = SHIPPED / f"{path}.safetensors"
    return shipped if not path.exists() and path.name == str(path) and shipped.is_file() else path


def _build(path: Path, card: Card) -> Method:
    try:
        options_class(card.method)
    except InputError as error:
        found = f"{path}: weights of the method {card.method!r} ({error.found})"
        raise InputError(found, error.expected, error.then) from error
    try:
        recipe = Recipe.model_validate(card.recipe)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(
            f"{path}: its recipe does not fit this version ({key_of(first['loc'])}: {first['msg']})",
            "weights that this version wrote",
            "install the version that wrote them, or train again",
        ) from error
    bare = recipe.backbone.model_copy(update={"weights": "none"})
    method = build_method(recipe.model_copy(update={"backbone": bare}), people=1)
    _require_same_needs(path, method, card)
    return method


def _require_same_needs(path: Path, method: Method, card: Card) -> None:
    """Raise InputError where the card says something else than the method, or what no version reads."""
    data_of(card.needs)
    if set(method.needs) != set(card.needs):
        said, needed = (", ".join(sorted(names)) or "nothing" for names in (card.needs, method.needs))
        found = f"{path}: its card says that it needs {said} beside pictures, but its method needs {needed}"
        raise InputError(found, "weights that this version of the method wrote", "train or export them again")


def _published(path: Path, state: Mapping[str, Tensor]) -> tuple[Method, Card]:
    name = recognise(state)
    if name is None:
        raise InputError(
            f"{path}: weights without a card, and of no published OSNet",
            "a .safetensors that sameperson wrote, or a published OSNet checkpoint",
            "as the start of a training give backbone.weights=FILE",
        )
    data, classifier = Data(), state.get("classifier.weight")
    card = Card(
        name=name,
        method="osnet",
        recipe={},
        people=0 if classifier is None else len(classifier),
        size=data.size,
        mean=data.mean,
        std=data.std,
        checksum=checksum(state),
    )
    return PublishedOSNet(name), card
