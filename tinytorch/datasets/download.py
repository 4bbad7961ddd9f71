"""How does a published file get onto this disk: whole, once, and no byte of it twice?

pooch makes the folder, compares sha256 and gives a whole file its name in one step; requests speaks HTTP and knows
the proxies. Added here is what they leave out: mirrors in turn, going on where a transfer broke off, a bound on what
is accepted, one process at a time, and a sentence for whatever fails.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, BinaryIO

from tinytorch.datasets.catalog import DataFile, RemoteFile, RemoteInfo

if TYPE_CHECKING:
    from requests import Response

Progress = Callable[[RemoteFile, int], None]  # told how many bytes of a file are here, whenever more have come

TIMEOUT = (10.0, 20.0)  # seconds to connect, and without a byte before the mirror counts as hung
ROUNDS = 3  # through all the mirrors, as long as nothing more comes
PAUSE = 1.0  # seconds before the second round; three times as long before the third
CHUNK = 1 << 16
PASSING = (408, 425, 429)  # statuses from 400 to 499 that a later try may not meet again
REDIRECTS = 10  # from one address to another, before that counts as going in circles


class DownloadError(OSError):
    """A file could not be fetched or kept; what had come of it waits for the next try."""


class MirrorError(Exception):
    """One mirror did not give the file; if that is ``lasting``, asking it again is of no use.

    The reason may hold words of a server or of a proxy, so it is made `printable` here, and no longer than a sentence.
    """

    def __init__(self, reason: str, lasting: bool = False) -> None:
        super().__init__(printable(reason if len(reason) <= 300 else f"{reason[:300]}…"))
        self.lasting = lasting


class RangeError(MirrorError):
    """A mirror does not say that it sends the part of the file that was asked for; it may still send the whole."""


def fetch(info: RemoteInfo, folder: Path, progress: Progress | None = None) -> None:
    """Fetch what is missing or damaged of a dataset's files into ``folder``.

    Processes that do this at the same time wait for the first, and find the files there. Files that are there
    already are compared with the catalog, and nothing is written, so that the folder may be read-only.

    Args:
        info: The dataset.
        folder: Where its files belong; made if need be.
        progress: Called as ``progress(file, bytes_here)`` while a file comes, and at its end.

    Raises:
        DownloadError: If no mirror gives a file, or the folder can't be written; files that came before stay.
    """
    with _told(info, folder, info.title):
        if all(is_there(folder, file) for file in info.files):
            return
    report = progress or (lambda file, held: None)
    with _ready(info, folder):
        for file in info.files:
            if not is_there(folder, file):
                _fetch_file(info, file, folder, report)
            report(file, file.size)


def copy(info: RemoteInfo, found: Mapping[Path, DataFile], folder: Path) -> None:
    """Put files that were found elsewhere into ``folder``, as `fetch` would; the ones that are there stay.

    Raises:
        DownloadError: If the folder can't be written.
    """
    import pooch

    with _ready(info, folder):
        for path, file in found.items():
            pooch.retrieve(
                path.absolute().as_uri(), f"sha256:{file.sha256}", file.name, folder, downloader=_copy_from_disk
            )


def _copy_from_disk(url: str, output_file: str, pooch: Any) -> None:
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    os.unlink(output_file)  # pooch makes it for the user alone; the cache may be shared
    shutil.copyfile(url2pathname(urlsplit(url).path), output_file)


@contextmanager
def _ready(info: RemoteInfo, folder: Path) -> Iterator[None]:
    """Make the folder, and be the only process that fills it: another waits, and a killed one lets go of it."""
    import pooch
    from filelock import FileLock

    logger = pooch.get_logger()  # remarks on each file are not for the user's screen
    level = logger.level
    try:
        with _told(info, folder, info.title):
            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(folder / ".lock"):
                logger.setLevel("WARNING")
                _take_up_what_was_killed(info, folder)
                yield
    finally:
        logger.setLevel(level)


@contextmanager
def _told(info: RemoteInfo, folder: Path, what: str) -> Iterator[None]:
    """Make an error of the disk a sentence about what was to be kept."""
    try:
        yield
    except (DownloadError, BrokenPipeError):  # the pipe is that of whoever is told of the progress
        raise
    except OSError as error:
        raise DownloadError(
            f"{what} can't be kept in {folder}: {error.strerror or error}; {info.title} needs {info.size / 1e6:.3g} MB "
            "in a folder that you may write to: name one with root= (--root) or in TINYTORCH_DATA"
        ) from error


def printable(text: str) -> str:
    r"""Return another's words without the characters that would steer a terminal.

    >>> printable("a\x1b[31mb\n")
    'a?[31mb?'
    """
    return "".join(character if character.isprintable() else "?" for character in text)


def is_there(folder: Path, file: RemoteFile) -> bool:
    """Say whether a file, or what it unpacks to, lies in the folder unharmed."""
    return any(is_whole(folder / each.name, each) for each in (file, file.unpacked) if each)


def is_whole(path: Path, file: DataFile) -> bool:
    """Say whether a file is the one that the catalog declares."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as content:
        return sha256_of(content) == file.sha256


