"""Shares and fractions as arguments: which words are numbers, and whether 1 is one."""

import argparse

import pytest

from sameperson.cli.common.share_arg import fraction, share


@pytest.mark.parametrize(("read", "most"), [(share, 1.0), (fraction, 0.999)])
def test_numbers_within_are_read(read, most):
    assert [read(text) for text in ("0", "0.25", str(most))] == [0, 0.25, most]


@pytest.mark.parametrize(
    ("read", "text"), [(share, "1.01"), (share, "-0.1"), (share, "nan"), (share, "half"), (fraction, "1")]
)
def test_others_are_refused(read, text):
    with pytest.raises(argparse.ArgumentTypeError, match=f"'{text}' is n"):
        read(text)
