"""Do saved files follow the safetensors format to the byte, and does no damaged or hostile file get through?

The format, from https://github.com/huggingface/safetensors#format: eight bytes N, an unsigned little-endian integer;
N bytes of JSON that begin with {, {"NAME": {"dtype", "shape", "data_offsets": [begin, end]}, ..., "__metadata__": ...};
then the bytes of all tensors, little-endian, rows first, without holes. Names must not be repeated.
"""

from __future__ import annotations

import io
import json
import math
import os
import pickle
import re
import stat
import struct
import subprocess
import sys
import threading
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinytorch as torch
from tinytorch import nn


def written(obj):
    file = io.BytesIO()
    torch.save(obj, file)
    return file.getvalue()


def read(content):
    return torch.load(io.BytesIO(content))


def file_of(table, data=b""):
    """Return a file as the format has it, with any table, sound or not."""
    header = table if isinstance(table, bytes) else json.dumps(table).encode()
    return struct.pack("<Q", len(header)) + header + data


def table_of(content):
    return json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])


def entry(dtype="F32", shape=(2,), offsets=(0, 8), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


TWO = struct.pack("<ff", 1.5, -2.0)
BITS = {"BOOL": "?", "U8": "B", "I8": "b", "I16": "h", "I32": "i", "I64": "q", "F16": "e", "F32": "f", "F64": "d"}
KINDS = {
    **{"BOOL": torch.bool, "U8": torch.uint8, "I8": torch.int8, "I16": torch.int16, "I32": torch.int32},
    **{"I64": torch.int64, "F16": torch.float16, "F32": torch.float32, "F64": torch.float64},
}


# ------------------------------------------------------------------------------------------------ the format
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("shape", [(), (1,), (0,), (3,), (2, 0, 3), (2, 3), (2, 1, 2, 2)])
def test_every_type_and_shape_is_written_as_the_format_says_and_read_back(name, shape):
    n = math.prod(shape)
    values = [bool(i % 2) if name == "BOOL" else (i * 37 + 1) % 120 for i in range(n)]
    x = torch.tensor(values, dtype=KINDS[name]).reshape(shape)
    content = written({"before": torch.ones(3, dtype=torch.uint8), "x": x})

    (size,) = struct.unpack("<Q", content[:8])
    table = json.loads(content[8 : 8 + size])
    begin, end = table["x"].pop("data_offsets")
    assert table["x"] == {"dtype": name, "shape": list(shape)}
    assert struct.unpack(f"<{n}{BITS[name]}", content[8 + size + begin : 8 + size + end]) == tuple(values)
    assert (begin, 8 + size + end, size % 8) == (3, len(content), 0)

    back = read(content)
    assert list(back) == ["before", "x"]
    assert (back["x"].dtype, tuple(back["x"].shape)) == (KINDS[name], shape)
    assert back["x"].numpy().tobytes() == x.numpy().tobytes()


@pytest.mark.parametrize(
    ("table", "data", "expected"),
    [
        ({"x": entry()}, TWO, {"x": [1.5, -2.0]}),
        ({}, b"", {}),
        ({"__metadata__": {"format": "pt"}, "x": entry()}, TWO, {"x": [1.5, -2.0]}),
        (json.dumps({"x": entry()}).encode() + b"      ", TWO, {"x": [1.5, -2.0]}),
        ({"b": entry("U8", [1], [8, 9]), "a": entry()}, TWO + b"\7", {"b": [7], "a": [1.5, -2.0]}),
        ({"none": entry("F64", [0, 5], [0, 0]), "x": entry()}, TWO, {"none": [], "x": [1.5, -2.0]}),
        ({"one": entry("I16", [], [0, 2])}, b"\x01\x02", {"one": 513}),
        ({"é\n\u2713.weight": entry()}, TWO, {"é\n\u2713.weight": [1.5, -2.0]}),
    ],
)
def test_files_written_by_hand_are_read(table, data, expected):
    state = read(file_of(table, data))
    assert isinstance(state, OrderedDict)
    assert {name: x.tolist() for name, x in state.items()} == expected
    assert list(state) == list(expected)


def test_bits_survive():
    special = np.array([0x7FC00001, 0xFF800000, 0x80000000, 1], np.uint32).view(np.float32)  # nan, -inf, -0, tiniest
    assert read(written({"x": torch.from_numpy(special)}))["x"].numpy().tobytes() == special.tobytes()


def test_memory_layout_and_byte_order_do_not_matter():
    x = torch.arange(6.0).reshape(2, 3)
    assert read(written({"x": x.t()}))["x"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert read(written({"x": x[:, ::2]}))["x"].tolist() == [[0, 2], [3, 5]]
    assert read(written({"x": x[:1].expand(2, 3)}))["x"].tolist() == [[0, 1, 2]] * 2


def test_loaded_tensors_are_plain_leaves_with_memory_of_their_own():
    content = written({"a": torch.ones(2, requires_grad=True), "b": torch.ones(2)})
    state, again = read(content), read(content)
    state["a"].add_(1)
    assert (state["a"].tolist(), state["b"].tolist(), again["a"].tolist()) == ([2, 2], [1, 1], [1, 1])
    assert not state["a"].requires_grad
    assert state["a"].numpy().flags.aligned


@pytest.mark.parametrize("length", [*range(1, 130), 19_217, 19_218, 19_219, 19_220])
def test_no_length_of_the_table_is_mistaken_for_another_kind_of_file(length):
    """The first two bytes are the table's length: 0x80 begins a pickle as well, and "PK" (0x4B50) an archive."""
    assert list(read(written({"x" * length: torch.ones(1)}))) == ["x" * length]


def test_tables_as_long_as_the_first_bytes_of_a_pickle_and_of_an_archive():
    for size in (0x80, 0x0280, 0x0480, 0x4B50):
        header = json.dumps({"x": entry()}).encode()
        assert read(file_of(header + b" " * (size - len(header)), TWO))["x"].tolist() == [1.5, -2]


# ------------------------------------------------------------------------------------------------ damage
def sample():
    return written({"weight": torch.arange(4.0), "steps": torch.tensor(3), "none": torch.zeros(0)})


def test_every_truncation_is_noticed():
    content = sample()
    for n in range(len(content)):
        with pytest.raises(ValueError, match="the file"):
            read(content[:n])
    with pytest.raises(ValueError, match="1 bytes after"):
        read(content + b"\0")


@pytest.mark.parametrize(
    "table",
    [
        b"",
        b"null",
        b"[]",
        b"3",
        b"{",
        b'{"x": 3}',
        b"{}}",
        b' {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}',
        json.dumps({"x": entry(), "y": entry("U8", [8])}).replace('"y"', '"x"').encode(),
        b'{"\xff": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}',
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"x": {"dtype": "F32", "shape": [1' + b"0" * 5000 + b'], "data_offsets": [0, 8]}}',
        {"x": {"dtype": "F32", "shape": [2]}},
        {"x": {"dtype": "F32", "data_offsets": [0, 8]}},
        {"x": {"shape": [2], "data_offsets": [0, 8]}},
        {"x": entry("F33")},
        {"x": entry("BF16", [4])},
        {"x": entry(None)},
        {"x": entry(["F32"])},
        {"x": entry(shape=[3])},
        {"x": entry(shape=[])},
        {"x": entry(shape=[-2])},
        {"x": entry(shape=[-1, -2])},
        {"x": entry(shape=[2.0])},
        {"x": entry(shape=["2"])},
        {"x": entry(shape=[True, 2])},
        {"x": entry(shape=[2**63, 2**63])},
        {"x": {**entry(), "shape": {"0": 2}}},
        {"x": {**entry(), "shape": "2"}},
        {"x": {**entry(), "shape": 2}},
        {"x": {**entry(shape=[]), "shape": None}},
        {"x": entry(offsets=[0, 8, 9])},
        {"x": entry(offsets=[0])},
        {"x": entry(offsets=[8, 0])},
        {"x": entry(offsets=[0, 9])},
        {"x": entry(offsets=[-8, 0])},
        {"x": entry(offsets=[0.0, 8.0])},
        {"x": entry(offsets=[0, 2**64])},
        {"x": entry(shape=[1], offsets=[0, 4])},  # 4 bytes nobody owns
        {"x": entry(shape=[1], offsets=[4, 8])},
        {"x": entry(shape=[1], offsets=[0, 4]), "y": entry(shape=[1], offsets=[0, 4])},
        {"x": entry(), "y": entry(shape=[1], offsets=[4, 8])},
        {"x": entry(), "y": entry(shape=[1], offsets=[8, 12])},
        {"x": entry(), "y": entry(shape=[0, 2**70], offsets=[8, 8])},
        {"x": entry(), "y": entry(shape=[0] * 200, offsets=[8, 8])},
    ],
    ids=lambda table: str(table)[:60],
)
def test_a_table_that_is_not_sound_is_refused(table):
    with pytest.raises(ValueError, match="the file"):
        read(file_of(table, TWO))


@settings(max_examples=150)
@given(st.data())
def test_random_damage_is_an_error_or_another_sound_file_never_anything_else(data):
    content = bytearray(sample())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            content[place] = data.draw(st.integers(0, 255))
        else:
            del content[place : place + data.draw(st.integers(1, 3))]
    try:
        state = read(bytes(content))
    except ValueError:
        return
    assert all(isinstance(x, torch.Tensor) for x in state.values())


def test_a_missing_file_keeps_pythons_own_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        torch.load(tmp_path / "nothing.safetensors")


def test_errors_name_the_file(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"hello")
    with pytest.raises(ValueError, match=r"model\.safetensors is not a safetensors file.*5 bytes"):
        torch.load(path)


# ------------------------------------------------------------------------------------------------ pickle
class Trap:
    """What runs if it is ever unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.fault(
    "files from strangers",
    "a pickle that would run code",
    "given to load, in each protocol, alone and in a zip",
    "refused; nothing ran",
)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("archived", [False, True])
def test_a_pickle_is_refused_and_nothing_in_it_runs(tmp_path, protocol, archived):
    trap = tmp_path / "sprung"
    content = pickle.dumps({"weight": Trap(trap)}, protocol)
    if archived:  # as torch.save does
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("archive/data.pkl", content)
        content = file.getvalue()
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    for options in ({}, {"weights_only": False}, {"map_location": "cpu"}):
        with pytest.raises(ValueError, match="pickle.*save_file" if archived or protocol >= 2 else r"model\.pt"):
            torch.load(path, **options)
    assert not trap.exists()


# ------------------------------------------------------------------------------------------------ files
@pytest.mark.parametrize("kind", [str, Path])
def test_paths_and_open_files(tmp_path, kind):
    path = tmp_path / "model.safetensors"
    torch.save({"x": torch.ones(2)}, kind(path))
    assert torch.load(kind(path))["x"].tolist() == [1, 1]
    with open(path, "rb") as file:
        assert torch.load(file)["x"].tolist() == [1, 1]
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    assert path.stat().st_mode == ordinary.stat().st_mode
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.safetensors", "ordinary"]


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
@pytest.mark.fault(
    "training",
    "a full disk while a model is saved",
    "a limit on the size of files",
    "an error; the old file stays, and no part of the new one",
)
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    program = """
import resource, signal, sys
import tinytorch as torch
torch.save({"x": torch.ones(2)}, "model.safetensors")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    torch.save({"x": torch.zeros(10_000)}, "model.safetensors")
except OSError as error:
    print(type(error).__name__, torch.load("model.safetensors")["x"].tolist())
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(torch.__file__).parent.parent)}
    out = subprocess.check_output([sys.executable, "-c", program], cwd=tmp_path, env=environment, text=True)
    assert out == "OSError [1.0, 1.0]\n"
    assert [p.name for p in tmp_path.iterdir()] == ["model.safetensors"]


