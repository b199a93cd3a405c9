"""Frames come by their number from 0, and a film that is none or is cut short is said so."""

import numpy as np
import pytest

from sameperson.checks import InputError
from sameperson.data.prepare.frames import chosen_frames

av = pytest.importorskip("av")


def film(path, frames=12, size=(64, 48)):
    """Each frame is as bright as its number says."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            grey = np.full((size[1], size[0], 3), 20 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def test_chosen_frames_are_those_of_their_numbers_in_order(tmp_path):
    got = list(chosen_frames(film(tmp_path / "a.mp4"), [10, 0, 5]))
    assert [number for number, _ in got] == [0, 5, 10]
    for number, image in got:
        assert image.shape == (48, 64, 3) and image.dtype == np.uint8
        assert abs(float(image.mean()) - 20 * number) < 4


def test_a_film_that_ends_earlier_yields_fewer(tmp_path):
    assert [number for number, _ in chosen_frames(film(tmp_path / "a.mp4"), [3, 11, 12, 400])] == [3, 11]
    assert list(chosen_frames(tmp_path / "a.mp4", [])) == []


def test_what_is_no_film_is_named(tmp_path):
    file = tmp_path / "a.mp4"
    with pytest.raises(InputError, match=r"a\.mp4: no such file"):
        list(chosen_frames(file, [0]))
    file.write_bytes(b"no film")
    with pytest.raises(InputError, match=r"a\.mp4: not a whole film"):
        list(chosen_frames(file, [0]))
    whole = film(tmp_path / "b.mp4").read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"a\.mp4: (not a whole film|no pictures in it)"):
        list(chosen_frames(file, [0]))


def test_a_sound_is_no_film(tmp_path):
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.rate = 16000
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    with pytest.raises(InputError, match="no pictures in it"):
        list(chosen_frames(tmp_path / "a.mp4", [0]))
