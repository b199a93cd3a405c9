"""Slices of queries: who is in each, and figures against plain loops."""

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.evaluation.failures.picture_scores import SCORES, PictureScores
from sameperson.evaluation.failures.slices import (
    FEWEST_PEOPLE,
    Slice,
    by_height,
    clothes_changed,
    difference,
    missing_slices,
    slice_figures,
    slices_of,
)
from sameperson.evaluation.failures.written_attributes import columns_of, with_bag, written_attributes
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.result import evaluate
from sameperson.evaluation.stats import tail_of
from sameperson.types import Embeddings, Samples


def scores_of_four():
    """Four pictures: hidden by a half, not at all, by a fifth, unknown."""
    return PictureScores(
        values={"hidden": np.array([0.5, 0.0, 0.2, np.nan]), "light": np.array([0.9, 0.1, 0.2, 0.8])},
        views=np.array(["front", "", "back", "side"], object),
        heights=np.array([50, 64, 300, 0]),
        sources={"hidden": "masks/", "light": "the pixels", "viewpoint": "keypoints/"},
        limits={"hidden": 0.15, "light": 0.42},
    )


@pytest.fixture
def searched():
    """An evaluation of 60 queries of 12 people in 3 cameras, none of them easy."""
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(12, 6))
    pid = np.repeat(np.arange(1, 13), 5)
    camid = np.tile([0, 1, 2, 0, 1], 12)
    sides = []
    for seed in (1, 2):
        noise = np.random.default_rng(seed).normal(size=(60, 6))
        features = (centres[pid - 1] + 1.2 * noise).astype(np.float32)
        samples = Samples.of([f"{seed}/{k}.jpg" for k in range(60)], pid, camid)
        sides.append((Embeddings(features, "x"), samples))
    (query, queries), (gallery, pictures) = sides
    return evaluate(query, queries, gallery, pictures, resamples=200), queries


def test_slices_come_in_the_order_of_the_study():
    queries = Samples.of(list("abcd"), [1, 2, 3, 4], clothes_id=[1, 2, -1, 4])
    bags = np.array(["black backpack", "none", "", "no"], object)
    slices = slices_of(scores_of_four(), queries, {"bag": (bags, "people.csv")}, np.array([True, False, False, False]))
    assert [one.title for one in slices] == [
        "Hidden", "Low light", "Change of clothes", "Seen from the front", "Seen from the side", "Seen from behind",
        "With a bag", "Under 64 px high", "64 to 95 px high", "256 px high and more",
    ]  # fmt: skip
    by = {one.title: one for one in slices}
    assert by["Hidden"].inside.tolist() == [True, False, True, False]
    assert by["Hidden"].known.tolist() == [True, True, True, False]
    assert by["Hidden"].rule == "more than 15 % of the person is hidden"
    assert by["Low light"].inside.tolist() == [False, True, True, False]
    assert by["Change of clothes"].known.tolist() == [True, True, False, True]
    assert by["Seen from behind"].inside.tolist() == [False, False, True, False]
    assert by["With a bag"].inside.tolist() == [True, False, False, False]
    assert by["With a bag"].known.tolist() == [True, True, False, True]


def test_what_is_missing_is_named_with_what_it_needs():
    missing = missing_slices(scores_of_four(), {}, clothes=False)
    assert list(missing) == ["several", "clothes", "change", "pose", "bag"]
    assert "parser" in missing["several"] and "clothes_id" in missing["change"]
    assert "bag" not in missing_slices(scores_of_four(), {"bag": (np.array(["no"], object), "x")}, clothes=True)


def test_pictures_of_one_height_are_not_told_apart():
    assert by_height(np.array([128, 128, 0, 130])) == []


def test_figures_are_means_of_the_queries_inside_and_outside(searched):
    result, queries = searched
    rng = np.random.default_rng(0)
    inside, known = rng.random(60) < 0.4, rng.random(60) < 0.9
    empty = np.zeros(60, bool)
    slices = [Slice("x", "x", "", "", inside, known), Slice("y", "y", "", "", empty, known)]
    figures, nothing = slice_figures(slices, result, queries)
    mine = [row for row in range(60) if inside[row] and known[row]]
    rest = [row for row in range(60) if not inside[row] and known[row]]
    rank1, ap = result.per_query[:, 0], result.average_precision
    assert (figures.queries, figures.rest) == (len(mine), len(rest))
    assert figures.people == len({int(queries.pid[row]) for row in mine})
    assert figures.rank1.value == pytest.approx(np.mean([rank1[row] for row in mine]))
    assert figures.rest_mAP.value == pytest.approx(np.mean([ap[row] for row in rest]))
    gap = np.mean([ap[row] for row in mine]) - np.mean([ap[row] for row in rest])
    assert figures.difference_mAP.value == pytest.approx(gap)
    assert figures.difference_mAP.low < gap < figures.difference_mAP.high
    assert nothing.queries == 0 and np.isnan(nothing.mAP.value) and (figures.place, nothing.place) == (1, 0)


