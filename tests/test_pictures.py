"""Do pictures show what is in the data, within the terminal's width and alphabet, and legibly in a figure?"""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment

from tinytorch.cli.draw import draw
from tinytorch.cli.draw_charts import Axis
from tinytorch.cli.look import IN_ASCII, Look, resized, right
from tinytorch.milestones.kit import Gate, Result, at_least
from tinytorch.milestones.pictures import Bars, Curve, Heatmaps, Images, Picture, Plane, Regions, Table

ASCII, SHADES, COLOURS = (Look(80, False, False), Look(80, False, True), Look(80, True, True))
LOOKS = [(False, False), (False, True), (True, False), (True, True)]
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
WORDS = ["what", "is", "the", "colour", "of", "the", "stone", "that", "Anna", "found", "?", "it", "is", "grey", "."]
rng = np.random.default_rng(0)


def segments(picture: Picture, look: Look) -> list[list[Segment]]:
    """What rich prints on a terminal of endless width, a list for each line."""
    console = Console(
        file=io.StringIO(), width=1000, force_terminal=True, color_system="truecolor", legacy_windows=False
    )
    return console.render_lines(draw(picture, look), pad=False)


def lines(picture: Picture, look: Look = SHADES) -> list[str]:
    return ["".join(part.text for part in line).rstrip() for line in segments(picture, look)]


def grounds(line: list[Segment]) -> list[tuple[int, int, int] | None]:
    """The background of each character."""
    cells = []
    for part in line:
        colour = part.style.bgcolor.get_truecolor() if part.style and part.style.bgcolor else None
        cells += [tuple(colour) if colour else None] * len(part.text)
    return cells


def attention(size: int) -> np.ndarray:
    weights = np.exp(3 * rng.normal(size=(size, size))) * np.tri(size)
    return weights / weights.sum(axis=1, keepdims=True)


