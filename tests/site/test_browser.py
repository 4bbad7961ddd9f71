"""Does every page of the site work in a real browser: wide and narrow, light and dark, by keyboard, offline?"""

from __future__ import annotations

import functools
import http.server
import io
import threading
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from built import PAGES, SITE
from PIL import Image

from tinytorch.datasets import load_images, load_tinytalks

LOOKS = [(360, "light"), (1440, "dark")]
SEEN = """() => ({
  wide: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
  heading: document.querySelector("h1")?.innerText.trim(),
  ids: [...document.querySelectorAll("[id]")].map(e => e.id),
  links: [...document.querySelectorAll("a[href]")].map(e => e.href),
})"""


def address(page):
    return (SITE / page).as_uri()


@pytest.fixture(scope="module")
def opened(browser):
    """For each look, a window."""
    return {
        (width, scheme): browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}).new_page()
        for width, scheme in LOOKS
    }


@pytest.fixture(scope="module")
def visit(opened):
    """Opens a page and tells what is seen there, what went wrong, and what was asked for; each once."""
    errors, asked = [], []
    for window in opened.values():
        window.on("console", lambda said: said.type == "error" and errors.append(said.text))
        window.on("pageerror", lambda error: errors.append(str(error)))
        window.on("request", lambda request: asked.append(request.url))

    @functools.cache
    def go(page, look=LOOKS[0]):
        del errors[:], asked[:]
        window = opened[look]
        window.goto(address(page), wait_until="load")
        seen = {**window.evaluate(SEEN), "title": window.title(), "errors": errors[:], "asked": asked[:]}
        faults = Axe().run(window, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
        return {**seen, "faults": faults}

    return go


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_without_errors_requests_to_elsewhere_or_a_sideways_scroll(page, look, visit):
    seen = visit(page, look)
    assert seen["title"]
    assert seen["heading"]
    assert seen["wide"] <= look[0]
    assert seen["errors"] == []
    assert [asked for asked in seen["asked"] if not asked.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_no_serious_fault(page, look, visit):
    serious = [(each["id"], len(each["nodes"]), each["nodes"][0]["html"][:200], each["nodes"][0]["failureSummary"])
               for each in visit(page, look)["faults"] if each["impact"] in ("serious", "critical")]  # fmt: skip
    assert serious == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_page_and_a_place_in_it(page, visit):
    root, wrong = SITE.as_uri() + "/", []
    for link in visit(page)["links"]:
        parts = urlsplit(link)
        if parts.scheme == "file":
            path = unquote(link.removeprefix(root).partition("#")[0].partition("?")[0])
            there = (SITE / path).is_file()
            place = not parts.fragment or path not in PAGES or unquote(parts.fragment) in visit(path)["ids"]
            wrong += [] if there and place else [link]
    assert wrong == []


def test_nothing_breaks_where_the_site_lies_in_a_folder_of_a_server(browser):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words):
            pass

    serve = functools.partial(Quiet, directory=SITE.parent)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    window, failed = browser.new_page(), []
    window.on("response", lambda answer: answer.status >= 400 and failed.append(answer.url))
    home = f"http://127.0.0.1:{server.server_port}/html/"
    for page in ("index.html", "milestones/perceptron_trained.html", "datasets/tinydigits/index.html"):
        window.goto(home + page, wait_until="networkidle")
    window.close()
    server.shutdown()
    server.server_close()
    assert failed == []


# --- By keyboard --------------------------------------------------------------------------------------------------

FOCUSED = """() => {
  const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
  return {tag: e.tagName, text: e.innerText?.trim().slice(0, 60) || e.ariaLabel || e.id || e.className,
          seen: (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none",
          onscreen: r.bottom > 0 && r.top < innerHeight && r.width > 0};
}"""


def test_the_first_tab_offers_to_skip_to_the_content(opened):
    window = opened[1440, "dark"]
    window.goto(address("milestones/perceptron_trained.html"))
    window.keyboard.press("Tab")
    assert window.evaluate(FOCUSED)["text"] == "Skip to content"
    window.wait_for_function(f"({FOCUSED})().onscreen", timeout=2000)  # it glides in
    window.keyboard.press("Enter")
    window.keyboard.press("Tab")
    assert window.evaluate("document.activeElement.closest('article') !== null")


@pytest.mark.parametrize("page", ["index.html", "datasets/tinydigits/index.html", "framework/recording.html"])
def test_focus_is_seen_wherever_the_tab_key_leads(page, opened):
    window = opened[1440, "dark"]
    window.goto(address(page))
    for _ in range(60):
        window.keyboard.press("Tab")
        focused = window.evaluate(FOCUSED)
        if focused["tag"] == "BODY":  # round once
            break
        assert focused["seen"], focused
        window.wait_for_function(f"({FOCUSED})().onscreen", timeout=2000)


# --- What the pages do ---------------------------------------------------------------------------------------------


def test_search_finds_a_page_without_a_server(opened):
    window = opened[1440, "dark"]
    window.goto(address("search.html") + "?q=novikoff")
    window.locator("#search-results li a").first.wait_for()
    assert any("perceptron" in link.get_attribute("href") for link in window.locator("#search-results li a").all())


@pytest.mark.parametrize("name", ["tinydigits", "tinymnist"])
def test_a_gallery_shows_the_images_that_are_asked_for(name, opened):
    data, window = load_images(name, "all"), opened[1440, "dark"]
    window.goto(address(f"datasets/{name}/index.html"))
    shown = window.locator(".gallery li:visible")
    assert shown.count() == len(data)
    window.select_option("select[name=digit]", "3")
    assert shown.count() == (data.labels == 3).sum()
    stratum = window.locator("select[name=stratum] option").last.inner_text()
    window.select_option("select[name=stratum]", stratum)
    wanted = (data.labels == 3) & (data.stratum == stratum)
    assert 0 < shown.count() == wanted.sum()
    most = np.ceil(100 * data.difficulty[wanted].min()) / 100  # the slider has two digits
    window.locator("input[name=difficulty]").fill(f"{most:.2f}")
    wanted &= np.round(data.difficulty, 3) <= most
    assert 0 < shown.count() == wanted.sum() < (data.labels == 3).sum()
    assert window.locator(".gallery [role=status]").inner_text() == f"{wanted.sum():,} of {len(data):,} images"


@pytest.mark.parametrize("name", ["tinydigits", "tinymnist"])
def test_a_tile_shows_its_own_image(name, opened):
    data, window = load_images(name, "all"), opened[1440, "dark"]
    window.goto(address(f"datasets/{name}/index.html"))
    for row in np.linspace(0, len(data) - 1, 12).astype(int):
        about = f"row {data.source_index[row]} of the source"
        tile = window.locator(f".gallery span[aria-label$='{about}']").first
        # On whole pixels; in its list it may lie between two.
        tile.evaluate("e => Object.assign(e.style, {position: 'fixed', left: 0, top: 0, margin: 0, zIndex: 99})")
        seen = Image.open(io.BytesIO(tile.screenshot())).convert("L")
        tile.evaluate("e => e.style.position = ''")
        inner = seen.crop((1, 1, seen.width - 1, seen.height - 1)).resize(
            data.images.shape[:0:-1], Image.Resampling.BOX
        )
        assert np.corrcoef(255 - np.asarray(inner).ravel(), data.images[row].ravel())[0, 1] > 0.999, about


def test_without_scripts_a_gallery_is_a_whole_listing(browser):
    window = browser.new_context(java_script_enabled=False).new_page()
    window.goto(address("datasets/tinydigits/index.html"))
    assert window.locator(".gallery li:visible").count() == len(load_images("tinydigits", "all"))
    assert window.locator(".gallery form:visible").count() == 0


def test_every_talk_can_be_read(opened):
    window = opened[360, "light"]
    window.goto(address("datasets/tinytalks/index.html"))
    data = load_tinytalks("all")
    assert sorted(window.locator(".talks dt").all_inner_texts()) == sorted(data.questions)
    assert sorted(window.locator(".talks dd").all_inner_texts()) == sorted(data.answers)


def test_what_happens_is_hidden_until_it_is_asked_for(opened):
    window = opened[360, "light"]
    window.goto(address("milestones/perceptron_trained.html"))
    answer = window.locator("details table").first
    assert not answer.is_visible()
    window.locator("summary").first.press("Enter")
    assert answer.is_visible()
