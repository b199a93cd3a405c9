"""Occluded-Duke (Miao et al., ICCV 2019): DukeMTMC-reID split anew, so that something hides every query.

Its authors publish lists of file names, `train.list`, `query.list` and `gallery.list`, and a script that sorts Duke's
pictures by them into Market-1501's folders. Where a list lies there, it says which pictures count and in which order;
in a tree without lists every picture counts.
"""

from __future__ import annotations

from pathlib import Path

from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.dukemtmc import FORM as NAMES
from sameperson.data.readers.listed import require_pictures
from sameperson.data.readers.market1501 import FOLDERS
from sameperson.data.readers.name_lists import listed_names, require_names
from sameperson.data.readers.named_files import NameForm, looks_like, root_of, samples_from_names, samples_in_folder
from sameperson.types import Samples

RELEASE = "Occluded_Duke"
LISTS: dict[str, str] = dict(zip(FOLDERS, ("train.list", "query.list", "gallery.list"), strict=True))
FORM = NameForm("Occluded-Duke", NAMES.pattern, NAMES.example)


def read_occluded_duke(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset in `root`, or in the folder of the release inside it.

    Raises InputError for a listed picture that is not in its folder.
    """
    root = root_of(root, FOLDERS, FORM, (RELEASE,))
    train, query, gallery = (_read(root, folder) for folder in FOLDERS)
    return Dataset("occluded-duke", train, query, gallery)


def _read(root: Path, folder: str) -> Samples:
    source = root / LISTS[folder]
    if not source.exists():
        return samples_in_folder(root, folder, FORM)
    names, _ = listed_names(source, 1)
    require_names(names, FORM, source)
    require_pictures(root / folder, names, source)
    return samples_from_names(root, folder, names, FORM)


def _recognise(path: Path) -> bool:
    places = [place for place in (path, path / RELEASE) if looks_like(place, FOLDERS, FORM)]
    return any(
        "occluded" in place.name.lower() or any((place / name).exists() for name in LISTS.values()) for place in places
    )


LAYOUT = Layout(
    name="occluded-duke",
    title="Occluded-Duke",
    read=read_occluded_duke,
    recognise=_recognise,
    release={"train": Counts(15618, 702), "query": Counts(2210, 519), "gallery": Counts(17661, 1110)},
    cameras=8,
    about="every query is occluded, and a tenth of the gallery; made of DukeMTMC-reID, which its owners withdrew",
)
