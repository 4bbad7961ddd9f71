"""Does the command behave as people and scripts expect? Every test runs it as a process of its own."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from command import COMMAND, ROOT, call, environment, one_line

import tinytorch
from tinytorch.milestones import catalog

NAMES = catalog.names()
OFFLINE = [name for name in NAMES if catalog.load(name).dataset is None]
SLOW = {"cnn_digits", "vaswani_chatgpt", "vaswani_copilot"}  # those that take more than a few seconds
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and terminals as on POSIX")


# ---- run ----


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", OFFLINE)
def test_both_ways_to_run_a_program_are_the_same(name, tmp_path):
    by_name, by_file = tmp_path / "name.json", tmp_path / "file.json"
    flags = ["--seed", 1, *(["--epochs", 1] if name in SLOW else [])]
    one = call("run", name, *flags, "--json", by_name, timeout=120)
    other = call(*flags, "--json", by_file, command=[sys.executable, str(catalog.path(name))], timeout=120)
    status = 1 if name in SLOW else 0  # one epoch is not enough
    assert (one.returncode, one.stderr) == (other.returncode, other.stderr) == (status, "")
    assert max(map(len, one.stdout.splitlines())) <= 80
    assert "\x1b" not in one.stdout
    if name not in SLOW:
        assert re.search(r"(The gate is met|All \d gates are met)\. \d+\.\d\d s, seed 1", one.stdout)
    if name != "profile_kv_cache":  # most of what it tells is how long things took
        records = [json.loads(file.read_text(encoding="utf-8")) for file in (by_name, by_file)]
        assert all(record.pop("seconds") > 0 for record in records)
        assert records[0] == records[1]
        assert by_seed(one.stdout) == by_seed(other.stdout)


def by_seed(text: str) -> str:
    """What is shown, without how long it took and which file it went to."""
    return re.sub(r"\d+\.\d\d s", "", re.split(r"\nwrote\s", text)[0])  # a long path is on a line of its own


def test_json_record(tmp_path):
    file = tmp_path / "run.json"
    done = call("run", "mlp_digits", "--seed", 2, "--epochs", 40, "--json", file.name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"\n\nwrote run.json ({file.stat().st_size:,} bytes)\n")
    record = json.loads(file.read_text(encoding="utf-8"))
    shape = {key: type(value) for key, value in record.items()}
    assert shape == {
        "name": str, "year": int, "seed": int, "framework": str, "full": bool, "config": dict,
        "metrics": dict, "gates": list, "success": bool, "seconds": float, "version": str, "python": str, "numpy": str,
    }  # fmt: skip
    assert (record["name"], record["seed"], record["version"]) == ("mlp_digits", 2, tinytorch.__version__)
    assert record["config"]["epochs"] == 40
    assert record["config"]["hidden"] == 32
    assert isinstance(record["metrics"]["interval, low"], float)
    assert isinstance(record["metrics"]["test images right"], int)  # a count stays one
    (gate,) = record["gates"]
    assert set(gate) == {"name", "value", "relation", "required", "met"}
    assert gate["met"] is True
    assert (gate["relation"], gate["required"]) == ("at least", 0.85)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", [name for name in OFFLINE if catalog.load(name).epochs])
def test_missed_gate_says_what_fell_short(name, tmp_path):
    file = tmp_path / "run.json"
    done = call("run", name, "--epochs", 0, "--json", file)
    assert (done.returncode, done.stderr) == (1, "")
    shown = " ".join(done.stdout.split())
    number, bound = r"-?[\d.]+%?", r"(at least|at most|exactly) [\d.]+%?"
    assert re.search(rf"✗ .+: {number} \({bound}\)", shown)
    assert re.search(rf"Fell short: .+ (is {number}|was never reported), required: {bound}\.", shown)
    assert "met." not in done.stdout
    record = json.loads(file.read_text(encoding="utf-8"))
    assert record["success"] is False
    assert not all(gate["met"] for gate in record["gates"])


@pytest.mark.timeout(400)
def test_all_plays_history_in_order(tmp_path):
    done = call("run", "--all", "--json", tmp_path / "all.json", timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    headings = re.findall(r"^(\d{4}) ● (\w+)$", done.stdout, re.M)
    assert headings == [(str(catalog.load(name).year), name) for name in NAMES]
    table = done.stdout[done.stdout.index("year   program") :]
    assert [line.split()[1] for line in table.splitlines() if line[:4].isdigit()] == list(NAMES)
    assert f"{len(OFFLINE)} of {len(OFFLINE)} programs met their gates" in table
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert [record["name"] for record in json.loads((tmp_path / "all.json").read_text())] == OFFLINE


@pytest.mark.timeout(300)
def test_all_fails_when_one_program_does():
    done = call("run", "--all", "--epochs", 0, timeout=200)
    assert done.returncode == 1
    still = sum(catalog.load(name).epochs is None for name in OFFLINE)  # these do not train
    assert f"{still} of {len(OFFLINE)} programs met their gates" in done.stdout


def test_seeds(tmp_path):
    file = tmp_path / "sweep.json"
    done = call("run", "xor_solved", "--seeds", 3, "--seed", 5, "--json", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert "xor_solved holds: 3 of 3 seeds" in done.stdout
    assert "44% to 100%" in done.stdout  # the Wilson interval of 3 in 3
    record = json.loads(file.read_text())
    assert (record["met"], record["seeds"], [run["seed"] for run in record["runs"]]) == (3, 3, [5, 6, 7])

    done = call("run", "xor_solved", "--seeds", 3, "--epochs", 0)
    assert done.returncode == 1
    assert re.search(r"xor_solved falls short: \d of 3 seeds", done.stdout)


def test_help_tells_the_exit_statuses():
    done = call("run", "--help")
    assert done.returncode == 0
    for status, meaning in [
        (0, "every gate was met"),
        (1, "a gate was missed"),
        (2, "can't be carried out"),
        (130, "Ctrl-C"),
    ]:
        assert re.search(rf"^ +{status} +.*{re.escape(meaning)}", done.stdout, re.M)
    assert "39 of 40" in " ".join(done.stdout.split())
    assert "--all" not in call("--help", command=[sys.executable, str(catalog.path("xor_solved"))]).stdout


@pytest.mark.parametrize("words", [[], ["datasets", "--help"]])
def test_the_list_of_commands_breaks_off_no_sentence(words):
    listed = call(*words).stdout.partition("\nCommands:\n")[2].splitlines()
    assert len(listed) >= 6
    assert [line for line in listed if not re.fullmatch(r"  [a-z]+ +[A-Z].*[^.]\.", line)] == []


# ---- lists ----


def test_version_and_bare_command():
    for module in ("tinytorch", "tinytorch.cli"):
        shown = call("--version", command=[sys.executable, "-m", module]).stdout
        assert shown == f"tinytorch {tinytorch.__version__}\n"
    bare = call()
    assert bare.returncode == 0
    assert "tinytorch run --all" in bare.stdout


def test_milestones_lists_them_in_order():
    done = call("milestones")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"^\d{4} +(\w+)", done.stdout, re.M) == list(NAMES)
    assert max(map(len, done.stdout.splitlines())) <= 80


# ---- mistakes: one line, and nothing is run ----


MISTAKES: list[tuple[list[object], str]] = [
    (["run", "mlp_digits", "--full"], "--full has no meaning for mlp_digits: it has no more data than it uses"),
    (["run", "mlp_digits", "--from-dir", "nowhere"], "--from-dir nowhere: there is no such folder"),
    (["run", "mlp_digits", "--from-dir", ".", "--download"], "give one of them"),
    (["run", "forward_pass", "--save", "m.safetensors"], "--save has no meaning for forward_pass: it leaves no model"),
    (["run", "mlp_digits", "--save", "model.pt"], "--save model.pt: the file's name must end in .safetensors"),
    (["run", "--all", "--save", "m.safetensors"], "--save is for one run: name one milestone"),
    (["run", "mlp_digits", "--framework", "jax"], "--framework jax: choose tinytorch or torch"),
    (["run", "mlp_digit"], "no milestone 'mlp_digit'; did you mean mlp_digits?"),
    (["run", "MLP-Digits.py"], "did you mean mlp_digits?"),
    (["run", "xor"], "did you mean xor_crisis or xor_solved?"),
    (["run", "zzz"], "there are: forward_pass, perceptron_trained"),
    (["run"], "or say --all"),
    (["run", "--all", "xor_solved"], "give names or --all, not both"),
    (["rum", "xor_solved"], "no command 'rum'; did you mean run?"),
    (["run", "xor_solved", "--seed", -1], "--seed -1: give a whole number, from 0 to 4294967295"),
    (["run", "xor_solved", "--seed", "one"], "--seed one: give a whole number"),
    (["run", "xor_solved", "--epochs", -1], "--epochs -1: give a whole number, 0 or more"),
    (["run", "xor_solved", "--seeds", 0], "--seeds 0: give a whole number, 1 or more"),
    (["run", "xor_solved", "--sed", 1], "no option --sed; did you mean --seed?"),
    (["run", "xor_solved", "--plant", 1], "there is no option --plant; did you mean --plot?"),
    (["profile", "--all"], "there is no option --all; --help lists them"),
    (["profile"], "name a milestone (forward_pass,"),
    (["compare", "a.json"], "RUN.json is missing: tinytorch compare [OPTIONS] RUN.json RUN.json"),
    (["run", "xor_solved", "--seed"], "--seed needs a value after it"),
    (["run", "--all=yes"], "--all takes no value"),
    (["milestones", "now"], "tinytorch: got unexpected extra argument (now)\n"),
    (["--seed", 3], "put --seed after run"),
    (["mlp_digits"], "did you mean tinytorch run mlp_digits?"),
    (["run", "xor_solved", "--json", "-"], "give the name of a file"),
    (["run", "xor_solved", "--seed", 4294967295, "--seeds", 3], "4294967295"),
    (["run", "xor_solved", "--json", "same.png", "--plot", "same.png"], "same.png"),
    (["run", "forward_pass", "--epochs", 3], "it does not train"),
    (["run", "xor_solved", "--plot", "figure.pdf"], "must end in .png or .svg"),
    (["run", "xor_solved", "--plot", "figure"], "must end in .png or .svg"),
    (["run", "--all", "--plot", "figure.png"], "--plot is for one run"),
    (["run", "xor_solved", "--seeds", 2, "--plot", "figure.png"], "--plot is for one run"),
    (["run", "xor_solved", "--json", "no/such/folder/run.json"], "there is no such folder"),
    (["run", "xor_solved", "--json", "."], "it is a folder"),
]


@pytest.fixture(scope="module")
def answers() -> list[subprocess.CompletedProcess[str]]:
    """What each mistake is answered with; two processes at a time, as there are many."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda mistake: call(*mistake[0]), MISTAKES))


