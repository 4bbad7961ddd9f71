"""Does a download end in a whole file or in none, whatever the network, the disk and other processes do?

A server on loopback misbehaves in earnest, processes are killed in earnest; the catalog's addresses are not asked.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import mirror
import pytest
import urllib3
from mirror import Mirror, contents, cut, small_mnist, status

from tinytorch.datasets import REMOTE, DownloadError, download
from tinytorch.datasets.catalog import RemoteFile

TRAIN = "train-images-idx3-ubyte.gz"  # the first file, and the largest
SIZE = len(contents()[TRAIN])


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Wait less long than users do, and ask no proxy of the machine that runs the tests."""
    monkeypatch.setattr(download, "PAUSE", 0.01)
    monkeypatch.setattr(download, "TIMEOUT", (2.0, 0.3))
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "tinytorch_data"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mnist"


def in_folder(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def fetched(folder, *mirrors):
    """Fetch, and say whether all that is in the folder now is the four files, unharmed."""
    download.fetch(small_mnist(*(each.url for each in mirrors)), folder)
    return in_folder(folder) == contents()


# ---- faults of the network, each met by the first mirror ----

LASTING = {
    "403": (status(403), "status 403"),
    "404": (status(404), "status 404"),
    "416": (status(416), "status 416"),
    "login page": (mirror.login_page, "it answered with text/html of 29 bytes"),
    "no length": (mirror.no_length, "it answered with something of unknown bytes"),
    "wrong bytes": (mirror.other_bytes, "it gave other bytes than the published ones"),
}
PASSING = {
    "408": (status(408), "status 408"),
    "429": (status(429), "status 429"),
    "500": (status(500), "status 500"),
    "503": (status(503), "status 503"),
    "redirects": (mirror.redirect, "without end"),
    "hang": (mirror.hang, "it did not answer in time"),
    "cut at once": (cut(0), "the connection ended"),
    "reset": (cut(0, reset=True), "reset by peer"),
}
FAULTS = LASTING | PASSING


@pytest.mark.parametrize("fault", FAULTS)
def test_the_second_mirror_gives_what_the_first_does_not(folder, fault):
    with Mirror(after=FAULTS[fault][0]) as bad, Mirror() as good:
        assert fetched(folder, bad, good)
        assert bad.asked


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_without_end_is_told_in_a_sentence_and_leaves_no_file(folder, fault):
    with Mirror(after=FAULTS[fault][0]) as bad:
        with pytest.raises(DownloadError) as failure:
            fetched(folder, bad)
        if fault != "redirects":  # of which one request brings many
            assert len(bad.asked) == (1 if fault in LASTING else 3)
    sentence = str(failure.value)
    assert sentence.startswith(f"{TRAIN} could not be fetched ({bad.url}{TRAIN}: ")
    assert FAULTS[fault][1] in sentence
    assert "try again" in sentence
    assert "--from-dir" in sentence
    assert "\n" not in sentence
    assert set(in_folder(folder)) <= {f"{TRAIN}.part"}


@pytest.mark.parametrize("fault", PASSING)
def test_a_fault_that_passes_is_outlived(folder, fault):
    with Mirror(FAULTS[fault][0]) as mirror_:
        assert fetched(folder, mirror_)


def test_rounds_are_further_and_further_apart(folder, monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0.1)
    start = time.monotonic()
    with Mirror(after=status(500)) as bad, pytest.raises(DownloadError):
        fetched(folder, bad)
    assert 0.1 + 0.3 <= time.monotonic() - start < 5


def test_nobody_listens(folder):
    with Mirror() as gone:
        pass
    with pytest.raises(DownloadError, match=r"Connection refused\); try again later"):
        fetched(folder, gone)
    with Mirror() as good:
        assert fetched(folder, gone, good)


def test_a_name_that_does_not_exist(folder):
    with pytest.raises(DownloadError, match=rf"http://tinytorch\.invalid/{TRAIN}: .+; try again later"):
        download.fetch(small_mnist("http://tinytorch.invalid/"), folder)


# ---- going on ----


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_body_cut_at_every_tenth_is_gone_on_with_and_no_byte_comes_twice(folder, tenth):
    after = SIZE * tenth // 10
    with Mirror(cut(after)) as mirror_:
        assert fetched(folder, mirror_)
    assert mirror_.asked[:2] == [(TRAIN, 0), (TRAIN, after)]
    assert mirror_.sent == {name: len(content) for name, content in contents().items()}


def test_many_cuts_are_outlived_as_long_as_more_comes(folder):
    rude = hasattr(urllib3.HTTPResponse, "read1")  # without it, a reset costs what came of the last 64 KiB
    with Mirror(*[cut(SIZE // 20, reset=number % 2 > 0 and rude) for number in range(15)]) as first, Mirror() as second:
        assert fetched(folder, first)
        assert first.sent[TRAIN] == SIZE
        assert not second.asked


def test_what_came_is_kept_for_the_next_try_and_for_the_next_mirror(folder):
    with Mirror(cut(1000), after=status(404)) as first, pytest.raises(DownloadError, match="from the 1,000 bytes kept"):
        fetched(folder, first)
    assert in_folder(folder) == {f"{TRAIN}.part": contents()[TRAIN][:1000]}
    with Mirror() as second:
        assert fetched(folder, second)
        assert second.asked[0] == (TRAIN, 1000)


@pytest.mark.parametrize(
    "fault", [mirror.login_page, status(416), status(500), mirror.wrong_range, mirror.no_length, mirror.hang]
)
def test_what_came_survives_whatever_a_mirror_answers_later(folder, fault):
    folder.mkdir()
    (folder / f"{TRAIN}.part").write_bytes(contents()[TRAIN][:5000])
    with Mirror(after=fault) as bad, pytest.raises(DownloadError, match=r"goes on from the [\d,]+ bytes kept"):
        fetched(folder, bad)
    part = (folder / f"{TRAIN}.part").read_bytes()
    assert len(part) >= 5000
    assert contents()[TRAIN].startswith(part)


def test_an_end_that_comes_unannounced_is_noticed(folder):
    with Mirror(cut(1000), mirror.cut_without_length) as mirror_:
        assert fetched(folder, mirror_)
    assert mirror_.asked[:3] == [(TRAIN, 0), (TRAIN, 1000), (TRAIN, 2000)]


def test_a_server_without_ranges_starts_anew(folder):
    with Mirror(cut(5000), after=mirror.no_ranges) as mirror_:
        assert fetched(folder, mirror_)
    assert mirror_.sent[TRAIN] == 5000 + SIZE


@pytest.mark.parametrize("length", [1, 5000, SIZE, SIZE + 1])
def test_a_beginning_of_other_bytes_costs_one_download_and_no_mirror(folder, length):
    folder.mkdir()
    (folder / f"{TRAIN}.part").write_bytes(bytes(length))
    with Mirror() as only:
        assert fetched(folder, only)


def test_a_mirror_that_always_begins_wrongly_does_not_spoil_the_other(folder):
    with Mirror(after=mirror.other_bytes_cut) as bad, Mirror() as good:
        assert fetched(folder, bad, good)


def test_the_file_is_asked_for_as_it_is(folder):
    with Mirror(after=mirror.compressing) as mirror_:
        assert fetched(folder, mirror_)


def test_more_than_the_known_size_is_not_taken(folder):
    folder.mkdir()
    (folder / f"{TRAIN}.part").write_bytes(contents()[TRAIN][:5000])
    with Mirror(mirror.endless) as mirror_:
        assert fetched(folder, mirror_)
    assert [name for name, _ in mirror_.asked] == list(contents())


def test_a_whole_part_needs_no_network(folder):
    folder.mkdir()
    for name, content in contents().items():
        (folder / f"{name}.part").write_bytes(content)
    with Mirror() as mirror_:
        assert fetched(folder, mirror_)
        assert not mirror_.asked


# ---- other processes ----


def start(folder, *mirrors):
    command = [sys.executable, mirror.__file__, str(folder), *(each.url for each in mirrors)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("count", [2, 8])
def test_processes_at_the_same_time_fetch_once(folder, count):
    with Mirror(mirror.slowly(1.5)) as mirror_:
        processes = [start(folder, mirror_) for _ in range(count)]
        errors = [process.communicate()[1] for process in processes]
    assert errors == [""] * count
    assert [process.returncode for process in processes] == [0] * count
    assert in_folder(folder) == contents()
    assert mirror_.asked == [(name, 0) for name in contents()]


def test_threads_at_the_same_time_fetch_once(folder):
    with Mirror(mirror.slowly(0.3)) as mirror_:
        threads = [threading.Thread(target=fetched, args=(folder, mirror_)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert in_folder(folder) == contents()
    assert len(mirror_.asked) == 4


def test_a_killed_process_leaves_what_it_had_and_the_next_goes_on_from_there(folder):
    part = folder / f"{TRAIN}.part"
    with Mirror(after=mirror.slowly(30)) as mirror_:
        for _ in range(2):
            before = part.stat().st_size if part.exists() else 0
            process = start(folder, mirror_)
            while not (part.exists() and part.stat().st_size > before + 10_000):
                assert process.poll() is None, process.stderr.read()
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            assert not (folder / TRAIN).exists()
            assert contents()[TRAIN].startswith(part.read_bytes())
            assert mirror_.asked[-1] == (TRAIN, before)
        held = part.stat().st_size
        mirror_.after = mirror.well
        assert fetched(folder, mirror_)  # and nothing else: pooch's files of the moment are gone, too
        assert mirror_.asked[-4] == (TRAIN, held)


def test_a_process_killed_while_pooch_checked_a_whole_file_has_not_lost_it(folder):
    folder.mkdir()
    (folder / "tmpa1b2c3d4").write_bytes(contents()[TRAIN])  # pooch has the file under such a name then
    (folder / "tmpz9y8x7w6").write_bytes(b"")
    with Mirror() as mirror_:
        assert fetched(folder, mirror_)
        assert TRAIN not in dict(mirror_.asked)


def test_an_interrupted_download_keeps_what_came(folder):
    def stop(file: RemoteFile, held: int) -> None:
        if held > 50_000:
            raise KeyboardInterrupt

    with Mirror() as mirror_:
        with pytest.raises(KeyboardInterrupt):
            download.fetch(small_mnist(mirror_.url), folder, stop)
        held = (folder / f"{TRAIN}.part").stat().st_size
        assert held > 50_000
        assert fetched(folder, mirror_)
        assert mirror_.asked[1] == (TRAIN, held)


def test_a_pipe_that_breaks_is_not_taken_for_a_full_disk(folder):
    def tell(file: RemoteFile, held: int) -> None:
        raise BrokenPipeError

    with Mirror() as mirror_, pytest.raises(BrokenPipeError):
        download.fetch(small_mnist(mirror_.url), folder, tell)


# ---- the disk ----


@pytest.fixture
def disk(tmp_path):
    """Return a small disk of its own, which `mount` can change."""
    place = tmp_path / "disk"
    place.mkdir()
    if sys.platform != "linux" or mount(place, "size=100k", "-t", "tmpfs", "tmpfs").returncode:
        pytest.skip("a small disk can't be mounted here: it takes Linux and root")
    yield place
    subprocess.run(["umount", place], check=True)


def mount(place, options, *what):
    return subprocess.run(["mount", "-o", options, *what, place], capture_output=True, check=False)


def test_a_full_disk_is_told_and_what_fitted_is_kept(disk):
    folder = disk / "mnist"
    with Mirror() as mirror_:
        with pytest.raises(DownloadError, match=r"^MNIST can't be kept in .+: No space left on device; it needs"):
            fetched(folder, mirror_)
        held = (folder / f"{TRAIN}.part").stat().st_size
        assert held > 50_000
        assert not mount(disk, "remount,size=1m").returncode
        assert fetched(folder, mirror_)
        assert mirror_.asked[1] == (TRAIN, held)


def test_a_read_only_cache_is_told_before_anything_is_fetched(disk):
    assert not mount(disk, "remount,ro").returncode
    with Mirror() as mirror_:
        with pytest.raises(DownloadError, match=r"Read-only file system; .+ name one with .+ TINYTORCH_DATA"):
            fetched(disk / "mnist", mirror_)
        assert not mirror_.asked


def test_a_read_only_cache_that_has_everything_is_enough(disk):
    assert not mount(disk, "remount,size=1m").returncode
    with Mirror() as mirror_:
        assert fetched(disk / "mnist", mirror_)
        assert not mount(disk, "remount,ro").returncode
        assert fetched(disk / "mnist", mirror_)
    assert len(mirror_.asked) == 4


def test_a_path_with_spaces_and_other_scripts(tmp_path):
    folder = tmp_path / "Übungen für 数据" / "mnist"
    with Mirror() as mirror_:
        assert fetched(folder, mirror_)


def test_a_file_where_the_folder_should_be(folder):
    folder.write_text("in the way")
    with pytest.raises(DownloadError, match="MNIST can't be kept in"):
        fetched(folder)


def test_a_damaged_file_is_replaced_and_a_whole_one_is_not_fetched(folder):
    with Mirror() as mirror_:
        assert fetched(folder, mirror_)
        assert fetched(folder, mirror_)
        damaged = bytearray(contents()[TRAIN])
        damaged[777] ^= 1
        (folder / TRAIN).write_bytes(damaged)
        assert fetched(folder, mirror_)
    assert mirror_.asked == [*((name, 0) for name in contents()), (TRAIN, 0)]


# ---- manners ----


def test_the_proxy_of_the_environment_is_asked(folder, monkeypatch):
    with Mirror() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        download.fetch(small_mnist("http://tinytorch.invalid/"), folder)
        assert len(proxy.asked) == 4
    assert in_folder(folder) == contents()


def test_nothing_is_printed_and_progress_is_told(folder, capfd):
    told = []

    def progress(file: RemoteFile, held: int) -> None:
        told.append((file.name, held))
        part = folder / f"{file.name}.part"
        assert (part if part.exists() else folder / file.name).stat().st_size == held, "told before it is on disk"

    with Mirror(cut(7000)) as mirror_:
        download.fetch(small_mnist(mirror_.url), folder, progress)
    assert capfd.readouterr() == ("", "")
    assert [name for name, held in told if held == len(contents()[name])] == [name for name in contents() for _ in "12"]
    assert (TRAIN, 7000) in told
    assert told == sorted(told, key=lambda each: (list(contents()).index(each[0]), each[1]))


def test_the_catalog_asks_only_over_https_and_says_everything():
    for name, info in REMOTE.items():
        assert info.name == name
        assert len(info.mirrors) >= 2
        assert all(address.startswith("https://") and address.endswith("/") for address in info.mirrors)
        assert all(len(file.sha256) == 64 and len(file.md5) == 32 and file.size > 0 for file in info.files)
        assert info.licence
        assert info.citation.startswith("@")
        assert len(info.target_names) == 10
    assert REMOTE["mnist"].cost == "11.6 MB, about 10 seconds"
    assert REMOTE["cifar10"].cost == "170 MB, about 2–3 minutes"
