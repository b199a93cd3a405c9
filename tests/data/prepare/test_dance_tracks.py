"""Tracks are read as np.save wrote them, by no unpickling: what could do anything else is refused in one line."""

import builtins
import collections
import json
import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.checks import InputError
from sameperson.data.prepare.tracks import read_tracks


def track(number, box, pose):
    return {"id": number, "box_pos": box, "pose_pos": pose}


RNG = np.random.default_rng(0)
POSES = RNG.uniform(1, 100, (3, 17, 2))
POSES[0, 3], POSES[1, 4], POSES[2, 5] = (-1, -1), (0, 0), (np.nan, 7)
CONTENT = {
    3: {0: track(2, (10, 30, 5, 55), POSES[0])},
    0: {},
    1: {7: track(np.int64(1), np.array([1.5, 2, 3, 4], np.float32), POSES[1]), 8: track(3, [1, 2, 3, 4], POSES[2])},
}
"""Boxes are x1, x2, y1, y2; frames are not in order."""


def npy(path: Path, content=CONTENT, protocol=None) -> Path:
    """As np.save writes it; at another protocol, what an older numpy wrote."""
    array = np.array(None, object)
    array[()] = content
    np.save(path, array, allow_pickle=True)
    if protocol is not None:
        path.write_bytes(path.read_bytes()[:128] + pickle.dumps(array, protocol))
    return path


def check(tracks):
    assert tracks.frame.tolist() == [1, 1, 3]
    assert tracks.person.tolist() == [0, 2, 1]
    assert tracks.box.tolist() == [[1.5, 3, 2, 4], [1, 3, 2, 4], [10, 5, 30, 55]]
    expected = POSES[[1, 2, 0]].copy()
    expected[0, 4] = expected[1, 5] = expected[2, 3] = np.nan
    np.testing.assert_array_equal(tracks.pose, expected)


@pytest.mark.parametrize("protocol", [None, 0, 1, 2, 3, 4])
def test_every_protocol_gives_what_was_saved(tmp_path, protocol):
    check(read_tracks(npy(tmp_path / "tracks.npy", protocol=protocol)))


def test_names_of_an_older_numpy_and_other_dicts_are_known(tmp_path):
    ordered = collections.OrderedDict((k, collections.defaultdict(dict, v)) for k, v in CONTENT.items())
    file = npy(tmp_path / "tracks.npy", ordered, 2)
    data = file.read_bytes().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    assert data != file.read_bytes()
    file.write_bytes(data)
    check(read_tracks(file))


def test_fortran_arrays_and_big_endian_numbers_are_read(tmp_path):
    pose = np.asfortranarray(POSES[0]).astype(">f4")
    content = {0: {0: track(1, np.array([1, 2, 3, 4], ">i2"), np.asfortranarray(pose))}}
    tracks = read_tracks(npy(tmp_path / "tracks.npy", content))
    np.testing.assert_array_equal(np.nan_to_num(tracks.pose[0], nan=-1), POSES[0].astype(np.float32))
    assert tracks.box.tolist() == [[1, 3, 2, 4]]


def test_json_of_the_same_shape_gives_the_same(tmp_path):
    def plain(value):
        return value.tolist() if isinstance(value, np.generic | np.ndarray) else value

    content = {
        str(frame): {str(box): {key: plain(value) for key, value in entry.items()} for box, entry in boxes.items()}
        for frame, boxes in CONTENT.items()
    }
    file = tmp_path / "tracks.json"
    file.write_text(json.dumps(content))
    check(read_tracks(file))


def test_no_boxes_at_all_are_no_fault(tmp_path):
    tracks = read_tracks(npy(tmp_path / "tracks.npy", {0: {}, 1: {}}))
    assert len(tracks) == 0 and tracks.pose.shape == (0, 17, 2)


