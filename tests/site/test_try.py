"""Does the page that runs TinyTorch in the browser learn, read what is drawn, and take a backward pass apart?"""

from __future__ import annotations

import functools
import http.server
import importlib.util
import io
import math
import re
import threading

import numpy as np
import pyodide
import pytest
from built import ROOT, SITE

from tinytorch.datasets import load_tinydigits

PAGE = "try.html"


@pytest.fixture(scope="module")
def program():
    spec = importlib.util.spec_from_file_location("tried", ROOT / "docs" / "_static" / "try.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def archive():
    kept, splits = io.BytesIO(), {}
    for split in ("train", "test"):
        splits[f"{split}_images"], splits[f"{split}_labels"] = load_tinydigits(split, return_X_y=True)
    np.savez(kept, **splits)
    return kept.getvalue()


def loss_of(w, x, b, target):
    return (1 / (1 + math.exp(-(w * x + b))) - target) ** 2


# ---- the program, in this Python ----


def test_it_learns(program):
    reader = program.Reader(archive())
    losses = [reader.epoch() for _ in range(40)]
    assert losses[-1] < losses[0] / 10
    assert reader.right() >= 0.85 * len(reader.test_labels)
    images, labels = load_tinydigits("test", return_X_y=True)
    said = [int(np.argmax(reader.read(image))) for image in images]
    assert sum(said == labels) == reader.right()
    assert math.isclose(sum(reader.read(images[0])), 1, rel_tol=1e-5)


def test_a_drawing_is_counted_as_the_images_were(program):
    """An image as dots, as large as the paper, comes back as it was."""
    image = load_tinydigits("test", return_X_y=True)[0][0]
    dots = np.zeros((32, 32), dtype=bool)
    for (row, column), level in np.ndenumerate(image):
        block = np.arange(16).reshape(4, 4) < level
        dots[4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = block
    dots[0, 0] = dots[31, 31] = True  # so that it is as large as the paper, and no dot moves
    expected = dots.reshape(8, 4, 8, 4).sum(axis=(1, 3))
    assert program.grey_levels(dots.ravel()) == expected.tolist()


@pytest.mark.parametrize(("rows", "columns"), [((3, 9), (20, 23)), ((0, 1), (0, 1)), ((31, 32), (5, 30))])
def test_a_small_drawing_is_made_large(program, rows, columns):
    dots = np.zeros((32, 32), dtype=bool)
    dots[slice(*rows), slice(*columns)] = True
    levels = np.array(program.grey_levels(dots.ravel()))
    high, wide = (np.ptp(edge) * 32 / max(np.ptp(rows), np.ptp(columns)) for edge in (rows, columns))
    assert abs(levels.sum() - high * wide) <= max(high, wide)  # a filled rectangle of this size, but for rounding
    assert levels.any(axis=1).all() or levels.any(axis=0).all()


def test_an_empty_drawing_is_white(program):
    assert not np.any(program.grey_levels(np.zeros(1024)))


@pytest.mark.parametrize("given", [(0.5, 2.0, -1.5, 1.0), (-3.0, 0.25, 0.0, 0.0)])
def test_gradients_are_those_of_central_differences(program, given):
    known = {name: gradient for name, _, gradient in program.backward(*given)}
    for place, name in enumerate("wxb"):
        up, down = ([*given[:place], given[place] + step, *given[place + 1 :]] for step in (1e-6, -1e-6))
        assert math.isclose(known[name], (loss_of(*up) - loss_of(*down)) / 2e-6, rel_tol=1e-6)


# ---- the page, in a browser ----


@pytest.fixture(scope="module")
def address():
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(SITE))
    handler.log_message = lambda *_: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{PAGE}"
    server.shutdown()
    server.server_close()


def opened(browser, address, answer):
    window = browser.new_page()
    window.asked, window.errors = [], []
    window.on("request", lambda request: window.asked.append(request.url))
    window.on("pageerror", lambda error: window.errors.append(str(error)))
    window.route("**/_static/pyodide/**", answer)
    window.route(re.compile("^https://"), lambda route: route.abort())
    window.goto(address)
    return window


def test_it_runs_in_the_page(browser, address):
    folder = pyodide.folder()

    def answer(route):
        route.fulfill(path=folder / route.request.url.rsplit("/", 1)[1])

    window = opened(browser, address, answer)
    assert not any("pyodide" in url or url.endswith(".whl") for url in window.asked)  # nothing before the button
    window.click("#try-start")
    said = "document.getElementById('try-status').textContent"
    window.wait_for_function(f"/Running|did not start/.test({said})", timeout=90_000)
    assert window.text_content("#try-status").startswith("Running: TinyTorch")

    window.click("#try-train")
    window.wait_for_function("document.getElementById('try-loss').textContent.includes('right')", timeout=60_000)
    losses, right, count = map(float, re.findall(r"[\d.]+", window.text_content("#try-loss"))[1:])
    assert losses < 0.2
    assert count == 47
    assert right >= 0.85 * count
    window.click("#try-next")
    assert re.search(r"It says \d, \d+% sure. The writer meant \d.", window.text_content("#try-answer"))
    window.click("#try-clear")
    assert window.text_content("#try-answer") == "Draw something."
    window.focus("#try-canvas")
    for key in ["ArrowUp"] * 10 + [" "] + ["ArrowDown"] * 20 + [" "]:
        window.keyboard.press(key)
    assert re.search(r"It says 1, \d+% sure", window.text_content("#try-answer"))  # a stroke from top to bottom
    window.screenshot(path=SITE.parent / "try.png", full_page=True)

    window.click("#try-backward")
    while window.is_enabled("#try-step"):
        window.click("#try-step")
    cells = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    rows = window.eval_on_selector_all("#try-steps tbody tr", cells)
    found = {name: float(gradient) for name, _, gradient, _ in rows}
    slope = (loss_of(0.5 + 1e-6, 2, -1.5, 1) - loss_of(0.5 - 1e-6, 2, -1.5, 1)) / 2e-6
    assert list(found)[:3] == ["loss", "p", "z"]  # what is nearest to the loss is known first
    assert math.isclose(found["w"], slope, rel_tol=1e-3)
    assert set(found) == {"loss", "p", "z", "w x", "w", "x", "b"}
    assert not window.errors
    assert all(url.startswith(address.rsplit("/", 1)[0]) for url in window.asked)


def test_where_pyodide_is_nowhere_the_page_says_so(browser, address):
    window = opened(browser, address, lambda route: route.fulfill(status=404))
    window.click("#try-start")
    window.wait_for_function("document.getElementById('try-status').textContent.includes('did not start')")
    assert "neither here nor on cdn.jsdelivr.net" in window.text_content("#try-status")
    assert not window.is_enabled("#try-train")


def test_opened_as_a_file_it_says_what_it_needs(browser):
    window = browser.new_page()
    window.goto((SITE / PAGE).as_uri())
    window.click("#try-start")
    assert "serve the site" in window.text_content("#try-status")


def test_the_page_says_how_much_is_fetched():
    folder = pyodide.folder()
    lock = folder / "pyodide-lock.json"
    parts = ["pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", lock.name]
    total = sum((folder / name).stat().st_size for name in parts) + next(folder.glob("numpy-*.whl")).stat().st_size
    total += (SITE / "_static" / "tinytorch.whl").stat().st_size
    said = int(re.search(r"about\s+(\d+) MB", (ROOT / "docs" / "try.md").read_text(encoding="utf-8"))[1])
    assert abs(total / 1e6 - said) <= 0.5, f"the page says {said} MB, and it is {total / 1e6:.1f}"
