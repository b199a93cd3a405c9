"""Figures as a reader says them."""

from __future__ import annotations

from sameperson.report.values import Accuracy


def percent(share: float) -> str:
    """A share in percent, never broken between two lines.

    >>> percent(0.8734).split()
    ['87.3', '%']
    """
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def between(share: Accuracy) -> str:
    """An interval in percent, without the sign.

    >>> between(Accuracy(value=0.873, low=0.851, high=0.892))
    '85.1 to 89.2'
    """
    return f"{100 * share.low:.1f} to {100 * share.high:.1f}"


def points(share: float) -> str:
    """A difference of shares in points of per cent, with its sign.

    >>> points(-0.1234), points(0.0)
    ('\u221212.3', '0.0')
    """
    text = f"{100 * share:+.1f}"
    return text[1:] if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def points_between(share: Accuracy) -> str:
    """The interval of a difference in points of per cent.

    >>> points_between(Accuracy(value=0, low=-0.02, high=0.013))
    '\u22122.0 to +1.3'
    """
    return f"{points(share.low)} to {points(share.high)}"


def duration(seconds: float) -> str:
    """A time as a reader says it.

    >>> duration(6.21), duration(252)
    ('6.2 s', '4 min 12 s')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def chance(probability: float) -> str:
    """A probability for people; certainty is not claimed.

    >>> [chance(p).split()[0] for p in (0.9999, 0.874, 0.001)]
    ['>99', '87', '<1']
    """
    if probability > 0.99:
        return ">99\N{NO-BREAK SPACE}%"
    return "<1\N{NO-BREAK SPACE}%" if probability < 0.01 else f"{100 * probability:.0f}\N{NO-BREAK SPACE}%"
