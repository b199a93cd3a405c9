from io import BytesIO
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from sameperson.checks import InputError
from sameperson.images.decode import BrokenPicture, read_picture

PIXELS = np.asarray(Image.fromarray(np.random.default_rng(0).integers(0, 256, (4, 3, 3), np.uint8)).resize((24, 32)))


def encoded(kind: str, mode: str = "RGB", **how: object) -> bytes:
    out = BytesIO()
    Image.fromarray(PIXELS).convert(mode).save(out, kind, **how)
    return out.getvalue()


def written(folder: Path, name: str, data: bytes) -> Path:
    file = folder / name
    file.write_bytes(data)
    return file


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGB"), ("PNG", "P"), ("PNG", "L"), ("PNG", "RGBA"),
     ("PNG", "1"), ("BMP", "RGB"), ("WEBP", "RGB")],
)  # fmt: skip
def test_every_kind_comes_out_as_pillow_sees_it(tmp_path: Path, kind: str, mode: str) -> None:
    data = encoded(kind, mode)
    seen = read_picture(written(tmp_path, f"a.{kind.lower()}", data))
    expected = np.asarray(Image.open(BytesIO(data)).convert("RGB"))
    assert seen.dtype == np.uint8
    assert seen.shape == expected.shape
    tolerance = 0 if kind != "JPEG" else 8 if mode == "CMYK" else 3  # decoders of JPEG may round differently
    assert np.abs(seen.astype(int) - expected).max() <= tolerance


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_exif_orientation_is_applied(tmp_path: Path, kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(kind, exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(BytesIO(data))))
    seen = read_picture(written(tmp_path, "turned", data))
    assert seen.shape == expected.shape
    assert np.abs(seen.astype(int) - expected).max() <= 3


def test_sixteen_bit_grey_is_scaled_not_clipped(tmp_path: Path) -> None:
    out = BytesIO()
    Image.fromarray(PIXELS[..., 0].astype(np.uint16) * 257).save(out, "PNG")
    seen = read_picture(written(tmp_path, "a.png", out.getvalue()))
    assert (seen == PIXELS[..., :1]).all()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("text.jpg", b"just words", "not a picture"),
        ("empty.jpg", b"", "an empty file"),
        ("cut.jpg", encoded("JPEG")[:-40], "a JPEG cut short"),
        ("cut.png", encoded("PNG")[:-60], "cut short or damaged"),
        ("head.png", encoded("PNG")[:12], "damaged or missing header"),
        ("head.jpg", encoded("JPEG")[:20], "damaged or missing header"),
    ],
)
def test_a_broken_file_is_named_with_its_reason(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    with pytest.raises(BrokenPicture) as caught:
        read_picture(written(tmp_path, name, data))
    assert name in str(caught.value)
    assert reason in caught.value.reason
    assert isinstance(caught.value, InputError)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenPicture, match=r"gone\.jpg: no such file"):
        read_picture(tmp_path / "gone.jpg")
    with pytest.raises(BrokenPicture, match="no such file"):
        read_picture(tmp_path / "nul\0.jpg")
    with pytest.raises(BrokenPicture, match="directory"):
        read_picture(tmp_path)


def test_a_picture_that_claims_too_many_pixels_is_refused_unread(tmp_path: Path) -> None:
    png = bytearray(encoded("PNG"))
    png[16:24] = (60_000).to_bytes(4, "big") * 2
    png[29:33] = crc32(png[12:29]).to_bytes(4, "big")
    jpeg = bytearray(encoded("JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5  # start of frame: length, precision, then height and width
    jpeg[at : at + 4] = (60_000).to_bytes(2, "big") * 2
    for name, data in (("bomb.png", png), ("bomb.jpg", jpeg)):
        with pytest.raises(BrokenPicture, match="60000 x 60000 pixels, over the limit of 64 million"):
            read_picture(written(tmp_path, name, bytes(data)))


def test_a_png_with_a_damaged_block_is_an_error_not_a_crash(tmp_path: Path) -> None:
    data = bytearray(encoded("PNG"))
    data[data.index(b"IDAT") + 12] ^= 0xFF
    with pytest.raises(BrokenPicture):
        read_picture(written(tmp_path, "a.png", bytes(data)))


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["JPEG", "PNG", "BMP", "WEBP"]),
    damage=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=5),
    keep=st.floats(0.1, 1),
)
def test_damaged_bytes_end_in_pixels_or_one_line(
    tmp_path: Path, kind: str, damage: list[tuple[float, int]], keep: float
) -> None:
    data = bytearray(encoded(kind))
    for place, value in damage:
        data[int(place * len(data))] = value
    file = written(tmp_path, "damaged", bytes(data[: int(keep * len(data))]))
    try:
        pixels = read_picture(file)
    except BrokenPicture as error:
        assert "\n" not in str(error)
    else:
        assert pixels.ndim == 3
        assert pixels.dtype == np.uint8
