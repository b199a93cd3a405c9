"""Decodes a picture file into upright RGB pixels, or says in one line why it cannot.

numpy only. Pillow reads headers and everything but JPEG; JPEG goes through OpenCV, the fastest decoder at hand that
calls a cut file an error. (torchvision's are being withdrawn, and crash on a PNG with a damaged data block.)
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from sameperson.checks import A_FILE, A_FOLDER, NOTHING, InputError, kind_of
from sameperson.types import Samples

LARGEST = 64_000_000
"""Pixels above which a picture is refused: more than any camera makes, and 200 MB once decoded."""
LARGEST_FILE = 600_000_000
"""Bytes above which a file is refused unread: more than so many pixels of four 16-bit channels need."""

JPEG = b"\xff\xd8\xff"
KINDS: dict[bytes, Callable[[BytesIO], ImageFile]] = {
    JPEG: JpegImageFile,
    b"\x89PNG\r\n\x1a\n": PngImageFile,
    b"BM": BmpImageFile,
    b"RIFF": WebPImageFile,
}
"""How a file begins -> what reads it. Named here one by one, so that no rarer decoder ever sees a user's bytes."""

UNREADABLE = (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, struct.error)
"""What Pillow raises on damaged bytes."""


REASONS = {NOTHING: "no such file", A_FOLDER: "Is a directory"}


class BrokenPicture(InputError):
    """A file that is not a whole picture: which, and why."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        expected = "a whole JPEG, PNG, BMP or WebP picture"
        super().__init__(f"{path}: {reason}", expected, "mend or remove it, or go on without it (skip_broken)")


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Read the pixels of a file, turned upright by its EXIF orientation.

    Returns:
        (H, W, 3) uint8 RGB; grey, palette, CMYK and 16-bit pictures are converted, transparency is dropped.

    Raises:
        BrokenPicture: the file is missing, empty, cut short, damaged, no picture at all, or unreasonably large.
    """
    return decode_picture(picture_bytes(path), path)


def picture_bytes(path: Path) -> bytes:
    """Return the bytes of a picture's file; raises BrokenPicture where it is no regular file, or far too large."""
    kind = kind_of(path)
    if kind != A_FILE:
        raise BrokenPicture(path, REASONS.get(kind, kind))
    try:
        if (size := path.stat().st_size) > LARGEST_FILE:
            raise BrokenPicture(path, f"{size // 1_000_000} MB, over the limit of {LARGEST_FILE // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise BrokenPicture(path, error.strerror or "no such file") from error


def picture_of(samples: Samples, row: int) -> NDArray[np.uint8]:
    """Return the picture of a row, read from its file or made by the samples' source; raises as `read_picture` does."""
    return read_picture(samples.file(row)) if samples.source is None else samples.source(str(samples.path[row]))


def decode_picture(data: bytes, path: Path) -> NDArray[np.uint8]:
    """Decode the bytes of a picture file as `read_picture` does; path: the file's name, for errors."""
    header = _header(path, data)
    height, width = header.height, header.width
    if height * width > LARGEST:
        raise BrokenPicture(path, f"{width} x {height} pixels, over the limit of {LARGEST // 1_000_000} million")
    if not data.startswith(JPEG):
        return _decode_other(path, header)
    pixels = _decode_jpeg(data)
    if pixels is None:
        raise BrokenPicture(path, "a JPEG cut short or damaged")
    return pixels


def _header(path: Path, data: bytes) -> ImageFile:
    """Read a file's size and format, without decoding it."""
    if not data:
        raise BrokenPicture(path, "an empty file")
    kind = next((reads for start, reads in KINDS.items() if data.startswith(start)), None)
    if kind is None:
        raise BrokenPicture(path, "not a picture")
    try:
        return kind(BytesIO(data))
    except UNREADABLE as error:
        raise BrokenPicture(path, "a picture with a damaged or missing header") from error


def _decode_jpeg(data: bytes) -> NDArray[np.uint8] | None:
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        return None
    return None if pixels is None else pixels.astype(np.uint8, copy=False)


def _decode_other(path: Path, picture: ImageFile) -> NDArray[np.uint8]:
    try:
        upright = ImageOps.exif_transpose(picture)
        if upright.mode.startswith("I"):  # 16-bit grey, which Pillow would clip to white instead of scaling down
            grey = (np.asarray(upright, np.uint32) >> 8).astype(np.uint8)
            return np.repeat(grey[..., None], 3, axis=2)
        return np.array(upright.convert("RGB"))
    except UNREADABLE as error:
        raise BrokenPicture(path, "a picture cut short or damaged") from error
