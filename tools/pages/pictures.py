"""How can every image of a dataset be looked at? On one sheet, cut up by the page's style; docs/_static/site.js sorts.

    ```{pictures} tinymnist
    ```

Without JavaScript the page is a plain listing: by digit, and within a digit from the easiest to the most difficult.
"""

from __future__ import annotations

import math
from html import escape
from typing import Any

import numpy as np
from card_data import STRATA
from docutils import nodes
from PIL import Image
from sphinx.util.docutils import SphinxDirective

from pages.milestones import MADE
from tinytorch.datasets import ImageData, load_images


def sheet(data: ImageData) -> tuple[Any, int]:
    """Return all images on one, dark on light, and how many stand in a row.

    >>> picture, per_row = sheet(load_images("tinydigits", "all"))
    >>> picture.shape, per_row
    ((120, 120), 15)
    """
    count, height, width = data.images.shape
    per_row = math.ceil(math.sqrt(count))
    picture = np.zeros((math.ceil(count / per_row) * height, per_row * width))
    for place, image in enumerate(data.images):
        y, x = place // per_row * height, place % per_row * width
        picture[y : y + height, x : x + width] = image / data.images.max()
    return np.round(255 * (1 - picture)).astype(np.uint8), per_row


def listing(data: ImageData, splits: list[str], address: str) -> str:
    """Return the HTML: a form that is hidden until the script shows it, and a list for each digit."""
    picture, per_row = sheet(data)
    rows = picture.shape[0] // data.images.shape[1]
    parts = [
        # A url() in a variable would be looked for beside site.css.
        f"<style>.gallery li span {{ background-image: url({escape(address)}) }}</style>",
        f'<div class="gallery" data-gallery style="--columns:{per_row};--rows:{rows}">',
        '<form class="filter" hidden>',
        _choice("digit", data.target_names),
        _choice("split", tuple(dict.fromkeys(splits))),
        _choice("stratum", tuple(name for name in STRATA if name in data.stratum)),
        '<label>difficulty up to <input name="difficulty" type="range" min="0" max="1" step="0.01" value="1"> '
        "<output>1.00</output></label>",
        '<p role="status"></p></form>',
    ]
    for label, digit in enumerate(data.target_names):
        chosen = [row for row in np.argsort(data.difficulty, kind="stable") if data.labels[row] == label]
        parts.append(f'<h3 id="digit-{digit}">Digit {digit}</h3><ul>')
        parts += [_tile(data, int(row), splits[row], per_row) for row in chosen]
        parts.append("</ul>")
    return "\n".join([*parts, "</div>"])


def _choice(name: str, values: tuple[str, ...]) -> str:
    options = "".join(f"<option>{escape(value)}</option>" for value in values)
    return f'<label>{name} <select name="{name}"><option value="">all</option>{options}</select></label>'


def _tile(data: ImageData, row: int, split: str, per_row: int) -> str:
    digit, stratum, difficulty = data.target_names[data.labels[row]], data.stratum[row], data.difficulty[row]
    about = f"{digit}, {split}, {stratum}, difficulty {difficulty:.2f}, row {data.source_index[row]} of the source"
    return (
        f'<li data-digit="{digit}" data-split="{split}" data-stratum="{stratum}" data-difficulty="{difficulty:.3f}" '
        f'style="--x:{row % per_row};--y:{row // per_row}" title="{about}">'
        f'<span role="img" aria-label="{about}"></span><small>{difficulty:.2f}<br>{stratum}</small></li>'
    )


class Pictures(SphinxDirective):
    """Every image of the dataset that the argument names."""

    required_arguments = 1

    def run(self) -> list[Any]:
        """Return the listing, and put the sheet where the page finds it."""
        name = self.arguments[0]
        try:
            data, splits = load_images(name, "all"), ["train"] * len(load_images(name, "train"))
        except ValueError as error:
            raise self.error(str(error)) from error
        splits += ["test"] * (len(data) - len(splits))
        Image.fromarray(sheet(data)[0]).save(MADE / f"{name}.png", optimize=True)
        up = "../" * self.env.docname.count("/")
        return [nodes.raw("", listing(data, splits, f"{up}_static/{name}.png"), format="html")]


def setup(app: Any) -> None:
    """Add the directive."""
    app.add_directive("pictures", Pictures)
