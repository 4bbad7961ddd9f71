"""Does the site hold together? A page without a title, a link or anchor that leads nowhere, or a file from elsewhere.

Sphinx checks what it resolved itself; this reads the pages that it wrote, so that nothing that was written as HTML
or by the theme is left out. What it finds are warnings, and in `make site` warnings are errors.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sphinx.util import logging

log = logging.getLogger(__name__)
FETCHES = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("use", "href")}


class Page(HTMLParser):
    """What a page links to, what it fetches, what can be linked to in it, and its first heading."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.anchors: list[str] = []
        self.heading = ""
        self._in_heading = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag means for the page."""
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.anchors.append(given["id"])
        for name, value in given.items():
            if (tag, name) in FETCHES and not (tag == "link" and given.get("rel") in ("canonical", "next", "prev")):
                self.fetched.append(value)
            elif tag == "a" and name == "href":
                self.links.append(value)
            elif name == "style":
                self.fetched += re.findall(r"url\(([^)]+)\)", value)
        self._in_heading |= tag == "h1"

    def handle_endtag(self, tag: str) -> None:
        """Leave the heading."""
        self._in_heading &= tag != "h1"

    def handle_data(self, data: str) -> None:
        """Keep the heading's words."""
        if self._in_heading:
            self.heading += data


def faults(folder: Path) -> list[str]:
    """Return what is wrong with the pages in a folder, a sentence each."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        name = path.relative_to(folder).as_posix()
        if not page.heading.strip("¶ \n"):
            found.append(f"{name} has no title: begin it with one `# heading`")
        for anchor in sorted({anchor for anchor in page.anchors if page.anchors.count(anchor) > 1}):
            found.append(f"{name} has two places called #{anchor}: rename one")
        for link in dict.fromkeys(page.links + page.fetched):
            trouble = _trouble(path, link, pages)
            if trouble:
                found.append(f"{name} {trouble}")
        outside = [each for each in page.fetched if urlsplit(each).scheme not in ("", "data") or each.startswith("//")]
        found += [f"{name} fetches {each}: the site must work offline" for each in outside]
    for path in sorted(folder.rglob("*.css")):
        for each in re.findall(r"url\(\s*['\"]?(https?:[^)'\"]+)", path.read_text(encoding="utf-8")):
            found.append(f"{path.relative_to(folder).as_posix()} fetches {each}: the site must work offline")
    return found


def _trouble(path: Path, link: str, pages: dict[Path, Page]) -> str | None:
    parts = urlsplit(link)
    if parts.scheme or link.startswith("//"):
        return None
    if parts.path.startswith("/"):
        return f"links to {link}, which is not there when the site lies in a folder: link relatively"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return f"links to {link}, and there is no such file"
    if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
        return f"links to {link}, and there is no such place in that page"
    return None


def report(app: Any, exception: Exception | None) -> None:
    """Warn of each fault once the pages are written."""
    if exception is None and app.builder.format == "html":
        for fault in faults(Path(app.outdir).resolve()):
            log.warning(fault)


def setup(app: Any) -> None:
    """Look when the build is done."""
    app.connect("build-finished", report)
