"""Splits by identity: holds people out for validation, and chooses queries and gallery."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError
from sameperson.data.dataset import Dataset
from sameperson.data.tracklets import in_tracklets
from sameperson.types import DISTRACTOR, Samples


def learned_and_held_out(dataset: Dataset, fraction: float, seed: int) -> tuple[Samples, Samples]:
    """Return training and validation pictures that share no person.

    They are the dataset's own splits where it has both, else those of `hold_out`. A fraction of 0 leaves the validation
    set empty. Raises InputError for people who are in both.
    """
    if dataset.val is None or fraction == 0:
        return hold_out(dataset.train, fraction, seed)
    train, val = (samples.take(samples.pid > DISTRACTOR) for samples in (dataset.train, dataset.val))
    require_apart(train, val)
    return train, val


def hold_out(train: Samples, fraction: float, seed: int) -> tuple[Samples, Samples]:
    """Hold some people out of training for validation; junk and distractors go to neither.

    fraction: the share of people held out, but at least two people; 0 holds out none.
    """
    train = train.take(train.pid > DISTRACTOR)
    people = np.unique(train.pid)
    if fraction == 0:
        return train, train.take(slice(0))
    count = max(2, round(fraction * len(people)))
    if len(people) - count < 2:
        found = f"{len(people)} people to train on"
        raise InputError(found, f"at least {count + 2} to hold {count} of them out", "set data.val_fraction=0")
    held = np.random.default_rng(seed).choice(people, count, replace=False)
    out = np.isin(train.pid, held)
    return train.take(~out), train.take(out)


def pictures_held_out(dataset: Dataset, fraction: float, seed: int) -> tuple[Samples, Samples]:
    """Return pictures to learn from and to validate on, for a method that learns no identities.

    They are the dataset's own splits where it has both. Else a share of the people is held out with all their pictures,
    and a picture of nobody known stands for a person of its own. A fraction of 0 leaves the validation set empty.
    Raises InputError for people who are in both, and for too few.
    """
    train, val = dataset.train, dataset.val
    if fraction == 0:
        return train, train.take(slice(0))
    if val is not None:
        require_apart(train, val)
        return train, val
    groups = people_or_pictures(train)
    units = np.unique(groups)
    count = max(1, round(fraction * len(units)))
    if count >= len(units):
        found = f"{len(units)} people or pictures of nobody known to train on"
        raise InputError(found, f"at least {count + 1} to hold {count} of them out", "set data.val_fraction=0")
    out = np.isin(groups, np.random.default_rng(seed).choice(units, count, replace=False))
    return train.take(~out), train.take(out)


def people_or_pictures(samples: Samples) -> NDArray[np.int64]:
    """Number who is on each picture (N,): the pid where it is known, else a negative number of the picture's own.

    >>> people_or_pictures(Samples.of(["a", "b", "c", "d"], [7, -1, 7, 0]))
    array([ 7, -2,  7, -4])
    """
    return np.where(samples.pid > DISTRACTOR, samples.pid, -1 - np.arange(len(samples)))


def require_apart(train: Samples, val: Samples) -> None:
    """Raise InputError for known people who are in both."""
    shared = np.intersect1d(train.pid[train.pid > DISTRACTOR], val.pid[val.pid > DISTRACTOR])
    if len(shared):
        found = f"{train.root}: {len(shared)} people in train and val, e.g. {train.name_of(shared[0])}"
        raise InputError(found, "validation people who are not learned from", "move them to one of the two")


def query_and_gallery(samples: Samples, *, tracks: bool = False) -> tuple[Samples, Samples]:
    """Choose the first picture of each person under each camera as a query; the rest is the gallery.

    Only pictures that leave a positive behind become queries: the person must remain in the gallery under another
    camera, or, where no one is seen by two cameras (`across_cameras`), at all. tracks: choose whole tracklets so, by
    `track_id`, each of one person and one camera; a picture without one stands alone.
    """
    if tracks:
        samples = in_tracklets(samples)
        _, first = np.unique(samples.track_id, return_index=True)
        query, _ = query_and_gallery(samples.take(np.sort(first)))
        asked = np.isin(samples.track_id, query.track_id)
        return samples.take(asked), samples.take(~asked)
    rows = np.flatnonzero(samples.pid > DISTRACTOR)
    if not len(rows):
        return samples.take(slice(0)), samples
    seen = np.stack([samples.pid[rows], samples.camid[rows]], axis=1)
    groups, first, size = np.unique(seen, axis=0, return_index=True, return_counts=True)
    _, person, cameras = np.unique(groups[:, 0], return_inverse=True, return_counts=True)
    candidate = size > 1
    if (cameras > 1).any():
        # Who has one picture under each camera still gets one query.
        spare = np.zeros(len(cameras), bool)
        np.logical_or.at(spare, person, candidate)
        first_group = np.diff(person, prepend=-1) > 0
        candidate = (candidate | (first_group & ~spare[person])) & (cameras[person] > 1)
    chosen = np.zeros(len(samples), bool)
    chosen[rows[first[candidate]]] = True
    return samples.take(chosen), samples.take(~chosen)


def across_cameras(samples: Samples) -> bool:
    """Tell whether anyone is seen by two cameras.

    If nobody is, a protocol that drops the query's own camera leaves no match.
    """
    seen = np.unique(np.stack([samples.pid, samples.camid], axis=1)[samples.pid > DISTRACTOR], axis=0)
    return len(np.unique(seen[:, 0])) < len(seen)
