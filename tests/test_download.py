"""Does a download end in a whole file or in none, whatever the network, the disk and other processes do?

A server on loopback misbehaves in earnest, processes are killed in earnest; the catalog's addresses are not asked.
Tests marked ``fault`` are rows of the table that `make faults` writes: see tools/faults.py.
"""

from __future__ import annotations

import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
import traceback

import mirror
import pytest
import urllib3
from mirror import Mirror, contents, cut, small_mnist, status

from tinytorch.datasets import REMOTE, DownloadError, download
from tinytorch.datasets.catalog import RemoteFile

TRAIN = "train-images-idx3-ubyte.gz"  # the first file, and the largest
SIZE = len(contents()[TRAIN])


def fault(what, how, outcome="a whole file, or none and a sentence"):
    return pytest.mark.fault("downloads", what, how, outcome)


class Small:
    """A dataset in small: its files, and the first of them, which is the largest."""

    def __init__(self, name):
        self.name, self.contents = name, contents(name)
        self.first = next(iter(self.contents))
        self.size = len(self.contents[self.first])

    def fetched(self, folder, *mirrors):
        """Fetch, and say whether all that is in the folder now is the dataset's files, unharmed."""
        download.fetch(mirror.small(self.name, *(each.url for each in mirrors)), folder)
        return in_folder(folder) == self.contents


@pytest.fixture(params=["mnist", "cifar10"])
def small(request):
    return Small(request.param)


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

HTML = "an HTML page with status 200"
LASTING = {  # the fault, how it is injected, and what the sentence says
    "403": (status(403), "status 403", "the server answers so", "status 403"),
    "404": (status(404), "status 404", "the server answers so", "status 404"),
    "407": (status(407), "status 407", "the server answers so", "status 407"),
    "416": (status(416), "status 416", "the server answers so", "status 416"),
    "login page": (mirror.login_page, HTML, "as a hotel's network does", "it answered with text/html of 29 bytes"),
    "no length": (mirror.no_length, "an answer without a length", "no header says it", "something of unknown bytes"),
    "wrong bytes": (
        mirror.other_bytes, "wrong bytes of the right length", "one bit differs",
        "it gave other bytes than the published ones",
    ),
}  # fmt: skip
PASSING = {
    "408": (status(408), "status 408", "the server answers so", "status 408"),
    "429": (status(429), "status 429", "the server answers so", "status 429"),
    "500": (status(500), "status 500", "the server answers so", "status 500"),
    "503": (status(503), "status 503", "the server answers so", "status 503"),
    "redirects": (mirror.redirect(), "redirects in a circle", "the server sends to itself", "without end"),
    "long redirect": (
        mirror.redirect(endless=True), "a redirect whose page never ends", "bytes until hung up", "without end",
    ),
    "bad redirect": (mirror.redirect("http://[/"), "a redirect to no address", "http://[/", "Invalid"),
    "hang": (mirror.hang, "a server that hangs within the body", "nothing after 1,000 bytes", "not answer in time"),
    "silence": (mirror.silent, "a server that never answers", "nothing after the question", "not answer in time"),
    "cut at once": (cut(0), "a connection that ends at once", "closed after the headers", "the connection ended"),
    "reset": (cut(0, reset=True), "a connection that is reset", "RST instead of the body", "reset by peer"),
}  # fmt: skip
FAULTS = LASTING | PASSING


def each_of(names, outcome):
    return pytest.mark.parametrize(
        "name", [pytest.param(name, marks=fault(*FAULTS[name][1:3], outcome)) for name in names]
    )


@each_of(FAULTS, "the second mirror gives the file")
def test_the_second_mirror_gives_what_the_first_does_not(small, folder, name):
    with Mirror(after=FAULTS[name][0]) as bad, Mirror() as good:
        assert small.fetched(folder, bad, good)
        assert bad.asked


@each_of(FAULTS, "a sentence and no file")
def test_a_fault_without_end_is_told_in_a_sentence_and_leaves_no_file(small, folder, name):
    with Mirror(after=FAULTS[name][0]) as bad:
        with pytest.raises(DownloadError) as failure:
            small.fetched(folder, bad)
        asks = download.REDIRECTS if name in ("redirects", "long redirect") else 1
        assert len(bad.asked) == asks * (1 if name in LASTING else 3)
    sentence = str(failure.value)
    assert sentence.startswith(f"{small.first} could not be fetched ({bad.url}{small.first}: ")
    assert FAULTS[name][3] in sentence
    assert "try again" in sentence
    assert "--from-dir" in sentence
    assert "\n" not in sentence
    assert set(in_folder(folder)) <= {f"{small.first}.part"}


