"""Protocols by clothes, on a gallery small enough to rank by hand."""

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.result import evaluate
from sameperson.types import Embeddings, Samples

# Person 1 in outfit 10 before camera 0, person 2 in outfit 20 before camera 0. The gallery by its distance to both:
#          own clothes, own camera | other clothes, own camera | someone in 1's clothes | 1, other clothes | 1, same
PIDS = [1, 1, 2, 1, 1, 2, 0]
CLOTHES = [10, 11, 10, 11, 10, 21, -1]
CAMERAS = [0, 0, 1, 1, 1, 0, 1]
ANGLES = np.radians(10.0 * np.arange(1, 8))


def at(angles):
    return Embeddings(np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32), "test")


def asked(protocol, clothes=CLOTHES):
    queries = Samples.of(["p.jpg", "q.jpg"], [1, 2], [0, 0], clothes_id=[10, 20])
    pictures = Samples.of([f"{k}.jpg" for k in range(7)], PIDS, CAMERAS, clothes_id=clothes)
    return evaluate(at(np.zeros(2)), queries, at(ANGLES), pictures, protocol, resamples=10)


def test_only_the_same_clothes_count():
    # What is left for person 1: a stranger, then picture 4; person 2 is never seen in outfit 20 again.
    result = asked("same_clothes")
    assert result.first_rank.tolist() == [1, -1]
    assert result.average_precision[0] == pytest.approx(1 / 2)
    assert result.skipped.tolist() == [1]
    assert result.to_json()["skipped_queries"] == 1
    assert result.protocol == "same_clothes"


def test_only_other_clothes_count():
    # Person 1: a stranger, picture 3. Person 2: 1's pictures 0 and 1, then picture 2; picture 5 is of the own camera.
    result = asked("cross_clothes")
    assert result.first_rank.tolist() == [1, 2]
    assert result.average_precision.tolist() == pytest.approx([1 / 2, 1 / 3])
    assert len(result.skipped) == 0


def test_the_usual_protocol_looks_at_no_clothes():
    unknown = asked("market1501", [-1] * 7)
    known = asked("market1501")
    assert unknown.first_rank.tolist() == known.first_rank.tolist() == [1, 2]
    assert known.average_precision[0] == pytest.approx((1 / 2 + 2 / 3) / 2)


@pytest.mark.parametrize("protocol", ["same_clothes", "cross_clothes"])
def test_unknown_clothes_are_told_with_what_to_do(protocol):
    clothes = [10, -1, 10, -1, 10, 21, -1]
    with pytest.raises(InputError, match=rf"unknown in 2 pictures \(1.jpg, 3.jpg\).*{protocol}.*labels.csv") as error:
        asked(protocol, clothes)
    assert "\n" not in str(error.value)


def test_every_protocol_is_known_by_its_name():
    assert all(name == protocol.name for name, protocol in PROTOCOLS.items())
