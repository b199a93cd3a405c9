"""Each command that a hint proposes works as it is printed, and reads what was examined."""

from __future__ import annotations

import argparse
import csv
import json
import re
import shlex
import shutil
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.cli.main import COMMANDS, main, parser

Capture = pytest.CaptureFixture[str]
NAMED = re.compile(rf"(?<!arguments of )sameperson (?:{'|'.join(COMMANDS)})\b.*")
WRAPPED = re.compile(r"\n {8}(?=\S)(?!-> )")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
QUICK = (
    "train.epochs=1",
    "data.size=32,16",
    "sampler.pictures=2",
    "data.workers=0",
    "train.device=cpu",
    "--out",
    "run",
)
"""Words that shorten a proposed training."""
PEOPLE, CAMERAS, SHOTS = 8, 2, 2


@dataclass
class Typed:
    """What a command printed, and the commands that it proposes."""

    words: list[str]
    code: int
    out: str
    err: str
    proposed: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.proposed = [*commands_in(WRAPPED.sub(" ", self.out)), *commands_in(self.err)]


def commands_in(text: str) -> Iterator[str]:
    """Those in backticks, and those that end a line, as after `next:`."""
    for line in text.splitlines():
        yield from (one for one in re.findall(r"`([^`]*)`", line) if NAMED.fullmatch(one))
        yield from NAMED.findall(re.sub(r"`[^`]*`", "", line))


def picture(path: Path, person: int) -> None:
    """A small picture: the person's colours in a grid of blocks, and noise of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    body = np.random.default_rng(person).integers(40, 216, (8, 4, 3))
    noise = np.random.default_rng(zlib.crc32(str(path).encode())).integers(-12, 13, (64, 32, 3))
    Image.fromarray(np.clip(np.kron(body, np.ones((8, 8, 1))) + noise, 0, 255).astype(np.uint8)).save(path)


def tree(root: str, form: str, people: Sequence[int] = tuple(range(1, PEOPLE + 1)), shots: int = SHOTS) -> Path:
    """Pictures at root/form, such as `{pid:04}/cam{camid}/{shot}.png`."""
    for person in people:
        for camera in range(1, CAMERAS + 1):
            for shot in range(shots):
                picture(Path(root, form.format(pid=person, camid=camera, shot=shot)), person)
    return Path(root)


def crops(root: str = "crops") -> Path:
    return tree(root, "{pid:04}/cam{camid}/{shot}.png")


def cameras_on_top(root: str = "sysu") -> Path:
    return tree(root, "cam{camid}/{pid:04}/{shot}.png")


def market(root: str = "market") -> Path:
    name = "{pid:04}_c{camid}s1_00000{shot}_00.png"
    half = PEOPLE // 2
    tree(root, f"bounding_box_train/{name}", range(1, half + 1))
    tree(root, f"query/{name}", range(half + 1, PEOPLE + 1), 1)
    return tree(root, f"bounding_box_test/{name.replace('_00.png', '_01.png')}", range(half + 1, PEOPLE + 1))


def table(file: str, split: bool) -> Path:
    """A CSV of a folder of crops. split: with the people of the last half to search for."""
    rows = []
    for path in sorted(crops("pictures").rglob("*.png")):
        pid, camera, shot = int(path.parts[1]), path.parts[2][3:], path.stem
        part = "train" if pid <= PEOPLE // 2 else ("query" if shot == "0" else "gallery")
        rows.append([path.as_posix(), pid, camera, *([part] if split else [])])
    with Path(file).open("w", newline="") as out:
        csv.writer(out).writerows([["path", "pid", "camid", *(["split"] if split else [])], *rows])
    return Path(file)


def lists(root: str, parts: Sequence[str]) -> None:
    """List files of a folder of crops."""
    rows: dict[str, list[str]] = {part: [] for part in parts}
    for path in sorted(crops(root).rglob("*.png")):
        pid, shot = int(path.parts[-3]), path.stem
        part = parts[0] if len(parts) == 1 or pid <= PEOPLE // 2 else parts[1 + int(shot)]
        rows[part].append(f"{path.relative_to(root)} {pid} {path.parts[-2][3:]}\n")
    for part, lines in rows.items():
        Path(root, f"{part}.txt").write_text("".join(lines))


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def type_in(capsys: Capture):
    """Types a command as a shell would take it, and checks that a refusal is one line with advice on itself."""

    def run(command: str) -> Typed:
        words = shlex.split(command)
        assert words.pop(0) == "sameperson", command
        capsys.readouterr()
        try:
            code = main(words)
        except SystemExit as end:  # --help
            code = int(end.code or 0)
        done = Typed(words, code, *capsys.readouterr())
        assert code in (0, 2), f"{command}\n{done.err}"
        if code == 2:
            refusals = [line for line in done.err.splitlines() if line.startswith("sameperson: ")]
            assert len(refusals) == 1 and refusals[0].count("; ") >= 2, done.err
            assert_own_options(done, refusals[0])
        return done

    return run


def assert_own_options(done: Typed, refusal: str) -> None:
    """Each option that a refusal names is one of the command at hand, unless it stands in a command of its own."""
    own = options_of_command(done.words)
    typed = {word.partition("=")[0] for word in done.words}
    for named in OPTION.findall(NAMED.sub("", re.sub(r"`[^`]*`", "", refusal))):
        assert named in own | typed, f"{named} is no option of `sameperson {' '.join(done.words)}`: {refusal}"


def options_of_command(words: Sequence[str]) -> set[str]:
    """The options of a command, and of its job where it has jobs."""
    found, left = parser(words[:1]), list(words)
    while jobs := next((one for one in found._actions if isinstance(one, argparse._SubParsersAction)), None):
        chosen = next((word for word in left if word in jobs.choices), None)
        if chosen is None:
            break
        found, left = jobs.choices[chosen], left[left.index(chosen) + 1 :]
    return set(found._option_string_actions)


def followed(type_in, command: str, deep: int = 2, **open_words: str) -> dict[str, Typed]:
    """Type a command, then all that it proposes, and what these propose: each by its text.

    open_words: what to write for the words that a hint must leave open.
    """
    done: dict[str, Typed] = {}
    waiting = [(command, 0)]
    while waiting:
        text, depth = waiting.pop(0)
        if text in done:
            continue
        words = [open_words.get(word, word) for word in shlex.split(text)]
        short = ("--resamples", "20") if words[1] == "evaluate" and "--help" not in words else ()
        done[text] = type_in(shlex.join([*words, *(QUICK if words[1] == "train" else short)]))
        if depth < deep:
            waiting += [(one, depth + 1) for one in done[text].proposed]
    return done


def people_examined(done: Typed) -> int:
    """The people who are asked for, by the doctor's table."""
    (row,) = re.findall(r"^query +\d+ +(\d+)", done.out, flags=re.M)
    return int(row)


