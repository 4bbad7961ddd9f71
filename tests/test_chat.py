"""Does `tinytorch chat` answer every line, whatever is typed? (What it answers: test_vaswani_chatgpt.py.)"""

from __future__ import annotations

import inspect
import os
import re
import signal
import subprocess
import time

import numpy as np
import pytest
from click.testing import CliRunner
from command import COMMAND, environment
from hypothesis import given
from hypothesis import strategies as st

import tinytorch as torch
from tinytorch.cli.chat import EXAMPLE, Talker, chat
from tinytorch.datasets.talks import load_stories, words
from tinytorch.datasets.tinytalks.build import ASIDES, DOES, GREETINGS, PEOPLE
from tinytorch.milestones import catalog, trained
from tinytorch.milestones.kit import Gate, NotTrainedError, Result, at_least
from tinytorch.models import GPT
from tinytorch.text import Vocabulary

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and terminals as on POSIX")


@pytest.fixture(scope="module")
def kept():
    """What the program would hand over, with weights that no one has trained: it answers, whatever it says."""
    torch.manual_seed(0)
    told = load_stories("train")
    vocabulary = Vocabulary(w for s in told for text in (s.context, *sum(s.pairs, ())) for w in words(text))
    sizes = {"vocab": len(vocabulary), "context": 256, "width": 8, "heads": 1, "layers": 2}
    weights = {name: values.numpy() for name, values in GPT(**sizes).state_dict().items()}
    about = {"vocabulary": vocabulary.pieces[1:], "config": sizes, "questions": 246, "longest": 46}
    return {"model": weights, **about}


@pytest.fixture(scope="module")
def folder(kept, tmp_path_factory):
    """A cache folder in which the model waits, as if the program had met its gates."""
    path = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINYTORCH_DATA", str(path))
        program = catalog.load("vaswani_chatgpt")
        settings = {p.name: p.default for p in list(inspect.signature(program.function).parameters.values())[1:]}
        gates = (Gate("g", 1.0, at_least(0)),)
        assert trained.keep(Result(program.name, 2017, 0, program.epochs, settings, {}, gates, 1.0, kept=kept))
        found = trained.find("vaswani_chatgpt")
    assert {name: found[name] for name in found if name != "model"} == {n: kept[n] for n in kept if n != "model"}
    for name, values in kept["model"].items():
        np.testing.assert_array_equal(found["model"][name], values)
    return path


def piped(folder, text, **extra):
    if isinstance(text, str):
        text = text.encode()
    extra = environment(TINYTORCH_DATA=str(folder), **extra)
    return subprocess.run([*COMMAND, "chat"], input=text, env=extra, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def talker(kept):
    return Talker(kept)


# ---- what is said to what is typed ----


def test_a_line_of_a_pipe_is_answered_with_a_line(folder):
    questions = [
        EXAMPLE, "Good morning! This is Bao.", "", "   ", "My dog sleeps.", "What does Ada do", "help",
        "Ada sings. " * 300, "\x1b[31mAda\x07 sings.", "\t", "¿Qué hace José? 你好", "ada SINGS. what does ADA do?",
    ]  # fmt: skip
    done = piped(folder, "\n".join(questions) + "\n")
    assert (done.returncode, done.stderr) == (0, b"")
    replies = done.stdout.decode().splitlines()
    assert len(replies) == len(questions)
    assert replies[2] == replies[3] == replies[9] == f"Type a greeting, or a story and a question, such as: {EXAMPLE}"
    assert replies[4] == "I never read 'dog', 'sleeps'; I know 57 words and signs: type help."
    assert replies[5].startswith("End with a full stop")
    assert replies[7] == "That is 900 words and signs; I learned to read no more than 46 at a time."
    assert "\x1b" not in done.stdout.decode()
    assert done.stdout.decode().isascii()


def test_bytes_that_are_no_text_are_answered(folder):
    done = piped(folder, b"\xff\xfe\x00\n" + EXAMPLE.encode() + b"\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize("last", ["bye", "Bye!", "quit", "EXIT"])
def test_bye_ends_it(folder, last):
    done = piped(folder, f"{EXAMPLE}\n{last}\n{EXAMPLE}\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == 1


def test_nothing_at_all_ends_it(folder):
    done = piped(folder, "")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_plain_ascii_and_no_colour(folder):
    done = piped(folder, f"help\n{EXAMPLE}\nJosé\n", PYTHONUTF8="0", LC_ALL="C", PYTHONIOENCODING="ascii", NO_COLOR="1")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert len(done.stdout.splitlines()) == 3


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from([*PEOPLE, *DOES, "help", ".", "?", "What does", "do"])).map(" ".join)
)
def test_any_text_is_answered_with_one_line_that_does_no_harm(talker, text):
    reply = talker.reply(text)
    assert reply
    assert reply.isprintable()


def test_help_names_what_it_knows_and_nothing_else(talker):
    told = talker.reply("HELP")
    for each in (*PEOPLE, *DOES, *ASIDES, *(greeting for greeting, _ in GREETINGS)):
        assert each in told
    for each in (*PEOPLE, *DOES, *ASIDES, *(greeting for greeting, _ in GREETINGS), EXAMPLE):
        assert all(word in talker.vocabulary.numbers for word in words(each))


def test_a_word_is_named_once_and_long_ones_are_cut(talker):
    reply = talker.reply("dog dog " + "x" * 500 + " cat cow bee")
    assert reply.startswith("I never read 'dog', 'xxxxxxxxxxxxxxxxx...', 'cat' and 2 more;")


# ---- a model that is not there ----


def test_the_model_is_trained_first_and_only_answers_go_to_stdout(monkeypatch, kept):
    def train(name, screens):
        screens[0].progress("epoch", 1, 1, {"loss": 0.5})
        return kept

    monkeypatch.setattr(trained, "find", lambda name: None)
    monkeypatch.setattr(trained, "find_or_train", train)
    done = CliRunner().invoke(chat, input=f"{EXAMPLE}\n")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 1
    assert "has not been trained yet" in done.stderr
    assert re.search(r"epoch 1/1 +loss 0.5", done.stderr)


def test_a_model_that_misses_a_gate_is_not_talked_to(monkeypatch, tmp_path):
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))  # where no model waits

    def fail(name, screens):
        raise NotTrainedError("vaswani_chatgpt was to train the model, but missed a gate: g is 0, required: at least 1")

    monkeypatch.setattr(trained, "find_or_train", fail)
    done = CliRunner().invoke(chat, input=f"{EXAMPLE}\n")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith(
        "tinytorch: vaswani_chatgpt was to train the model, but missed a gate"
    )