def test_a_file_that_can_not_get_its_name_leaves_nothing_else_and_the_error_says_which(tmp_path):
    path = tmp_path / "model.safetensors"
    path.mkdir()
    with pytest.raises(OSError, match="save: ") as caught:
        torch.save({"x": torch.ones(2)}, path)
    assert (caught.value.filename, caught.value.strerror) == (str(path), f"save: {os.strerror(caught.value.errno)}")
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(FileNotFoundError, match="save: "):
        torch.save({"x": torch.ones(2)}, tmp_path / "no folder" / "model.safetensors")


@pytest.mark.skipif(os.name == "nt", reason="a folder can't be opened there")
def test_the_file_is_on_the_disk_before_it_has_its_name_and_then_the_name_is(tmp_path, monkeypatch):
    path, flushed = tmp_path / "model.safetensors", []

    def fsync(file):
        found = os.fstat(file)
        flushed.append((found.st_ino, None if stat.S_ISDIR(found.st_mode) else found.st_size, path.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    torch.save({"x": torch.ones(2)}, path)
    written_to = path.stat()
    assert flushed == [(written_to.st_ino, written_to.st_size, False), (tmp_path.stat().st_ino, None, True)]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_what_killed_processes_left_is_removed_and_what_others_write_is_not(tmp_path):
    path, program = tmp_path / "model[1].safetensors", "import time; print(flush=True); time.sleep(60)"
    with (
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as killed,
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as alive,
    ):
        killed.kill()
        killed.wait()
        strays = [f"{path.name}.{killed.pid}.part", f"{path.name}.{killed.pid}-123.part"]
        others = [f"{path.name}.{alive.pid}-7.part", f"{path.name}.mine.part", f"model1.safetensors.{killed.pid}.part"]
        for name in strays + others:
            (tmp_path / name).write_bytes(b"the beginning of a file")
        torch.save({"x": torch.ones(2)}, path)
        alive.kill()
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([path.name, *others])


@pytest.mark.fault(
    "training",
    "threads that save to one file at once",
    "three threads, twenty times each",
    "whenever it is read, the file is whole",
)
def test_two_threads_that_write_one_file_write_it_whole(tmp_path):
    path, start = tmp_path / "model.safetensors", threading.Barrier(4)

    def write(number):
        start.wait()
        for _ in range(20):
            torch.save({"x": torch.full((20_000,), float(number))}, path)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    start.wait()
    while any(thread.is_alive() for thread in threads):
        if path.exists():
            assert len(set(torch.load(path)["x"].tolist())) == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (torch.nn.Linear(1, 1), "Linear: save model.state_dict"),
        ({"model": torch.nn.Linear(1, 1)}, r"Linear at \['model'\]: save model.state_dict"),
        ({"x": [torch.ones(1), {1, 2}]}, r"set at \['x'\]\['1'\]"),
        ({"x": np.ones(2)}, "ndarray"),
        ({(1, 2): torch.ones(1)}, "dict"),
        (print, "builtin_function"),
    ],
    ids=str,
)
def test_what_is_not_data_is_not_saved_and_a_refusal_touches_nothing(tmp_path, wrong, says):
    path = tmp_path / "model.safetensors"
    torch.save({"x": torch.ones(2)}, path)
    with pytest.raises(TypeError, match=says):
        torch.save(wrong, path)
    assert torch.load(path)["x"].tolist() == [1, 1]
    assert list(tmp_path.iterdir()) == [path]


