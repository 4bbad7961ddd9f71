"""Is the network left alone unless a download was asked for? Every process of a command is listened to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import COMMAND, environment
from mirror import Mirror

# Python imports this by itself at its start, in every process that inherits the path.
LISTENER = """
import os, sys

def hear(event, arguments):
    if event.startswith(("socket.", "http.client.", "urllib.")) and event != "socket.gethostname":
        with open(os.environ["HEARD"], "a") as heard:
            heard.write(f"{event} in {sys.argv}\\n")
        os._exit(99)

sys.addaudithook(hear)
"""


def fault(how):
    return pytest.mark.fault("network", "a call that must not reach the network", how, "no socket was made")


@pytest.fixture
def run(tmp_path):
    """Run a program with a listener in every process; say what was heard."""
    (tmp_path / "listener").mkdir()
    (tmp_path / "listener" / "sitecustomize.py").write_text(LISTENER)
    heard = tmp_path / "heard"

    def listened(*command, **extra):
        settings = environment(HEARD=str(heard), TINYTORCH_DATA=str(tmp_path / "cache"), **extra)
        settings["PYTHONPATH"] = os.pathsep.join((str(tmp_path / "listener"), settings["PYTHONPATH"]))
        done = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=300, check=False)
        return done, heard.read_text() if heard.exists() else ""

    return listened


def test_the_listener_hears_a_download(run):
    with Mirror() as server:
        program = (
            "import mirror; from tinytorch.datasets import catalog, MNIST; "
            f"catalog.REMOTE['mnist'] = mirror.small_mnist({server.url!r}); MNIST(download=True)"
        )
        done, heard = run(
            sys.executable, "-c", f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); {program}"
        )
        assert done.returncode == 99
        assert heard.startswith("socket.")
        assert not server.asked


IMPORTS = """
import pkgutil, importlib, tinytorch
for module in pkgutil.walk_packages(tinytorch.__path__, "tinytorch."):
    if "__main__" not in module.name:
        importlib.import_module(module.name)
"""


@fault("import tinytorch, and each of its modules")
def test_importing_asks_nobody(run):
    done, heard = run(sys.executable, "-c", IMPORTS)
    assert (done.returncode, done.stderr, heard) == (0, "", "")


@fault("MNIST() and CIFAR10() without their data")
@pytest.mark.parametrize("name", ["MNIST", "CIFAR10"])
def test_a_dataset_that_is_not_there_is_not_fetched(run, name):
    done, heard = run(sys.executable, "-c", f"from tinytorch.datasets import {name}; {name}()")
    assert "DataNotFoundError" in done.stderr
    assert heard == ""


WORDS = [
    ("datasets", "list"), ("datasets", "verify"), ("datasets", "info", "mnist"), ("datasets", "cite", "cifar10"),
    ("datasets", "show", "tinydigits"), ("milestones",),
]  # fmt: skip


@fault("tinytorch datasets list, verify, info, cite, show; tinytorch milestones")
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_command_asks_nobody(run, words):
    done, heard = run(*COMMAND, *words)
    assert (done.returncode, done.stderr, heard) == (0, "", "")


@fault("tinytorch run --all, each program for one epoch")
def test_the_programs_ask_nobody(run):
    done, heard = run(*COMMAND, "run", "--all", "--epochs", "1")
    assert done.returncode in (0, 1), done  # one epoch misses gates
    assert heard == ""


@fault("programs whose data is not there")
@pytest.mark.parametrize("words", [("mlp_mnist", "--full"), ("lecun_cifar10",)], ids=" ".join)
def test_a_program_without_its_data_asks_nobody(run, words):
    done, heard = run(*COMMAND, "run", *words)
    assert done.returncode == 3
    assert "--download" in done.stderr
    assert heard == ""
