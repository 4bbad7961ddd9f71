"""Does every format hold every sample, and does an export that goes wrong leave everything as it was?"""

from __future__ import annotations

import csv
import json
import os
import pickle
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tinytorch.datasets import CATALOG, UnknownDatasetError, get_dataset, load_images
from tinytorch.datasets import export as module
from tinytorch.datasets.export import FORMATS, ExportError, export, formats_of
from tinytorch.datasets.files import packaged
from tinytorch.datasets.talks import load_tinytalks

SETS = ["tinydigits", "tinymnist"]
SPLITS = ["train", "test"]
COLUMNS = ["images", "labels", "source_index", "difficulty", "stratum"]
PAPERS = ["CHANGELOG.md", "CITATION.bib", "DATASHEET.md", "LICENSE", "README.md"]
EVERY = [(name, format) for name in CATALOG for format in formats_of(get_dataset(name))]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Return a function that gives the folder of an export, made once."""
    home, made = tmp_path_factory.mktemp("exports"), {}

    def folder(name: str, format: str) -> Path:
        if (name, format) not in made:
            made[name, format] = home / f"{name}-{format}"
            export(name, format, made[name, format])
        return made[name, format]

    return folder


def inside(folder: Path) -> dict[str, bytes]:
    """Return what lies in a folder at any depth, hidden files included."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same(columns, data):
    """Assert that there are the columns of the data, and that they are equal in every sample."""
    assert list(columns) == COLUMNS
    for column in COLUMNS:
        np.testing.assert_array_equal(np.asarray(columns[column]), data[column], err_msg=column)


# --- Every format, read by others ---------------------------------------------------------------------------


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", SETS)
class TestImages:
    def test_npz(self, exported, name, split):
        with np.load(exported(name, "npz") / f"{split}.npz", allow_pickle=False) as archive:
            same({column: archive[column] for column in archive.files}, load_images(name, split))
            assert archive["images"].dtype == np.uint8
            assert archive["labels"].dtype == np.int64

    def test_csv(self, exported, name, split):
        with (exported(name, "csv") / f"{split}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        data = load_images(name, split)
        _, height, width = data.images.shape
        assert list(rows[0])[:4] == ["label", "source_index", "difficulty", "stratum"]
        assert len(rows[0]) == 4 + height * width
        pixels = [[[int(row[f"pixel_{y}_{x}"]) for x in range(width)] for y in range(height)] for row in rows]
        columns = {"images": pixels, "labels": [int(row["label"]) for row in rows]}
        columns |= {"source_index": [int(row["source_index"]) for row in rows]}
        columns |= {"difficulty": [float(row["difficulty"]) for row in rows]}
        same({**columns, "stratum": [row["stratum"] for row in rows]}, data)

    def test_jsonl(self, exported, name, split):
        text = (exported(name, "jsonl") / f"{split}.jsonl").read_text(encoding="utf-8")
        rows = [json.loads(line) for line in text.splitlines()]
        assert list(rows[0]) == ["image", "label", "source_index", "difficulty", "stratum"]
        same({column: [row[key] for row in rows] for column, key in zip(COLUMNS, rows[0])}, load_images(name, split))

    def test_parquet(self, exported, name, split):
        parquet = pytest.importorskip("pyarrow.parquet")
        table = parquet.read_table(exported(name, "parquet") / f"{split}.parquet")
        data = load_images(name, split)
        frame = data.frame.rename(columns={"labels": "label"})
        assert table.column_names == list(frame.columns)
        assert str(table.schema.field("pixel_0_0").type) == "uint8"
        for column in table.column_names:
            assert table[column].to_pylist() == frame[column].tolist(), column

    def test_pkl(self, exported, name, split):
        with (exported(name, "pkl") / f"{split}.pkl").open("rb") as file:
            columns = pickle.load(file)
        assert type(columns) is dict
        same(columns, load_images(name, split))

    def test_idx(self, exported, name, split):
        def read(kind: str, dimensions: int) -> np.ndarray:
            prefix = {"train": "train", "test": "t10k"}[split]
            content = (exported(name, "idx") / f"{prefix}-{kind}-idx{dimensions}-ubyte").read_bytes()
            assert content[:4] == bytes([0, 0, 8, dimensions])
            shape = np.frombuffer(content, ">i4", count=dimensions, offset=4)
            return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)

        data = load_images(name, split)
        np.testing.assert_array_equal(read("images", 3), data.images)
        np.testing.assert_array_equal(read("labels", 1), data.labels)

    def test_png(self, exported, name, split):
        Image = pytest.importorskip("PIL.Image")
        data = load_images(name, split)
        scale = {"tinydigits": 15, "tinymnist": 1}[name]
        files = sorted((exported(name, "png") / split).rglob("*.png"), key=lambda path: path.name)
        assert [int(path.stem) for path in files] == list(range(len(data)))
        assert [int(path.parent.name) for path in files] == data.labels.tolist()
        for path, image in zip(files, data.images):
            with Image.open(path) as picture:
                assert picture.mode == "L"
                np.testing.assert_array_equal(np.asarray(picture), image.astype(int) * scale)