def test_slices_are_placed_by_what_they_cost(searched):
    result, queries = searched
    order = np.argsort(result.average_precision)
    masks = np.zeros((3, 60), bool)
    masks[0, order[30:45]], masks[1, order[:15]], masks[2, order[45:]] = True, True, True
    known = np.ones(60, bool)
    figures = slice_figures([Slice("x", "x", "", "", mask, known) for mask in masks], result, queries)
    assert [one.place for one in figures] == [2, 1, 3]
    assert figures[1].sure and figures[1].difference_mAP.high < 0


def test_a_slice_of_few_people_is_never_sure(searched):
    result, queries = searched
    hardest = order_of_people(result, queries)
    told = []
    for count in (FEWEST_PEOPLE - 1, FEWEST_PEOPLE):
        mask = np.isin(queries.pid, hardest[:count])
        (figures,) = slice_figures([Slice("x", "x", "", "", mask, np.ones(60, bool))], result, queries)
        assert figures.people == count and figures.difference_mAP.high < 0
        told.append(figures.sure)
    assert told == [False, True]


def order_of_people(result, queries):
    """The people by their mean average precision, the lowest first."""
    people = np.unique(queries.pid)
    means = [result.average_precision[queries.pid == person].mean() for person in people]
    return people[np.argsort(means)]


def test_the_interval_of_a_difference_resamples_people_for_both_groups():
    rng = np.random.default_rng(5)
    values, pids, inside = rng.random((30, 1)), rng.integers(0, 8, 30), rng.random(30) < 0.5
    [gap] = difference(values, (inside, ~inside), pids, 100, 7)
    people = np.unique(pids)
    drawn = np.random.default_rng(7).integers(len(people), size=(100, len(people)))
    gaps = []
    for people_drawn in drawn:
        groups = ([], [])
        for person in people_drawn:
            for row in np.flatnonzero(pids == people[person]):
                groups[int(not inside[row])].append(values[row, 0])
        if all(groups):
            gaps.append(np.mean(groups[0]) - np.mean(groups[1]))
    tail = tail_of(len(people))
    assert (gap.low, gap.high) == pytest.approx(tuple(np.quantile(gaps, [tail, 1 - tail])))


def test_changed_clothes_are_those_of_queries_whose_right_answers_all_wear_others():
    queries = Samples.of(list("abc"), [1, 2, 3], [0, 0, 0], clothes_id=[10, 20, 30])
    pictures = Samples.of(
        list("tuvwxyz"), [1, 1, 2, 2, 3, 3, 0], [1, 0, 1, 2, 0, 0, 1], clothes_id=[11, 10, 21, 20, 31, 31, 10]
    )
    # The second's own clothes are in another camera; the third is never seen by another camera.
    changed = clothes_changed(queries, pictures, PROTOCOLS["market1501"])
    assert changed is not None and changed.tolist() == [True, False, False]
    unknown = Samples.of(list("abc"), [1, 2, 3], [0, 0, 0])
    assert clothes_changed(unknown, pictures, PROTOCOLS["market1501"]) is None


def test_written_attributes_come_from_the_tables_beside_a_tree(tmp_path):
    (tmp_path / "labels.csv").write_text("path;viewpoint;visible\nq/a.jpg; front;0.2\nq/b.jpg;-1;0.9\n")
    (tmp_path / "people.csv").write_text("pid,clothes_id,bag\n1,5,red backpack\n2,6,none\n")
    samples = Samples.of(["q/a.jpg", "q/b.jpg", "q/c.jpg"], [1, 2, 3], clothes_id=[5, 6, 7], root=tmp_path)
    found = written_attributes(samples)
    assert set(found) == {"viewpoint", "bag"}  # what the world alone knows, the visible share, is not read
    assert found["viewpoint"][0].tolist() == ["front", "", ""] and found["viewpoint"][1] == "labels.csv"
    assert found["bag"][0].tolist() == ["red backpack", "none", ""]
    assert with_bag(found["bag"][0]).tolist() == [True, False, False]


def test_a_damaged_table_is_one_line(tmp_path):
    (tmp_path / "labels.csv").write_text("path,bag\na.jpg,yes,no\n")
    with pytest.raises(InputError, match=r"labels.csv: line 2 has 3 cells"):
        columns_of(tmp_path / "labels.csv")


def test_every_rule_says_its_limit():
    for score in SCORES.values():
        assert "{}" not in score.rule.format(score.written(score.limit))
