"""Does lecun_cifar10 earn what it claims, and what does it do without its data?

The photographs here are made up, in archives of the published layout. As a program, `python test_lecun_cifar10.py
KIND MIRROR ...` is `tinytorch ...` with one of these archives as CIFAR-10.
"""

from __future__ import annotations

import itertools
import json
import re
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import programs
import pytest
from archives import SIZES, archive, member
from command import call, one_line
from mirror import Mirror, cut, declared
from programs import Listener

import tinytorch as torch
from tinytorch.datasets import CIFAR10, REMOTE
from tinytorch.datasets.catalog import RemoteInfo
from tinytorch.datasets.official import write_cifar10
from tinytorch.milestones import catalog

NAME, GATE, FILE = "lecun_cifar10", "accuracy on the test images", "cifar-10-binary.tar.gz"
PER_BATCH = 60  # images in each of the archive's six files
COLOURS = 60 * np.array([*itertools.product((0, 2), repeat=3), (1, 0, 1), (2, 1, 0)])
SHORT = {"epochs": 5, "batch_size": 20, "filters": 8}
program = catalog.load(NAME)
science = programs.science(NAME)


def photographs(kind: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise, to which each class of the easy ones adds a colour of its own."""
    random = np.random.Generator(np.random.PCG64(seed))
    labels = np.arange(PER_BATCH) % 10
    images = random.integers(0, 128, (PER_BATCH, 32, 32, 3))
    if kind == "easy":
        images += COLOURS[labels][:, None, None]
    return images.astype(np.uint8), labels


@cache
def content(kind: str, test_seed: int = 5) -> bytes:
    """An archive of the published one's layout, with little in it."""
    seeds = [*range(5), test_seed]
    batches = [member(name, write_cifar10(*photographs(kind, seed))) for name, seed in zip(SIZES, seeds, strict=True)]
    return archive(*batches, leave_out=SIZES)


def little_cifar10(kind: str, *mirrors: str, test_seed: int = 5) -> RemoteInfo:
    """CIFAR-10's entry in the catalog, with such an archive in place of the published one."""
    file = declared(FILE, content(kind, test_seed))
    splits = {"train": 5 * PER_BATCH, "test": PER_BATCH}
    return replace(REMOTE["cifar10"], files=(file,), mirrors=mirrors, splits=splits)


@pytest.fixture
def with_photographs(tmp_path, monkeypatch):
    """Put made-up photographs in CIFAR-10's place; play the program on them."""

    def play(kind="easy", test_seed=5, **settings):
        monkeypatch.setitem(REMOTE, "cifar10", little_cifar10(kind, test_seed=test_seed))
        (tmp_path / FILE).write_bytes(content(kind, test_seed))
        return program.play(from_dir=tmp_path, **{**SHORT, **settings})

    return play


# ---- the program, whole and broken ----


@pytest.mark.parametrize("seed", range(3))
def test_learns_colours(with_photographs, seed):
    result = with_photographs(seed=seed)
    assert result.success, [str(gate) for gate in result.missed]
    assert result.metrics["test images right"] == round(result.gates[0].value * PER_BATCH)


def test_a_seed_decides_everything(with_photographs):
    first, again, other = (with_photographs(seed=seed, epochs=1) for seed in (3, 3, 4))
    assert first.metrics == again.metrics != other.metrics
    for name, values in first.kept["model"].items():
        np.testing.assert_array_equal(values, again.kept["model"][name])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("settings", [{"epochs": 0}, {"learning_rate": 0.0}], ids=["untrained", "frozen"])
def test_a_network_that_does_not_learn(with_photographs, settings, seed):
    assert not with_photographs(seed=seed, **settings).success


def test_noise_can_not_be_told_apart(with_photographs):
    result = with_photographs("noise", epochs=1)
    assert [gate.name for gate in result.missed] == [GATE]
    assert result.gates[0].value < 0.3


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_labels(with_photographs, monkeypatch, seed):
    honest = science.train

    def shuffled(run, images, labels, *settings):
        return honest(run, images, np.random.default_rng(seed).permutation(labels), *settings)

    monkeypatch.setattr(science, "train", shuffled)
    assert not with_photographs(seed=seed).success


def test_answers_in_another_order(with_photographs, monkeypatch):
    honest = science.predict
    monkeypatch.setattr(science, "predict", lambda net, images: np.roll(honest(net, images), 1))
    assert not with_photographs().success


def test_test_images_have_no_part_in_training(with_photographs):
    """Other test images, the same network."""
    one, other = with_photographs(epochs=1), with_photographs(epochs=1, test_seed=6)
    assert one.metrics["loss in the last epoch"] == other.metrics["loss in the last epoch"]
    for name, values in one.kept["model"].items():
        np.testing.assert_array_equal(values, other.kept["model"][name])


def test_what_is_trained_on_are_the_training_images(with_photographs, monkeypatch, tmp_path):
    seen = []
    honest = science.train
    monkeypatch.setattr(
        science, "train", lambda run, images, labels, *rest: seen.append(images) or honest(run, images, labels, *rest)
    )
    with_photographs(epochs=0)
    expected = np.concatenate([photographs("easy", seed)[0] for seed in range(5)])
    np.testing.assert_array_equal(seen[0], expected)
    held_out = CIFAR10(split="test", from_dir=tmp_path).data
    assert not (seen[0][:, None] == held_out[None]).all(axis=(2, 3, 4)).any()


# ---- what it shows ----


def test_pictures_say_what_the_network_did(with_photographs):
    listener = Listener()
    result = with_photographs(epochs=1, screens=[listener])
    pictures = listener.pictures
    assert all(np.isfinite(picture.images).all() and 0 <= picture.images.min() <= picture.images.max() <= 1
               for picture in pictures.values() if hasattr(picture, "images"))  # fmt: skip
    (confusion,) = pictures["What the test images are, and what they are taken for"].panels.values()
    assert confusion.sum(axis=1).tolist() == [6] * 10
    assert confusion.trace() == result.metrics["test images right"]
    bars = pictures["Test images that are right"]
    assert dict(zip(bars.labels, bars.values, strict=True))["frog"] == pytest.approx(100 * confusion[6, 6] / 6)

    test_images, labels = photographs("easy", 5)
    names = REMOTE["cifar10"].target_names
    wrong = pictures["The first that it got wrong (what it is → what the network said)"]
    assert 0 < len(wrong.images) <= 10
    for image, caption in zip(wrong.images, wrong.captions, strict=True):
        (place,) = np.flatnonzero((np.abs(test_images / 255 - image) < 1e-6).all(axis=(1, 2, 3)))
        truth, said = caption.split(" → ")
        assert truth == names[labels[place]] != said
        assert confusion[labels[place], names.index(said)]
    assert [step[:3] for step in listener.steps] == [("batch", done, 15) for done in range(1, 16)]


def test_varied_images_are_the_same_ones_moved_and_in_a_mirror():
    torch.manual_seed(0)
    images = torch.rand(8, 3, 32, 32).numpy() + 1
    seen = set()
    for _ in range(40):
        varied = science.varied(torch.tensor(images)).numpy()
        assert varied.shape == images.shape
        (found,) = (move for move in itertools.product(range(-3, 4), repeat=2) if matches(images, varied, *move))
        seen.add(found)
    assert {axis for move in seen for axis in move} == {-2, -1, 0, 1, 2}


def matches(images, varied, down, right):
    """Whether each image is its original, or that in a mirror, moved so many pixels, and grey where it was not."""
    for image, new in zip(images, varied, strict=True):
        candidates = [moved(original, down, right) for original in (image, image[:, :, ::-1])]
        if not any(np.array_equal(new, candidate) for candidate in candidates):
            return False
    return True


def moved(image, down, right):
    whole = np.zeros((3, 38, 38), image.dtype)
    whole[:, 3 + down : 35 + down, 3 + right : 35 + right] = image
    return whole[:, 3:35, 3:35]


def test_bytes_become_numbers_plane_by_plane():
    images = np.zeros((2, 32, 32, 3), np.uint8)
    images[1, 5, 7] = 0, 128, 255
    x = science.as_input(torch.tensor(images)).numpy()
    assert (x.shape, x.dtype) == ((2, 3, 32, 32), np.float32)
    assert x[1, :, 5, 7].tolist() == [-2, 0, 255 / 64 - 2]
    assert (x[0] == -2).all()


# ---- the command, without and with data ----


def test_without_data_it_says_how_to_get_them(tmp_path):
    line = one_line(call("run", NAME, TINYTORCH_DATA=str(tmp_path)), status=3)
    assert "Run with --download to fetch CIFAR-10 (170 MB, about 2–3 minutes)" in line
    assert str(tmp_path / "cifar10") in line
    assert "--from-dir DIR" in line
    assert list(tmp_path.iterdir()) == []


def test_from_a_folder_without_the_archive(tmp_path):
    line = one_line(call("run", NAME, "--from-dir", tmp_path), status=3)
    assert f"there is no {FILE} in {tmp_path}" in line


def test_an_archive_that_is_another_one_is_refused(tmp_path):
    (tmp_path / FILE).write_bytes(content("easy"))
    done = call("run", NAME, "--from-dir", tmp_path)
    assert done.returncode == 3
    assert re.fullmatch(rf"tinytorch: {re.escape(FILE)} is damaged: [^\n]+\n", done.stderr)


def test_the_timeline_skips_it_and_says_why(monkeypatch, tmp_path, capsys):
    """`run --all` in small: two programs, of which one lacks its data."""
    from tinytorch.cli.play import Wishes, play_all

    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))
    play_all([catalog.load("forward_pass"), program], Wishes())
    out = " ".join(re.sub(r"^ +│", "", capsys.readouterr().out, flags=re.M).split())
    assert "1998 ● lecun_cifar10" in out
    assert "Skipped: lecun_cifar10 needs CIFAR-10, which is not in" in out
    assert re.search(r"1998 lecun_cifar10 +skipped", out)
    assert "1 of 1 programs met their gates (1 skipped for want of data)" in out


