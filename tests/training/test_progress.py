"""What a log and a terminal get to read."""

import io

from sameperson.cli.common.progress import counting
from sameperson.training.progress import Bar, Lines, Progress, progress_on

EPOCH = {
    "epoch": 1,
    "loss": 2.5,
    "loss/id": 2.0,
    "loss/triplet": 0.5,
    "lr": 0.001,
    "seconds": 1,
    "images_per_second": 9,
}
VALIDATION = {"epoch": 1, "val/mAP": 0.25, "val/rank1": 0.5, "best": False}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO) -> str:
    with progress_on(stream) as progress:
        progress.epoch_began(1, 3, 2, 0)
        progress.stepped()
        progress.stepped()
        progress.wrote(EPOCH)
        progress.wrote(VALIDATION)
    return stream.getvalue()


def test_a_log_gets_plain_lines():
    assert told(io.StringIO()).splitlines() == [
        "epoch 1/3  loss 2.5 (id 2, triplet 0.5)  lr 0.001  9 images/s",
        "epoch 1/3  validation mAP 25.0 %  rank-1 50.0 %",
    ]


def test_a_terminal_gets_the_same_lines_and_a_bar():
    text = told(Terminal())
    assert "loss 2.5 (id 2, triplet 0.5)" in text and "mAP 25.0 %" in text and "\x1b[" in text


def test_which_is_which():
    assert isinstance(progress_on(io.StringIO()), Lines) and isinstance(progress_on(Terminal()), Bar)


def test_a_long_epoch_is_heard_of(monkeypatch):
    monkeypatch.setattr("sameperson.training.progress.QUIET_SECONDS", -1.0)
    stream = io.StringIO()
    with Lines(stream) as progress:
        progress.epoch_began(2, 3, 10, 4)
        progress.stepped()
    assert stream.getvalue() == "epoch 2/3  step 5/10\n"


def test_a_log_hears_of_a_long_count_now_and_then(monkeypatch):
    clock = iter([0, 5, 25, 26, 50, 51, 52, 53])
    monkeypatch.setattr("sameperson.training.progress.time.monotonic", lambda: next(clock))
    stream = io.StringIO()
    with Lines(stream) as progress:
        progress.count("pictures", 1, 9)  # 0 s: the clock starts
        progress.count("pictures", 2, 9)  # 5 s: too soon
        progress.count("pictures", 3, 9)  # 25 s, told at 26 s
        progress.count("frames", 4, 9)  # 50 s: something else, so that the clock starts again
        progress.count("frames", 5, 9)  # 51 s
    assert stream.getvalue() == "pictures 3/9\n"


def test_a_bar_may_be_entered_again_and_leaves_nothing_but_what_was_said():
    stream = Terminal()
    progress = progress_on(stream)
    for what in ("people", "frames"):
        with progress:
            progress.count(what, 1, 2)
            progress.say(f"[bold] :smile: {what}")
    text = stream.getvalue()
    assert "people" in text and "1/2" in text
    assert "[bold] :smile: people" in text and "[bold] :smile: frames" in text
    assert text.endswith("\x1b[2K")  # the last thing is to wipe the bar's line


def test_nobody_hears_of_a_quiet_run(capsys):
    with Progress() as progress:
        progress.say("a line")
        progress.count("pictures", 1, 2)
        progress.epoch_began(1, 1, 1, 0)
        progress.stepped()
        progress.wrote(EPOCH)
    assert capsys.readouterr() == ("", "")


def test_a_command_counts_on_stderr(monkeypatch):
    monkeypatch.setattr("sameperson.training.progress.QUIET_SECONDS", -1.0)
    for stream, told in ((io.StringIO(), "people 2/3\n"), (Terminal(), "people")):
        monkeypatch.setattr("sys.stderr", stream)
        with counting("people") as tell:
            tell(1, 3)
            tell(2, 3)
        assert told in stream.getvalue()