def same(a, b):
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b) and a.dtype is b.dtype
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return a == b and type(a) is type(b)


def test_a_checkpoint_comes_back_whole_and_its_tensors_are_an_ordinary_safetensors_file(tmp_path):
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam([{"params": model[0].parameters()}, {"params": model[1].parameters(), "lr": 0.5}])
    model(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "epoch": 3,
        "losses": [0.1, 2.5e-300],
        "best": None,
        "name": "first – größte",
        "done": False,
        "shape": (2, 3),
        "a.b": torch.ones(1),
        "a": {"b": torch.zeros(1)},
    }
    path = tmp_path / "checkpoint.pt"
    torch.save(checkpoint, path)
    back = torch.load(path, map_location="cpu")
    assert same({**checkpoint, "model": dict(checkpoint["model"])}, back)
    fresh = torch.optim.Adam([{"params": model[0].parameters()}, {"params": model[1].parameters()}])
    fresh.load_state_dict(back["optimizer"])
    assert fresh.param_groups[1]["lr"] == 0.5
    header = table_of(path.read_bytes())
    assert header["model.0.weight"]["shape"] == [2, 3]
    assert all(isinstance(v, str) for v in header["__metadata__"].values())


def test_a_tensor_in_a_checkpoint_is_named_by_its_path():
    obj = {"a.b": torch.ones(1), "a": {"b": torch.zeros(1)}, "list": [1, torch.ones(1)], 3: (torch.ones(1),)}
    assert set(table_of(written(obj))) == {"__metadata__", "a.b", "a.b'", "list.1", "3.0"}
    assert set(table_of(written(torch.ones(2)))) == {"__metadata__", "tensor"}
    assert "__metadata__" not in table_of(written({"x": torch.ones(2)}))  # an ordinary file


