"""Tracks are read as np.save pickled them; a pickle of more than plain data is refused in one line, doing nothing."""

import builtins
import collections
import json
import os
import pickle
import pickletools
import re
import struct
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sameperson.checks import InputError
from sameperson.data.prepare import restricted_unpickler
from sameperson.data.prepare.restricted_unpickler import Refused, read_plain
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
    assert np.dtype("f4").isnative and np.dtype("i2").isnative and np.zeros(1).dtype.isnative


def test_numbers_that_share_their_array_are_read(tmp_path):
    shared = np.array([1, 2, 3, 4])
    tracks = read_tracks(npy(tmp_path / "tracks.npy", {f: {0: track(1, shared, POSES[0])} for f in range(3)}))
    assert tracks.box.tolist() == [[1, 3, 2, 4]] * 3


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
OBJECTS = b"cnumpy\ndtype\n(S'O8'\nI0\nI1\ntR"


def word(text: str) -> bytes:
    """A text as it follows an X."""
    return struct.pack("<I", len(text)) + text.encode()


def nested(depth: int) -> np.ndarray:
    """An array of one array, of one array, and so on."""
    array = np.array(None, object)
    array[()] = {} if depth == 0 else nested(depth - 1)
    return array


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
    "numpy.load": lambda mark: pickle.dumps({0: Call(np.load, str(mark))}),
    "numpy's way to run a string": lambda mark: (
        b"cnumpy.testing._private.utils\nrunstring\n(X" + word(f"open({str(mark)!r}, 'w')") + b"}tR."
    ),
    "numpy.frombuffer": lambda mark: b"cnumpy\nfrombuffer\n(C\x08" + bytes(8) + b"tR.",
    "numpy's array of a buffer": lambda mark: pickle.dumps(np.zeros(9), 5),
    "another class of array": lambda mark: pickle.dumps(np.ma.zeros(3)),
    "a way through a known name": lambda mark: b"\x80\x04\x8c\x05numpy\x8c\x11ndarray.__class__\x93.",
    "a name in a name": lambda mark: b"\x80\x04\x8c\x05numpy\x8c\x0edtype.__init__\x93.",
    "a state for a class": lambda mark: b"cnumpy\ndtype\n(N}X\x04\x00\x00\x00codeNstb.",
    "a state for a function": lambda mark: (
        b"cnumpy._core.multiarray\n_reconstruct\n(N}X\x0c\x00\x00\x00__defaults__)stb."
    ),
    "a call of an array": lambda mark: ZEROS + b"(I1\ntR.",
    "more numbers than bytes": lambda mark: ZEROS + b"(I1\n(I3\nt" + F8 + b"I0\nC\x08" + bytes(8) + b"tb.",
    "more bytes than numbers": lambda mark: ZEROS + b"(I1\n(t" + F8 + b"I0\nC\x10" + bytes(16) + b"tb.",
    "a shape of words": lambda mark: ZEROS + b"(I1\n(J\xff\xff\xff\x7fX" + word("x" * 64) + b"t" + F8 + b"I0\nC\x00tb.",
    "a shape of ten thousand": lambda mark: (
        ZEROS + b"(I1\n(" + b"K\x01" * 10_000 + b"t" + F8 + b"I0\nC\x08" + bytes(8) + b"tb."
    ),
    "numbers as a list": lambda mark: ZEROS + b"(I1\n(I1\nt" + F8 + b"I0\n]Natb.",
    "objects as bytes": lambda mark: ZEROS + b"(I1\n(t" + OBJECTS + b"I0\nC\x08" + bytes(8) + b"tb.",
    "fewer objects than it says": lambda mark: ZEROS + b"(I1\n(I5\nt" + OBJECTS + b"I0\n]Natb.",
    "arrays of objects within another": lambda mark: pickle.dumps(nested(3)),
    "a dtype that is two": lambda mark: ZEROS + b"(I1\n(I1\nt" + F8 + b"(I3\nS'2'\ntbI0\nC\x10" + bytes(16) + b"tb.",
    "a dtype of a record": lambda mark: pickle.dumps({0: np.zeros(2, "f8,i4")}),
    "dates": lambda mark: pickle.dumps({0: np.zeros(2, "M8[s]")}),
    "a scalar of half its bytes": lambda mark: (
        b"cnumpy._core.multiarray\nscalar\n(" + F8 + b"C\x04" + bytes(4) + b"tR."
    ),
    "the four billionth place of the memo": lambda mark: b"Nr\xf0\xff\xff\xff0].",
    "a place of the memo beyond all": lambda mark: b"Np999999999999999999999\n0].",
    "a frame that is not there": lambda mark: b"\x80\x04\x95" + struct.pack("<Q", 1 << 60) + b"N.",
    "a text that is not there": lambda mark: b"X\xff\xff\xff\xffx.",
    "a word of the widest letters": lambda mark: pickle.dumps({0: "\U0001f600" + "x" * 3_000_000}),
    "tuples of twice the same as a key": lambda mark: b"})" + b"q\x00h\x00\x86" * 100 + b"Ns.",
    "tuples of twice the same for a dict": lambda mark: (
        b"ccollections\ndefaultdict\n)" + b"q\x00h\x00\x86" * 100 + b"\x85R."
    ),
    "lists of ten times the same": lambda mark: b"]" + (b"q\x000](" + b"h\x00" * 10 + b"e") * 30 + b".",
    "deep dicts": lambda mark: b"}" + b"K\x00}" * 20_000 + b"s" * 20_000 + b".",
    "a megabyte that is encoded again and again": lambda mark: (
        b"c_codecs\nencode\nq\x000X"
        + word("x" * (1 << 20))
        + b"X"
        + word("latin1")
        + b"\x86q\x010("
        + b"h\x00h\x01R" * 3000
        + b"l."
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_plain_data_is_refused_in_one_line_and_does_nothing(tmp_path, name):
    file, mark = npy(tmp_path / "tracks.npy"), tmp_path / "done"
    file.write_bytes(file.read_bytes()[:128] + HOSTILE[name](mark))
    tracemalloc.start()
    start = time.process_time()
    with pytest.raises(InputError) as caught:
        read_tracks(file)
    seconds, peak = time.process_time() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 2 and peak < 300e6
    assert str(caught.value).startswith(str(file)) and "\n" not in str(caught.value)
    assert len(str(caught.value)) < len(str(file)) + 300
    assert not mark.exists()


@pytest.mark.parametrize("name", sorted(set(dir(pickle)) & {op.name for op in pickletools.opcodes}))
def test_instructions_that_plain_data_does_not_need_are_refused(name):
    known = {name for names in restricted_unpickler.COSTS.values() for name in names.split()}
    assert name in known or name in (
        *("PERSID", "BINPERSID", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4", "DUP"),
        *("EMPTY_SET", "FROZENSET", "ADDITEMS", "BYTEARRAY8", "NEXT_BUFFER", "READONLY_BUFFER"),
    )
    if name not in known:
        with pytest.raises(Refused, match="KeyError"):
            read_plain(b"(NNN" + getattr(pickle, name) + b"\x01\x00\n\n.")


@pytest.mark.parametrize(
    "piece",
    [
        b"]",
        b"}",
        b"(",
        b"N\x94",
        b"]\x94",
        b"M\x00\x10",
        b"\x8c\x02ab",
        b"C\x02ab",
        b"N\x85",
        b"]Na",
        b"}K\x00Ns",
        b"h\x00h\x01R",
    ],
)
def test_what_a_file_makes_is_bounded_by_its_size(monkeypatch, piece):
    """A quarter of a megabyte of the same, of which more than eight megabytes could be made."""
    monkeypatch.setattr(restricted_unpickler, "LEAST", 1 << 20)
    monkeypatch.setattr(restricted_unpickler, "MOST", 1 << 22)
    start = b"cnumpy._core.multiarray\n_reconstruct\nq\x000(NNNtq\x010("
    data = start + piece * ((1 << 18) // len(piece))
    tracemalloc.start()
    with pytest.raises(Refused):
        read_plain(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * (1 << 22)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_file_that_breaks_off_is_no_tracks(tmp_path, protocol):
    file = npy(tmp_path / "tracks.npy", protocol=protocol)
    whole = file.read_bytes()
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        with pytest.raises(InputError) as caught:
            read_tracks(file)
        assert "\n" not in str(caught.value)


def test_the_refused_call_is_named(tmp_path):
    file = npy(tmp_path / "tracks.npy", {0: Call(os.system, "true")})
    with pytest.raises(InputError, match=r"holds '(posix|nt)\.system'; expected a dict of numbers"):
        read_tracks(file)


def test_nothing_else_unpickles():
    """One file of the package has an unpickler, and no other asks numpy, torch or the like for theirs."""
    source = Path(restricted_unpickler.__file__).parents[2]
    used = {
        path.name for path in source.rglob("*.py") if re.search(r"pickle\.(loads?|_?Unpickler)\b", path.read_text())
    }
    assert used == {"restricted_unpickler.py"}
    unsafe = re.compile(r"np\.load\([^)]*allow_pickle=True|weights_only=False|import (dill|joblib|cloudpickle|shelve)")
    assert not [path.name for path in source.rglob("*.py") if unsafe.search(path.read_text())]


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
