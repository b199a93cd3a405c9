"""Weights files: ours come back as they went, others' are read without unpickling, bad ones are one line."""

import collections
import json
import os
import struct

import numpy as np
import pytest
import torch
from torch import nn

from sameperson.checks import InputError
from sameperson.models.model_card import Card, checksum, fingerprint
from sameperson.models.weights import load_into, load_weights, save_weights

CARD = Card(
    name="tiny",
    method="baseline",
    recipe={"method": {"pooling": "gap"}},
    people=7,
    size=(64, 32),
    mean=(0.5, 0.5, 0.5),
    std=(0.2, 0.2, 0.2),
    licence="CC0",
    calibration={"slope": -9.5, "intercept": 4.0},
    results={"world": {"rank1": {"value": 0.9, "low": 0.8, "high": 0.95}}},
)


def tiny() -> dict[str, torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    weight = torch.randn(5, 3, 2, 2, generator=draw).contiguous(memory_format=torch.channels_last)
    return {"conv.weight": weight, "conv.bias": torch.randn(5, generator=draw), "count": torch.tensor(3)}


def same(a, b) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_ours_come_back_with_their_card(tmp_path):
    written = save_weights(tmp_path / "w.safetensors", tiny(), CARD)
    state, card = load_weights(tmp_path / "w.safetensors")
    assert same(state, tiny()) and card == written
    assert card.checksum == checksum(tiny()) and card.model_copy(update={"checksum": ""}) == CARD
    assert [path.name for path in tmp_path.iterdir()] == ["w.safetensors"]


def test_the_checksum_minds_every_value_but_not_the_order():
    state = tiny()
    assert checksum(dict(reversed(state.items()))) == checksum(state)
    for change in ({"count": torch.tensor(4)}, {"conv.bias": state["conv.bias"].half()}, {"other": torch.zeros(1)}):
        assert checksum(state | change) != checksum(state)


def test_the_fingerprint_minds_weights_preprocessing_and_method():
    card = CARD.model_copy(update={"checksum": "a"})
    others = [
        {"checksum": "b"},
        {"size": (64, 64)},
        {"mean": (0.4, 0.5, 0.5)},
        {"std": (0.2, 0.2, 0.3)},
        {"recipe": {"method": {"pooling": "gmp"}}},
    ]
    prints = [card.fingerprint, *(card.model_copy(update=change).fingerprint for change in others)]
    assert len(set(prints)) == len(prints) and all(len(one) == 16 for one in prints)
    assert card.model_copy(update={"results": {}, "name": "renamed"}).fingerprint == card.fingerprint
    assert fingerprint("a", size=(1, 2)) == fingerprint("a", size=[1, 2])


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.99])
@pytest.mark.parametrize("name", ["w.safetensors", "w.pth", "legacy.pth"])
def test_a_cut_file_is_one_line(tmp_path, name, share):
    path = tmp_path / name
    if name == "w.safetensors":
        save_weights(path, tiny(), CARD)
    else:
        torch.save(tiny(), path, _use_new_zipfile_serialization=name == "w.pth")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match=rf"{name}: cut short, damaged"):
        load_weights(path)


def test_one_changed_byte_is_noticed(tmp_path):
    path = tmp_path / "w.safetensors"
    save_weights(path, tiny(), CARD)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="damaged"):
        load_weights(path)


@pytest.mark.parametrize("name", ["notes.safetensors", "notes.pth", "notes.pt"])
@pytest.mark.parametrize("text", ["", "hello\n", "import os\n", '{"a": 1}', "\x80\x02X"])
def test_a_file_of_something_else_is_one_line(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=name):
        load_weights(path)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_damage_anywhere_is_one_line_or_still_weights(tmp_path):
    """Three bytes at a time overwritten all over a .pth: tensors or an InputError come of it, nothing else."""
    path = tmp_path / "w.pth"
    for modern in (False, True):
        torch.save(tiny(), path, _use_new_zipfile_serialization=modern)
        whole = path.read_bytes()
        rng = np.random.default_rng(0)
        refused = 0
        for start in range(0, min(len(whole), 900), 7):
            path.write_bytes(whole[:start] + rng.bytes(3) + whole[start + 3 :])
            try:
                state, _ = load_weights(path)
                assert all(isinstance(value, torch.Tensor) for value in state.values())
            except InputError:
                refused += 1
        assert refused > 25


@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: {"state_dict": s}, lambda s: {"model": s, "epoch": 3}])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_what_training_programs_wrap_around_weights_comes_off(tmp_path, wrap, prefix):
    torch.save(wrap({prefix + name: value for name, value in tiny().items()}), tmp_path / "w.pth")
    state, card = load_weights(tmp_path / "w.pth")
    assert same(state, tiny()) and card is None


def test_a_module_that_is_only_called_module_keeps_its_name(tmp_path):
    torch.save({"module.a": torch.ones(1), "b": torch.ones(1)}, tmp_path / "w.pth")
    assert set(load_weights(tmp_path / "w.pth")[0]) == {"module.a", "b"}


