"""Where is the site that `make site` built, and which pages has it?"""

from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SITE = ROOT / "build" / "site" / "html"
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
