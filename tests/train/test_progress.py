"""What a log and a terminal get to read."""

import io

from sameperson.train.progress import Bar, Lines, progress_on

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
    monkeypatch.setattr("sameperson.train.progress.QUIET_SECONDS", -1.0)
    stream = io.StringIO()
    with Lines(stream) as progress:
        progress.epoch_began(2, 3, 10, 4)
        progress.stepped()
    assert stream.getvalue() == "epoch 2/3  step 5/10\n"
