"""Does a fault in a page fail the build? Each stands on a page of a small site, which is then built."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from built import PAGES, ROOT, SITE
from pages import checks, runs

CONF = f"""
import sys
sys.path[:0] = [r"{ROOT}", r"{ROOT / "tools"}", r"{ROOT / "evidence"}"]
rooms = "mathml numbers exercises examples figures pictures talks reference checks"
extensions = ["myst_parser", *("pages." + room for room in rooms.split())]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
html_math_renderer = "mathml"
html_theme = "furo"
html_title = "Faults"
"""
# What stands on a page, and what the build must say of it.
FAULTS = {
    "no_title": ("", "no_title.html has no title"),
    "no_page": ("[away](nowhere.md)", "'nowhere.md'"),
    "no_place": ("[away](sound.md#nowhere)", "'nowhere'"),
    "no_place_in_html": (
        '<a href="sound.html#nowhere">away</a>',
        "links to sound.html#nowhere, and there is no such place",
    ),
    "no_file_in_html": ('<img src="nowhere.png" alt="nothing">', "links to nowhere.png, and there is no such file"),
    "script_from_elsewhere": (
        '<script src="https://elsewhere.example/a.js"></script>',
        "fetches https://elsewhere.example/a.js",
    ),
    "image_from_elsewhere": (
        '<img src="//elsewhere.example/a.png" alt="nothing">',
        "fetches //elsewhere.example/a.png",
    ),
    "twice": ('<p id="one">1</p>\n<p id="one">2</p>', "has two places called #one"),
    "absolute": (
        '<a href="/sound.html">away</a>',
        "links to /sound.html, which is not there when the site lies in a folder",
    ),
    "no_code": ("```{literalinclude} conf.py\n:pyobject: gone\n```", "gone"),
    "no_numbers": ("```{numbers} gone\n```", "no block is named 'gone'"),
    "no_program": ("```{change} gone\n- a\n+ b\n```", "no milestone is named 'gone'"),
    "no_such_line": ("```{change} xor_solved\n- gone\n+ here\n```", "stands in the program 0 times"),
    "not_tried": (
        "```{change} xor_solved\n-     torch.manual_seed(run.seed)\n+     torch.manual_seed(99)\n```",
        "was not tried",
    ),
    "no_formula": ("$\\gone{x}$", "is not a formula"),
    "no_example": ("```{example}\nimport tinytorch\ntinytorch.gone()\n```", "this example fails: AttributeError"),
    "no_figure": ("```{recorded}\nimport tinytorch\ntinytorch.gone()\n```", "this figure fails: AttributeError"),
    "no_level": ("```{talks} 6\n```", "TinyTalks has no level '6'"),
    "no_pictures": ("```{pictures} gone\n```", "gone"),
}
SOUND = "[its own place](#place)\n\n## Place\n\nA formula, $x^2$.\n\n```{example}\nprint(6 * 7)\n```\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """What a build of all these pages said, and the folder that it wrote."""
    folder = tmp_path_factory.mktemp("faults")
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    (folder / "sound.md").write_text(f"# Sound\n\n{SOUND}", encoding="utf-8")
    for name, (text, _) in FAULTS.items():
        title = "" if name == "no_title" else f"# {name}\n\n"
        (folder / f"{name}.md").write_text(f"{title}{text}\n", encoding="utf-8")
    listed = "\n".join(["sound", *(name for name in FAULTS if name != "no_title")])
    (folder / "index.md").write_text(f"# All\n\n```{{toctree}}\n{listed}\n```\n", encoding="utf-8")
    words = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "--quiet", "-b", "html", folder, folder / "html"]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1, done.stderr
    return done.stderr.splitlines(), folder / "html"


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_fails_the_build_and_is_named_with_its_page(name, built):
    said, _ = built
    assert [line for line in said if f"{name}." in line and FAULTS[name][1] in line], "\n".join(said)


def test_a_sound_page_is_let_pass_and_shows_what_its_example_printed(built):
    said, folder = built
    assert [line for line in said if line.startswith("WARNING: sound.html") or "/sound.md:" in line] == []
    page = (folder / "sound.html").read_text(encoding="utf-8")
    assert "<msup>" in page
    assert ">42\n</pre>" in page


def test_a_program_that_fails_or_misses_a_gate_fails_the_build(tmp_path, monkeypatch):
    with pytest.raises(runs.RunError, match=r"left with status 3, so the site can't show it:\nthe reason"):
        runs.call(["-c", "print('the reason'); raise SystemExit(3)"], "tinytorch run xor_solved")
    missed = "from pages import played, runs; from pathlib import Path; from tinytorch.milestones import kit\n"
    missed += f"runs.KEPT = Path({str(tmp_path)!r}); kit.Bound.met_by = lambda *_: False; played.play('xor_solved')"
    with pytest.raises(runs.RunError, match=r"status 1, .*(?s:.*)\nxor_solved missed a gate"):
        runs.call(["-c", missed], "tinytorch run xor_solved")
    assert not any(tmp_path.iterdir())


def test_what_a_page_and_the_timeline_show_is_what_the_commands_print(tmp_path):
    """But for the seconds that it took."""
    names = ["forward_pass", "xor_solved"]

    def shown(text):
        return re.sub(r"\d+\.\d\d( s,|\s*\x1b|\s*$)", r"#\1", text, flags=re.MULTILINE)

    drawn = tmp_path / "xor_solved.svg"
    command = ["-m", "tinytorch.cli", "run"]
    page = runs.call([*command, "xor_solved", "--plot", str(drawn)], "", {"NO_COLOR": "1"})
    page, _, told = page.rpartition("wrote")  # the site's reader asked for no file
    assert str(drawn) in told
    assert shown(page) == shown(runs.run("xor_solved").page.read_text(encoding="utf-8"))
    assert drawn.read_bytes() == runs.run("xor_solved").drawing.read_bytes()
    both = shown(runs.call([*command, *names], ""))
    parts = [shown(runs.run(name).part.read_text(encoding="utf-8")) for name in names]
    assert both.startswith("".join(parts))
    whole = shown(runs.timeline())
    assert all(part in whole for part in parts)
    for name in names:  # in the table at the end, whose columns are as wide as all its rows ask for
        row = re.compile(rf"\d{{4}} +{name} .* (\S+ +✓ \S+)")
        assert row.search(both)[1].split() == row.search(whole)[1].split()


def test_the_site_is_built_and_sound():
    assert "index.html" in PAGES, "there is no site to look at: run `make site`"
    assert checks.faults(SITE) == []
