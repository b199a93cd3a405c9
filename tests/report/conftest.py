"""A small run folder with real pictures, as a finished demo leaves it."""

import json

import numpy as np
import pytest
from PIL import Image

from sameperson.report.run import Pictures, Sheet
from sameperson.report.values import Accuracy, Answer, Asked, Judged, Shown

PEOPLE, CAMERAS = 3, 4


def share(value):
    return Accuracy(value=value, low=value - 0.03, high=value + 0.02)


def judged(value):
    shares = [share(value + plus) for plus in (0.0, 0.05, 0.08, -0.1, -0.2)]
    cmc = tuple(min(1.0, value + 0.01 * rank) for rank in range(20))
    return Judged(rank1=shares[0], rank5=shares[1], rank10=shares[2], mAP=shares[3], mINP=shares[4], cmc=cmc)


def shown(person, camera):
    return Shown(file=f"world/{person}_{camera}.jpg", person=str(person), camera=str(camera))


def asked(ap, wrong_first):
    order = [(2, 1), (1, 2)] if wrong_first else [(1, 2), (2, 1)]
    answers = [
        Answer(
            **shown(*who).model_dump(),
            distance=0.1 * rank,
            right=who[0] == 1,
            probability=0.9 if who[0] == 1 else 0.004,
        )
        for rank, who in enumerate(order, 1)
    ]
    return Asked(query=shown(1, 1), answers=tuple(answers), ap=ap, first=2 if wrong_first else 1)


@pytest.fixture
def finished(tmp_path):
    """A run folder whose every section can be drawn."""
    folder = tmp_path / "demo"
    (folder / "world").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for person in range(1, PEOPLE + 1):
        for camera in range(1, CAMERAS + 1):
            pixels = rng.integers(0, 256, (64, 32, 3), np.uint8)
            Image.fromarray(pixels).save(folder / "world" / f"{person}_{camera}.jpg")
    rows = [tuple(shown(person, camera) for camera in range(1, CAMERAS + 1)) for person in range(1, PEOPLE + 1)]
    pictures = Pictures(
        people=Sheet(cameras=tuple("1234"), rows=tuple(rows)),
        examples=(asked(0.95, False),),
        hardest=(asked(0.05, True),),
        search=asked(None, False).model_copy(update={"command": "sameperson search world/1_1.jpg world"}),
    )
    (folder / "pictures.json").write_text(pictures.model_dump_json())
    result = {
        "kind": "demo",
        "trained": judged(0.9).model_dump(),
        "untrained": judged(0.3).model_dump(),
        "raw_pixels": judged(0.4).model_dump(),
        "train_identities": 9,
        "validation_identities": 2,
        "train_pictures": 72,
        "quick": True,
        "recipe": {"name": "demo"},
        "test_identities": PEOPLE,
        "cameras": CAMERAS,
        "queries": 12,
        "gallery": 24,
        "skipped_queries": 1,
        "protocol": "market1501",
        "resamples": 2000,
        "seed": 7,
        "command": "sameperson demo --seed 7",
        "versions": {"Python": "3.11.7"},
        "seconds": {"world": 61.2, "train": 252.1, "total": 313.3},
        "reused": ["world"],
    }
    (folder / "result.json").write_text(json.dumps(result))
    (folder / "train").mkdir()
    (folder / "train" / "recipe.yaml").write_text("name: demo\n")
    lines = [{"epoch": e, "loss": 4.3 / e, "loss/id": 4.0 / e, "loss/triplet": 0.3 / e} for e in (1, 2, 3)]
    lines += [{"epoch": 3, "val/rank1": 0.8, "val/mAP": 0.6, "best": True}]
    (folder / "train" / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder
