"""Is docs/api.md the page that `make api` would write?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_page_of_names_is_that_of_this_code() -> None:
    made = subprocess.run([sys.executable, "-W", "ignore", ROOT / "tools" / "api_page.py", "--check"], check=False)
    assert made.returncode == 0, "docs/api.md is out of date: run make api"
