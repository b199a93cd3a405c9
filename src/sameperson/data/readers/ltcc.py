"""LTCC (Qian et al., ACCV 2020): people filmed over two months, many of them in several outfits.

    LTCC_ReID/{train,query,test}/094_1_c9_015833.png    person, outfit of that person, camera, frame

People count from 0; person 0 is no distractor. The lists in `info/` say who changes clothes, which the names say too.
"""

from __future__ import annotations

from pathlib import Path

from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.named_files import CAMERA, NameForm, looks_like, named_dataset, root_of

FOLDERS = ("train", "query", "test")
RELEASE = "LTCC_ReID"
FORM = NameForm(
    "LTCC",
    rf"(?P<pid>\d{{1,6}})_(?P<clothes_id>\d{{1,3}})_c{CAMERA}_(?P<frame>\d{{1,9}})",
    "094_1_c9_015833.png",
    zero=True,
)


def read_ltcc(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """Read the dataset in `root`, or in the folder of the release inside it."""
    root = root_of(root, FOLDERS, FORM, (RELEASE,))
    return named_dataset("ltcc", root, FOLDERS, FORM, "ltcc_general")


LAYOUT = Layout(
    name="ltcc",
    title="LTCC",
    read=read_ltcc,
    recognise=lambda path: looks_like(path, FOLDERS, FORM, (RELEASE,)),
    release={"train": Counts(9576), "query": Counts(493), "gallery": Counts(7050)},
    cameras=12,
    clothes=True,
    protocols=("ltcc_general", "ltcc_cc", "ltcc_sc"),
    about="outfits are numbered for each person; people count from 0, and person 0 is no distractor",
)