@pytest.mark.parametrize("number", range(len(MISTAKES)), ids=[" ".join(map(str, words)) for words, _ in MISTAKES])
def test_mistakes(number, answers):
    assert MISTAKES[number][1] in one_line(answers[number])


def test_mistake_in_a_program_started_as_a_file():
    done = call("--sed", 1, command=[sys.executable, str(catalog.path("xor_solved"))])
    assert done.returncode == 2
    assert re.fullmatch(r"tinytorch: there is no option --sed; did you mean --seed\?\n", done.stderr)


def test_read_only_file_is_refused_before_the_run(tmp_path):
    file = tmp_path / "run.json"
    file.write_text("mine")
    file.chmod(0o444)
    if os.access(file, os.W_OK):
        pytest.skip("this user may write everything")
    assert "read-only" in one_line(call("run", "xor_solved", "--json", file))
    assert file.read_text() == "mine"


def test_plot_without_matplotlib_is_refused_before_the_run(tmp_path):
    hide = "import sys; sys.modules['matplotlib'] = None; from tinytorch.cli import main; main()"
    done = call("run", "xor_solved", "--plot", tmp_path / "f.png", command=[sys.executable, "-c", hide])
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"tinytorch: --plot needs matplotlib: \S*python\S* -m pip install matplotlib\n", done.stderr)
    assert list(tmp_path.iterdir()) == []
    done = call("run", "xor_solved", command=[sys.executable, "-c", hide])
    assert done.returncode == 0  # nothing else needs it


