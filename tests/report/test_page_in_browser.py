"""The page in Chromium: it fits a desk and a phone, and asks for nothing."""

import json
import shutil

import pytest

from sameperson.report.html import write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as run:
        chromium = run.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield chromium
        chromium.close()


@pytest.fixture
def evaluated(finished):
    """The JSON of an evaluation by two protocols, beside the pictures of a demo."""
    figures = json.loads((finished / "result.json").read_text())["trained"]
    shares = {name: figures[name] for name in ("rank1", "mAP", "mINP")}
    cameras = [{"camera": number, "queries": 20, "people": 9, **shares} for number in (1, 2)]
    figures |= {"protocol": "a", "rules": "every picture counts", "queries": 40, "skipped_queries": 1, "gallery": 300}
    figures |= {"query_identities": 9, "resamples": 50, "seed": 0, "cameras": cameras}
    pictures = json.loads((finished / "pictures.json").read_text())
    about = {"data": "somewhere/people", "reader": "folder", "network": "runs/x", "fingerprint": "0" * 16, "broken": 2}
    protocols = {name: {**figures, "protocol": name} for name in ("market1501", "cuhk03_single_shot")}
    file = finished / "mine.json"
    shown = {"examples": pictures["examples"], "hardest": pictures["hardest"]}
    about |= {"command": "sameperson evaluate people", "protocols": protocols, "pictures": shown}
    file.write_text(json.dumps(about))
    return file


@pytest.mark.parametrize("results", ["finished", "evaluated"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_page_fits_and_asks_for_nothing(results, browser, width, scheme, request):
    asked, complaints = [], []
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.on("request", lambda sent: asked.append(sent.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(write_report(request.getfixturevalue(results)).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    outside = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert outside == 0
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert [url for url in asked if not url.startswith("data:")] == [page.url]
    assert complaints == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
    assert dark == (scheme == "dark")
    page.close()
