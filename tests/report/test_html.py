"""The page: whole, self-contained, escaped, and made of whatever the run has."""

import json
import re
from html.parser import HTMLParser

import pytest

from sameperson.checks import InputError
from sameperson.report.formatting import duration
from sameperson.report.html import render, write_report
from sameperson.report.run import read_run

VOID = {"meta", "img", "br", "link", "input"}
SECTIONS = ("people", "learning", "figures", "ranked", "search", "notes", "reproduce")


class Page(HTMLParser):
    """Collects tags and text; fails on a tag that is not closed in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def page(finished):
    return Page(render(read_run(finished)))


def test_every_section_is_there(page):
    assert tuple(attributes.get("id") for attributes in page.all("section")) == SECTIONS


def test_nothing_is_loaded_from_elsewhere(finished):
    text = render(read_run(finished))
    assert not re.search(r"https?://|//[a-z]", re.sub(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+", "", text))
    page = Page(text)
    assert all(image["src"].startswith("data:image/jpeg;base64,") for image in page.all("img"))
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not re.search(r"url\(|@import", text)


def test_values_come_with_their_intervals(page):
    assert "90.0 % 87.0 to 92.0" in page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "rank-1" not in page.text
    titles = [word for word in page.words if word.startswith("Raw pixels, mAP")]
    assert titles == ["Raw pixels, mAP: 30.0 % (27.0 to 32.0)"]


def test_right_and_wrong_differ_in_more_than_colour(page):
    # One tick and one cross in each of the two lists and the search, and one of each in the key.
    assert page.text.count("✓") == page.text.count("✗") == 4
    labels = [image["alt"] for image in page.all("img")]
    assert "Answer 1: wrong: person 2, camera 1" in labels
    assert "Answer 2: right: person 1, camera 2" in labels


def test_every_picture_is_described(page):
    assert all(image.get("alt") for image in page.all("img"))


def test_a_missing_picture_is_said_and_not_fatal(finished):
    (finished / "world" / "2_1.jpg").write_text("no picture")
    (finished / "world" / "1_2.jpg").unlink()
    assert "picture gone" in Page(render(read_run(finished))).text


def test_words_from_the_run_cannot_become_markup(finished):
    hostile = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    tree = json.loads((finished / "pictures.json").read_text())
    for shown in (tree["search"]["query"], *tree["search"]["answers"], *tree["people"]["rows"][0]):
        shown |= {"file": hostile, "person": hostile, "camera": hostile}
    tree["search"]["command"] = hostile
    (finished / "pictures.json").write_text(json.dumps(tree))
    result = json.loads((finished / "result.json").read_text())
    (finished / "result.json").write_text(
        json.dumps(result | {"command": hostile, "protocol": hostile, "versions": {hostile: hostile}})
    )
    (finished / "train" / "recipe.yaml").write_text(hostile)
    page = Page(render(read_run(finished)))
    assert not page.all("script")
    assert not any("onerror" in attributes for _, attributes in page.tags)
    assert hostile in page.text


def test_a_training_run_has_the_sections_it_can_fill(finished):
    page = Page(render(read_run(finished / "train")))
    assert [attributes.get("id") for attributes in page.all("section")] == ["learning", "notes", "reproduce"]
    assert "Training run train" in page.text
    assert "Synthetic people only" not in page.text
    assert "chosen on the very people" not in page.text


def test_a_finished_training_run_says_on_whom_it_was_validated(finished):
    figures = json.loads((finished / "result.json").read_text())["untrained"]
    run = {
        "name": "small", "seed": 3, "epochs": 30, "best_epoch": 25, "steps": 930, "seconds": 121.0, "device": "cpu",
        "protocol": "market1501", "train_identities": 86, "train_images": 2064, "validation_identities": 10,
        "validation_queries": 60, "validation_gallery": 180, "validation": figures,
    }  # fmt: skip
    (finished / "train" / "result.json").write_text(json.dumps(run))
    page = Page(render(read_run(finished / "train")))
    assert "Training run small" in page.text
    assert "60 searches for 10 people among 180 pictures, protocol market1501" in page.text
    assert "2064 pictures of 86 people, 30 epochs, 930 steps on cpu in 2 min 01 s" in page.text
    assert "The weights were chosen on the very people held out" in page.text


def test_skipped_queries_are_counted(page):
    assert "1 search had no right answer" in page.text


def test_the_page_is_written_whole(finished, tmp_path):
    out = write_report(finished, tmp_path / "elsewhere" / "page.html")
    assert out.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert write_report(finished) == finished / "report.html"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("result.json", "{", "cannot be read"),
        ("result.json", "[]", "a list"),
        ("result.json", '{"trained": {"rank1": 3}}', "trained|rank1"),
        ("pictures.json", '{"examples": [{}]}', "examples.0.query"),
    ],
)
def test_a_broken_file_is_named(finished, name, text, message):
    (finished / name).write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_run(finished)
    assert name in str(caught.value)


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"neither result\.json nor metrics\.jsonl"):
        read_run(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read_run(tmp_path / "absent")


def test_a_minute_is_never_sixty_seconds():
    assert [duration(seconds) for seconds in (59.94, 59.96, 119.6, 3725)] == [
        "59.9 s",
        "1 min 00 s",
        "2 min 00 s",
        "62 min 05 s",
    ]
