"""The doctor's page: what it holds, and that it fits a desk and a phone."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sameperson.data.doctor.examine import examine
from sameperson.data.doctor.layouts import open_tree
from sameperson.evaluation.protocols.catalogue import PROTOCOLS
from sameperson.evaluation.protocols.doctor_rule import ProtocolRule
from sameperson.report.doctor import matrix, write_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"


@pytest.fixture
def diagnosis(tmp_path: Path):
    """People under two cameras, one of them under a third, and one file under two names."""
    rng = np.random.default_rng(0)
    root = tmp_path / ("<i>crops " + "long" * 20)
    for person, camera in [(p, c) for p in ("ann", "bob", "cay") for c in (1, 2)] + [("ann", 3)]:
        for take in (0, 1):
            path = root / person / str(camera) / f"{take}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (64, 32, 3), np.uint8)).save(path)
    shutil.copy(root / "ann" / "1" / "0.png", root / "bob" / "1" / "0.png")
    opened = open_tree(root)
    return examine(opened, ProtocolRule.of(PROTOCOLS["market1501"], opened.dataset))


def test_what_the_page_holds(diagnosis, tmp_path):
    page = write_page(diagnosis, tmp_path / "page.html").read_text()
    assert page.count("data:image/jpeg") >= 2 and "<i>crops" not in page
    assert "bear two people&#39;s names" in page
    assert [[cell.people for cell in row] for row in matrix(diagnosis)] == [[3, 3, 1], [3, 3, 1], [1, 1, 1]]
    assert matrix(diagnosis)[0][2].shade == 33


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_and_asks_for_nothing(diagnosis, tmp_path, width):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    asked, complaints = [], []
    with playwright.sync_playwright() as run:
        chromium = run.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        page = chromium.new_page(viewport={"width": width, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(write_page(diagnosis, tmp_path / "page.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
        assert [url for url in asked if not url.startswith("data:")] == [page.url] and complaints == []
        chromium.close()