@each_of(PASSING, "outlived")
def test_a_fault_that_passes_is_outlived(small, folder, name):
    with Mirror(PASSING[name][0]) as mirror_:
        assert small.fetched(folder, mirror_)


# Without the server that hangs after 1,000 bytes, as the second file is shorter.
@each_of([name for name in FAULTS if name != "hang"], "what was verified before stays, and is not fetched again")
def test_a_fault_at_a_later_file_leaves_the_earlier_ones(folder, name):
    with Mirror(mirror.well, after=FAULTS[name][0]) as bad, pytest.raises(DownloadError, match=r"^train-labels"):
        fetched(folder, bad)
    assert (folder / TRAIN).read_bytes() == contents()[TRAIN]
    with Mirror() as good:
        assert fetched(folder, good)
        assert TRAIN not in dict(good.asked)


def test_a_redirect_is_followed_and_goes_on_where_it_was(small, folder):
    with Mirror() as there, Mirror(cut(1000)) as here:
        here.after = mirror.redirect(there.url + small.first)
        if small.name == "mnist":  # four files: only the first is moved
            here.faults += [here.after, *[mirror.well] * 3]
        assert small.fetched(folder, here)
        assert there.asked == [(small.first, 1000)]


def test_rounds_are_further_and_further_apart(folder, monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0.1)
    start = time.monotonic()
    with Mirror(after=status(500)) as bad, pytest.raises(DownloadError):
        fetched(folder, bad)
    assert 0.1 + 0.3 <= time.monotonic() - start < 5


@fault("connection refused", "nobody listens at the port", "a sentence and no file; then from the second mirror")
def test_nobody_listens(small, folder):
    with Mirror() as gone:
        pass
    with pytest.raises(DownloadError, match=rf"{small.first}: Connection refused\); try again later"):
        small.fetched(folder, gone)
    assert not in_folder(folder)
    with Mirror() as good:
        assert small.fetched(folder, gone, good)


@fault("DNS failure", "a name under .invalid", "a sentence and no file; then from the second mirror")
def test_a_name_that_does_not_exist(small, folder):
    address = "http://tinytorch.invalid/"
    with pytest.raises(DownloadError, match=rf"http://tinytorch\.invalid/{small.first}: .+; try again later"):
        download.fetch(mirror.small(small.name, address), folder)
    assert not in_folder(folder)
    with Mirror() as good:
        download.fetch(mirror.small(small.name, address, good.url), folder)
    assert in_folder(folder) == small.contents


STEERING = "\x1b]0;owned\x07\x1b[31mred"  # sets a terminal's title, rings and turns red


def says(code, reason="", header=("X-Nothing", "0")):
    def fault(handler, content, start):
        handler.send_response(code, reason)
        handler.send_header(*header)
        handler.end_headers()
        handler.close_connection = True

    return fault


def garbage(handler, content, start):
    handler.wfile.write(f"{STEERING}\r\n\r\n".encode())
    handler.close_connection = True


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            answer, id=place, marks=fault("words that steer a terminal", f"in {place}", "shown without effect")
        )
        for place, answer in {
            "the reason of a status": says(403, STEERING),
            "a type": says(200, "OK", ("Content-Type", STEERING)),
            "a length": says(200, "OK", ("Content-Length", STEERING)),
            "no HTTP at all": garbage,
        }.items()
    ],
)
def test_what_a_server_says_does_not_steer_the_terminal(folder, answer):
    with Mirror(after=answer) as bad, pytest.raises(DownloadError) as failure:
        fetched(folder, bad)
    error = failure.value
    assert str(error).isprintable(), repr(str(error))
    assert "".join(traceback.format_exception(error)).replace("\n", "").isprintable()


def test_a_server_that_talks_at_length_is_cut_short(folder):
    with Mirror(after=says(403, "no " * 10_000)) as bad, pytest.raises(DownloadError) as failure:
        fetched(folder, bad)
    assert "status 403" in str(failure.value)
    assert len(str(failure.value)) < 1000


