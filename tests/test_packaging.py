"""Does what we ship hold what it must and nothing else, and does it work where nothing else is installed?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import venv
import zipfile
from pathlib import Path

import pytest

import tinytorch
from tinytorch.datasets import CATALOG

ROOT = Path(__file__).parent.parent
BIN = "Scripts" if os.name == "nt" else "bin"

IN_THE_WHEEL = re.compile(
    r"""tinytorch/(?:
            [a-z_/]*[a-z_0-9]+\.py | py\.typed                     # the library
          | milestones/\d\d_\d{4}_[a-z0-9]+/(?:[a-z_0-9]+\.py|README\.md)
          | datasets/PHILOSOPHY\.md
          | datasets/[a-z]+/(?:                                      # the data, its documents, its licences
                [a-z]+\.npz | (?:tinytalks_v1|splits/[a-z]+)\.txt | tinytalks_v1\.jsonl
              | (?:README|DATASHEET|CHANGELOG)\.md | croissant\.json | LICENSE)
        )
      | tinytorch-[\d.]+\.dist-info/(?:
            METADATA | WHEEL | RECORD | entry_points\.txt
          | licenses/(?:LICENSE|tinytorch/datasets/[a-z]+/LICENSE)
        )""",
    re.VERBOSE,
)
NOT_IN_THE_SDIST = {".ci/run", ".gitattributes"}  # what only a clone needs


def build(target: str, source: Path, folder: Path, umask: int = -1, **settings: str) -> Path:
    # hatchling itself, without an environment of its own: no package index is asked for anything.
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    where = {"cwd": source, "env": {**environment, **settings}, "umask": umask}
    subprocess.run(command, check=True, capture_output=True, **where)
    (archive,) = folder.iterdir()
    return archive


def names_in(archive: Path) -> list[str]:
    if archive.suffix == ".whl":
        return zipfile.ZipFile(archive).namelist()
    with tarfile.open(archive) as sdist:
        return [name.split("/", 1)[1] for name in sdist.getnames()]


def tracked() -> set[str]:
    """Return the files that git keeps here; what lies about besides is not to be shipped."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("needs git, and a clone of the project")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return set(listed.split("\0")) - {""}


def unpacked(sdist: Path, folder: Path) -> Path:
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (source,) = folder.iterdir()
    return source


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    assert wheel.name == f"tinytorch-{tinytorch.__version__}-py3-none-any.whl"
    names = names_in(wheel)
    assert len(names) == len(set(names))
    assert [name for name in names if not IN_THE_WHEEL.fullmatch(name)] == []
    ours = {name for name in names if ".dist-info/" not in name}
    assert ours == {name for name in tracked() if name.startswith("tinytorch/")}


def test_the_wheel_holds_all_that_the_catalog_declares_and_every_licence(wheel):
    names = set(names_in(wheel))
    for info in CATALOG.values():
        assert {f"tinytorch/datasets/{info.name}/{file.name}" for file in info.files} <= names
    licences = {name.split("/licenses/")[1] for name in names if "/licenses/" in name}
    assert licences == {"LICENSE", *(f"tinytorch/datasets/{name}/LICENSE" for name in CATALOG)}


def test_the_sdist_holds_what_git_keeps_and_nothing_else(sdist):
    assert sdist.name == f"tinytorch-{tinytorch.__version__}.tar.gz"
    names = names_in(sdist)
    assert len(names) == len(set(names))
    assert set(names) - {"PKG-INFO"} == tracked() - NOT_IN_THE_SDIST, "a file is not yet, or no longer, git's"


@pytest.mark.parametrize("target", ["wheel", "sdist"])
def test_what_is_built_elsewhere_from_the_sdist_has_the_same_bytes(target, wheel, sdist, tmp_path):
    first = {"wheel": wheel, "sdist": sdist}[target]
    source = unpacked(sdist, tmp_path / "anderswo, später")
    for path in source.rglob("*"):  # another time and other permissions than in this checkout
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o700 if path.is_dir() else 0o600)
    while time.time() < first.stat().st_mtime + 2:  # archives know of the time by two seconds
        time.sleep(0.1)
    again = build(target, source, tmp_path / "again", umask=0o077, TZ="Asia/Tokyo", LC_ALL="C", PYTHONHASHSEED="7")
    assert again.name == first.name
    assert again.read_bytes() == first.read_bytes()


def test_what_lies_about_in_a_checkout_is_not_shipped(sdist, tmp_path):
    """What tools, systems and editors leave behind."""
    source = unpacked(sdist, tmp_path / "source")
    for name in (".env", "build/x.o", "tinytorch/__pycache__/x.cpython-311.pyc", ".venv/pyvenv.cfg", "dist/old.whl"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text("secret", encoding="utf-8")
    assert build("sdist", source, tmp_path / "again").read_bytes() == sdist.read_bytes()


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_without_venv_says_in_one_line_what_to_install(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    # As Debian's without python3-venv: leaves half an environment behind and prints a page.
    fake = tmp_path / "bin" / "python3"
    fake.parent.mkdir()
    fake.write_text(f"""#!/bin/sh
case "$*" in
    "-m venv"*) mkdir -p .venv/bin; printf 'ensurepip is not\\navailable\\n' >&2; exit 1 ;;
    *) exec "{sys.executable}" "$@" ;;
esac
""")
    fake.chmod(0o755)
    path = os.pathsep.join([str(fake.parent), os.environ["PATH"]])
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    run = subprocess.run(
        ["make", "run"],
        cwd=tmp_path,
        env={**environment, "PATH": path, "PYTHON": "python3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert run.stdout == ""
    assert len(run.stderr.splitlines()) == 1
    assert "sudo apt install python3-venv" in run.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return the folder of a new environment that holds the wheel and what it asks for."""
    home = tmp_path_factory.mktemp("empty")
    venv.create(home, with_pip=True)
    install = [home / BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel]
    subprocess.run(install, cwd=home, check=True, env=bare_environment())
    return home


def bare_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_"))}


def output(home: Path, program: str, *arguments: str) -> str:
    run = subprocess.run(
        [home / BIN / program, *arguments],
        cwd=home,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.network
@pytest.mark.timeout(600)
class TestInAnEmptyEnvironment:
    def test_the_command_knows_its_version_and_the_datasets(self, installed):
        assert tinytorch.__version__ in output(installed, "tinytorch", "--version")
        assert "tinydigits" in output(installed, "tinytorch", "datasets").lower()

    def test_the_library_imports_from_there(self, installed):
        program = "import tinytorch; print(tinytorch.__file__)"
        where = output(installed, "python", "-W", "error", "-c", program)
        assert Path(where.strip()).is_relative_to(installed)

    def test_the_data_and_its_card_are_there(self, installed):
        program = """
from tinytorch.datasets import load_tinydigits
digits = load_tinydigits("all")
print(digits.images.shape, digits.DESCR.count("# TinyDigits"))
"""
        assert output(installed, "python", "-W", "error", "-c", program) == "(197, 8, 8) 1\n"

    def test_all_but_numpy_is_pure_python_or_has_a_pure_form(self, installed):
        compiled = [path for ending in ("*.so", "*.pyd", "*.dylib") for path in installed.rglob(ending)]
        assert compiled
        # charset_normalizer, which requests asks for, has a wheel without compiled code for machines without one
        allowed = r"[/\\](?:numpy([/\\]|\.libs)|charset_normalizer[/\\]|\w+__mypyc)"
        assert [path for path in compiled if not re.search(allowed, str(path))] == []