def people_evaluated(done: Typed) -> int:
    (people,) = re.findall(r"queries of (\d+) people", done.out)
    return int(people)


PATTERN = "--pattern '{camid}/{pid}/*'"
SOUND = {
    "people and cameras": (crops, "crops", "doctor crops"),
    "cameras on top, with the pattern": (cameras_on_top, "sysu", f"doctor sysu {PATTERN}"),
    "a pattern and the reader": (cameras_on_top, "sysu", f"doctor sysu --reader folder {PATTERN}"),
    "names that say who": (
        lambda root: tree(root, "{pid}_c{camid}_{shot}.png"), "flat", "doctor flat --pattern '{pid}_c{camid}_*'"
    ),
    "no cameras": (lambda root: tree(root, "{pid:04}/{camid}{shot}.png"), "bare", "doctor bare"),
    "Market-1501": (market, "market", "doctor market"),
    "another reader than the usual": (market, "market", "doctor market --reader market1501 --protocol camera_blind"),
    "a folder with a space, a quote and braces": (market, "my 'own' {crops}", None),
    "cameras on top, in a folder with a space": (cameras_on_top, "my crops", f"doctor 'my crops' {PATTERN}"),
    "a CSV with a split": (lambda file: table(file, True), "split me.csv", "doctor 'split me.csv'"),
    "a CSV without a split": (lambda file: table(file, False), "all.csv", "doctor all.csv --no-pictures"),
    "a list": (lambda root: lists(root, ["all"]), "listed", "doctor listed/all.txt"),
    "lists of each split": (lambda root: lists(root, ["train", "query", "gallery"]), "listed", "doctor listed"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SOUND)
def test_what_the_doctor_proposes_reads_what_it_examined(kind: str, type_in) -> None:
    make, root, words = SOUND[kind]
    make(root)
    first = shlex.join(["sameperson", "doctor", root]) if words is None else f"sameperson {words}"
    done = followed(type_in, first)
    assert all(one.code == 0 for one in done.values()), [text for text, one in done.items() if one.code]
    examined, evaluated = done[first], [text for text in done if text.startswith("sameperson evaluate")]
    assert examined.proposed and evaluated
    for text in evaluated:
        by = next(one for one in done.values() if text in one.proposed)
        assert people_evaluated(done[text]) == people_examined(by), text


def test_a_plan_of_a_world_is_never_split(type_in) -> None:
    pytest.importorskip("warp")
    plan = {"people": 6, "test_people": 3, "cameras": 2, "shots": 2, "size": [64, 32]}
    Path("a plan.json").write_text(json.dumps(plan))
    done = followed(type_in, "sameperson doctor 'a plan.json'", deep=1)
    assert all(one.code == 0 for one in done.values()) and not any("--fix-split" in text for text in done)
    (evaluated,) = [text for text in done if text.startswith("sameperson evaluate")]
    assert people_evaluated(done[evaluated]) == 3 == people_examined(done["sameperson doctor 'a plan.json'"])
    refused = type_in("sameperson doctor 'a plan.json' --fix-split split.csv")
    assert refused.code == 2 and [type_in(one).code for one in refused.proposed] == [0]


def test_a_plan_that_cannot_be_is_told_in_its_own_keys(type_in) -> None:
    Path("world.json").write_text(json.dumps({"people": 3, "test_people": 3, "cameras": 2}))
    refused = type_in("sameperson evaluate world.json")
    assert refused.code == 2 and "lower test_people" in refused.err and "--" not in refused.err


TESTS_ONLY = ("query/{pid:04}/cam{camid}/{shot}.png", "gallery/{pid:04}/cam{camid}/1{shot}.png")


def test_a_tree_without_training_pictures_is_only_evaluated(type_in) -> None:
    for form in TESTS_ONLY:
        tree("tests", form)
    done = followed(type_in, "sameperson doctor tests --reader folder", deep=1)
    assert [text.split()[1] for text in done] == ["doctor", "evaluate"]
    assert people_evaluated(list(done.values())[1]) == PEOPLE


def test_a_dataset_that_names_nobody_is_looked_at(type_in) -> None:
    pytest.importorskip("warp")
    plan = "--people 4 --cameras 1 --size 64x32 --workers 1"
    assert type_in(f"sameperson world make parts --layout lip {plan}").code == 0
    done = followed(type_in, "sameperson doctor parts --no-pictures", deep=1)
    assert list(done)[1:] == ["sameperson doctor parts --no-pictures --html doctor.html"]
    assert all(one.code == 0 for one in done.values())
    refused = type_in("sameperson evaluate parts")
    assert refused.code == 2 and "no queries (read as LIP)" in refused.err and not refused.proposed


def test_who_has_no_gallery_is_told_how_to_split(type_in) -> None:
    from sameperson.checks import InputError
    from sameperson.cli.common.dataset_args import open_dataset, require_people
    from sameperson.cli.common.next_command import options_of
    from sameperson.cli.main import parsed

    words = shlex.split(f"evaluate {cameras_on_top()} {PATTERN} --protocol camera_blind,market1501 --flip")
    args = parsed(parser(words[:1]), words)
    args.data = args.weights.pop()  # as `evaluate` takes the last of its paths
    layout, dataset = open_dataset(args.data, args.reader, args.pattern)
    with pytest.raises(InputError) as caught:
        require_people(options_of(args), layout, replace(dataset, gallery=dataset.gallery.take(slice(0))))
    (split,) = commands_in(str(caught.value))
    assert split == f"sameperson doctor sysu {PATTERN} --protocol camera_blind --fix-split split.csv"
    done = followed(type_in, split)
    assert all(one.code == 0 for one in done.values()) and list(done)[1:] == [
        "sameperson doctor split.csv --protocol camera_blind",
        "sameperson evaluate split.csv --protocol camera_blind",
        "sameperson train baseline/world_small data.root=split.csv data.reader=csv sampler.people=4",
    ]


def test_a_split_writes_over_no_file(type_in) -> None:
    crops()
    Path("split.csv").write_text("mine")
    done = followed(type_in, "sameperson doctor crops", deep=1)
    assert "sameperson doctor crops --fix-split split-2.csv" in done and Path("split.csv").read_text() == "mine"


def test_few_people_are_split_without_validation_people(type_in) -> None:
    tree("few", "{pid:04}/cam{camid}/{shot}.png", range(1, 6))
    done = followed(type_in, "sameperson doctor few --no-priors", deep=1)
    assert "sameperson doctor few --no-priors --fix-split split.csv --val-fraction 0" in done
    assert all(one.code == 0 for one in done.values())
    tree("fewer", "{pid:04}/cam{camid}/{shot}.png", range(1, 4))
    assert not any("--fix-split" in one for one in type_in("sameperson doctor fewer").proposed)


def test_the_training_that_few_people_need_starts(type_in) -> None:
    market()
    (training,) = (one for one in type_in("sameperson doctor market").proposed if one.startswith("sameperson train"))
    assert training.endswith("data.root=market data.reader=market1501 sampler.people=2")
    assert type_in(shlex.join([*shlex.split(training), *QUICK])).code == 0


REFUSED = {
    "cameras on top": (cameras_on_top, "doctor sysu", "sameperson doctor sysu --pattern '{camid}/{pid}/*'"),
    "cameras on top, in a folder with a space": (
        lambda: cameras_on_top("my crops"), "doctor 'my crops' --reader folder",
        "sameperson doctor 'my crops' --reader folder --pattern '{camid}/{pid}/*'",
    ),
    "a pattern that matches nothing": (crops, "doctor crops --pattern '{pid}-*'", "sameperson doctor crops"),
    "a wrong reader": (crops, "doctor crops --reader market1501", "sameperson doctor crops --reader folder"),
    "folders of several depths": (
        lambda: (crops(), picture(Path("crops/9.png"), 9)), "doctor crops", "sameperson doctor --layouts"
    ),
    "a CSV without people": (
        lambda: Path("t.csv").write_text("path,camid\na.png,1\n"), "doctor t.csv", "sameperson doctor --layouts"
    ),
    "a misspelt option": (crops, "doctor crops --patern x", "sameperson doctor --help"),
    "a misspelt option of a job": (crops, "priors make keypoints crops --modle x", "sameperson priors make --help"),
    "a value that is no choice": (crops, "evaluate crops --channels RBG", "sameperson evaluate --help"),
    "a size that is none": (crops, "embed crops --out e.parquet --input-size 9", "sameperson embed --help"),
    "one network to compare": (
        crops, "evaluate A crops --reader folder --compare", "sameperson evaluate A B crops --reader folder --compare"
    ),
    "three networks to compare": (
        crops, "evaluate A B C crops --compare", "sameperson evaluate A B crops --compare"
    ),
    "a comparison by two protocols": (
        cameras_on_top, f"evaluate A B sysu {PATTERN} --compare --protocol camera_blind,market1501",
        f"sameperson evaluate A B sysu {PATTERN} --protocol camera_blind --compare",
    ),
    "nothing to report": (lambda: Path("none").mkdir(), "report none", "sameperson demo --out runs/demo"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_is_answered_with_a_command_that_can(kind: str, type_in, shipped: Path) -> None:
    make, words, proposed = REFUSED[kind]
    make()
    first = type_in(f"sameperson {words}")
    assert first.proposed == [proposed]
    if "demo" not in proposed:
        done = followed(type_in, proposed, deep=0, A=str(shipped), B=str(shipped))
        assert [one.code for one in done.values()] == [0], done


@pytest.fixture
def shipped() -> Path:
    from sameperson.methods.load import shipped_weights

    return shipped_weights()


def test_a_network_is_proposed_with_all_that_feeds_it(type_in, network: list[str]) -> None:
    """What evaluates and embeds then has the fingerprint of what was examined."""
    words = shlex.join([*network, "--flip", "--batch", "3"])
    words = words.replace("--mean 0.5", "--mean=-1,0,0.5 --channels BGR")
    type_in(f"sameperson embed {cameras_on_top()} {words} --out all.parquet --json all.json")
    done = followed(type_in, f"sameperson doctor sysu {PATTERN} {words}", deep=1)
    assert all(one.code == 0 for one in done.values())
    (evaluated,) = [text for text in done if text.startswith("sameperson evaluate")]
    assert type_in(f"{evaluated} --resamples 20 --json one.json").code == 0
    prints = [json.loads(Path(file).read_text())["fingerprint"] for file in ("all.json", "one.json")]
    assert prints[0] == prints[1] and prints[0].endswith("-flip")


def test_weights_are_proposed_as_each_command_takes_them(type_in, shipped: Path) -> None:
    shutil.copy(shipped, "my weights.safetensors")
    done = followed(type_in, f"sameperson doctor {crops()} --weights 'my weights.safetensors'", deep=1)
    assert "sameperson evaluate 'my weights.safetensors' crops --protocol market1501" in done
    assert all(one.code == 0 for one in done.values())


def test_a_network_file_among_weights_is_evaluated_alone(type_in, network: list[str], shipped: Path) -> None:
    crops()
    shutil.move(network[1], "n.onnx")
    for first in (
        f"sameperson evaluate n.onnx {shipped} crops --compare",
        "sameperson cross one=crops:folder --network n=n.onnx",
    ):
        refused = type_in(first)
        (alone,) = refused.proposed
        assert alone.startswith("sameperson evaluate crops ") and "--network n.onnx" in alone
        assert type_in(f"{alone} --input-size 32x16 --resamples 20").code == 0
    refused = type_in("sameperson parse predict crops --weights n.onnx --out maps")
    assert refused.code == 2 and "give weights of a method that parses" in refused.err


def test_the_calibration_that_a_search_lacks_is_made_by_what_it_proposes(type_in, network: list[str]) -> None:
    """DATA stays open: people to learn from whom the network does not know are nowhere in a search."""
    words = shlex.join(network)
    fed = shlex.join([*network[:4], "--mean", "0.5,0.5,0.5", "--scale", "1/255"])
    crops(), market()
    query = next(Path("crops").rglob("*.png"))
    Path("bad.json").write_text("{}")
    for first in (
        f"search {query} crops {words}",
        f"search {query} crops {words} --false-matches 0.1",
        f"search {query} crops {words} --calibration bad.json",
        f"compare {query} {query} {words}",
    ):
        Path("calibration.json").unlink(missing_ok=True)
        (make,) = type_in(f"sameperson {first}").proposed
        assert make == f"sameperson evaluate DATA {fed} --calibrate calibration.json"
        assert type_in(f"{make} --resamples 20".replace("DATA", "market")).code == 0
        bare = re.sub(" --(false-matches|calibration) [^ ]+", "", first)
        again = type_in(f"sameperson {bare} --calibration calibration.json")
        assert again.code == 0 and " %" in again.out and not again.proposed
    other = type_in(f"sameperson compare {query} {query} {words} --flip --calibration calibration.json")
    assert other.code == 2 and other.proposed[0].count("--flip") == 1


def test_embeddings_that_do_not_fit_are_made_by_what_it_proposes(type_in, network: list[str]) -> None:
    """PICTURES stays open in a search: a damaged file does not say what was embedded."""
    words = shlex.join(network)
    crops(), market()
    query = next(Path("crops").rglob("*.png"))
    Path("all.parquet").write_bytes(b"PAR1")
    (make,) = type_in(f"sameperson search {query} all.parquet {words}").proposed
    assert type_in(make.replace("PICTURES", "crops")).code == 0
    assert type_in(f"sameperson search {query} all.parquet {words}").code == 0
    (make,) = type_in(f"sameperson search {query} all.parquet").proposed  # by the shipped weights, so another network
    assert make == "sameperson embed PICTURES --out all.parquet"
    examine = f"sameperson doctor market --reader market1501 {words} --embeddings"
    (make,) = type_in(f"{examine} all.parquet").proposed
    assert "--out market.parquet" in make and type_in(make).code == 0
    assert type_in(f"{examine} market.parquet").code == 0


def test_readers_name_the_options_of_the_command_at_hand(type_in) -> None:
    crops(), cameras_on_top()
    pattern = "{camid}/{pid}/*"
    train = "sameperson train baseline/world_small data.root=sysu data.reader=folder"
    refused = type_in(train)
    assert f"add data.pattern='{pattern}' if they are cameras" in refused.err and "--" not in refused.err
    assert "data.val_fraction" not in refused.err
    assert type_in(f"{train} data.pattern='{pattern}' sampler.people=6 {' '.join(QUICK)}").code == 0
    assert "set data.reader=folder" in type_in("sameperson train baseline/world_small data.root=crops").err
    for command in ("evaluate crops", "doctor crops --fix-split s.csv"):
        assert "set --reader folder" in type_in(f"sameperson {command} --reader market1501").err
    for command in ("evaluate sysu", "cross one=sysu --recipe baseline/world_small"):
        assert f"add --pattern '{pattern}' if they are cameras" in type_in(f"sameperson {command}").err
    assert "set NAME=PATH:folder" in type_in("sameperson cross one=crops:market1501 --recipe baseline/world_small").err


def test_broken_pictures_are_left_out_as_the_command_at_hand_spells_it(type_in) -> None:
    crops()
    broken, whole = sorted(Path("crops").rglob("*.png"))[:2]
    broken.write_bytes(b"no picture")
    for command in ("evaluate crops", "embed crops --out e.parquet", f"search {whole} crops"):
        assert "(--skip-broken)" in type_in(f"sameperson {command}").err
        assert type_in(f"sameperson {command} --skip-broken").code == 0
    learn = f"sameperson train baseline/world_small data.root=crops data.reader=folder {' '.join(QUICK)}"
    assert "(data.skip_broken=true)" in type_in(learn).err
    assert "skip" not in type_in(f"sameperson compare {whole} {broken}").err
    proposed = followed(type_in, "sameperson doctor crops --skip-broken", deep=1)
    assert all(one.code == 0 for one in proposed.values())


def test_a_run_inside_a_folder_is_reported(type_in) -> None:
    Path("runs/mine").mkdir(parents=True)
    Path("runs/mine/result.json").write_text("{}")
    assert type_in("sameperson report runs").proposed == ["sameperson report runs/mine"]


MISSPELT = (
    "doctor crops --reader foldr",
    "doctor crops --protocol market151",
    "evaluate crops --protocol market151",
    "evaluate crops --rerank 1",
    "evaluate crops --scale 1/255",
    "evaluate crops --wholes 2",
    "embed crops --out e.parquet --channels RGB",
    "embed nowhere --out e.parquet",
    "search nowhere crops",
    "search crops crops --weights nowhere",
    "compare nowhere nowhere",
    "train baseline/wrld_small",
    "train baseline/world_small data.rot=crops",
    "demo --out crops",
    "priors make keypoints crops",
    "priors make keypoints crops --from nowhere --mean 1",
    "priors make parsing crops --from nowhere --labels lpi",
    "world make crops --people 1",
    "world make new --people 4 --test-people 9",
    "parse overlay crops",
    "parse export crops --out parts",
    "report crops",
    "cross crops",
    "recipe",
    "dokter crops",
)


@pytest.mark.parametrize("words", MISSPELT)
def test_a_refusal_names_only_options_of_its_own_command(words: str, type_in) -> None:
    crops()
    refused = type_in(f"sameperson {words}") if words.split()[0] in COMMANDS else None
    if refused is None:
        assert main(shlex.split(words)) == 2
        return
    assert refused.code == 2
    for command in refused.proposed:
        if " demo" not in command:
            assert type_in(command).code == 0, command


def test_a_stopped_run_goes_on_as_it_is_told(type_in) -> None:
    crops()
    learn = shlex.join(["sameperson", "train", "baseline/world_small", "data.root=crops", "data.reader=folder", *QUICK])
    learn += " sampler.people=6"
    assert type_in(learn).code == 0
    again = type_in(learn)
    assert "add --resume to go on with it, or choose another --out" in again.err
    assert type_in(f"{learn} --resume").code == 0 and type_in(f"{learn} --out other").code == 0


def test_priors_that_a_tree_lacks_are_made_by_what_it_proposes(type_in) -> None:
    pytest.importorskip("warp")
    world = "sameperson world make 'a world' --people 6 --test-people 3 --cameras 2 --shots 2 --size 64x32 --workers 1"
    assert type_in(world).code == 0
    for prior in ("parsing", "mask", "masks"):
        shutil.rmtree(Path("a world", prior), ignore_errors=True)
    for file in Path("a world").rglob("keypoints.json"):
        file.unlink()
    done = followed(type_in, "sameperson doctor 'a world'", deep=1)
    assert "sameperson priors make --help" in done and all(one.code == 0 for one in done.values())
    assert people_evaluated(done["sameperson evaluate 'a world' --protocol market1501"]) == 3


@pytest.mark.slow
def test_the_demo_that_a_report_lacks_runs(type_in) -> None:
    Path("none").mkdir()
    (demo,) = type_in("sameperson report none").proposed
    assert type_in(f"{demo} --quick").code == 0 and type_in("sameperson report runs/demo").code == 0
    assert type_in("sameperson report runs").proposed == ["sameperson report runs/demo"]