@pytest.mark.parametrize(
    "tree", ['{"tensor": "y"}', '{"dict": 3}', '{"what": []}', "{}", '{"list": 1, "dict": 2}', "[" * 99999]
)
def test_a_damaged_tree_is_refused(tmp_path, tree):
    path = tmp_path / "checkpoint.pt"
    torch.save({"x": torch.ones(2), "n": 1}, path)
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    header["__metadata__"] = dict.fromkeys(header["__metadata__"], tree)
    changed = json.dumps(header).encode()
    path.write_bytes(len(changed).to_bytes(8, "little") + changed + content[8 + size :])
    with pytest.raises(ValueError, match=r"checkpoint\.pt: the .* can't be read"):
        torch.load(path)


def test_the_formats_own_name_is_not_for_tensors():
    with pytest.raises(ValueError, match="__metadata__"):
        written({"__metadata__": torch.ones(1)})


def test_a_model_comes_back_bit_for_bit(tmp_path):
    def build():
        model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
        model.register_buffer("steps", torch.tensor(5))
        return model

    first, second, x = build(), build(), torch.randn(6, 3)
    torch.save(first.state_dict(), tmp_path / "model.safetensors")
    second.load_state_dict(torch.load(tmp_path / "model.safetensors"))
    assert first(x).tolist() == second(x).tolist()
    assert list(second.state_dict()) == list(first.state_dict())


