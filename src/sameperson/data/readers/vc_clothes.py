"""VC-Clothes (Wan et al., CVPR workshops 2020): people of a game, rendered in several outfits.

    VC-Clothes/{train,query,gallery}/0001-01-01-01.jpg    person, camera, outfit of that person, number

Cameras 2 and 3 see people in the same clothes, 3 and 4 in others; the protocol says which pictures count.
"""

from __future__ import annotations

from pathlib import Path

from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.named_files import CAMERA, NameForm, looks_like, named_dataset, root_of

FOLDERS = ("train", "query", "gallery")
RELEASE = "VC-Clothes"
FORM = NameForm(
    RELEASE, rf"(?P<pid>\d{{1,6}})-{CAMERA}-(?P<clothes_id>\d{{1,3}})-\d{{1,9}}", "0001-01-01-01.jpg", zero=True
)


def read_vc_clothes(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset in `root`, or in the folder of the release inside it."""
    root = root_of(root, FOLDERS, FORM, (RELEASE,))
    return named_dataset("vc-clothes", root, FOLDERS, FORM, "vc_clothes_all")


LAYOUT = Layout(
    name="vc-clothes",
    title=RELEASE,
    read=read_vc_clothes,
    recognise=lambda path: looks_like(path, FOLDERS, FORM, (RELEASE,)),
    release={"train": Counts(9449), "query": Counts(1020), "gallery": Counts(8591)},
    cameras=4,
    clothes=True,
    protocols=("vc_clothes_all", "vc_clothes_sc", "vc_clothes_cc"),
    about="rendered people; outfits are numbered for each person",
)