@fault("words that steer a terminal", "in what a proxy for https says", "shown without effect")
def test_what_a_proxy_says_does_not_steer_the_terminal(folder, monkeypatch):
    with mirror.Tunnel(refuse=403, reason=STEERING) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(DownloadError, match=r"403 \?]0;owned\?\?\[31mred") as failure:
            download.fetch(small_mnist("https://tinytorch.invalid/"), folder)
    assert str(failure.value).isprintable()


# ---- going on ----


@fault("a body cut at every tenth", "the server hangs up there", "gone on with; no byte comes twice")
@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_body_cut_at_every_tenth_is_gone_on_with_and_no_byte_comes_twice(small, folder, tenth):
    after = small.size * tenth // 10
    with Mirror(cut(after)) as mirror_:
        assert small.fetched(folder, mirror_)
    assert mirror_.asked[:2] == [(small.first, 0), (small.first, after)]
    assert mirror_.sent == {name: len(content) for name, content in small.contents.items()}


@fault("a body cut at every tenth, and then no server", "the server hangs up and goes", "kept for the next try")
@pytest.mark.parametrize("tenth", range(1, 10))
def test_what_came_before_the_server_went_is_kept(small, folder, tenth):
    after = small.size * tenth // 10
    with Mirror(cut(after), after=status(404)) as gone, pytest.raises(DownloadError, match=f"the {after:,} bytes kept"):
        small.fetched(folder, gone)
    assert in_folder(folder) == {f"{small.first}.part": small.contents[small.first][:after]}
    with Mirror() as mirror_:
        assert small.fetched(folder, mirror_)
        assert mirror_.asked[0] == (small.first, after)


def test_many_cuts_are_outlived_as_long_as_more_comes(folder):
    rude = hasattr(urllib3.HTTPResponse, "read1")  # without it, a reset costs what came of the last 64 KiB
    with Mirror(*[cut(SIZE // 20, reset=number % 2 > 0 and rude) for number in range(15)]) as first, Mirror() as second:
        assert fetched(folder, first)
        assert first.sent[TRAIN] == SIZE
        assert not second.asked


@pytest.mark.parametrize(
    "fault",
    [mirror.login_page, status(416), status(500), mirror.content_range("bytes 9-8/7"), mirror.no_length, mirror.hang],
)
def test_what_came_survives_whatever_a_mirror_answers_later(folder, fault):
    folder.mkdir()
    (folder / f"{TRAIN}.part").write_bytes(contents()[TRAIN][:5000])
    with Mirror(after=fault) as bad, pytest.raises(DownloadError, match=r"goes on from the [\d,]+ bytes kept"):
        fetched(folder, bad)
    part = (folder / f"{TRAIN}.part").read_bytes()
    assert len(part) >= 5000
    assert contents()[TRAIN].startswith(part)


RANGES = {  # what a server says of the part that it sends, and how it is told
    "no Content-Range": ("", "it sent no Content-Range"),
    "a Content-Range of other bytes": ("bytes 0-9/10", "it sent Content-Range: bytes 0-9/10"),
    "a Content-Range of an unknown size": ("bytes 5000-*/*", "it sent Content-Range: bytes 5000-*/*"),
    "a Content-Range that is none": ("\x1b[31m", "it sent Content-Range: ?[31m"),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=fault(name, "in an answer with status 206", "asked for the whole; a whole file"))
        for name in RANGES
    ],
)
def test_a_server_that_does_not_say_which_part_it_sends_is_asked_for_the_whole(small, folder, name):
    part, whole = folder / f"{small.first}.part", small.contents[small.first]
    said, told = RANGES[name]
    folder.mkdir()
    part.write_bytes(whole[:5000])
    with Mirror(after=mirror.content_range(said)) as bad:  # also when it is asked for the whole
        with pytest.raises(DownloadError, match=r"try again, which goes on from the 5,000 bytes kept") as failure:
            small.fetched(folder, bad)
        assert bad.asked == [(small.first, 5000), (small.first, 0)]
    assert f"{told} (status 206) where bytes 0-{small.size - 1}/{small.size} were due" in str(failure.value)
    assert part.read_bytes() == whole[:5000]
    with (
        Mirror(mirror.content_range(said), after=status(404)) as gone,
        pytest.raises(DownloadError, match="status 404"),
    ):
        small.fetched(folder, gone)
    assert part.read_bytes() == whole[:5000]
    with Mirror(mirror.content_range(said)) as bad:
        assert small.fetched(folder, bad)
        assert bad.asked[:2] == [(small.first, 5000), (small.first, 0)]


def test_what_came_is_not_fetched_again_where_another_mirror_goes_on(small, folder):
    with Mirror(cut(5000), after=mirror.wrong_range) as bad, Mirror(status(500)) as good:
        assert small.fetched(folder, bad, good)
        assert bad.asked[:2] == [(small.first, 0), (small.first, 5000)]


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


# ---- what others put into a folder that all may write to ----

THESIS = b"the work of three years"


def planted(kind, place, victim):
    """Put a link, which leads to a file of the user's, into the place."""
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    try:
        {"symbolic": place.symlink_to, "hard": place.hardlink_to}[kind](victim)
    except OSError as error:  # Windows, without the right to
        pytest.skip(f"no {kind} link can be made here: {error}")


LINKS = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(
            kind, marks=fault(f"a {kind} link named like a partial file", "to a user's own file", "not written through")
        )
        for kind in ("symbolic", "hard")
    ],
)