# ---------------------------------------------------------------------------------------------- where it is written
posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has links and modes of other kinds")


@posix_only
def test_a_link_stays_a_link_and_what_it_leads_to_is_written(tmp_path):
    real, link = tmp_path / "real.safetensors", tmp_path / "link.safetensors"
    torch.save({"x": torch.zeros(1)}, real)
    link.symlink_to(real)
    torch.save({"x": torch.ones(1)}, link)
    assert link.is_symlink()
    assert torch.load(real)["x"].tolist() == [1]
    assert sorted(os.listdir(tmp_path)) == ["link.safetensors", "real.safetensors"]


@posix_only
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    torch.save({"x": torch.ones(1)}, pipe)
    reader.join(20)
    assert read(got[0])["x"].tolist() == [1]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@posix_only
@pytest.mark.parametrize("mode", [0o600, 0o660, 0o604])
def test_who_could_not_read_the_file_before_can_not_read_it_now(tmp_path, mode):
    path = tmp_path / "mine.safetensors"
    torch.save({"x": torch.zeros(1)}, path)
    path.chmod(mode)
    torch.save({"x": torch.ones(1)}, path)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert torch.load(path)["x"].tolist() == [1]


@posix_only
def test_a_pipe_that_the_system_names_is_written_to(tmp_path):
    """So a shell hands over >(gzip > file)."""
    reading, writing = os.pipe()
    torch.save({"x": torch.ones(1)}, f"/dev/fd/{writing}")
    os.close(writing)
    with open(reading, "rb") as pipe:
        assert read(pipe.read())["x"].tolist() == [1]


