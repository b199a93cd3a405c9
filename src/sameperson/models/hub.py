"""The one door to a hub of weights. `backbone.weights: hub` alone opens it; offline it says at once that it is shut."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub import constants

from sameperson.checks import InputError

PATIENCE = 5.0
"""Seconds to wait for the hub's first answer; its own client tries again for three quarters of a minute."""


@contextmanager
def fetching(name: str) -> Iterator[None]:
    """Around a download of weights by timm. Raises InputError where the hub cannot be reached or lacks them.

    HF_HUB_OFFLINE=1 keeps to what was downloaded before.
    """
    offline = constants.is_offline_mode()
    if not offline and not answers(constants.ENDPOINT):
        raise InputError(
            f"backbone.weights hub: {constants.ENDPOINT} does not answer",
            "a network, or weights on your disk",
            "give backbone.weights=FILE, or set HF_HUB_OFFLINE=1 to use what was downloaded before",
        )
    try:
        yield
    except OSError as error:  # what the hub's client raises is an OSError, whichever HTTP library is under it
        why = "HF_HUB_OFFLINE is set and they were never downloaded" if offline else type(error).__name__
        raise InputError(
            f"backbone.weights hub: no weights for {name} ({why})",
            "weights that the hub holds",
            "give backbone.weights=FILE or backbone.weights=none",
        ) from error


def answers(address: str) -> bool:
    """Whether a server answers there, whatever it says, through the user's proxy if there is one."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=PATIENCE):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
