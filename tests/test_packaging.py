"""Does what we ship hold what it must and nothing else, and does it work where nothing else is installed?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import tinytorch

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
IN_THE_SDIST = re.compile(
    r"""(?:tinytorch|tests|benchmarks|evidence|docs|tools)/(?!.*(?:__pycache__|/\.)).+
      | pyproject\.toml | PKG-INFO | \.gitignore | LICENSE | Makefile
      | README\.md | CHANGELOG\.md | CITATION\.cff | CONTRIBUTING\.md""",
    re.VERBOSE,
)


def build(target: str, source: Path, folder: Path) -> Path:
    # hatchling itself, without an environment of its own: no package index is asked for anything.
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (archive,) = folder.iterdir()
    return archive


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    assert wheel.name == f"tinytorch-{tinytorch.__version__}-py3-none-any.whl"
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if not IN_THE_WHEEL.fullmatch(name)] == []
    in_the_tree = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tinytorch").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == in_the_tree
    assert "tinytorch/datasets/tinydigits/tinydigits.npz" in names


def test_the_sdist_holds_what_is_needed_to_build_and_test(sdist):
    with tarfile.open(sdist) as archive:
        names = [name.split("/", 1)[1] for name in archive.getnames()]
    assert [name for name in names if not IN_THE_SDIST.fullmatch(name)] == []
    assert {"pyproject.toml", "LICENSE", "Makefile", "tests/test_packaging.py"} <= set(names)


def test_a_wheel_built_elsewhere_from_the_sdist_has_the_same_bytes(wheel, sdist, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (source,) = tmp_path.iterdir()
    for path in source.rglob("*"):  # another time and other permissions than in this checkout
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o700 if path.is_dir() else 0o600)
    again = build("wheel", source, tmp_path / "again")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


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