class Call:
    """Pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


BOX = {"id": 1, "box_pos": (1, 2, 3, 4), "pose_pos": POSES[0]}
ZEROS = b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
F8 = b"cnumpy\ndtype\n(S'f8'\nI0\nI1\ntR"
HOSTILE = {
    "a shell": lambda mark: pickle.dumps({0: Call(os.system, f"touch {mark}")}),
    "a shell, by hand": lambda mark: f"cos\nsystem\n(S'touch {mark}'\ntR.".encode(),
    "eval": lambda mark: pickle.dumps(Call(builtins.eval, f"open({str(mark)!r}, 'w')"), 2),
    "getattr": lambda mark: pickle.dumps(Call(getattr, {}, "clear")),
    "a file": lambda mark: pickle.dumps({0: Call(open, str(mark), "w")}),
    "an old instance": lambda mark: f"(S'touch {mark}'\nios\nsystem\n.".encode(),
    "a new object": lambda mark: b"\x80\x02ccollections\nOrderedDict\n)\x81.",
    "a persistent id": lambda mark: b"Pwhatever\n.",
    "an extension": lambda mark: b"\x80\x02\x82\x01.",
    "objects within a number": lambda mark: (
        b"cnumpy._core.multiarray\nscalar\n(cnumpy\ndtype\n(S'O8'\nI0\nI1\ntRS'cos\\nsystem\\n'\ntR."
    ),
    "a void dtype": lambda mark: b"cnumpy\ndtype\n(S'V8'\nI0\nI1\ntR.",
    "an array of 8 exabytes": lambda mark: ZEROS + b"(I1\n(L1152921504606846976L\nt" + F8 + b"I0\nS''\ntb.",
    "an array of minus one": lambda mark: ZEROS + b"(I1\n(I-1\nt" + F8 + b"I0\nS''\ntb.",
    "an array as long as nothing": lambda mark: ZEROS + b"(I1\n(L4611686018427387904L\nI0\nt" + F8 + b"I0\nS''\ntb.",
    "bytes that are not there": lambda mark: b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60) + b"x.",
    "a number that is not there": lambda mark: b"\x80\x02\x8b" + struct.pack("<i", 1 << 30) + b"x.",
    "a number of 50,000 digits": lambda mark: b"I" + b"9" * 50_000 + b"\n.",
    "one string as the bytes of many arrays": lambda mark: (
        b"]X"
        + struct.pack("<I", 1 << 20)
        + b"x" * (1 << 20)
        + b"q\x000"
        + (ZEROS + b"(I1\n(I131072\nt" + F8 + b"I0\nh\x00tba") * 300
        + b"."
    ),
    "one list as many dicts": lambda mark: (
        b"](" + b"K\x01K\x02\x86" * (1 << 16) + b"lq\x000" + b"ccollections\nOrderedDict\nh\x00\x85Ra" * 5000 + b"."
    ),
    "a deep list": lambda mark: b"]" * 60_000 + b"a" * 59_999 + b".",
    "a deep tuple as a key": lambda mark: b"})" + b"\x85" * 60_000 + b"I0\ns.",
    "a long key": lambda mark: pickle.dumps({"x" * 65: 1}),
    "a number of 100,000 bytes as a key": lambda mark: pickle.dumps({1 << 800_000: 1}),
    "a list in itself": lambda mark: b"]q\x00h\x00a.",
    "a mark": lambda mark: b"(q\x00.",
    "nothing": lambda mark: b"",
    "no end": lambda mark: pickle.dumps(CONTENT)[:-1],
    "nothing to take": lambda mark: b"0000.",
    "an unknown memo": lambda mark: b"h\x07.",
    "nothing but a name": lambda mark: b"cnumpy\nndarray\n.",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_plain_data_is_refused_in_one_line_and_does_nothing(tmp_path, name):
    file, mark = npy(tmp_path / "tracks.npy"), tmp_path / "done"
    file.write_bytes(file.read_bytes()[:128] + HOSTILE[name](mark))
    with pytest.raises(InputError) as caught:
        read_tracks(file)
    assert str(caught.value).startswith(str(file)) and "\n" not in str(caught.value)
    assert len(str(caught.value)) < len(str(file)) + 300
    assert not mark.exists()


def test_the_refused_call_is_named(tmp_path):
    file = npy(tmp_path / "tracks.npy", {0: Call(os.system, "true")})
    with pytest.raises(InputError, match=r"holds '(posix|nt)\.system'; expected a dict of numbers"):
        read_tracks(file)


def test_a_small_file_of_shared_frames_does_not_take_for_ever(tmp_path, monkeypatch):
    """Frames that are one dict, again and again: 5,000 times 400 boxes from a file that holds 400."""
    monkeypatch.setattr("sameperson.data.prepare.tracks.MOST_BOXES", 20_000)
    shared = dict.fromkeys(range(400), BOX)
    with pytest.raises(InputError, match="more than 20,000 boxes"):
        read_tracks(npy(tmp_path / "tracks.npy", dict.fromkeys(range(5000), shared)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({0: {0: {**BOX, "id": 0}}}, "the id of box '0' of frame 0 is no whole number from 1"),
        ({0: {0: {"id": 1, "box_pos": (1, 2, 3, 4)}}}, "box '0' of frame 0 has no pose_pos"),
        ({0: {0: {**BOX, "box_pos": (1, 2, 3)}}}, r"box_pos \(3,\)"),
        ({0: {0: {**BOX, "pose_pos": POSES[0][:16]}}}, r"pose_pos \(16, 2\)"),
        ({0: {0: {**BOX, "pose_pos": np.zeros((10_000, 17))}}}, "no numbers where a box or a pose should be"),
        ({0: {0: {**BOX, "box_pos": ("a", 2, 3, 4)}}}, "no numbers where a box or a pose should be"),
        ({0: [BOX]}, "frame 0 is list, not a dict"),
        ({-1: {}}, "a frame is no whole number from 0"),
        ([1, 2], "the whole is"),
    ],
)
def test_another_form_is_named_with_its_frame_and_box(tmp_path, content, said):
    with pytest.raises(InputError, match=said):
        read_tracks(npy(tmp_path / "tracks.npy", content))


def test_other_files_are_told_apart(tmp_path):
    file = tmp_path / "tracks.npy"
    np.save(file, np.zeros(3))
    with pytest.raises(InputError, match=r"<f8.* is not one object"):
        read_tracks(file)
    np.save(file, np.array([{}, {}]), allow_pickle=True)
    with pytest.raises(InputError, match=r"\(2,\).* is not one object"):
        read_tracks(file)
    file.write_bytes(b"RIFF")
    with pytest.raises(InputError, match=r"no \.npy file"):
        read_tracks(file)
    with pytest.raises(InputError, match="no such file"):
        read_tracks(tmp_path / "other.npy")
    deep = tmp_path / "tracks.json"
    deep.write_text("[" * 100_000)
    with pytest.raises(InputError, match="no tracks"):
        read_tracks(deep)


@settings(max_examples=300)
@given(data=st.data())
def test_any_bytes_end_in_tracks_or_one_line(tmp_path_factory, data):
    file = npy(tmp_path_factory.getbasetemp() / "fuzz.npy")
    good = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(good) - 1))
        good[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    rest = good if data.draw(st.booleans()) else good[:128] + data.draw(st.binary(max_size=80))
    file.write_bytes(rest)
    try:
        assert read_tracks(file).pose.shape[1:] == (17, 2)
    except InputError as error:
        assert "\n" not in str(error)


@settings(max_examples=150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["0", "1", "id", "box_pos", "pose_pos", "x"]), inner, max_size=4)
        ),
        max_leaves=30,
    )
)
def test_any_json_ends_in_tracks_or_one_line(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "fuzz.json"
    file.write_text(json.dumps(content))
    try:
        read_tracks(file)
    except InputError as error:
        assert "\n" not in str(error)
