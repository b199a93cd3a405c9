"""The failure report: its values against plain loops, and its page in Chromium with few and with many queries."""

import json
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.checks import InputError
from sameperson.evaluation.failures.picture_priors import SeenPicture, open_picture_priors
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.result import evaluate
from sameperson.evaluation.similarity import Similarity
from sameperson.priors.label_sets import LIP
from sameperson.priors.skeletons import COCO
from sameperson.report.drawn_priors import drawn
from sameperson.report.examples import Searches
from sameperson.report.failures import EXAMPLES, EXTREMES, LOOK_ALIKES, WORST, Other, failures_of
from sameperson.report.html import write_page
from sameperson.report.run import evaluation_of
from sameperson.types import Embeddings, Samples

FILES = 24
MARKET = PROTOCOLS["market1501"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"
MOST = 15_000_000


@dataclass(frozen=True)
class Case:
    """Searches in a folder, and the priors of their queries."""

    folder: Path
    searches: Searches

    def failures(self, **more):
        """The failure report of these searches."""
        priors = open_picture_priors(self.searches.queries)
        return failures_of(self.searches, MARKET, priors, self.folder, **more)

    def page(self, name="page.html", **more):
        """The page of these searches."""
        result = self.searches.evaluation
        about = {"data": str(self.folder), "reader": "folder", "network": "x", "fingerprint": "0" * 16, "command": "x"}
        figures = {**about, **result.to_json(), "cmc": result.cmc.tolist()}
        figures["failures"] = self.failures(**more).model_dump(mode="json")
        file = self.folder / "figures.json"
        file.write_text(json.dumps(figures))
        return write_page(evaluation_of(json.loads(file.read_text()), file), self.folder / name)


@pytest.fixture
def folder(tmp_path):
    """24 pictures of 96x48, dark and bright, with masks and keypoints of some of them beside them."""
    rng = np.random.default_rng(1)
    bodies = []
    for number in range(FILES):
        small = rng.integers(0, 40 + 9 * number, (12 + 3 * number, 6 + 2 * number, 3)).astype(np.uint8)
        Image.fromarray(small).resize((48, 96)).save(tmp_path / f"{number}.jpg")
        mask = np.zeros((96, 48), np.uint8)
        mask[4 : 90 - 3 * (number % 12), 12:36] = 255
        (tmp_path / "masks").mkdir(exist_ok=True)
        Image.fromarray(mask).save(tmp_path / "masks" / f"{number}.png")
        if number % 3:
            points = [(14 + 20 * (joint % 2), 6 + 5 * joint, 0.4 + 0.6 * (joint % 3 > 0)) for joint in range(len(COCO))]
            bodies.append({"image_id": f"{number}.jpg", "keypoints": np.ravel(points).tolist(), "score": 1.0})
    (tmp_path / "keypoints.json").write_text(json.dumps(bodies))
    return tmp_path


def case(folder, queries, people, *, seed=0, blur=2.0, parts=False):
    """Searches for people among twice as many pictures, some of them hard; files are shared by many queries."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(people + 1, 12))
    sides = []
    for count in (queries, 2 * queries):
        pid = np.arange(count) % people + 1
        features = (centres[pid] + blur * rng.normal(size=(count, 12))).astype(np.float32)
        own = rng.normal(size=(count, 2, 4)).astype(np.float32) if parts else None
        seen = np.ones((count, 2), np.float32) if parts else None
        paths = [f"{k % FILES}.jpg" for k in range(count)]
        samples = Samples.of(paths, pid, (np.arange(count) // people) % 4, root=folder)
        sides += [Embeddings(features, "x", own, seen), samples]
    query, asked, gallery, pictures = sides
    result = evaluate(query, asked, gallery, pictures, resamples=60)
    return Case(folder, Searches(result, query, asked, gallery, pictures))


def test_the_report_holds_what_loops_say(folder):
    one = case(folder, 60, 10)
    result = one.searches.evaluation
    told = one.failures()
    counted = np.isfinite(result.average_precision)
    assert told.queries == counted.sum() == 60 and told.height == 96 and told.unread == 0
    assert told.wrong == sum(rank > 0 for rank in result.first_rank) > 5
    assert 0 < told.confused <= told.wrong
    assert [failed.asked.ap for failed in told.worst] == sorted(failed.asked.ap for failed in told.worst)
    assert len(told.worst) == min(WORST, 10) and len({failed.asked.query.person for failed in told.worst}) == 10
    assert told.worst[0].asked.ap == pytest.approx(np.nanmin(result.average_precision))
    assert all(failed.asked.ap < 1 for failed in told.worst)
    for failed in told.worst:
        assert failed.right is not None and failed.right.person == failed.asked.query.person
        place = failed.asked.first
        if place <= len(failed.asked.answers):
            assert failed.asked.answers[place - 1].file == failed.right.file
        assert not any(answer.right for answer in failed.asked.answers[: place - 1])
    groups = [one.group for one in told.slices]
    order = ("hidden", "resolution", "light", "clothes", "viewpoint", "pose")
    assert list(dict.fromkeys(groups)) == [name for name in order if name in groups]
    assert {"hidden", "resolution", "light", "clothes"} <= set(groups)
    assert set(told.missing) == {"several", "change", "bag"}
    assert 0 < len(told.look_alikes) <= LOOK_ALIKES and all(pair.right is not None for pair in told.look_alikes)
    assert told.cameras.cameras == ("1", "2", "3", "4") and all(told.cameras.values[k][k] is None for k in range(4))
    assert len(told.changes) == 1 and told.beside is None


def test_a_slice_shows_its_most_extreme_pictures_each_of_another_person(folder):
    told = case(folder, 60, 10).failures()
    by = {one.group: one for one in told.slices}
    rows = [int(shot.says.split()[0]) for shot in by["resolution"].extremes]
    assert rows == sorted(rows) and 0 < len(rows) <= EXTREMES
    assert len({shot.shown.person for shot in by["resolution"].extremes}) == len(rows)
    shares = [int(shot.says.split()[0]) for shot in by["hidden"].extremes]
    assert shares == sorted(shares, reverse=True) and all(share > 15 for share in shares)
    assert all(shot.drawn for shot in by["hidden"].extremes)
    assert not any(shot.drawn for shot in by["light"].extremes)  # what is drawn over it would hide how dark it is


def test_two_models_stand_side_by_side(folder):
    one, other = case(folder, 40, 8, blur=2.0), case(folder, 40, 8, blur=1.2)
    runs = [one.searches.evaluation], [other.searches.evaluation]
    beside = one.failures(other=Other(("A", "B"), other.searches, runs)).beside
    a, b = (run[0] for run in runs)
    assert beside is not None and beside.name == "B"
    assert beside.mAP.value == pytest.approx(np.nanmean(b.average_precision) - np.nanmean(a.average_precision))
    better = [q for q in range(40) if b.first_rank[q] == 0 < a.first_rank[q]]
    assert (beside.gained, beside.lost) == (
        len(better), sum(a.first_rank[q] == 0 < b.first_rank[q] for q in range(40)),
    )  # fmt: skip
    assert sum(example.better for example in beside.examples) == min(len(better), EXAMPLES)
    for example in beside.examples:
        first, then = example.before[0].right, example.after[0].right
        assert (first, then) == ((False, True) if example.better else (True, False))
    assert beside.slices and all(part.a < part.b for part in beside.slices if part.sure and part.difference.value > 0)


def test_pictures_that_are_no_files_are_not_shown(folder):
    told = case(folder, 40, 8).failures(show=False)
    assert not told.worst and not told.look_alikes and told.slices and told.changes
    assert not any(one.extremes or one.worst for one in told.slices)
    assert not any(change.examples for change in told.changes)


def test_priors_are_drawn_over_the_picture(folder):
    assert drawn(SeenPicture(np.zeros((96, 48, 3), np.uint8))) == ""
    labels = np.zeros((96, 48), np.uint8)
    labels[10:50] = 5
    joints = np.array([(24, 5 * joint, 1) for joint in range(17)], np.float32)
    picture = np.full((96, 48, 3), 90, np.uint8)
    kinds = [{"labels": labels, "of": LIP}, {"joints": joints}, {"mask": labels > 0}]
    found = {drawn(SeenPicture(picture, **kind)) for kind in kinds}
    assert len(found) == 3 and all(one.startswith("data:image/jpeg;base64,") for one in found)
    plain = replace(SeenPicture(picture, labels, LIP), labels=np.zeros_like(labels))
    assert drawn(plain) != drawn(SeenPicture(picture, labels, LIP))


def test_a_legend_says_the_colours_of_the_labels_that_are_drawn(folder):
    one = case(folder, 12, 4)
    assert one.failures().colours == {}  # masks have one colour
    parsing = folder / "parsing"
    parsing.mkdir()
    for number in range(FILES):
        Image.fromarray(np.full((96, 48), 5, np.uint8)).save(parsing / f"{number}.png")
    told = one.failures()
    red, green, blue = LIP.colours[5]
    assert told.colours["upper-clothes"] == f"#{red:02x}{green:02x}{blue:02x}" and len(told.colours) == 19
    assert one.failures(show=False).colours == {}


def test_a_drawing_from_elsewhere_is_refused(folder):
    one = case(folder, 20, 5)
    one.page()
    figures = json.loads((folder / "figures.json").read_text())
    figures["failures"]["worst"][0]["query"]["drawn"] = "https://example.org/x.jpg"
    with pytest.raises(InputError, match=r"failures|drawn"):
        evaluation_of(figures, folder / "figures.json")


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as run:
        chromium = run.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield chromium
        chromium.close()


def fits(browser, file, width):
    """Whether a page needs no scrolling sideways and shows every picture."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert page.evaluate("document.querySelectorAll('.gone').length") == 0
    assert page.evaluate("document.images.length") > 40
    assert complaints == []
    page.close()


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_of_fifty_queries_fits(folder, browser, width):
    one, other = case(folder, 50, 10, parts=True), case(folder, 50, 10, seed=1)
    runs = [one.searches.evaluation], [other.searches.evaluation]
    file = one.page(other=Other(("runs/a", "runs/b"), other.searches, runs))
    text = file.read_text()
    headings = re.findall(r"<h2>([^<]+)</h2>", text)
    wanted = ["Where it fails", "By pair of cameras", "The worst searches", "Look-alikes"]
    wanted += ["What another comparison would have changed", "Two models side by side"]
    assert [heading for heading in headings if heading in wanted] == wanted
    assert text.index("By visible parts (ARM)") > text.index("With k-reciprocal re-ranking")
    fits(browser, file, width)


@pytest.mark.slow
def test_the_page_of_five_thousand_queries_is_small(folder, browser):
    file = case(folder, 5000, 700, parts=True).page()
    assert file.stat().st_size < MOST
    for width in (1280, 400):
        fits(browser, file, width)


def test_similarity_of_the_searches_is_that_of_the_answers(folder):
    one = case(folder, 30, 6, parts=True)
    by_parts = Similarity(match="parts")
    side = one.searches
    result = evaluate(side.query, side.queries, side.gallery, side.pictures, metric=by_parts, resamples=20)
    told = Case(folder, replace(side, evaluation=result, similarity=by_parts)).failures()
    assert [change.name for change in told.changes][1] == "by whole pictures, without visible parts (ARM)"
    for failed in told.worst:
        if failed.asked.first == 1:
            assert failed.asked.answers[0].right
        else:
            assert not failed.asked.answers[0].right