@LINKS
@pytest.mark.parametrize("held", ["of other bytes", "a beginning", "the whole file", "too long"])
def test_a_link_named_like_a_partial_file_is_not_written_through(small, folder, tmp_path, kind, held):
    whole = small.contents[small.first]
    own = {"of other bytes": THESIS, "a beginning": whole[:5000], "the whole file": whole, "too long": whole + THESIS}
    victim = tmp_path / "thesis.txt"
    victim.write_bytes(own[held])
    planted(kind, folder / f"{small.first}.part", victim)
    with Mirror() as mirror_:
        assert small.fetched(folder, mirror_)
        assert mirror_.asked[0] == (small.first, 0)
    assert victim.read_bytes() == own[held]
    assert not any(path.is_symlink() or path.stat().st_nlink > 1 for path in folder.iterdir())


@pytest.mark.parametrize("held", [0, 5000])
def test_a_symbolic_link_that_comes_while_the_server_is_asked_is_not_written_through(folder, tmp_path, held):
    victim, part = tmp_path / "thesis.txt", folder / f"{TRAIN}.part"
    victim.write_bytes(THESIS)
    folder.mkdir()
    part.write_bytes(contents()[TRAIN][:held])

    def plant(handler, content, start):
        planted("symbolic", part, victim)
        mirror.well(handler, content, start)

    with Mirror(plant) as mirror_:
        if held:
            with pytest.raises(DownloadError, match=f"{TRAIN} from .+ can't be kept in"):
                fetched(folder, mirror_)
        assert fetched(folder, mirror_)
    assert victim.read_bytes() == THESIS


@LINKS
def test_a_link_named_like_a_file_of_the_moment_is_not_written_through(folder, tmp_path, kind):
    victim = tmp_path / "thesis.txt"
    victim.write_bytes(bytes(SIZE))
    planted(kind, folder / "tmpa1b2c3d4", victim)
    (folder / "tmpz9y8x7w6").symlink_to(tmp_path / "nowhere")
    with Mirror() as mirror_:
        download.fetch(small_mnist(mirror_.url), folder)
    assert victim.read_bytes() == bytes(SIZE)
    assert (folder / TRAIN).read_bytes() == contents()[TRAIN]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe has no name on this system")
@pytest.mark.timeout(20)
def test_a_pipe_named_like_a_partial_file_does_not_hold_the_download_up(folder):
    folder.mkdir()
    os.mkfifo(folder / f"{TRAIN}.part")
    with Mirror() as mirror_:
        assert fetched(folder, mirror_)


# ---- other processes ----


def start(small, folder, *mirrors):
    command = [sys.executable, mirror.__file__, small.name, str(folder), *(each.url for each in mirrors)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(2, marks=fault("two processes at once", "one cache, one slow server", "fetched once, whole")),
        pytest.param(8, marks=fault("eight processes at once", "one cache, one slow server", "fetched once, whole")),
    ],
)
def test_processes_at_the_same_time_fetch_once(small, folder, count):
    with Mirror(mirror.slowly(1.5)) as mirror_:
        processes = [start(small, folder, mirror_) for _ in range(count)]
        errors = [process.communicate()[1] for process in processes]
    assert errors == [""] * count
    assert [process.returncode for process in processes] == [0] * count
    assert in_folder(folder) == small.contents
    assert mirror_.asked == [(name, 0) for name in small.contents]


