"""SYSU-MM01 (Wu et al., ICCV 2017): people by four visible-light and two infrared cameras, indoors and outdoors.

    SYSU-MM01/cam1/0001/0001.jpg    camera, person, number
    SYSU-MM01/exp/train_id.txt      `1,2,4,8` people on one line; val_id.txt and test_id.txt likewise

Cameras 1, 2, 4 and 5 see visible light, 3 and 6 infrared; 1, 2 and 3 are indoors, 2 and 3 in one room; camid is one
less. People of the validation list are learned from too, as in the figures people publish; people in no list are not
read. Queries are all infrared test pictures, the gallery all others: the protocol draws from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sameperson.checks import InputError, existing_text
from sameperson.data.dataset import Dataset
from sameperson.data.layout import Counts, Layout
from sameperson.data.readers.files import pictures_below
from sameperson.data.readers.named_files import NameForm, looks_like, read_names, renamed_people, root_of
from sameperson.priors.locations import find_priors
from sameperson.types import Samples

RELEASE = "SYSU-MM01"
CAMERAS = tuple(f"cam{number}" for number in range(1, 7))
INFRARED = (2, 5)
"""camid of the infrared cameras."""
LISTS = {"train": ("train_id.txt", "val_id.txt"), "test": ("test_id.txt",)}
FOLDERS = (*CAMERAS, "exp")
FORM = NameForm(RELEASE, r"(?P<pid>\d{1,6})/\d{1,9}", "0001/0001.jpg", below=True)
IDS = "numbers of people with commas between them"


def read_sysu_mm01(root: Path, pattern: str | None = None) -> Dataset:  # noqa: ARG001 - readers share one signature
    """The dataset in `root`, or in the folder of the release inside it.

    Raises InputError for a missing folder or list, a list that holds anything but numbers or someone whom the other
    list has too, and a listed person of whom there is no picture.
    """
    root = root_of(root, FOLDERS, FORM, (RELEASE,))
    people = {part: _listed([root / "exp" / name for name in names]) for part, names in LISTS.items()}
    both = sorted(people["train"].keys() & people["test"].keys())
    if both:
        found = f"{people['test'][both[0]]}: person {both[0]} is in {people['train'][both[0]].name} too"
        raise InputError(found, "others to test on than to learn from", "take the lists of the release")
    everyone = _everyone(root)
    seen = set(everyone.pid.tolist())
    for listed in people.values():
        lost = next((pid for pid in listed if pid not in seen), None)
        if lost is not None:
            found = f"{listed[lost]}: lists person {lost}, of whom there is no picture in {root}/cam1 to cam6"
            raise InputError(found, "pictures of everyone listed", "copy them there, or mend the list")
    train, test = (everyone.take(np.isin(everyone.pid, list(people[part]))) for part in LISTS)
    infrared = np.isin(test.camid, INFRARED)
    return Dataset("sysu-mm01", train, test.take(infrared), test.take(~infrared), "sysu_all_single_shot")


def _everyone(root: Path) -> Samples:
    """All pictures of all cameras."""
    names = [(camid, name) for camid, camera in enumerate(CAMERAS) for name in pictures_below(root / camera)]
    pid = np.concatenate(
        [
            read_names([name for camid, name in names if camid == number], FORM, root / camera)["pid"]
            for number, camera in enumerate(CAMERAS)
        ]
    )
    paths = [f"{CAMERAS[camid]}/{name}" for camid, name in names]
    cameras, people = [camid for camid, _ in names], renamed_people(FORM)
    return Samples.of(paths, pid, cameras, root=root, priors=find_priors(root), names=people)


def _listed(sources: Sequence[Path]) -> dict[int, Path]:
    """Person -> the list that names them; InputError for a list that is missing or holds anything but numbers."""
    people: dict[int, Path] = {}
    for source in sources:
        try:
            words = existing_text(source, f"a list of the release: {IDS}").read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{source}: not UTF-8 text", IDS, "check which file this is") from error
        for word in words.replace(",", " ").split():
            if not (word.isascii() and word.isdigit() and len(word) < 7):
                raise InputError(f"{source}: {word[:40]!a} is no number of a person", IDS, "take the release's list")
            people.setdefault(int(word), source)
    if not people:
        raise InputError(f"{sources[-1]}: nobody in it", IDS, "take the release's list")
    return people


LAYOUT = Layout(
    name="sysu-mm01",
    title=RELEASE,
    read=read_sysu_mm01,
    recognise=lambda path: looks_like(path, FOLDERS, FORM, (RELEASE,)),
    # Training: 22,258 visible and 11,909 infrared pictures. How many the gallery is drawn from, papers do not say.
    release={"train": Counts(34167, 395), "query": Counts(3803, 96)},
    cameras=6,
    protocols=("sysu_all_single_shot", "sysu_all_multi_shot", "sysu_indoor_single_shot", "sysu_indoor_multi_shot"),
    about="cameras 1, 2, 4 and 5 see visible light, 3 and 6 infrared, which ask; the protocol draws the gallery; the "
    "validation people are learned from too",
)