@pytest.mark.parametrize("split", ["train", "val", "test"])
class TestTalks:
    def expected(self, split: str) -> list[tuple[str, str, str, int, int]]:
        talks = load_tinytalks(split)
        return list(zip(talks.contexts, talks.questions, talks.answers, talks.levels.tolist(), talks.story.tolist()))

    def test_npz_and_pkl(self, exported, split):
        with np.load(exported("tinytalks", "npz") / f"{split}.npz", allow_pickle=False) as archive:
            columns = {name: archive[name] for name in archive.files}
        with (exported("tinytalks", "pkl") / f"{split}.pkl").open("rb") as file:
            pickled = pickle.load(file)
        assert list(columns) == list(pickled) == ["contexts", "questions", "answers", "levels", "story"]
        for each in (columns, pickled):
            assert list(zip(*(column.tolist() for column in each.values()))) == self.expected(split)

    def test_csv_jsonl_and_parquet(self, exported, split):
        parquet = pytest.importorskip("pyarrow.parquet")
        with (exported("tinytalks", "csv") / f"{split}.csv").open(encoding="utf-8", newline="") as file:
            head, *lines = csv.reader(file)
        assert head == ["context", "question", "answer", "level", "story"]
        assert [(*words, int(level), int(story)) for *words, level, story in lines] == self.expected(split)
        text = (exported("tinytalks", "jsonl") / f"{split}.jsonl").read_text(encoding="utf-8")
        rows = [json.loads(line) for line in text.splitlines()]
        assert {tuple(row) for row in rows} == {tuple(head)}
        assert [tuple(row.values()) for row in rows] == self.expected(split)
        table = parquet.read_table(exported("tinytalks", "parquet") / f"{split}.parquet")
        assert [tuple(row[name] for name in head) for row in table.to_pylist()] == self.expected(split)

    def test_txt(self, exported, split):
        text = (exported("tinytalks", "txt") / "splits" / f"{split}.txt").read_text(encoding="utf-8")
        pairs = re.findall(r"^Q: (.*)\nA: (.*)$", text, re.MULTILINE)
        assert pairs == [(question, answer) for _, question, answer, _, _ in self.expected(split)]


@pytest.mark.parametrize(("name", "format"), EVERY)
def test_no_export_travels_without_its_licence_and_how_to_cite_it(exported, name, format):
    folder = exported(name, format)
    for paper in ("LICENSE", "DATASHEET.md", "CHANGELOG.md"):
        assert (folder / paper).read_bytes() == packaged(name, paper).read_bytes()
    readme = (folder / "README.md").read_text(encoding="utf-8")
    card = packaged(name, "README.md").read_text(encoding="utf-8")
    for text in ("PHILOSOPHY.md", "tinymnist"):  # what lies outside of the folder is named, and not linked
        card = re.sub(rf"\[([^]]*)\]\(\.\./[^)]*{text}[^)]*\)", r"\1", card)
    assert readme.startswith(card.rstrip())
    for link in re.findall(r"\]\(([^)#]+)\)", readme):
        assert link.startswith("https://") or (folder / link).is_file(), link
    citations = (folder / "CITATION.bib").read_text(encoding="utf-8")
    assert get_dataset(name).citation in citations
    assert get_dataset(name).source_citation in citations
    assert FORMATS[format].holds in readme
    assert f"--format {format}" in readme