def test_the_timeline_skips_what_is_damaged_and_plays_the_others(monkeypatch, tmp_path, capsys):
    from tinytorch.cli.play import Wishes, play_all

    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))
    (tmp_path / "cifar10").mkdir()
    (tmp_path / "cifar10" / FILE).write_bytes(b"not what was published")
    play_all([program, catalog.load("forward_pass")], Wishes())
    out = " ".join(re.sub(r"^ +│", "", capsys.readouterr().out, flags=re.M).split())
    assert f"Skipped: {FILE} is damaged" in out
    assert "1 of 1 programs met their gates" in out


def test_programs_that_all_lack_their_data_are_no_success(tmp_path):
    done = call("run", NAME, "mlp_mnist", "--full", TINYTORCH_DATA=str(tmp_path))
    assert "mlp_mnist needs MNIST" in one_line(done, status=3)


def test_download_shows_progress_resumes_verifies_and_plays(tmp_path):
    size = len(content("easy"))
    record = tmp_path / "run.json"
    words = ("run", NAME, "--epochs", 1, "--json", record)
    with Mirror(cut(size // 3), files={FILE: content("easy")}) as mirror:
        command = [sys.executable, __file__, "easy", mirror.url]
        done = call(*words, "--download", command=command, TINYTORCH_DATA=str(tmp_path), NO_PROXY="*")
        assert (done.returncode, done.stderr) == (1, "")  # one epoch is too little
        assert mirror.asked == [(FILE, 0), (FILE, size // 3)]  # the second request goes on where the first broke off
        again = call(*words, "--download", command=command, TINYTORCH_DATA=str(tmp_path), NO_PROXY="*")
        assert again.returncode == 1
        assert len(mirror.asked) == 2  # nothing is fetched twice
        kept = tmp_path / "cifar10" / FILE
        kept.write_bytes(kept.read_bytes()[:-1] + b"x")
        mended = call(*words, "--download", command=command, TINYTORCH_DATA=str(tmp_path), NO_PROXY="*")
        assert mended.returncode == 1
        assert len(mirror.asked) == 3
    assert f"goes to {tmp_path / 'cifar10'}" in done.stdout
    assert re.search(rf"{re.escape(FILE)}: ([\d.]+) of \1 MB", done.stdout)
    assert f"Fell short: {GATE} is" in " ".join(done.stdout.split())
    assert json.loads(record.read_text())["success"] is False
    assert kept.read_bytes() == content("easy")
    assert max(map(len, again.stdout.splitlines())) <= 80


def test_downloaded_bytes_that_differ_are_refused(tmp_path):
    with Mirror(files={FILE: content("noise")}) as mirror:
        command = [sys.executable, __file__, "easy", mirror.url]
        done = call("run", NAME, "--download", command=command, TINYTORCH_DATA=str(tmp_path), NO_PROXY="*")
    assert done.returncode == 3
    assert re.fullmatch(rf"tinytorch: {re.escape(FILE)} could not be fetched [^\n]+\n", done.stderr)
    assert not (tmp_path / "cifar10" / FILE).exists()


if __name__ == "__main__":
    from tinytorch.cli import main

    REMOTE["cifar10"] = little_cifar10(*sys.argv[1:3])  # type: ignore[index]
    del sys.argv[1:3]
    main()