@posix_only
def test_a_name_that_is_no_files_is_refused_and_nothing_is_made(tmp_path):
    (tmp_path / "round").symlink_to(tmp_path / "round")
    for name in (f"{tmp_path}/new/", "", f"{tmp_path}/round", str(tmp_path)):
        with pytest.raises(OSError, match=re.escape(f"{name!r}")):
            torch.save({"x": torch.ones(1)}, name)
    assert os.listdir(tmp_path) == ["round"]
    assert (tmp_path / "round").is_symlink()


@posix_only
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everything")
def test_what_is_read_only_is_not_replaced(tmp_path):
    path = tmp_path / "mine.safetensors"
    torch.save({"x": torch.zeros(1)}, path)
    path.chmod(0o400)
    with pytest.raises(PermissionError):
        torch.save({"x": torch.ones(1)}, path)
    assert torch.load(path)["x"].tolist() == [0]


@posix_only
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() != 0, reason="only root may give files away")
def test_the_group_that_may_read_a_file_stays(tmp_path):
    path = tmp_path / "ours.safetensors"
    torch.save({"x": torch.zeros(1)}, path)
    os.chown(path, -1, 100)
    path.chmod(0o640)
    torch.save({"x": torch.ones(1)}, path)
    assert (path.stat().st_gid, stat.S_IMODE(path.stat().st_mode)) == (100, 0o640)


# ---------------------------------------------------------------------------------------------- what can't be written
def test_nothing_comes_back_as_nothing():
    assert read(written(None)) is None


def test_what_holds_itself_or_has_other_keys_is_refused_in_a_sentence():
    itself = {}
    itself["x"] = itself
    with pytest.raises(ValueError, match=r"nested too deeply, or one of them holds itself$"):
        written(itself)
    with pytest.raises(TypeError, match=r"not the dict at \['a'\], whose keys must be text, numbers or None$"):
        written({"a": {(1, 2): torch.ones(1)}})


@pytest.mark.parametrize("kind", ["BF16", "U16", "U64", "F8_E4M3"])
def test_a_type_that_numpy_or_tinytorch_lacks_is_named(kind):
    with pytest.raises(ValueError, match=f"TinyTorch has no type '{kind}': convert it to F32"):
        read(file_of({"x": entry(kind, [2], [0, 4])}, b"abcd"))


@pytest.mark.parametrize("table", [{"__metadata__": 3}, {"x": entry(offsets=()) | {"data_offsets": None}}, {"x": {}}])
def test_a_table_of_another_form_is_told_without_pythons_own_words(table):
    with pytest.raises(ValueError, match="does not give each tensor's dtype, shape and data_offsets") as refused:
        read(file_of(table, TWO))
    assert not re.search("Error|object|NoneType", str(refused.value))


def test_an_archive_with_a_pickle_is_none_of_numpys():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("weights.npy/data.pkl", pickle.dumps({}))
    for content in (file.getvalue(), b"PK", b"PK" + bytes(24)):
        with pytest.raises(ValueError, match="holds a Python pickle"):
            read(content)


def test_an_archive_of_numpys_is_no_pickle(tmp_path):
    np.savez(tmp_path / "a.npz", weights=np.ones(2))
    with pytest.raises(ValueError, match=r"a\.npz is a \.npz of NumPy's: numpy\.load reads it"):
        torch.load(tmp_path / "a.npz")
