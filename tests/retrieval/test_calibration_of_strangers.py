"""The probabilities of the weights that ship, fitted to some synthetic people and held against others."""

import numpy as np
import pytest

from sameperson.data.readers.market1501 import read_market1501
from sameperson.evaluation.embed import embed
from sameperson.methods.load import load_network
from sameperson.retrieval.calibrate import calibrate, calibration_error, paired_cosine, sample_pairs

PEOPLE = 160


@pytest.mark.slow
def test_what_is_said_is_so_within_two_points(tmp_path):
    pytest.importorskip("warp")
    from sameperson.world.dataset import make_world
    from sameperson.world.plan import WorldPlan

    make_world(tmp_path / "w", WorldPlan(PEOPLE, 1, cameras=4, shots=2, seed=77, labels=()), workers=2)
    samples = read_market1501(tmp_path / "w").train
    embeddings, samples, _ = embed(load_network(), samples, batch=64, workers=2)
    gaps = []
    for seed in range(3):
        fitted = np.isin(samples.pid, np.random.default_rng(seed).permutation(np.unique(samples.pid))[: PEOPLE // 2])
        curve = calibrate(embeddings.take(fitted), samples.take(fitted), seed=seed)
        others, theirs = embeddings.take(~fitted), samples.take(~fitted)
        first, second = sample_pairs(theirs, np.random.default_rng(seed), 20_000)
        said = curve.probability(paired_cosine(others.features, first, second))
        gaps.append(calibration_error(said, theirs.pid[first] == theirs.pid[second]))
    assert max(gaps) <= 0.02, gaps
