"""Every form of picture that is read, damaged ones among them, and grey pictures of more than 8 bits."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import PICTURES
from sameperson.images.decode import BrokenPicture, decode_picture
from sameperson.images.formats import FORMATS

PIXELS = np.asarray(Image.fromarray(np.random.default_rng(3).integers(0, 256, (4, 3, 3), np.uint8)).resize((24, 32)))
FORMS = [
    ("TIFF", "RGB", {}), ("TIFF", "L", {}), ("TIFF", "P", {}), ("TIFF", "CMYK", {}), ("TIFF", "RGBA", {}),
    ("TIFF", "1", {}), ("TIFF", "RGB", {"compression": "tiff_lzw"}), ("TIFF", "RGB", {"compression": "tiff_deflate"}),
    ("GIF", "P", {}), ("GIF", "L", {}), ("PPM", "RGB", {}), ("PPM", "L", {}), ("PPM", "1", {}), ("PNG", "LA", {}),
    ("PNG", "P", {"transparency": 0}), ("WEBP", "RGBA", {"lossless": True}), ("AVIF", "RGB", {}), ("AVIF", "RGBA", {}),
]  # fmt: skip


def encoded(pixels: np.ndarray, form: str, mode: str = "", **how: object) -> bytes:
    out = BytesIO()
    picture = Image.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(out, form, **how)
    return out.getvalue()


@pytest.mark.parametrize(("form", "mode", "how"), FORMS)
def test_every_form_comes_out_as_pillow_sees_it(form: str, mode: str, how: dict[str, object]) -> None:
    data = encoded(PIXELS, form, mode, **how)
    assert (decode_picture(data, Path("a")) == np.asarray(Image.open(BytesIO(data)).convert("RGB"))).all()


@pytest.mark.parametrize(("form", "mode", "how"), FORMS)
@pytest.mark.parametrize("keep", [0.4, 0.8])
def test_every_form_cut_short_is_broken(form: str, mode: str, how: dict[str, object], keep: float) -> None:
    data = encoded(PIXELS, form, mode, **how)
    with pytest.raises(BrokenPicture, match=r"cut short or damaged|damaged or missing header"):
        decode_picture(data[: int(keep * len(data))], Path("a"))


def test_of_several_frames_the_first_is_read() -> None:
    frames = [Image.fromarray(np.full((8, 4, 3), grey, np.uint8)) for grey in (40, 90, 200)]
    for form in ("GIF", "TIFF", "WEBP"):
        out = BytesIO()
        frames[0].save(out, form, save_all=True, append_images=frames[1:])
        assert np.abs(decode_picture(out.getvalue(), Path("a")).astype(int) - 40).max() <= 3, form


def test_a_large_claim_is_refused_before_its_pixels_are_made() -> None:
    with pytest.raises(BrokenPicture, match="60000 x 60000 pixels, over the limit"):
        decode_picture(b"P5\n60000 60000\n255\n" + bytes(100), Path("a.pgm"))
    gif = bytearray(encoded(PIXELS, "GIF", "P"))
    gif[6:10] = (60000).to_bytes(2, "little") * 2
    with pytest.raises(BrokenPicture, match="60000 x 60000 pixels, over the limit"):
        decode_picture(bytes(gif), Path("a.gif"))
    tiled = {256: 10, 257: 10, 258: 8, 259: 1, 262: 1, 277: 1, 322: 60000, 323: 60000, 324: 8, 325: 100}
    fields = b"".join(tag.to_bytes(2, "little") + b"\4\0\1\0\0\0" + n.to_bytes(4, "little") for tag, n in tiled.items())
    tiff = b"II*\0\x08\0\0\0" + len(tiled).to_bytes(2, "little") + fields + bytes(4)
    with pytest.raises(BrokenPicture, match="60000 x 60000 pixels, over the limit"):
        decode_picture(tiff, Path("a.tif"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 256, 65535]], np.uint16), [0, 1, 255]),  # 16 bits: the upper 8
        (np.array([[0, 16, 4095]], np.uint16), [0, 1, 255]),  # 12 bits in 16
        (np.array([[0, 4, 1023]], np.uint16), [0, 1, 255]),  # 10 bits in 16
        (np.array([[0, 7, 200]], np.uint16), [0, 7, 200]),  # 8 bits in 16
        (np.array([[-100, 0, 100]], np.int32), [0, 128, 255]),  # stretched over what there is
        (np.array([[0.0, 0.2, 1.0]], np.float32), [0, 51, 255]),
        (np.array([[0.0, 50.2, 255.0]], np.float32), [0, 50, 255]),
        (np.array([[1000.0, 1500.0, 2000.0]], np.float32), [0, 128, 255]),
        (np.array([[5000.0, 5000.0]], np.float32), [0, 0]),
    ],
)
def test_grey_of_many_bits_comes_down_to_eight(values: np.ndarray, expected: list[int], caplog, monkeypatch) -> None:
    monkeypatch.setattr("sameperson.images.deep_grey.SAID", set())
    data = encoded(values, "TIFF")
    for _ in range(2):
        pixels = decode_picture(data, Path("deep.tif"))
        assert pixels[0, :, 0].tolist() == expected and (pixels == pixels[..., :1]).all()
    assert [record.message.startswith("note: deep.tif: a grey picture of") for record in caplog.records] == [True]


def test_fractions_that_are_no_numbers_are_broken() -> None:
    with pytest.raises(BrokenPicture):
        decode_picture(encoded(np.array([[0.5, np.nan]], np.float32), "TIFF"), Path("a.tif"))


def test_the_endings_of_pictures_are_those_of_the_forms() -> None:
    assert sorted(PICTURES) == sorted(ending for form in FORMATS for ending in form.endings)