def sha256_of(content: Any) -> str:
    """Return the hex digest of what is left in an open file."""
    from hashlib import sha256

    digest = sha256()
    while chunk := content.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def _fetch_file(info: RemoteInfo, file: RemoteFile, folder: Path, report: Progress) -> None:
    import pooch

    incoming = Incoming(file, folder, report)
    mirrors, reasons = list(info.mirrors), dict[str, str]()
    rounds, reached = 0, incoming.held
    while mirrors and rounds < ROUNDS:
        time.sleep(PAUSE * (2**rounds - 1))
        for mirror in tuple(mirrors):
            url = mirror + file.name
            try:
                with _told(info, folder, f"{file.name} from {url}"):
                    pooch.retrieve(url, f"sha256:{file.sha256}", file.name, folder, downloader=incoming)
                return
            except MirrorError as failure:
                reason, lasting = str(failure), failure.lasting
            except ValueError:  # pooch's word for a wrong sha256; it has thrown the file away
                reason, lasting = "it gave other bytes than the published ones", True
            reasons[mirror] = reason
            if lasting:
                mirrors.remove(mirror)
        rounds += 1
        if incoming.held > reached + file.size // 20:  # slow but alive: a twentieth of the file more, so go on
            rounds, reached = 0, incoming.held
    said = "; ".join(f"{mirror}{file.name}: {reason}" for mirror, reason in reasons.items())
    kept = f"try again, which goes on from the {incoming.held:,} bytes kept" if incoming.held else "try again later"
    raise DownloadError(
        f"{file.name} could not be fetched ({said}); {kept}, or use files on disk with from_dir= (--from-dir)"
    )


class Incoming:
    """A pooch downloader that fills ``NAME.part`` from one mirror after another, and hands it over when it is whole.

    pooch's own file of the moment is deleted when a transfer fails; this one stays, even if the process is killed.
    """

    def __init__(self, file: RemoteFile, folder: Path, report: Progress) -> None:
        self.file, self.report = file, report
        self.part = part_of(folder, file)
        self.whole_only: set[str] = set()  # addresses that can't be asked for a part
        if self.held > file.size:
            self.part.unlink()

    @property
    def held(self) -> int:
        """Bytes that are here already, in a file of our own: what others link to its name is not touched."""
        try:
            found = self.part.lstat()
        except FileNotFoundError:
            return 0
        return found.st_size if S_ISREG(found.st_mode) and found.st_nlink <= 1 else 0

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        """Make ``output_file`` the whole file; raise `MirrorError` if this mirror does not give what is missing."""
        resumed = self.held > 0
        self._receive(url)
        if resumed and not is_whole(self.part, self.file):  # who knows which mirror gave the wrong bytes
            self.part.unlink()
            self._receive(url)
        os.replace(self.part, output_file)

    def _receive(self, url: str) -> None:
        size = self.file.size
        if self.held == size:
            return
        held = 0 if url in self.whole_only else self.held
        with _response(url, {"Range": f"bytes={held}-{size - 1}"} if held else {}) as response:
            try:
                held = held if _continues(response, held, size) else 0
            except RangeError:  # other mirrors may go on; what is held goes when the whole begins to come
                self.whole_only.add(url)
                raise
            read = getattr(response.raw, "read1", response.raw.read)  # urllib3 1 has no read1: up to CHUNK is lost
            with self._opened(anew=not held) as part:
                while held < size and (chunk := read(min(CHUNK, size - held), decode_content=False)):
                    part.write(chunk)
                    part.flush()  # so that it outlives this process
                    held += len(chunk)
                    self.report(self.file, held)
                os.fsync(part.fileno())
        if held < size:
            raise MirrorError(f"the connection ended after {held:,} of {size:,} bytes")

    @contextmanager
    def _opened(self, anew: bool) -> Iterator[BinaryIO]:
        """Open the partial file to write to its end; in a shared folder a link may take its place at any moment."""
        if anew:
            self.part.unlink(missing_ok=True)
        with open(self.part, "xb" if anew else "ab", opener=_not_through_a_link) as part:
            if not os.path.samestat(os.fstat(part.fileno()), self.part.lstat()):  # Windows has followed a link
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(self.part))
            yield part