@pytest.mark.parametrize(("name", "format"), [each for each in EVERY if each[1] != "parquet"])
def test_an_export_has_the_same_bytes_every_time(exported, tmp_path, name, format):
    paths = export(name, format, tmp_path / "again")
    assert inside(tmp_path / "again") == inside(exported(name, format))
    assert paths == sorted(path for path in (tmp_path / "again").rglob("*") if path.is_file())
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


# --- What is refused ----------------------------------------------------------------------------------------


def test_unknown_names_are_answered_with_the_valid_ones(tmp_path):
    with pytest.raises(UnknownDatasetError, match=r"did you mean tinydigits"):
        export("tinydigit", "csv", tmp_path / "x")
    for format in ("CSV", "xml", "", None):
        with pytest.raises(
            ValueError, match=r"^TinyDigits can't be exported as .*; choose one of npz, csv, .*parquet$"
        ):
            export("tinydigits", format, tmp_path / "x")
    for name, format in (("tinytalks", "png"), ("tinytalks", "idx"), ("tinymnist", "txt")):
        with pytest.raises(ValueError, match=rf"can't be exported as '{format}'; choose one of npz, "):
            export(name, format, tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "train.csv").write_text("mine")
    with pytest.raises(FileExistsError, match=r"^/.*/out holds something already: .* --force$"):
        export("tinydigits", "csv", tmp_path / "out")
    assert inside(tmp_path) == {"out/train.csv": b"mine"}


def test_an_empty_folder_is_filled_and_missing_parents_are_made(tmp_path):
    (tmp_path / "empty").mkdir()
    export("tinydigits", "csv", tmp_path / "empty")
    export("tinydigits", "csv", tmp_path / "a" / "b")
    assert set(inside(tmp_path / "empty")) == {*PAPERS, "test.csv", "train.csv"}
    assert inside(tmp_path / "empty") == inside(tmp_path / "a" / "b")


def test_force_replaces_what_an_export_wrote(tmp_path):
    paths = export("tinydigits", "csv", tmp_path / "out")
    before = inside(tmp_path)
    paths[-1].write_text("damaged")
    paths[0].unlink()
    assert export("tinydigits", "csv", tmp_path / "out", force=True) == paths
    assert inside(tmp_path) == before


@pytest.mark.parametrize("mine", ["notes.txt", "deep/down/notes.txt"])
def test_force_does_not_replace_what_no_export_wrote(tmp_path, mine):
    export("tinydigits", "csv", tmp_path / "out")
    (tmp_path / "out" / mine).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "out" / mine).write_text("mine")
    (tmp_path / "out" / "train.csv").write_text("edited")
    before = inside(tmp_path)
    with pytest.raises(FileExistsError, match=rf"out holds {mine}, which this export does not write: move it away"):
        export("tinydigits", "csv", tmp_path / "out", force=True)
    assert inside(tmp_path) == before


def test_a_link_in_the_folder_counts_as_something_else(tmp_path):
    export("tinydigits", "csv", tmp_path / "out")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError, match="out holds link, which"):
        export("tinydigits", "csv", tmp_path / "out", force=True)


@pytest.mark.parametrize("force", [False, True])
def test_a_file_and_the_folder_one_stands_in_are_no_targets(tmp_path, monkeypatch, force):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileExistsError, match="file is a file: name a new folder"):
        export("tinydigits", "csv", tmp_path / "file", force=force)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(FileExistsError, match="here is where you are"):
        export("tinydigits", "csv", ".", force=force)
    export("tinydigits", "csv", "below", force=force)
    assert (tmp_path / "here" / "below" / "train.csv").is_file()


