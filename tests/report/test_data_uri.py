"""Pictures inside the page are small, upright, and carry nothing but their pixels."""

import base64
import io

from PIL import Image

from sameperson.report.data_uri import inline


def opened(data):
    head, _, body = data.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(body)))


def test_a_large_picture_is_made_small_in_its_proportions(tmp_path):
    Image.new("RGB", (500, 1000), "red").save(tmp_path / "big.png")
    assert opened(inline(tmp_path / "big.png", tallest=160)).size == (80, 160)


def test_a_small_picture_stays_as_large_as_it_is(tmp_path):
    Image.new("L", (20, 40)).save(tmp_path / "small.png")
    assert opened(inline(tmp_path / "small.png")).size == (20, 40)


def test_what_the_file_says_of_its_maker_stays_outside(tmp_path):
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "a camera", 6
    Image.new("RGB", (40, 20)).save(tmp_path / "turned.jpg", exif=exif)
    picture = opened(inline(tmp_path / "turned.jpg"))
    assert picture.size == (20, 40)
    assert not picture.getexif()


def test_no_picture_is_none(tmp_path):
    (tmp_path / "text.jpg").write_text("not a picture")
    Image.new("RGB", (40, 80)).save(tmp_path / "whole.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:300])
    assert inline(tmp_path / "text.jpg") is inline(tmp_path / "cut.jpg") is inline(tmp_path / "absent.jpg") is None
