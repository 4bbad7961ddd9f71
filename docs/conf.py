"""How is the site built? `make site`; the directives for what is made and not written are in tools/pages."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools"), str(ROOT / "evidence")]

import tinytorch  # noqa: E402

MADE = ROOT / "build" / "site" / "made"
MADE.mkdir(parents=True, exist_ok=True)

project = "TinyTorch"
author = copyright = "The TinyTorch authors"
version = release = tinytorch.__version__

extensions = ["myst_parser", "pages"]
exclude_patterns = ["figures"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
nitpicky = True
# Types in signatures name what the reader knows from Python or NumPy, and private aliases: there is nothing to link to.
nitpick_ignore_regex = [(r"py:.*", r".*")]
autodoc_typehints = "none"
napoleon_attr_annotations = False
add_module_names = False
toc_object_entries = False
math_numfig = False
html_math_renderer = "mathml"
suppress_warnings = ["config.cache"]

html_theme = "furo"
html_title = "TinyTorch"
html_favicon = "_static/favicon.svg"
templates_path = ["_templates"]
html_static_path = ["_static", str(MADE)]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # it fetches pages, which a browser does not do from a file
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#2c62a8",
        "color-brand-content": "#2c62a8",
        "color-foreground-secondary": "#5a5c63",  # the theme's own has too little contrast for small print
    },
    "dark_css_variables": {"color-brand-primary": "#8fb8de", "color-brand-content": "#8fb8de"},
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