@pytest.mark.parametrize(
    ("format", "missing", "packages"),
    [("png", "PIL", "pillow"), ("parquet", "pandas", "pandas pyarrow"), ("parquet", "pyarrow", "pandas pyarrow")],
)
def test_a_missing_library_is_named_with_what_installs_it(tmp_path, monkeypatch, format, missing, packages):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=rf"^[A-Za-z]+ files need .*: pip install {packages}$"):
        export("tinydigits", format, tmp_path / "deep" / "out")
    assert not list(tmp_path.iterdir())


# --- What goes wrong on the way -----------------------------------------------------------------------------


def python(program: str, folder: Path, **options) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(Path(module.__file__).parents[2])},
        **options,
    )


HALF = """
import sys, time
from tinytorch.datasets import formats
from tinytorch.datasets.export import export

whole, seen = formats.json_lines, []

def half(rows):
    if seen:  # the first file is written, the second is not
        print("half", flush=True)
        time.sleep(60)
    seen.append(rows)
    return whole(rows)

formats.json_lines = half
export("tinydigits", "jsonl", sys.argv[1], force=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_when_killed_half_way_nothing_is_half_there(tmp_path, how, there):
    target = tmp_path / "home" / "out"
    if there:
        export("tinydigits", "jsonl", target)
    before = inside(tmp_path)
    with python(HALF, target) as run:
        assert run.stdout.readline() == "half\n"
        assert any(path.name.startswith(".tinytorch-export-") for path in target.parent.iterdir())
        run.send_signal(how)
        run.wait(10)
    assert target.exists() == there
    if how == signal.SIGINT:  # there was time to clean up
        assert inside(tmp_path) == before
        assert there or not list(tmp_path.iterdir())
    elif there:
        assert {name: text for name, text in inside(tmp_path).items() if name.startswith("home/out/")} == before
    export("tinydigits", "jsonl", target, force=True)
    assert (target / "test.jsonl").is_file()


@pytest.mark.skipif(os.name == "nt", reason="limits of processes")
def test_when_there_is_no_room_one_sentence_says_so_and_nothing_is_left(tmp_path):
    program = """
import resource, sys
from tinytorch.datasets.export import export
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))  # no file may be longer, as if the disk were full
export("tinydigits", "csv", sys.argv[1])
"""
    with python(program, tmp_path / "deep" / "out") as run:
        message = run.stderr.read().splitlines()[-1]
    assert message.startswith("tinytorch.datasets.export.ExportError: could not write ")
    assert f"{tmp_path}/deep/out (File too large): choose a folder that you may write to" in message
    assert message.endswith("nothing was left behind")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="permissions")
def test_where_one_may_not_write_one_sentence_says_so(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    if os.access(closed, os.W_OK):  # root may write anywhere: the system's own closed folder, then
        closed = Path("/proc")
        if not closed.is_dir():
            pytest.skip("root may write anywhere")
    with pytest.raises(
        ExportError, match=rf"^could not write {closed}/out \(.*\): choose a folder that you may write to"
    ):
        export("tinydigits", "csv", closed / "out")
    assert not (closed / "out").exists()


def test_a_name_that_is_taken_meanwhile_is_not_overwritten(tmp_path, monkeypatch):
    target = tmp_path / "out"

    def write(info, parts, folder):
        target.mkdir()
        (target / "mine.txt").write_text("mine")

    monkeypatch.setitem(module.FORMATS, "csv", module.Format(write, ""))
    with pytest.raises(FileExistsError, match=r"holds mine\.txt"):
        export("tinydigits", "csv", target)
    assert inside(tmp_path) == {"out/mine.txt": b"mine"}


def test_if_the_new_folder_can_not_take_the_place_the_old_one_comes_back(tmp_path, monkeypatch):
    export("tinydigits", "csv", tmp_path / "out")
    before = inside(tmp_path)
    rename = Path.rename

    def failing(self, target):
        if self.name.startswith(".tinytorch-export-") and not self.name.endswith("-old"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(ExportError, match=r"could not write .*out \(Input/output error\)"):
        export("tinydigits", "csv", tmp_path / "out", force=True)
    assert inside(tmp_path) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has modes of another kind")
def test_a_private_folder_stays_private(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    folder.chmod(0o700)
    export("tinydigits", "npz", folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "README.md").exists()
