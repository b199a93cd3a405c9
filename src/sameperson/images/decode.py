"""Decodes a picture file into upright RGB pixels, or says in one line why it cannot.

numpy only. Pillow reads headers and everything but JPEG (`formats` lists what); JPEG goes through OpenCV, the fastest
decoder at hand that calls a cut file an error. (torchvision's are being withdrawn, and crash on a PNG with a damaged
data block.)
"""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TILELENGTH, TILEWIDTH, TiffImageFile

from sameperson.checks import A_FILE, A_FOLDER, NOTHING, InputError, kind_of
from sameperson.images.deep_grey import eight_bits
from sameperson.images.formats import JPEG, NAMES, format_of
from sameperson.types import Samples

LARGEST = 64_000_000
"""Pixels above which a picture is refused: more than any camera makes, and 200 MB once decoded."""
LARGEST_FILE = 600_000_000
"""Bytes above which a file is refused unread: more than so many pixels of four 16-bit channels need."""

UNREADABLE = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, struct.error, AttributeError,
    RuntimeError, OverflowError, ZeroDivisionError, AssertionError, Image.DecompressionBombError,
)  # fmt: skip
"""What Pillow raises on damaged bytes."""


REASONS = {NOTHING: "no such file", A_FOLDER: "Is a directory"}


class BrokenPicture(InputError):
    """A file that is not a whole picture: which, and why."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        expected = f"a whole picture ({NAMES})"
        super().__init__(f"{path}: {reason}", expected, "mend or remove it, or go on without it (skip_broken)")


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Read the pixels of a file, turned upright by its EXIF orientation.

    Returns:
        (H, W, 3) uint8 RGB; grey, palette, CMYK and 16-bit pictures are converted, transparency is dropped; of
        several pictures in one file it is the first.

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
    for width, height in (header.size, _tile(header)):
        if height * width > LARGEST:
            raise BrokenPicture(path, f"{width} x {height} pixels, over the limit of {LARGEST // 1_000_000} million")
    if not data.startswith(JPEG.starts):
        return _decode_other(path, header)
    pixels = _decode_jpeg(data)
    if pixels is None:
        raise BrokenPicture(path, "a JPEG cut short or damaged")
    return pixels


def _header(path: Path, data: bytes) -> ImageFile:
    """Read a file's size and format, without decoding it."""
    if not data:
        raise BrokenPicture(path, "an empty file")
    form = format_of(data)
    if form is None:
        raise BrokenPicture(path, "not a picture")
    try:
        return form.opens(BytesIO(data))
    except UNREADABLE as error:
        strange = ", or a kind of TIFF that is not read" if form.name == "TIFF" else ""
        raise BrokenPicture(path, f"a picture with a damaged or missing header{strange}") from error


def _tile(header: ImageFile) -> tuple[int, int]:
    """Return the (width, height) of a TIFF's tiles, each of which is decoded whole; (0, 0) where there are none."""
    if not isinstance(header, TiffImageFile):
        return 0, 0
    width, height = (header.tag_v2.get(tag, 0) for tag in (TILEWIDTH, TILELENGTH))
    return (width, height) if isinstance(width, int) and isinstance(height, int) else (0, 0)


def _decode_jpeg(data: bytes) -> NDArray[np.uint8] | None:
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        return None
    return None if pixels is None else pixels.astype(np.uint8, copy=False)


def _decode_other(path: Path, picture: ImageFile) -> NDArray[np.uint8]:
    try:
        upright = ImageOps.exif_transpose(picture)
        if upright.mode[0] in "IF":  # which Pillow would clip to white instead of scaling down
            return np.repeat(eight_bits(np.asarray(upright), path)[..., None], 3, axis=2)
        return np.array(upright.convert("RGB"))
    except UNREADABLE as error:
        raise BrokenPicture(path, "a picture cut short or damaged") from error