def test_threads_at_the_same_time_fetch_once(small, folder):
    with Mirror(mirror.slowly(0.3)) as mirror_:
        threads = [threading.Thread(target=small.fetched, args=(folder, mirror_)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert in_folder(folder) == small.contents
    assert len(mirror_.asked) == len(small.contents)


def wait_for(part, size, process):
    while not (part.exists() and part.stat().st_size > size):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.005)


@fault("kill -9 within a download", "SIGKILL at three places", "gone on with; no byte kept comes twice")
def test_a_killed_process_leaves_what_it_had_and_the_next_goes_on_from_there(small, folder, record_property):
    record_property("tries", 3)
    part = folder / f"{small.first}.part"
    with Mirror(after=mirror.slowly(8)) as mirror_:
        for _ in range(3):
            before = part.stat().st_size if part.exists() else 0
            process = start(small, folder, mirror_)
            wait_for(part, before + small.size // 10, process)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            assert not (folder / small.first).exists()
            assert small.contents[small.first].startswith(part.read_bytes())
            assert mirror_.asked[-1] == (small.first, before)
        held = part.stat().st_size
        mirror_.after = mirror.well
        assert small.fetched(folder, mirror_)  # and nothing else: pooch's files of the moment are gone, too
        assert mirror_.asked[-len(small.contents)] == (small.first, held)


@fault("kill -9 while others wait", "SIGKILL of the one of three that fetches", "another goes on from there")
def test_a_waiting_process_goes_on_where_a_killed_one_was(small, folder):
    part = folder / f"{small.first}.part"
    with Mirror(after=mirror.slowly(8)) as mirror_:
        first = start(small, folder, mirror_)
        wait_for(part, small.size // 10, first)
        waiting = [start(small, folder, mirror_) for _ in range(2)]
        time.sleep(1)
        mirror_.after = mirror.well
        first.send_signal(signal.SIGKILL)
        first.communicate()
        assert [process.communicate()[1] for process in waiting] == ["", ""]
    assert in_folder(folder) == small.contents
    names = [name for name, _ in mirror_.asked]
    assert names == [small.first, *small.contents]
    assert mirror_.asked[1][1] > small.size // 10


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


@fault("a full disk", "a tmpfs of 100 kB", "a sentence; what fitted is kept and gone on with")
def test_a_full_disk_is_told_and_what_fitted_is_kept(small, disk):
    folder = disk / small.name
    with Mirror() as mirror_:
        says = (
            rf"^{small.first} from {mirror_.url}{small.first} can't be kept in .+: No space left on device; \S+ needs"
        )
        with pytest.raises(DownloadError, match=says):
            small.fetched(folder, mirror_)
        assert not (folder / small.first).exists()
        held = (folder / f"{small.first}.part").stat().st_size
        assert held > 50_000
        assert not mount(disk, "remount,size=1m").returncode
        assert small.fetched(folder, mirror_)
        assert mirror_.asked[1] == (small.first, held)


@fault("a read-only cache", "a tmpfs mounted so", "a sentence, before anything is fetched; what is there serves")
def test_a_read_only_cache_is_told_before_anything_is_fetched(small, disk):
    assert not mount(disk, "remount,ro").returncode
    with Mirror() as mirror_:
        with pytest.raises(DownloadError, match=r"Read-only file system; .+ name one with .+ TINYTORCH_DATA"):
            small.fetched(disk / small.name, mirror_)
        assert not mirror_.asked


@fault("a read-only cache", "a tmpfs mounted so", "a sentence, before anything is fetched; what is there serves")
def test_a_read_only_cache_that_has_everything_is_enough(small, disk):
    assert not mount(disk, "remount,size=1m").returncode
    with Mirror() as mirror_:
        assert small.fetched(disk / small.name, mirror_)
        assert not mount(disk, "remount,ro").returncode
        assert small.fetched(disk / small.name, mirror_)
    assert len(mirror_.asked) == len(small.contents)


@fault("a path with spaces and other scripts", "Übungen für 数据", "a whole file")
def test_a_path_with_spaces_and_other_scripts(small, tmp_path):
    folder = tmp_path / "Übungen für 数据" / small.name
    with Mirror(cut(1000)) as mirror_:
        assert small.fetched(folder, mirror_)


def test_a_path_that_no_disk_takes(tmp_path):
    with pytest.raises(DownloadError, match="File name too long; MNIST needs"):
        fetched(tmp_path / ("x" * 300))


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


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_the_proxy_of_the_environment_is_asked(small, folder, monkeypatch, variable):
    with Mirror() as proxy:
        monkeypatch.setenv(variable, proxy.url)
        download.fetch(mirror.small(small.name, "http://tinytorch.invalid/"), folder)
        assert len(proxy.asked) == len(small.contents)
    assert in_folder(folder) == small.contents


@pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY"])
def test_no_proxy_is_asked_where_the_environment_says_so(folder, monkeypatch, variable):
    with Mirror() as proxy, Mirror() as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv(variable, "localhost,127.0.0.1")
        assert fetched(folder, server)
        assert not proxy.asked


@fault("a proxy that is gone", "HTTP_PROXY names a port where nobody listens", "a sentence and no file")
def test_a_proxy_that_is_gone_is_told_and_not_passed_by(small, folder, monkeypatch):
    with Mirror() as gone:
        pass
    monkeypatch.setenv("HTTP_PROXY", gone.url)
    with Mirror() as server, pytest.raises(DownloadError, match="Connection refused"):
        small.fetched(folder, server)
    assert not server.asked
    assert not in_folder(folder)


BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # in the order in which requests asks them


@pytest.fixture
def certified(tmp_path, monkeypatch):
    """Return a server that speaks TLS, with a certificate that nobody has signed, and the certificate's file."""
    if not shutil.which("openssl"):
        pytest.skip("a certificate can't be made here: openssl is not installed")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run([*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    for name in BUNDLES:
        monkeypatch.delenv(name, raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Mirror() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.url = f"https://localhost:{server.server_port}/"
        yield server, certificate


@fault("a certificate that nobody has signed", "a server with its own", "a sentence and no file")
def test_a_certificate_that_nobody_has_signed_is_refused(small, folder, certified):
    server, _ = certified
    with pytest.raises(DownloadError, match=f"{small.first}: .*certificate"):
        small.fetched(folder, server)
    assert not server.asked
    assert not in_folder(folder)


@pytest.mark.parametrize(
    "variable",
    [
        pytest.param(name, marks=fault("certificates that are not there", f"{name} names no file", "a sentence"))
        for name in BUNDLES
    ],
)
def test_a_setting_that_names_no_certificates_is_told_and_not_taken_for_the_folders_fault(
    small, folder, certified, monkeypatch, variable
):
    server, certificate = certified
    for name in BUNDLES[: BUNDLES.index(variable)]:  # requests passes by what is empty
        monkeypatch.setenv(name, "")
    for name in BUNDLES[BUNDLES.index(variable) + 1 :]:  # and asks the first
        monkeypatch.setenv(name, str(certificate))
    monkeypatch.setenv(variable, "/nowhere/certificates.pem")
    says = (
        rf"^{variable} names /nowhere/certificates\.pem, which does not exist: let it name a file of .+, or unset it; "
    )
    with pytest.raises(DownloadError, match=says) as failure:
        small.fetched(folder, server)
    assert server.url + small.first in str(failure.value)
    assert "can't be kept" not in str(failure.value)
    assert not server.asked
    assert not in_folder(folder)


def test_certificates_that_are_not_there_are_not_needed_where_none_is_shown(folder, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/certificates.pem")
    with Mirror() as server:
        assert fetched(folder, server)


def test_https_goes_through_the_proxy_of_the_environment(small, folder, certified, monkeypatch):
    server, certificate = certified
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with mirror.Tunnel() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert small.fetched(folder, server)
        assert set(proxy.asked) == {f"localhost:{server.server_port}"}


@fault("a proxy that refuses", "HTTPS_PROXY answers 407", "a sentence and no file")
def test_a_proxy_that_refuses_is_told_and_not_passed_by(small, folder, certified, monkeypatch):
    server, certificate = certified
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with mirror.Tunnel(refuse=407) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(DownloadError, match=f"{small.first}: .*407"):
            small.fetched(folder, server)
    assert not server.asked
    assert not in_folder(folder)


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
