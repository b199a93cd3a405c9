"""LIP, Look Into Person (Gong et al., CVPR 2017): parsing maps of pictures whose people have no identities.

`train_images/*.jpg` and `train_segmentations/*.png` (labels 0 to 19), the same for val, train_id.txt and val_id.txt;
either all in one folder, or under TrainVal_images and TrainVal_parsing_annotations as the release's archives unpack.
"""

from __future__ import annotations

from pathlib import Path

from sameperson.checks import InputError, existing_folder, existing_text
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.files import pictures_below
from sameperson.data.readers.listed import require_pictures, warn_missing
from sameperson.types import JUNK, Samples

IMAGES = ("", "TrainVal_images", "TrainVal_images/TrainVal_images")
LABELS = ("", "TrainVal_parsing_annotations", "TrainVal_parsing_annotations/TrainVal_parsing_annotations")


def read_lip(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read training and validation pictures with their parsing; query and gallery are empty, since LIP names nobody.

    Raises InputError for a missing folder, and for a picture that train_id.txt or val_id.txt lists and is not there.
    """
    root = existing_folder(root, "a LIP tree")
    train, val = (_read(root, part) for part in ("train", "val"))
    nobody = train.take(slice(0))
    return Dataset("lip", train, nobody, nobody, protocol="camera_blind", val=val)


def _read(root: Path, part: str) -> Samples:
    images = _place(root, IMAGES, f"{part}_images")
    labels = _place(root, LABELS, f"{part}_segmentations")
    ids = next((file for file in (images.parent / f"{part}_id.txt", root / f"{part}_id.txt") if file.is_file()), None)
    if ids is None:
        names = pictures_below(images)
    else:
        names = _listed(ids)
        require_pictures(images, names, ids)
    below = images.relative_to(root).as_posix()
    paths = [f"{below}/{name}" for name in names]
    samples = Samples.of(paths, [JUNK] * len(paths), root=root, priors={"parsing": labels})
    warn_missing(samples, labels, "parsing")
    return samples


def _place(root: Path, parents: tuple[str, ...], name: str) -> Path:
    """Find a folder of the release, in any of the places where its archives unpack it."""
    found = next((root / parent / name for parent in parents if (root / parent / name).is_dir()), None)
    if found is None:
        expected = f"{name}/ there, or below {parents[1]}/"
        raise InputError(f"{root}: no {name}", expected, "unpack the archive that holds it")
    return found


def _listed(ids: Path) -> list[str]:
    """Read the names of pictures from train_id.txt or val_id.txt, one a line without its ending."""
    try:
        text = existing_text(ids, "a list of pictures").read_text(encoding="utf-8-sig")
        lines = [line.strip() for line in text.splitlines()]
    except UnicodeDecodeError as error:
        raise InputError(f"{ids}: not UTF-8 text", "the name of a picture a line", "save it as UTF-8") from error
    names = [line if line.endswith(".jpg") else f"{line}.jpg" for line in lines if line]
    if not names:
        raise InputError(f"{ids}: no lines", "the name of a picture a line", "remove it to read every picture")
    return names


LAYOUT = Layout(
    name="lip",
    title="LIP",
    read=read_lip,
    recognise=lambda path: any((path / parent / "train_images").is_dir() for parent in IMAGES),
    release={"train": Counts(30462), "val": Counts(10000)},
    protocols=(),
    priors=("parsing",),
    about="names nobody, so nobody can be searched for in it: it teaches parsing; its test pictures have no labels",
)
