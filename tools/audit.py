"""Which licences do TinyTorch's dependencies have, and is any of them known to be vulnerable?

    python tools/audit.py             # make audit
    python tools/audit.py --licences  # the listing alone, which needs no network

Lists each package that a user may get (the extras plot, export, tables and data included) in the version that is
installed here, then asks OSV (https://osv.dev) through pip-audit, whose own words may follow (`--osv-url URL`). Exits
with 1 if a vulnerability is known, and with 3 if no answer was had for some package, for whatever reason, which is then
told: no answer is not a good one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from dependencies import needed

WANTED = "tinytorch[plot,export,tables,data]"
NONE_KNOWN, VULNERABLE, NO_ANSWER = 0, 1, 3


def licence(package: str) -> str:
    """Return the licence that a package declares, in the newest of the three ways in which it can.

    >>> licence("pytest")
    'MIT'
    """
    declared = metadata.metadata(package)
    if expression := declared.get("License-Expression"):
        return expression
    classified = [each.split(" :: ")[-1] for each in declared.get_all("Classifier") or [] if "License ::" in each]
    text = (declared.get("License") or "").strip().split("\n")[0]  # some put the whole text there
    return " AND ".join(classified) or text or "not declared"


def verdict(versions: dict[str, str], answer: str, why: str = "") -> tuple[int, str]:
    """Return the exit status and the sentence for what pip-audit wrote as JSON; if that is nothing, why it is.

    >>> verdict({"numpy": "2.0", "rich": "15.0"}, "", "ConnectionError: no route")
    (3, 'make audit: no answer from OSV, so nothing is known of 2 packages (ConnectionError: no route).')
    """
    found = {each["name"]: each for each in json.loads(answer)["dependencies"]} if answer else {}
    known = {
        f"{name} {versions[name]}: {each['id']}, mended in {', '.join(each['fix_versions']) or 'no version'}"
        for name, package in found.items()
        for each in package.get("vulns", [])
    }
    if known:
        return VULNERABLE, "\n".join(["make audit: known vulnerabilities:", *sorted(known)])
    unanswered = sorted(name for name in versions if "vulns" not in found.get(name, {}))
    if not found:
        return NO_ANSWER, f"make audit: no answer from OSV, so nothing is known of {len(versions)} packages ({why})."
    if unanswered:
        return NO_ANSWER, f"make audit: no answer: nothing is known of {', '.join(unanswered)}."
    return NONE_KNOWN, f"make audit: no vulnerability of the {len(versions)} packages is known to OSV."


def ask(versions: dict[str, str], words: list[str]) -> tuple[str, str]:
    """Return what pip-audit writes of these versions as JSON, and the last line that it says."""
    with tempfile.TemporaryDirectory() as folder:
        pinned, answer = Path(folder, "pinned.txt"), Path(folder, "answer.json")
        pinned.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()), encoding="utf-8")
        how = ["--requirement", str(pinned), "--no-deps", "--disable-pip", "--vulnerability-service", "osv"]
        how += ["--format", "json", "--output", str(answer), "--progress-spinner", "off", *words]
        done = subprocess.run([sys.executable, "-m", "pip_audit", *how], capture_output=True, text=True, check=False)
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        return answer.read_text(encoding="utf-8") if answer.exists() else "", said[-1]


def refuse(missing: str) -> NoReturn:
    """Say what has to be installed first, and end."""
    print(f"make audit: no answer: {missing} is not installed: pip install '.[audit]'")
    sys.exit(NO_ANSWER)


def main() -> None:
    """Print the listing, then the verdict."""
    try:
        versions = {name: metadata.version(name) for name in needed(WANTED) if name != "tinytorch"}
    except metadata.PackageNotFoundError as missing:
        refuse(missing.name or "a package")
    for name, version in versions.items():
        print(f"{name:20} {version:20} {licence(name)}")
    if sys.argv[1:] == ["--licences"]:
        return
    if find_spec("pip_audit") is None:
        refuse("pip-audit")
    status, sentence = verdict(versions, *ask(versions, sys.argv[1:]))
    print(sentence)
    sys.exit(status)


if __name__ == "__main__":
    main()
