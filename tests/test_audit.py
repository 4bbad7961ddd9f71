"""Does `make audit` fail where a dependency is known to be vulnerable, and where it got no answer?"""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

import pytest
from command import ROOT, environment

sys.path.append(str(ROOT / "tools"))
import audit
import dependencies

BOTH = {"numpy": "2.0.0", "requests": "2.28.0"}
# In this form pip-audit 2.10 answers.
CLEAN = {"name": "numpy", "version": "2.0.0", "vulns": []}
HURT = {"name": "requests", "version": "2.28.0", "vulns": [{"id": "PYSEC-2023-74", "fix_versions": ["2.31.0"]}]}
SKIPPED = {
    "name": "requests",
    "skip_reason": "Dependency not found on PyPI and could not be audited: requests (2.28.0)",
}


@pytest.mark.parametrize(
    ("packages", "status", "says"),
    [
        ([CLEAN, {**CLEAN, "name": "requests"}], 0, "no vulnerability of the 2 packages is known"),
        ([CLEAN, HURT], 1, "requests 2.28.0: PYSEC-2023-74, mended in 2.31.0"),
        ([CLEAN, SKIPPED], 3, "nothing is known of requests."),
        ([CLEAN], 3, "nothing is known of requests."),
    ],
)
def test_only_an_answer_for_every_package_is_a_good_one(packages, status, says):
    found, sentence = audit.verdict(BOTH, json.dumps({"dependencies": packages, "fixes": []}))
    assert found == status
    assert says in sentence


@pytest.mark.parametrize("module", [audit, dependencies], ids=lambda module: module.__name__)
def test_their_examples_are_right(module):
    assert doctest.testmod(module).failed == 0


def test_all_that_a_dependency_needs_is_found():
    assert {"numpy", "rich", "pygments", "urllib3"} <= set(dependencies.needed("tinytorch"))
    assert "matplotlib" not in dependencies.needed("tinytorch")
    assert {"matplotlib", "pillow", "numpy"} <= set(dependencies.needed("tinytorch[plot]"))


@contextmanager
def osv(weak: str | None) -> Iterator[str]:
    """A server on loopback that answers as OSV does, and knows one vulnerability."""
    known = {"id": "OSV-1", "published": "2026-01-01T00:00:00Z", "details": "for this test", "affected": []}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps({"vulns": [known]} if asked["package"]["name"] == weak else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        server.server_close()


def run_audit(url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "audit.py"), "--osv-url", url]
    return subprocess.run(command, env=environment(), capture_output=True, encoding="utf-8", check=False)


def test_pip_audit_is_understood():
    pytest.importorskip("pip_audit", reason="needs `pip install pip-audit`")
    with osv(weak=None) as url:
        clean = run_audit(url)
    assert clean.returncode == 0, clean
    assert clean.stdout.splitlines()[-1].startswith("make audit: no vulnerability of the ")
    assert "numpy" in clean.stdout
    with osv(weak="urllib3") as url:
        weak = run_audit(url)
    assert weak.returncode == 1
    assert weak.stdout.endswith(f"urllib3 {version('urllib3')}: OSV-1, mended in no version\n")
    unanswered = run_audit(url)  # nobody listens there any more
    assert unanswered.returncode == 3
    assert unanswered.stdout.splitlines()[-1].startswith("make audit: no answer from OSV, so nothing is known of ")
    assert "Connection refused" in unanswered.stdout


def test_where_pip_audit_is_missing_that_is_said_and_not_that_osv_was_not_reached():
    program = "import runpy, sys; sys.modules['pip_audit'] = None; sys.argv = ['audit.py']; sys.path[:0] = ['tools']; "
    words = [sys.executable, "-c", program + "runpy.run_path('tools/audit.py', run_name='__main__')"]
    done = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 3, done
    assert done.stdout.splitlines()[-1] == "make audit: no answer: pip-audit is not installed: pip install '.[audit]'"
