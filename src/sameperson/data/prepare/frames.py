"""Chosen frames of a film, in their order: decoded one by one, so that memory does not grow with the film."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sameperson.checks import InputError, existing_file

if TYPE_CHECKING:
    from av.container import InputContainer

SUFFIXES = (".mp4", ".mkv", ".webm", ".avi", ".mov")
LARGEST = 8192
"""Pixels of a side."""


def require_decoder() -> None:
    """Say what to install where PyAV is missing."""
    try:
        import av  # noqa: F401
    except ImportError as error:
        raise InputError("av is not installed", "PyAV", "type: pip install 'sameperson[video]'") from error


def chosen_frames(path: Path, wanted: Collection[int]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Number and picture (H, W, 3) RGB of each wanted frame of a film, in ascending order; frames count from 0.

    Only those that are wanted leave the decoder's own format, and decoding ends after the last of them. A film that
    ends earlier yields fewer. Raises InputError for a file that is no film or is broken before the last wanted frame.
    """
    require_decoder()
    import av
    from av.error import FFmpegError

    last, wanted = max(wanted, default=-1), frozenset(wanted)
    existing_file(path, "a film")
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise InputError(f"{path}: no pictures in it", "a film", "check which file this is")
            yield from _decoded(container, wanted, last)
    except FFmpegError as error:
        raise InputError(f"{path}: not a whole film ({error.strerror})", "a film", "download it again") from error


def _decoded(container: InputContainer, wanted: frozenset[int], last: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    for number, frame in enumerate(container.decode(stream)):
        if number > last:
            return
        if max(frame.width, frame.height) > LARGEST:
            found = f"{container.name}: frames of {frame.width} x {frame.height}"
            raise InputError(found, f"up to {LARGEST} pixels a side", "check which file this is")
        if number in wanted:
            yield number, np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