# ---- a person at a terminal ----


class Person:
    """`tinytorch chat` on a terminal of 80 columns."""

    def __init__(self, folder):
        import pty

        self.terminal, theirs = pty.openpty()
        extra = environment(TINYTORCH_DATA=str(folder), TERM="dumb", COLUMNS="80")
        self.process = subprocess.Popen(
            [*COMMAND, "chat"], stdin=theirs, stdout=theirs, stderr=theirs, env=extra, start_new_session=True,
            preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(theirs)
        self.seen = ""

    def read(self, until):
        deadline = time.monotonic() + 50
        while until not in self.seen and time.monotonic() < deadline:
            try:
                self.seen += os.read(self.terminal, 4096).decode()
            except OSError:  # the other side has closed the terminal
                break
        assert until in self.seen, self.seen
        before, _, self.seen = self.seen.partition(until)
        return before

    def type(self, text):
        os.write(self.terminal, text.encode())

    def leave(self, goodbye):
        """Say goodbye once more after a while: Python's readline overlooks a signal that comes as it begins to wait."""
        for _ in range(5):
            try:
                status = self.process.wait(10)
                break
            except subprocess.TimeoutExpired:
                self.type(goodbye)
        os.close(self.terminal)
        return status


@POSIX
@pytest.mark.parametrize("goodbye", ["bye\n", "\x04", "\x03"], ids=["bye", "Ctrl-D", "Ctrl-C"])
def test_a_person_is_told_what_it_is_and_leaves_as_they_like(folder, goodbye):
    person = Person(folder)
    introduction = person.read("> ").splitlines()
    assert len(introduction) == 2
    assert re.fullmatch(r"A GPT of [\d,]+ weights, trained on 246 questions; it knows nothing else\.", introduction[0])
    assert EXAMPLE in introduction[1]
    assert max(map(len, introduction)) <= 80
    person.type("help\n")
    lines = person.read("> ").splitlines()
    assert len(lines) > 3
    assert max(map(len, lines)) <= 80
    person.type(goodbye)
    assert person.leave(goodbye) == 0


@POSIX
def test_ctrl_c_while_it_waits_in_a_pipe(folder):
    process = subprocess.Popen(
        [*COMMAND, "chat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment(TINYTORCH_DATA=str(folder)),
    )  # fmt: skip
    process.stdin.write(EXAMPLE.encode() + b"\n")
    process.stdin.flush()
    assert process.stdout.readline()  # answered at once, though the pipe stays open
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=50)
    assert (process.returncode, output, errors) == (0, b"", b"")


def test_chat_is_a_command_that_explains_itself():
    done = subprocess.run(
        [*COMMAND, "chat", "--help"], env=environment(), capture_output=True, encoding="utf-8", timeout=60
    )
    assert done.returncode == 0
    assert "vaswani_chatgpt" in done.stdout