def _not_through_a_link(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)  # Windows has no such flag


def part_of(folder: Path, file: RemoteFile) -> Path:
    """Return where the beginning of a file is kept until the rest has come."""
    return folder / f"{file.name}.part"


def _continues(response: Response, held: int, size: int) -> bool:
    """Say whether the answer goes on after ``held`` bytes, rather than starting anew; refuse anything else.

    Refused before a byte is written, so that a login page of the network does no harm to what is kept.
    """
    status, length = response.status_code, response.headers.get("Content-Length")
    said, due = response.headers.get("Content-Range"), f"bytes {held}-{size - 1}/{size}"
    if status == 206 and said == due:
        return True
    if status == 206:
        told = f"Content-Range: {said}" if said else "no Content-Range"
        raise RangeError(f"it sent {told} (status 206) where {due} were due", lasting=not held)
    if status == 200 and length == str(size):
        return False
    kind = response.headers.get("Content-Type", "something")
    raise MirrorError(
        f"it answered with {kind} of {length or 'unknown'} bytes (status {status}) where {size - held:,} were due",
        lasting=True,
    )


@contextmanager
def _response(url: str, headers: dict[str, str]) -> Iterator[Response]:
    """Ask for an address; whatever goes wrong with it, also later while reading, is a `MirrorError`."""
    from urllib.parse import urljoin

    import requests
    from urllib3.exceptions import HTTPError

    class Session(requests.Session):
        """Sees no redirection, as it would read the whole page that comes with one, however long."""

        def get_redirect_target(self, resp: Response) -> None:
            return None

    headers = {"Accept-Encoding": "identity", **headers}
    try:
        for _ in range(REDIRECTS):
            _need_certificates(url)
            with Session() as session, session.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
                if response.is_redirect:
                    url = urljoin(url, response.headers["Location"])
                    continue
                status = response.status_code
                if status >= 400:
                    raise MirrorError(f"status {status} {response.reason}", status < 500 and status not in PASSING)
                yield response
                return
    except (requests.RequestException, HTTPError, ValueError) as error:  # the last from an address that is none
        raise MirrorError(_reason(error)) from error
    raise MirrorError("it sends from one address to another without end")


def _need_certificates(url: str) -> None:
    """Refuse a setting that names no certificates; requests would raise what a folder that can't be written does."""
    variable = next((name for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE") if os.environ.get(name)), None)
    if variable and url.lower().startswith("https:") and not os.path.exists(os.environ[variable]):
        raise DownloadError(
            f"{variable} names {os.environ[variable]}, which does not exist: let it name a file of certificates, "
            f"or unset it; without them {printable(url)} is not asked"
        )


def _reason(error: BaseException) -> str:
    """Return what lies at the root of an error of requests, which wraps it several times."""
    from urllib3.exceptions import IncompleteRead

    root = error
    while cause := root.__cause__ or root.__context__:
        root = cause
    if isinstance(root, TimeoutError) and not root.strerror:
        return "it did not answer in time"
    if isinstance(root, IncompleteRead):
        return "the connection ended early"
    return getattr(root, "strerror", None) or str(root) or type(root).__name__


def _take_up_what_was_killed(info: RemoteInfo, folder: Path) -> None:
    """Keep a whole file that pooch was checking, under a name of the moment, when the process was killed."""
    for stray in folder.glob("tmp????????"):
        size = stray.lstat().st_size  # of a link itself, which is not taken up
        owner = next((file for file in info.files if file.size == size), None)
        if owner:
            os.replace(stray, part_of(folder, owner))
        elif not size:
            stray.unlink()
