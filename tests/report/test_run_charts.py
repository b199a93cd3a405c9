"""What is drawn of a run: each loss and accuracy over its epochs, and nothing that cannot be drawn."""

import math

from sameperson.report.run_charts import cmc, learning, over_epochs
from sameperson.report.values import Accuracy, Judged

HISTORY = [
    {"epoch": 1, "loss": 5.0, "loss/id": 5.0, "loss/center": 0.0, "lr": 1e-3},
    {"epoch": 1, "val/mAP": 0.25, "val/rank1": 0.5, "best": True},
    {"epoch": 2, "loss": math.nan, "loss/id": math.nan, "loss/center": 0.0, "lr": 1e-3},
    {"epoch": 3, "loss": 2.0, "loss/id": 2.0, "loss/center": 0.1, "lr": 1e-3},
]


def test_what_is_not_finite_is_left_out():
    line = over_epochs(HISTORY, "loss/id", "id")
    assert (line.x, line.y) == ([1, 3], [5.0, 2.0])


def test_losses_and_accuracies_are_told_apart():
    losses, accuracy = learning(HISTORY)
    assert losses.legend == ["id", "center"]
    assert accuracy.legend == ["mAP", "Rank-1"]


def test_many_losses_are_summed_by_kind():
    """A network of three branches: ten lines would share six colours."""
    kinds = ("identity", "triplet", "center")
    losses = {f"loss/{kind}_{branch}": 1.0 for kind in kinds for branch in ("part", "global", "fore")}
    history = [{"epoch": epoch, "loss": 9.5, **losses, "loss/pixel": 0.5, "lr": 1e-3} for epoch in (1, 2)]
    (chart,) = learning(history)
    assert chart.caption == "Losses, each kind summed"
    assert chart.legend == ["identity", "triplet", "center", "pixel"]
    assert chart.drawing.count("<polyline") == 4
    few = [{**{key: line[key] for key in list(line)[:8]}} for line in history]
    (chart,) = learning(few)
    assert chart.caption == "Losses" and len(chart.legend) == 6


def test_without_validation_there_is_no_accuracy_chart():
    assert [chart.caption for chart in learning(HISTORY[:1])] == ["Losses"]
    assert learning([]) == []


def test_a_curve_ends_after_twenty_ranks():
    one = Accuracy(value=0.5, low=0.4, high=0.6)
    judged = Judged(rank1=one, rank5=one, rank10=one, mAP=one, mINP=one, cmc=tuple(k / 100 for k in range(1, 101)))
    chart = cmc({"ours": judged})
    assert chart is not None
    assert chart.drawing.count("<circle") == 20
    assert cmc({"ours": judged.model_copy(update={"cmc": ()})}) is None


def test_parts_are_drawn_from_before_the_first_epoch_and_once():
    parts = [{"epoch": epoch, "parsing/foreground": 0.5 + 0.1 * epoch, "parsing/head": 0.25, "seconds": 1}
             for epoch in (0, 2, 2)]  # fmt: skip
    losses, _, chart = learning([*HISTORY, *parts])
    assert {one.drawing.count(">3<") for one in (losses, chart)} == {1}  # one scale of epochs for both
    assert chart.caption == "Parts found, against true ones (IoU)"
    assert chart.legend == ["Foreground", "Head"]
    line = over_epochs(parts, "parsing/foreground", "Foreground")
    assert (line.x, line.y) == ([0, 2], [0.5, 0.7])