def confusion(most: int = 1000) -> np.ndarray:
    counts = rng.integers(0, most // 10, (10, 10))
    counts[np.arange(10), np.arange(10)] = rng.integers(most // 2, most, 10)
    counts[0, 0], counts[3, 4] = most, 0
    return counts


def heatmaps(panels: dict[str, np.ndarray], rows: list[str], columns: list[str]) -> Heatmaps:
    return Heatmaps("Attention", panels, rows, columns, "looked at", "looking")


# ---- any picture, any terminal ----

numbers = st.floats(-1e12, 1e12) | st.sampled_from([0.0, math.nan, math.inf, -math.inf, 1e-300, 1e300])
words = st.text(st.characters(exclude_categories=("Cs", "Mn", "Me", "Cf")), max_size=14)
seeds = st.integers(0, 99)


def arrays(*shape: int, seed: int, kind: str) -> np.ndarray:
    values = np.random.default_rng(seed).uniform(0, 1, shape)
    odd = {"nan": math.nan, "inf": math.inf, "zero": 0.0, "one": 1.0}
    if kind in ("zero", "one"):
        return np.full(shape, odd[kind])
    return np.where(values < 0.3, odd[kind], values) if kind in odd else values


kinds = st.sampled_from(["plain", "nan", "inf", "zero", "one"])


@st.composite
def any_images(draw):
    count, height, width = (draw(st.integers(low, high)) for low, high in ((0, 4), (1, 20), (1, 60)))
    colour = draw(st.booleans())
    shape = (count, height, width, 3) if colour else (count, height, width)
    values = arrays(*shape, seed=draw(seeds), kind=draw(kinds))
    captions = draw(st.lists(words, min_size=count, max_size=count))
    return Images("Some images", values, captions, signed=not colour and draw(st.booleans()))


@st.composite
def any_heatmaps(draw):
    count, rows, columns = draw(st.integers(0, 3)), draw(st.integers(1, 5)), draw(st.integers(1, 70))
    panels = {f"head {i}": arrays(rows, columns, seed=draw(seeds) + i, kind=draw(kinds)) for i in range(count)}
    if draw(st.booleans()):
        panels = {"": np.random.default_rng(draw(seeds)).integers(0, 10 ** draw(st.integers(1, 6)), (rows, columns))}
    labels = [draw(st.lists(words, min_size=n, max_size=n)) for n in (rows, columns)]
    return heatmaps(panels, *labels)


@st.composite
def any_curve(draw):
    size = draw(st.integers(0, 12)) * draw(st.sampled_from([1, 10]))
    x = range(size) if draw(st.booleans()) else arrays(size, seed=draw(seeds), kind=draw(kinds)).tolist()
    names = draw(st.lists(st.text("abcä ", min_size=1, max_size=12), max_size=4, unique_by=ASCII.plain))
    series = {name: draw(st.lists(numbers, max_size=min(size, 12))) for name in names}
    return Curve("A curve", x, series, "steps", "loss", log=draw(st.booleans()))


@st.composite
def any_bars(draw):
    labels = draw(st.lists(words, max_size=8))
    return Bars("Bars", labels, [draw(numbers) for _ in labels], "amount")


pictures = any_images() | any_heatmaps() | any_curve() | any_bars()


@settings(max_examples=80)
@given(pictures, st.integers(40, 100), st.sampled_from(LOOKS))
def test_stays_within_the_width_and_the_alphabet(picture, width, look):
    for line in lines(picture, Look(width, *look)):
        assert cell_len(line) <= width
        assert look[1] or line.isascii()


@pytest.mark.parametrize(("colour", "unicode"), LOOKS)
@pytest.mark.parametrize("width", [60, 80, 100])
def test_real_pictures_stay_within_the_width(width, colour, unicode):
    tokens = [*WORDS, *WORDS]
    points = rng.uniform(-1, 1, (200, 2))
    plane = Plane(rng.uniform(0, 1, (40, 40)), -1, 1)
    for picture in (
        heatmaps({f"head {i}": attention(len(WORDS)) for i in range(4)}, WORDS, WORDS),
        heatmaps({"head": attention(30)}, tokens[:30], tokens[:30]),
        heatmaps({"": confusion(10_000)}, CLASSES, CLASSES),
        Images(
            "Photographs", rng.uniform(0, 1, (10, 32, 32, 3)), [f"{a} → {b}" for a in CLASSES[:2] for b in CLASSES[:5]]
        ),
        Regions("Before and after", {"before": plane, "after": plane}, points, points[:, 0] > 0),
        Table("A table", ["name", "words"], [["a", "long words " * 20]]),
    ):
        look = Look(width, colour, unicode)
        console = Console(file=io.StringIO(), width=width if isinstance(picture, Table) else 1000)
        for line in console.render_lines(draw(picture, look), pad=False):
            text = "".join(part.text for part in line)
            assert cell_len(text) <= width
            assert unicode or text.isascii()


def test_every_replacement_is_ascii():
    assert all(replacement.isascii() for replacement in IN_ASCII.values())
    assert ASCII.plain("é → ≥ 3") == "e -> >= 3"
    assert SHADES.plain("é → ≥ 3") == "é → ≥ 3"


# ---- images ----


def test_resized_is_the_mean_of_what_is_covered():
    image = rng.uniform(size=(6, 8, 3))
    by_hand = image.reshape(3, 2, 2, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(resized(image, 3, 2), by_hand)
    np.testing.assert_allclose(resized(image, 12, 24), image.repeat(2, axis=0).repeat(3, axis=1))
    for height, width in ((5, 7), (1, 1), (9, 11)):
        assert resized(image, height, width).mean() == pytest.approx(image.mean())


def test_a_colour_image_is_shown_pixel_by_pixel():
    image = rng.integers(0, 256, (1, 7, 12, 3))
    body = segments(Images("", image / 255, ["odd"]), COLOURS)[:4]
    for row, line in enumerate(body):
        cells = [part.style for part in line for character in part.text if character == "▀"]
        assert len(cells) == 12
        for column, style in enumerate(cells):
            assert tuple(style.color.get_truecolor()) == tuple(image[0, 2 * row, column])
            if row < 3:
                assert tuple(style.bgcolor.get_truecolor()) == tuple(image[0, 2 * row + 1, column])
            else:
                assert style.bgcolor is None  # there is no eighth row


@pytest.mark.parametrize("look", [ASCII, SHADES], ids=["ascii", "shades"])
def test_without_colour_green_is_lighter_than_red_and_red_than_blue(look):
    image = np.zeros((1, 8, 4, 3))
    image[0, :, [1, 2, 3], [2, 0, 1]] = 1.0  # columns: black, blue, red, green
    line = lines(Images("", image, ["bands"]), look)[3]
    black, blue, red, green = (look.fine_shades.index(character) for character in line[::2].ljust(4))
    assert black <= blue <= red < green
    assert (black, green) == (0, len(look.fine_shades) - 1)


@pytest.mark.parametrize("look", [ASCII, SHADES], ids=["ascii", "shades"])
def test_more_ink_is_a_denser_character(look):
    image = np.linspace(0, 16, 8).reshape(1, 1, 8).repeat(8, axis=1)
    line = lines(Images("", image, [""]), look)[3]
    levels = [look.shades.index(character) for character in line[::2].ljust(8)]
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (0, len(look.shades) - 1)


@pytest.mark.parametrize("look", [ASCII, SHADES], ids=["ascii", "shades"])
def test_signs_have_characters_of_their_own_and_one_scale(look):
    strong = np.array([[1.0, 0, -1.0], [0, 0, 0], [0, 0, 0]])
    drawn = lines(Images("", np.stack([strong, strong / 3]), ["a", "b"], signed=True), look)
    first, second = (drawn[1].split("|")[place] for place in (1, 3))
    below, above = look.signs
    assert first == above[-1] * 2 + "  " + below[-1] * 2
    assert second == above[1] * 2 + "  " + below[1] * 2  # a third of it looks like less: the scale is shared
    assert below.strip() in drawn[-1]
    assert above.strip() in drawn[-1]


def test_signed_colours_mirror_each_other():
    filters = np.stack([np.full((4, 4), value) for value in (-2.0, -0.5, 0.0, 0.5, 2.0)])
    cells = segments(Images("", filters, list("abcde"), signed=True), COLOURS)[0]
    colours = [tuple(part.style.color.get_truecolor()) for part in cells if "▀" in part.text]
    distinct = list(dict.fromkeys(colours))
    assert len(distinct) == 5
    negative, weak_negative, neutral, weak_positive, positive = map(np.array, distinct)
    assert negative[2] > weak_negative[2] > neutral[2]  # blue is below 0
    assert negative[2] > negative[0]
    assert positive[0] > weak_positive[0] > neutral[0]  # red, in orange, above
    assert positive[0] > positive[2]
    assert abs(weak_negative - neutral).sum() < abs(negative - neutral).sum()


def test_many_large_images_stand_three_in_a_row():
    rows = [line for line in lines(Images("", rng.uniform(size=(10, 32, 32, 3)), ["cat → dog"] * 10)) if "cat" in line]
    assert [row.count("cat") for row in rows] == [3, 3, 3, 1]


# ---- attention maps ----


def cells_of(drawn: list[str], margin: int, size: int, cell: int = 2) -> list[str]:
    return [line[margin + 1 :].ljust(size * cell)[::cell] for line in drawn]


@pytest.mark.parametrize("look", [ASCII, SHADES], ids=["ascii", "shades"])
def test_the_larger_the_number_the_denser_its_cell(look):
    weights = attention(len(WORDS))
    drawn = lines(heatmaps({"head": weights}, WORDS, WORDS), look)
    start = next(place for place, line in enumerate(drawn) if line.lstrip().startswith("what "))
    shown = cells_of(drawn[start : start + len(WORDS)], 6, len(WORDS))
    levels = np.array([[look.fine_shades.index(character) for character in row] for row in shown])
    order = np.argsort(weights.ravel())
    assert (np.diff(levels.ravel()[order]) >= 0).all()
    assert levels.ravel()[order[-1]] == len(look.fine_shades) - 1
    assert (levels[np.triu_indices(len(WORDS), 1)] == 0).all()  # the future is blank
    assert (levels[weights >= 0.01] > 0).all()  # and what is there is seen


@pytest.mark.parametrize("unicode", [True, False])
def test_the_larger_the_number_the_lighter_its_colour(unicode):
    weights = attention(12)
    drawn = segments(heatmaps({"left": weights, "right": weights.T}, WORDS[:12], WORDS[:12]), Look(80, True, unicode))
    body = [grounds(line) for line in drawn if any(grounds(line))][:12]
    colours = [[cell for cell in row if cell] for row in body]
    assert {len(row) for row in colours} == {48}  # two panels of twelve cells, two characters each
    light = np.array([[0.3 * r + 0.59 * g + 0.11 * b for r, g, b in row[::2]] for row in colours])
    for panel, values in ((light[:, :12], weights), (light[:, 12:], weights.T)):
        assert (np.diff(panel.ravel()[np.argsort(values.ravel())]) >= -1).all()


def test_labels_stand_at_the_left_and_are_read_from_top_to_bottom():
    tokens = [f"{word}{place}" for place, word in enumerate(WORDS)]
    drawn = lines(heatmaps({"head": attention(len(tokens))}, tokens, tokens))
    first = next(place for place, line in enumerate(drawn) if line.lstrip().startswith("what0 "))
    assert [line.split()[0] for line in drawn[first : first + len(tokens)]] == tokens
    head = cells_of(drawn[2:first], max(map(len, tokens)), len(tokens))
    assert ["".join(letters).strip() for letters in zip(*head, strict=True)] == tokens
    assert drawn[-1] == "down: looking; across: looked at"


def test_tokens_that_are_no_words_are_seen():
    drawn = "\n".join(lines(heatmaps({"head": attention(3)}, ["\n", " ", "\t"], list("abc"))))
    assert [line.split(" ")[0] if line[0] != " " else line.split()[0] for line in drawn.splitlines()[3:6]] == [
        "\\n", "␣", "\\t",
    ]  # fmt: skip


def test_a_map_that_is_too_wide_is_continued_below():
    columns = [chr(ord("a") + place % 26) for place in range(130)]
    drawn = lines(heatmaps({"head": np.ones((1, 130)) * 0.5}, ["row"], columns), Look(60, False, False))
    assert "".join(line.strip() for line in drawn if re.fullmatch(r" {4}[a-z]+", line) and "head" not in line) == (
        "".join(columns)
    )
    assert sum(line.count("@") for line in drawn if line.startswith("row")) == 130


def test_the_scale_names_the_largest_number():
    drawn = lines(heatmaps({"a": np.array([[0.0, 0.125]]), "b": np.array([[0.25, 0.5]])}, ["r"], ["x", "y"]))
    assert "█ 0.5" in drawn[-2]
    assert "??" in "".join(lines(heatmaps({"a": np.array([[math.nan, 1.0]])}, ["r"], ["x", "y"])))


# ---- confusion matrices ----


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("most", [50, 1000])
@pytest.mark.parametrize(("colour", "unicode"), LOOKS)
def test_counts_are_read_back(width, most, colour, unicode):
    counts = confusion(most)
    drawn = lines(heatmaps({"test": counts}, CLASSES, CLASSES), Look(width, colour, unicode))
    body = drawn[2:12]
    read = [[0 if n in "·." else int(n) for n in re.findall(r"\d+|[·.]", line[10:])] for line in body]
    np.testing.assert_array_equal(read, counts)
    for name, line, row in zip(CLASSES, body, range(10), strict=True):
        assert line.split()[0] == name[: len(line.split()[0])]
        if not colour:
            assert re.findall(r"\[ *(\d+) *\]", line) == [str(counts[row, row])]
    assert [name.startswith(cut) for name, cut in zip(CLASSES, drawn[1].split(), strict=True)] == [True] * 10
    ends = {tuple(match.end() for match in re.finditer(r"\d+|[·.]", line)) for line in body}
    assert len(ends) == 1  # columns are right-aligned


def test_right_is_blue_and_wrong_is_orange_and_more_is_more():
    counts = np.array([[9, 1, 0], [4, 5, 2], [0, 3, 7]])
    drawn = segments(heatmaps({"test": counts}, list("abc"), list("abc")), COLOURS)[2:5]
    grid = [[cell for cell in grounds(line) if cell][::4] for line in drawn]
    for (row, column), _ in np.ndenumerate(counts):
        red, _, blue = grid[row][column]
        assert (blue > red) == (row == column or counts[row, column] == 0)
    assert grid[0][0][2] > grid[2][2][2] > grid[1][1][2]
    assert grid[1][0][0] > grid[2][1][0] > grid[1][2][0] > grid[0][1][0]


def test_names_that_cannot_be_told_apart_when_cut_are_written_downwards():
    names = ["class one", "class two", "class six", "class ten", *[f"class {n}" for n in "abcdef"]]
    drawn = lines(heatmaps({"test": confusion(10_000)}, names, names), Look(70, False, True))
    start = next(place for place, line in enumerate(drawn) if "[" in line)
    ends = [match.end() - 1 for match in re.finditer(r"\d+|·", drawn[start + 1])][-10:]
    head = [line.ljust(70) for line in drawn[1:start]]
    assert ["".join(line[end] for line in head).strip() for end in ends] == names


def test_fractions_and_several_panels_are_no_counts():
    assert heatmaps({"a": np.array([[2.0, 1.0]])}, ["r"], ["x", "y"]).counted
    assert not heatmaps({"a": np.array([[0.5, 1.0]])}, ["r"], ["x", "y"]).counted
    assert not heatmaps({"a": np.array([[2, 1]]), "b": np.array([[2, 1]])}, ["r"], ["x", "y"]).counted
    assert not heatmaps({"a": np.array([[math.inf, 1.0]])}, ["r"], ["x", "y"]).counted


# ---- curves and bars ----


def marks(drawn: list[str], mark: str) -> list[tuple[int, int]]:
    return sorted((line.index("┤" if "┤" in line else "│") * 0 + column, row)
                  for row, line in enumerate(drawn[2:14]) for column, c in enumerate(line) if c == mark)  # fmt: skip


def test_a_power_law_is_a_straight_line_on_logarithmic_axes():
    tokens = [16, 32, 64, 128, 256]
    picture = Curve(
        "Time",
        tokens,
        {"square": [n**2 / 1e6 for n in tokens], "line": [n / 1e3 for n in tokens]},
        "tokens",
        "s",
        log=True,
    )
    drawn = lines(picture)
    square = np.array(marks(drawn, "o"))
    assert len(square) == 5
    across, down = np.diff(square[:, 0]), np.diff(square[:, 1])
    assert np.ptp(across) <= 1
    assert np.ptp(down) <= 1
    assert (down < 0).all()
    line = np.array(marks(drawn, "x"))
    assert (line[-1, 1] - line[0, 1]) * 2 == pytest.approx(square[-1, 1] - square[0, 1], abs=1.5)
    assert "10⁻²" in "".join(drawn)
    assert drawn[-3].split() == [str(n) for n in tokens]
    assert drawn[-1] == "o square   x line"
    assert "1e-2" in "".join(lines(picture, ASCII))


def test_equal_curves_are_told():
    same = {"a": [1, 10, 100], "b": [1, 10, 100]}
    assert lines(Curve("", [1, 2, 3], same, "x", "y", log=True))[-1] == "o a   x b   * several"


def test_what_logarithms_cannot_show_is_counted():
    drawn = lines(Curve("", [0, 1, 2], {"a": [1.0, 0.0, 3.0], "b": [1.0, math.nan, 3.0]}, "x", "y", log=True))
    assert drawn[-1] == "4 values have no place on these axes"
    assert lines(Curve("", [1], {"a": [-1.0]}, "x", "y", log=True)) == ["(none)"]


def test_points_stand_where_they_are_when_steps_differ():
    drawn = lines(Curve("", [100, 200, 500, 1000], {"accuracy": [0.7, 0.8, 0.9, 1.0]}, "images", "accuracy"))
    found = [column for column, _ in sorted(marks(["", *drawn], "o"))]
    shares = (np.array(found) - found[0]) / (found[-1] - found[0])
    np.testing.assert_allclose(shares, [0, 1 / 9, 4 / 9, 1], atol=0.02)


def test_equal_steps_keep_their_strips():
    drawn = lines(Curve("Loss", range(1, 61), {"loss": [2.0 - n / 60 for n in range(60)]}, "epoch", "loss"))
    assert drawn[-1].strip() == "epoch 1 to 60; loss ends at 1.02"
    assert drawn[1].strip().startswith("2 █")


@pytest.mark.parametrize(
    ("low", "high", "log", "says"),
    [
        (0.0, 1.0, False, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (1.0, 1e6, True, ["1e0", "1e2", "1e4", "1e6"]),
        (0.02, 0.7, True, None),
        (3.0, 3.0, False, ["3"]),
        (-1e308, 1e308, False, None),
        (5e-324, 1e-300, False, None),
    ],
)
def test_numbers_beside_an_axis(low, high, log, says):
    ticks = Axis(low, high, log, 12).ticks(ASCII)
    assert says is None or list(ticks.values()) == says
    assert all(0 <= place < 12 for place in ticks)


@given(st.floats(1e-200, 1e200), st.floats(1e-200, 1e200), st.booleans(), st.integers(5, 80))
def test_an_axis_has_room_for_its_numbers_and_keeps_their_order(one, other, log, cells):
    low, high = sorted((one, other))
    axis = Axis(low, high, log, cells)
    places = [axis.place(low + (high - low) * share) for share in np.linspace(0, 1, 9)]
    assert places == sorted(places)
    assert low == high or (places[0], places[-1]) == (0, cells - 1)
    assert len(axis.ticks(ASCII)) <= 11


def test_bars_are_as_long_as_their_values():
    drawn = lines(Bars("", ["half", "full", "none"], [0.5, 1.0, math.nan], "share"), ASCII)
    assert drawn[1].count("#") == pytest.approx(2 * drawn[0].count("#"), abs=1)
    assert drawn[2] == "none  nan"


def test_a_label_is_cut_or_pushed_to_the_right():
    assert (right("a", 3), right("abcd", 3), right("日本語", 5)) == ("  a", "abc", " 日本")


# ---- figures ----

RESULT = Result("demo", 1998, 0, 1, {}, {}, (Gate("g", 1, at_least(0)),), 1.0)
LOG = Curve("Time and length", [16, 64, 256], {"uncached": [1e-3, 1.6e-2, 0.25], "cached": [2e-3, 8e-3, 3e-2]},
            "tokens", "seconds", log=True)  # fmt: skip
FIGURES = {
    "attention": heatmaps({"head 1": attention(30)}, [*WORDS, *WORDS][:30], [*WORDS, *WORDS][:30]),
    "heads": heatmaps({f"head {i}": attention(14) for i in range(3)}, WORDS[:14], WORDS[:14]),
    "counts": heatmaps({"test": confusion(1000)}, CLASSES, CLASSES),
    "photographs": Images("Mistakes", rng.uniform(0, 1, (10, 8, 8, 3)), [f"{name} → truck" for name in CLASSES]),
    "filters": Images("Filters", rng.normal(size=(8, 3, 3)), [f"filter {n}" for n in range(8)], signed=True),
    "log": LOG,
    "tokens": heatmaps({"head": attention(4)}, ["$a$", "\n", " ", "$"], ["$a$", "\n", " ", "$"]),
}  # fmt: skip


@pytest.fixture
def plots():
    pytest.importorskip("matplotlib")
    from tinytorch.cli import plots

    return plots


def save(plots, path, *shown: Picture) -> bytes:
    plot = plots.Plot()
    for picture in shown:
        plot.show(picture)
    plot.save(path, path.suffix[1:], RESULT)
    return path.read_bytes()


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_overlaps_and_nothing_is_too_small(name, plots, tmp_path, monkeypatch):
    from matplotlib.text import Text

    honest, boxes, pages = Text.draw, {}, {}

    def watched(text, renderer):
        if text.get_visible() and text.get_text().strip():
            boxes[text], pages[text] = text.get_window_extent(renderer), renderer
        honest(text, renderer)

    monkeypatch.setattr(Text, "draw", watched)
    save(plots, tmp_path / "figure.png", FIGURES[name])
    assert len(boxes) > 5
    for text, box in boxes.items():
        assert text.get_fontsize() >= 5.5, text
        assert -1 <= box.x0 <= box.x1 <= pages[text].width + 1, text
        assert -1 <= box.y0 <= box.y1 <= pages[text].height + 1, text
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        wide, high = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert wide <= 1 or high <= 1, (one, other)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("heads", ["head 0", "head 2", "Anna", "looked at", "looking", "Attention"]),
        ("counts", [*CLASSES, ">1000<", "count"]),
        ("photographs", ["automobile", "→ truck", "Mistakes"]),
        ("filters", ["filter 7"]),
        ("log", ["uncached", "cached", "tokens", "seconds", ">16<", ">256<"]),
        ("tokens", ["$a$", r"\n", "␣"]),
    ],
)
def test_labels_are_in_the_drawing(name, labels, plots, tmp_path):
    drawn = save(plots, tmp_path / "figure.svg", FIGURES[name]).decode("utf-8")
    assert [label for label in labels if label not in drawn] == []


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_same_pictures_give_the_same_bytes(suffix, plots, tmp_path):
    chosen = [FIGURES[name] for name in ("tokens", "log")]
    first, again = (save(plots, tmp_path / f"{n}{suffix}", *chosen) for n in "ab")
    assert first == again
    assert first != save(plots, tmp_path / f"c{suffix}", replace(LOG, y_label="minutes"))


@pytest.mark.parametrize("value", [0.0, math.nan, math.inf], ids=["zero", "nan", "inf"])
def test_odd_numbers_are_no_reason_to_fall(value, plots, tmp_path):
    odd = [
        Images("grey", np.full((1, 4, 4), value), "a"),
        Images("signed", np.full((1, 4, 4), value), "a", signed=True),
        Images("colour", np.full((1, 4, 4, 3), value), "a"),
        Images("none", np.zeros((0, 4, 4)), []),
        heatmaps({"h": np.full((2, 2), value)}, list("ab"), list("cd")),
        heatmaps({"h": np.full((2, 2), value), "i": np.zeros((2, 2))}, list("ab"), list("cd")),
        heatmaps({}, [], []),
        Curve("line", [1, 2], {"a": [value, value], "b": []}, "x", "y"),
        Curve("log", [1, 2], {"a": [value, value]}, "x", "y", log=True),
        Curve("none", [], {}, "x", "y", log=True),
        Bars("bars", ["a", "b"], [value, 0.0], "x"),
        Bars("none", [], [], "x"),
    ]
    assert len(save(plots, tmp_path / "figure.svg", *odd)) > 1000
    for picture in odd:
        for look in LOOKS:
            assert lines(picture, Look(60, *look))
