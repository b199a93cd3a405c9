"""How many swapped labels does `doctor` find with the shipped weights, and how many of its suspects were swapped?

sameperson world make w --people 60 --cameras 4 --size 128x64 --seed 5
python benchmarks/labels.py w --json labels.json
"""

import argparse
import json
from pathlib import Path

import numpy as np

from sameperson.data.doctor.label_noise import REACH, likeness
from sameperson.data.doctor.layouts import open_tree
from sameperson.evaluation.embed import embed
from sameperson.methods.load import load_network

SHARE = 0.05


def main() -> None:
    """Swap, look, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    dataset = open_tree(args.tree).dataset
    if dataset is None:
        raise SystemExit(f"{args.tree}: no dataset")
    splits = list(dataset.splits().values())
    features = np.concatenate([embed(load_network(None), samples)[0].features for samples in splits])
    pid = np.concatenate([samples.pid for samples in splits])
    camid = np.concatenate([samples.camid for samples in splits])
    people = np.unique(pid)
    figures = []
    for seed in range(args.draws):
        rng = np.random.default_rng(seed)
        swapped = rng.choice(len(pid), round(SHARE * len(pid)), replace=False)
        told = pid.copy()
        told[swapped] = [rng.choice(people[people != who]) for who in pid[swapped]]
        alike = likeness(features, told, camid)
        suspects = np.flatnonzero(alike.excess > REACH * alike.reach)
        first = suspects[np.argsort(-alike.excess[suspects])][: len(suspects) // 2]
        right = np.isin(suspects, swapped).sum()
        figures.append((right / len(suspects), right / len(swapped), np.isin(first, swapped).mean()))
    untouched = likeness(features, pid, camid)
    said = {
        "pictures": len(pid),
        "swapped_share": SHARE,
        "draws": args.draws,
        **dict(zip(("precision", "recall", "precision_of_first_half"), np.mean(figures, axis=0).tolist(), strict=True)),
        "lowest": np.min(figures, axis=0).tolist(),
        "suspected_of_untouched": float(np.mean(untouched.excess > REACH * untouched.reach)),
    }
    print(json.dumps(said, indent=1))
    if args.json:
        args.json.write_text(json.dumps(said, indent=1))


if __name__ == "__main__":
    main()