@pytest.mark.parametrize("modern", [True, False])
def test_numbers_beside_the_weights_do_not_stand_in_the_way(tmp_path, modern):
    """As a training program saves them: accuracies as numpy scalars, a schedule's milestones as a Counter."""
    beside = {"rank1": np.float32(0.9), "mAP": np.float64(0.7), "step": np.int64(3)}
    beside |= {"scheduler": {"milestones": collections.Counter([40, 70])}, "names": ["a", "b"]}
    torch.save({"state_dict": tiny(), **beside}, tmp_path / "w.tar", _use_new_zipfile_serialization=modern)
    assert same(load_weights(tmp_path / "w.tar")[0], tiny())


def test_numbers_of_an_older_numpy_are_read_too(tmp_path):
    path = tmp_path / "w.pth"
    torch.save({"model": tiny(), "rank1": np.float32(0.9)}, path, _use_new_zipfile_serialization=False)
    data = path.read_bytes()
    assert b"numpy._core.multiarray" in data
    path.write_bytes(data.replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))
    assert same(load_weights(path)[0], tiny())


class Trap:
    def __reduce__(self):
        return os.mkdir, (os.environ["TRAP"],)


@pytest.mark.parametrize("modern", [True, False])
def test_a_pickle_that_runs_something_is_refused_and_does_not_run(tmp_path, monkeypatch, modern):
    monkeypatch.setenv("TRAP", str(tmp_path / "sprung"))
    torch.save({"a": torch.ones(1), "b": Trap()}, tmp_path / "w.pth", _use_new_zipfile_serialization=modern)
    with pytest.raises(InputError, match=r"holds a Python object \(posix.mkdir\)"):
        load_weights(tmp_path / "w.pth")
    assert not (tmp_path / "sprung").exists()


def test_a_pickled_network_is_refused_with_a_way_out(tmp_path):
    torch.save(nn.Linear(2, 2), tmp_path / "net.pth")
    with pytest.raises(InputError, match=r"state_dict\(\)"):
        load_weights(tmp_path / "net.pth")


@pytest.mark.parametrize("content", [[1, 2], {"epoch": 1}, {}, {"state_dict": {"a": 1}}, torch.ones(2)])
def test_a_file_without_weights_is_one_line(tmp_path, content):
    torch.save(content, tmp_path / "w.pth")
    with pytest.raises(InputError, match="holds no weights by name"):
        load_weights(tmp_path / "w.pth")


def test_a_plain_safetensors_has_no_card(tmp_path):
    from safetensors.torch import save_file

    save_file({"a": torch.ones(2)}, tmp_path / "w.safetensors", {"format": "pt"})
    state, card = load_weights(tmp_path / "w.safetensors")
    assert list(state) == ["a"] and card is None


def test_a_card_of_another_version_is_one_line(tmp_path):
    path = tmp_path / "w.safetensors"
    save_weights(path, tiny(), CARD)
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    card = json.loads(header["__metadata__"]["sameperson"])
    header["__metadata__"]["sameperson"] = json.dumps(card | {"colour_space": "LAB"})
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])
    with pytest.raises(InputError, match="its card cannot be read"):
        load_weights(path)


def test_nothing_is_left_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        save_weights(tmp_path / "file" / "w.safetensors", tiny(), CARD)


def test_missing_surplus_and_misshaped_names_are_listed():
    net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    state = net.state_dict() | {"0.weight": torch.zeros(4, 3), "head.weight": torch.zeros(1)}
    del state["1.bias"]
    with pytest.raises(InputError) as caught:
        load_into(net, state, source="some.pth")
    message = str(caught.value)
    assert message.startswith("some.pth: weights of another network (1 missing: 1.bias; 1 surplus: head.weight; ")
    assert "1 of another shape: 0.weight (4, 3) for (2, 3))" in message


def test_a_long_list_is_cut():
    with pytest.raises(InputError, match="5 surplus: a0, a1, a2, a3 and 1 more"):
        load_into(nn.ReLU(), {f"a{i}": torch.zeros(1) for i in range(5)}, source="w")


def test_a_mismatch_that_is_allowed_loads_the_rest_and_is_logged(caplog):
    net = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    kept = net[1].weight.clone()
    load_into(net, {"0.weight": torch.ones(2, 3), "1.weight": torch.ones(9, 2)}, source="w.pth", allow_mismatch=True)
    assert torch.equal(net[0].weight, torch.ones(2, 3)) and torch.equal(net[1].weight, kept)
    assert "w.pth: loaded in part (2 missing: 0.bias, 1.bias; 1 of another shape" in caplog.text


def test_optional_names_may_differ_on_either_side():
    net = nn.ModuleDict({"body": nn.Linear(2, 2, bias=False), "classifier": nn.Linear(2, 5, bias=False)})
    state = {
        "body.weight": torch.ones(2, 2),
        "classifier.weight": torch.ones(751, 2),
        "classifier.bias": torch.ones(751),
    }
    load_into(net, state, source="w", optional=("classifier.",))
    assert torch.equal(net["body"].weight, torch.ones(2, 2)) and net["classifier"].weight.shape == (5, 2)


def test_checkpoints_from_before_batches_were_counted_load():
    net = nn.BatchNorm1d(2)
    load_into(
        net, {name: torch.full((2,), 3.0) for name in ("weight", "bias", "running_mean", "running_var")}, source="w"
    )
    assert net.running_mean.tolist() == [3.0, 3.0]