def test_damaged_data_file_is_named(tmp_path):
    package = tmp_path / "tinytorch"
    shutil.copytree(ROOT / "tinytorch", package, ignore=shutil.ignore_patterns("__pycache__"))
    data = package / "datasets" / "tinydigits" / "tinydigits.npz"
    content = bytearray(data.read_bytes())
    content[1000] ^= 1
    data.write_bytes(content)
    done = call("run", "mlp_digits", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 3
    assert re.fullmatch(r"tinytorch: [^\n]*tinydigits\.npz is damaged[^\n]+\n", done.stderr)
    assert "met." not in done.stdout


# ---- plots ----


@pytest.mark.parametrize(
    ("name", "suffix", "labels"),
    [
        ("perceptron_trained", ".SVG", ("input 1", "input 2", "class 1", "mistakes", "gates met")),
        ("mlp_digits", ".png", ()),
    ],
)
def test_plot(name, suffix, labels, tmp_path):
    pytest.importorskip("matplotlib")
    file = tmp_path / f"figure{suffix}"
    done = call("run", name, "--plot", file.name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(rf"^wrote {file.name} \([\d,]+ bytes\)$", done.stdout, re.M)
    content = file.read_bytes()
    assert content.startswith(b"\x89PNG" if suffix == ".png" else b"<?xml")
    for label in labels:
        assert label in content.decode("utf-8")
    assert list(tmp_path.iterdir()) == [file]


# ---- signals, pipes, devices ----


@POSIX
def test_ctrl_c_ends_a_run_at_once(tmp_path):
    file = tmp_path / "run.json"
    file.write_text("mine")
    words = ["run", "mlp_digits", "--epochs", "1000000", "--json", str(file)]
    running = subprocess.Popen(
        [*COMMAND, *words],
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )
    assert running.stdout is not None
    while "epoch   " not in running.stdout.readline():
        assert running.poll() is None
    pressed = time.monotonic()
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert time.monotonic() - pressed < 3
    assert running.returncode == 130
    assert err == "tinytorch: stopped\n"
    assert "met." not in out
    assert file.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [file]


@POSIX
def test_closed_pipe_is_quiet():
    running = subprocess.Popen(
        [*COMMAND, "run", "--all"],
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    assert running.stderr is not None
    with running.stdout as out, running.stderr as err:
        out.readline()
        out.close()
        assert err.read() == b""
    assert running.wait(timeout=30) == 141


@POSIX
@POSIX
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_no_mistake(closed):
    words = shlex.join([*COMMAND, "run", "xor_solved", "--epochs", "0"])
    done = call(command=["sh", "-c", f"{words} {closed}"])
    assert done.returncode == 1  # of the gate, which nothing was learned to meet
    assert done.stderr == ""
    assert ("corners right" in done.stdout) == (" >&-" not in f" {closed}")


def test_device_is_written_to_and_not_replaced():
    done = call("run", "xor_solved", "--json", "/dev/stdout")
    assert '"success": true' in done.stdout
    assert call("run", "xor_solved", "--json", "/dev/null").returncode == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_output_replaces_what_a_link_points_to(tmp_path):
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    assert call("run", "xor_solved", "--json", link).returncode == 0
    assert link.is_symlink()
    assert json.loads(target.read_text())["success"] is True


# ---- what the screen can show ----


QUICK = [name for name in OFFLINE if name not in SLOW and not name.startswith("profile")]


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (["run", *QUICK], {"PYTHONIOENCODING": "ascii"}),
        (["run", "mlp_digits"], {"PYTHONIOENCODING": "ascii"}),
        (["datasets"], {"PYTHONIOENCODING": "ascii"}),
        (["run", "perceptron_trained"], {"PYTHONIOENCODING": "cp1252"}),
        (["run", "perceptron_trained"], {"LANG": "C", "LC_ALL": "C"}),
    ],
)
def test_screens_that_know_few_characters(words, extra):
    done = subprocess.run(
        [*COMMAND, *words], capture_output=True, timeout=60,
        env=environment(PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", **extra),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert b"?" not in done.stdout  # nothing had to be replaced
    assert max(map(len, done.stdout.splitlines())) <= 80


def on_a_terminal(words: list[str], columns: int = 80, **extra: str) -> str:
    """Run on a real terminal of this width and return all that was written to it."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    settings = environment(TERM="xterm-256color", COLORTERM="truecolor", **extra)
    running = subprocess.Popen([*COMMAND, *words], env=settings, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        written += chunk
    os.close(ours)
    assert running.wait(timeout=60) == 0
    return written.decode("utf-8")


COLOUR = re.compile(r"\x1b\[[0-9;]*\b(3[0-8]|4[0-8]|9[0-7])[0-9;]*m")


@POSIX
def test_colour_on_a_terminal_and_none_where_it_is_unwanted():
    assert COLOUR.search(on_a_terminal(["run", "xor_solved"]))
    plain = on_a_terminal(["run", "xor_solved"], NO_COLOR="1")
    assert not COLOUR.search(plain)
    assert "▀" not in plain  # half blocks are two colours: without colour they would show nothing
    assert "▒" in plain
    assert "The gate is met." in plain


@pytest.mark.parametrize("words", [["milestones"], ["datasets", "list"]])
def test_a_width_of_zero_is_none_that_is_known(words):
    zero, none = call(*words, COLUMNS="0"), call(*words, COLUMNS="80")
    assert zero.stdout == none.stdout != ""


@POSIX
@pytest.mark.parametrize("columns", [40, 80, 200])
def test_fits_the_terminal(columns):
    written = on_a_terminal(["run", "mlp_digits"], columns)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)
    finished = [line.rpartition("\r")[2] for line in shown.replace("\r\n", "\n").splitlines()]
    assert max(map(len, finished)) <= min(columns, 100)
