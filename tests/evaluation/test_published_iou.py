"""The parsing study's printed figures: one run agrees with itself, one does not, one lacks a class."""

import pytest

from sameperson.evaluation.published_iou import CE2P_STUDY, PrintedRun


def test_the_consistent_run_agrees():
    run = CE2P_STUDY["473x473, study-7"]
    assert run.recomputed == pytest.approx((0.7844 + 0.6652 + 0.6951 + 0.3543 + 0.4130 + 0.1832 + 0.2330) / 7)
    assert run.agrees is True


def test_the_inconsistent_run_is_flagged_and_what_its_background_must_be():
    """Its mean would be .2597; the background's IoU was copied from the other run and must be .6246."""
    run = CE2P_STUDY["384x128, study-7"]
    assert run.recomputed == pytest.approx(0.2597, abs=5e-5) and run.agrees is False
    assert run.implied(0) == pytest.approx(0.6246, abs=5e-5)
    assert run.iou[0] == CE2P_STUDY["473x473, study-7"].iou[0]


def test_a_missing_class_is_implied():
    run = CE2P_STUDY["512x512, study-8"]
    assert run.recomputed is None and run.agrees is None
    assert run.implied(7) == pytest.approx(0.656, abs=5e-4)
    with pytest.raises(ValueError, match="6 others are printed"):
        run.implied(0)


def test_agreement_is_up_to_the_rounding_of_the_classes():
    assert PrintedRun(0.50004, (0.4, 0.6)).agrees and not PrintedRun(0.5001, (0.4, 0.6)).agrees
    assert PrintedRun(0.504, (0.4, 0.6), decimals=2).agrees
