"""Picture formats that are read: how a file of each begins, how its name ends, and what reads it.

They are named one by one, so that no rarer decoder of Pillow ever sees a user's bytes. AVIF is read where Pillow was
built with it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

# What Pillow tells of odd tags in TIFF files, which most cameras and scanners write: the pixels are whole or refused.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin")


@dataclass(frozen=True)
class PictureFormat:
    """A format: its name, the first bytes of its files, the endings of their names, and what reads their header."""

    name: str
    starts: tuple[bytes, ...]
    endings: tuple[str, ...]
    opens: Callable[[BytesIO], ImageFile]


JPEG = PictureFormat("JPEG", (b"\xff\xd8\xff",), (".jpg", ".jpeg", ".jpe", ".jfif"), JpegImageFile)
AVIF = PictureFormat("AVIF", (), (".avif",), AvifImageFile)
AVIF_BRANDS = (b"ftypavif", b"ftypavis", b"ftypmif1")
"""What an AVIF file holds from its fifth byte on."""
FORMATS = (
    JPEG,
    PictureFormat("PNG", (b"\x89PNG\r\n\x1a\n",), (".png",), PngImageFile),
    PictureFormat("BMP", (b"BM",), (".bmp", ".dib"), BmpImageFile),
    PictureFormat("WebP", (b"RIFF",), (".webp",), WebPImageFile),
    PictureFormat("TIFF", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), (".tif", ".tiff"), TiffImageFile),
    PictureFormat("GIF", (b"GIF87a", b"GIF89a"), (".gif",), GifImageFile),
    PictureFormat("PPM", tuple(b"P%d" % kind for kind in range(1, 7)), (".ppm", ".pgm", ".pbm", ".pnm"), PpmImageFile),
    AVIF,
)
NAMES = f"{', '.join(form.name for form in FORMATS[:-1])} or {FORMATS[-1].name}"
"""The formats in words, for messages."""


def format_of(data: bytes) -> PictureFormat | None:
    """Tell a file's format by its first bytes; None where it is none of those that are read.

    >>> format_of(b"GIF89a").name, format_of(b"text")
    ('GIF', None)
    """
    if data[4:12] in AVIF_BRANDS:
        return AVIF
    return next((form for form in FORMATS if form.starts and data.startswith(form.starts)), None)
