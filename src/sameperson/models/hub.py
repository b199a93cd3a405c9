"""Downloads of pretrained weights from the Hugging Face hub, made only for `backbone.weights: hub`.

Where the hub does not answer, the error comes at once.
"""

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
def hub_download(name: str) -> Iterator[None]:
    """Turn the errors of a download by timm into InputErrors; a context manager that wraps the download.

    name: of the network. Raises InputError where the hub cannot be reached or lacks the weights. HF_HUB_OFFLINE=1 uses
    only what was downloaded before.
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
    """Whether a server answers at `address`, with any status, through the user's proxy if there is one."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=PATIENCE):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
