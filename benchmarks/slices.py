"""Do the scores of a failure report find what makes pictures hard, and does it rank the causes as true labels would?

    python benchmarks/slices.py --json slices.json
    python benchmarks/slices.py --weights osnet_ain_x0_25_world --parser runs/everybody

A tree of rendered people under six conditions is drawn (`mixed_world`), or found in `--tree`. Each score is compared
with the truth of each picture, as AUC: hidden (less than 0.8 of the person is visible), several people (others fill
over 5 % of the picture), low resolution and low light (the condition of the camera; blurred pictures are left out of
the first). Scores are measured on true keypoints and maps, on either of them, and on the maps of a parser, if one is
given. Then the weights are evaluated, and the four slices are ranked by their loss of mAP, by the truth and by the
scores; here blurred pictures belong to low resolution, since they lack detail as well.

`--standing` prints the outline of a whole standing person, which `evaluation/failures/occluded_share.py` has as a
constant.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from mixed_world import OTHERS, Truth, make_mixed_world, read_truth
from numpy.typing import NDArray
from scipy.stats import rankdata

from sameperson.data.readers.market1501 import read_market1501
from sameperson.evaluation.embed import embed
from sameperson.evaluation.failures.occluded_share import STANDING
from sameperson.evaluation.failures.picture_priors import PicturePriors, open_picture_priors
from sameperson.evaluation.failures.picture_scores import SCORES, PictureScores, score_pictures
from sameperson.evaluation.failures.slices import Slice, slice_figures
from sameperson.evaluation.result import evaluate
from sameperson.methods.load import TrainedNetwork, load_network, named_weights
from sameperson.priors.part_groups import label_set
from sameperson.types import Samples

FOUR = ("hidden", "several", "resolution", "light")
EVERYBODY = f"person=1;others={OTHERS}"
"""The label set of the world's maps of everybody."""
HIDDEN, CROWDED = 0.8, 0.05
"""The visible share below which a person is hidden in truth, and the share of others above which there are several."""
Mask = NDArray[np.bool_]


def truths(samples: Samples, root: Path) -> tuple[dict[str, Mask], Mask]:
    """What is true of each picture, by score, and which pictures count for low resolution."""
    told = read_truth(root)
    rows: list[Truth] = [told[str(path)] for path in samples.path]
    conditions = np.array([row.condition for row in rows])
    return {
        "hidden": np.array([row.visible < HIDDEN for row in rows]),
        "several": np.array([row.others > CROWDED for row in rows]),
        "resolution": conditions == "lowres",
        "light": conditions == "lowlight",
    }, conditions != "blur"


def auc(values: NDArray[np.float64], positive: Mask) -> float:
    """The share of pairs of a positive and a negative in which the positive has the higher value, ties counted half."""
    ranks = rankdata(values)
    count = int(positive.sum())
    above = ranks[positive].sum() - count * (count + 1) / 2
    return float(above / (count * (len(values) - count)))


def agreement(scores: PictureScores, true: Mapping[str, Mask], sharp: Mask) -> dict[str, float]:
    """The AUC of each score that is there; pictures without a value count as the easiest."""
    found = {}
    for name in FOUR:
        if name not in scores.values:
            continue
        sign = 1 if SCORES[name].hard == "high" else -1
        values = sign * scores.values[name]
        values = np.where(np.isfinite(values), values, -np.inf)
        counted = sharp if name == "resolution" else np.ones(len(values), bool)
        found[name] = auc(values[counted], true[name][counted])
    return found


def sources(samples: Samples, root: Path, parser: TrainedNetwork | None) -> dict[str, PicturePriors]:
    """What the scores are measured on, by name."""
    folder = str(samples.path[0]).split("/")[0]
    everybody = root / "everybody" / folder
    true = {"keypoints": root / "keypoints" / f"{folder}.json", "mask": root / "masks" / folder, "parsing": everybody}
    found = {
        "true keypoints and maps": open_picture_priors(replace(samples, priors=true), EVERYBODY),
        "true maps": open_picture_priors(replace(samples, priors={"parsing": everybody}), EVERYBODY),
        "true keypoints": open_picture_priors(replace(samples, priors={"keypoints": true["keypoints"]})),
    }
    if parser is not None:
        of = label_set(parser.method.label_set)
        found["the parser"] = PicturePriors(samples, of=of, parser=parser, where={"parsing": "the parser's maps"})
    return found


def ranked(slices: Mapping[str, Mask], result: Any, samples: Samples) -> dict[str, dict[str, Any]]:
    """Each slice's difference in mAP with its interval, and its place among the slices."""
    known = np.ones(len(samples), bool)
    made = [Slice(name, SCORES[name].title, "", "", mask, known) for name, mask in slices.items()]
    return {
        one.group: {
            "queries": figures.queries,
            "difference": figures.difference_mAP.to_json(),
            "place": figures.place,
        }
        for one, figures in zip(made, slice_figures(made, result, samples), strict=True)
    }


def measured(root: Path, weights: Path | None, parser: Path | None) -> dict[str, Any]:
    """All figures of a tree."""
    dataset = read_market1501(root)
    samples = dataset.query
    true, sharp = truths(samples, root)
    loaded = None if parser is None else load_network(parser / "best.safetensors" if parser.is_dir() else parser)
    scores = {name: score_pictures(priors) for name, priors in sources(samples, root, loaded).items()}
    network = load_network(weights)
    query, gallery = (embed(network, side, batch=64)[0] for side in (samples, dataset.gallery))
    result = evaluate(query, samples, gallery, dataset.gallery)
    without_detail = true["resolution"] | ~sharp  # a slice of coarse pictures holds blurred ones too
    places = {"truth": ranked({**true, "resolution": without_detail}, result, samples)}
    for name, of in scores.items():
        places[name] = ranked({each: of.hard(each) for each in FOUR if each in of.values}, result, samples)
    return {
        "pictures": len(samples),
        "people": samples.people,
        "positive": {name: int(mask.sum()) for name, mask in true.items()},
        "auc": {name: agreement(of, true, sharp) for name, of in scores.items()},
        "mAP": result.mAP.to_json(),
        "slices": places,
    }


def standing(root: Path) -> list[float]:
    """The median share of each band of a picture that a whole person fills."""
    samples = read_market1501(root).query
    told = read_truth(root)
    bands = [
        [band.mean() for band in np.array_split(seen.mask.mean(axis=1), len(STANDING))]
        for row, seen in open_picture_priors(samples).read(range(len(samples)))
        if seen.mask is not None and told[str(samples.path[row])].visible == 1
    ]
    return np.median(bands, axis=0).round(3).tolist()


def tell(figures: Mapping[str, Any]) -> None:
    """Print the tables."""
    print(f"{figures['pictures']} queries of {figures['people']} people; AUC against the truth")
    print(f"{'':>26}" + "".join(f"{SCORES[name].title:>16}" for name in FOUR))
    print(f"{'true':>26}" + "".join(f"{figures['positive'][name]:>16}" for name in FOUR))
    for source, found in figures["auc"].items():
        print(f"{source:>26}" + "".join(f"{found[name]:>16.3f}" if name in found else f"{'–':>16}" for name in FOUR))
    print(f"mAP {100 * figures['mAP']['value']:.1f} %; difference of each slice in mAP (place)")
    for source, found in figures["slices"].items():
        cells = (
            f"{100 * found[name]['difference']['value']:+.1f} ({found[name]['place']})" if name in found else "–"
            for name in FOUR
        )
        print(f"{source:>26}" + "".join(f"{cell:>16}" for cell in cells))


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path, help="a tree that mixed_world made; else one is drawn")
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--seed", type=int, default=2, help="of the people; the limits were chosen on seed 1")
    parser.add_argument("--weights", help="weights of ours by name or file (those that are shipped)")
    parser.add_argument("--parser", type=Path, help="weights or a run of a method that parses")
    parser.add_argument("--standing", action="store_true", help="print the outline of a whole person, and end")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tree = options.tree or Path(folder) / "tree"
        if options.tree is None:
            make_mixed_world(tree, options.people, options.seed)
        if options.standing:
            print(standing(tree))
            return
        weights = None if options.weights is None else named_weights(Path(options.weights))
        figures = measured(tree, weights, options.parser)
    tell(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
