"""A web server on loopback that serves small files of MNIST's and CIFAR-10's kind, and misbehaves as told.

As a program, `python mirror.py DATASET FOLDER MIRROR...` fetches these files, as a process that a test may kill.
"""

from __future__ import annotations

import gzip
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import archives
import numpy as np

from tinytorch.datasets import catalog, download
from tinytorch.datasets.official import write_idx

TRAIN, TEST = 300, 40
BATCH = 8  # images in each file of CIFAR-10's archive


@cache
def contents(dataset: str = "mnist") -> dict[str, bytes]:
    """Return the dataset's files, by name; the images are noise, which gzip can't make smaller."""
    if dataset == "cifar10":
        return {"cifar-10-binary.tar.gz": archives.archive(contents=archives.batches(BATCH))}
    random = np.random.Generator(np.random.PCG64(4))
    files = {}
    for prefix, count in (("train", TRAIN), ("t10k", TEST)):
        images = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = random.integers(0, 10, count, dtype=np.uint8)
        files[f"{prefix}-images-idx3-ubyte.gz"] = gzip.compress(write_idx(images), mtime=0)
        files[f"{prefix}-labels-idx1-ubyte.gz"] = gzip.compress(write_idx(labels), mtime=0)
    return files


def declared(name: str, content: bytes) -> catalog.RemoteFile:
    """Return the declaration of a file that a test has made."""
    unpacked = None
    if not name.endswith(".tar.gz"):
        plain = gzip.decompress(content)
        unpacked = catalog.DataFile(name.removesuffix(".gz"), len(plain), sha256(plain).hexdigest())
    return catalog.RemoteFile(name, len(content), sha256(content).hexdigest(), "", unpacked)


def small(dataset: str, *mirrors: str) -> catalog.RemoteInfo:
    """Return the catalog's entry, with these files in place of the published ones."""
    files = tuple(declared(name, content) for name, content in contents(dataset).items())
    splits = {"mnist": {"train": TRAIN, "test": TEST}, "cifar10": {"train": 5 * BATCH, "test": BATCH}}[dataset]
    return replace(catalog.REMOTE[dataset], files=files, mirrors=mirrors, splits=splits)


def small_mnist(*mirrors: str) -> catalog.RemoteInfo:
    return small("mnist", *mirrors)


# ---- what a request may meet; each is given the handler, the content and where it should start ----

Fault = Callable[["Handler", bytes, int], None]


def well(handler: Handler, content: bytes, start: int) -> None:
    """Answer as a web server should."""
    if start >= len(content):
        handler.page(416, b"")
        return
    handler.head(content, start)
    handler.body(content[start:])


def status(code: int) -> Fault:
    """Answer with an error."""
    return lambda handler, content, start: handler.page(code, b"no")


def login_page(handler: Handler, content: bytes, start: int) -> None:
    """Answer as the network of a hotel does."""
    handler.page(200, b"<html>Accept our terms</html>", "text/html")


def redirect(to: str = "", endless: bool = False) -> Fault:
    """Send the client to another address, or to where it is, perhaps with a page that never ends."""

    def fault(handler: Handler, content: bytes, start: int) -> None:
        handler.send_response(302)
        handler.send_header("Location", to or handler.path)
        if not endless:
            handler.send_header("Content-Length", "0")
        handler.end_headers()
        while endless and not handler.server.stopped.is_set():
            handler.wfile.write(bytes(100_000))

    return fault


def silent(handler: Handler, content: bytes, start: int) -> None:
    """Take the question, and never answer."""
    handler.server.stopped.wait(10)
    handler.close_connection = True


def cut(after: int, reset: bool = False) -> Fault:
    """Promise everything, send some bytes, and hang up, perhaps rudely."""

    def fault(handler: Handler, content: bytes, start: int) -> None:
        handler.head(content, start)
        handler.body(content[start : start + after])
        if reset:
            time.sleep(0.1)  # or else the client's kernel may throw away what it has not read yet
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.server.rude.add(handler.connection)
        handler.close_connection = True

    return fault


def hang(handler: Handler, content: bytes, start: int) -> None:
    """Send a part, and then nothing, until the client gives up."""
    handler.head(content, start)
    handler.body(content[start : start + 1000])
    handler.server.stopped.wait(10)


def other_bytes(handler: Handler, content: bytes, start: int) -> None:
    """Send a file of the right length with one wrong bit in it."""
    wrong = bytearray(content)
    wrong[len(wrong) // 2] ^= 4
    well(handler, bytes(wrong), start)


def other_bytes_cut(handler: Handler, content: bytes, start: int) -> None:
    """Send the first half of the wrong file."""
    wrong = bytearray(content)
    wrong[len(wrong) // 3] ^= 4
    cut(len(content) // 2)(handler, bytes(wrong), start)


def no_ranges(handler: Handler, content: bytes, start: int) -> None:
    """Always send everything."""
    well(handler, content, 0)


def wrong_range(handler: Handler, content: bytes, start: int) -> None:
    """Send another part than the one that was asked for."""
    well(handler, content, max(start - 10, 0) if start else 0)


def content_range(said: str) -> Fault:
    """Send the right part of the file, and say something else of it, or nothing."""

    def fault(handler: Handler, content: bytes, start: int) -> None:
        handler.send_response(206)
        if said:
            handler.send_header("Content-Range", said)
        handler.send_header("Content-Length", str(len(content) - start))
        handler.end_headers()
        handler.body(content[start:])

    return fault


def endless(handler: Handler, content: bytes, start: int) -> None:
    """Send no length, and never stop."""
    handler.head(content, start, length=False)
    handler.body(content[start:])
    while not handler.server.stopped.is_set():
        handler.body(bytes(10_000))


def compressing(handler: Handler, content: bytes, start: int) -> None:
    """Send the file compressed once more, as some servers do where the client would take that."""
    if "gzip" in handler.headers.get("Accept-Encoding", ""):
        handler.page(200, gzip.compress(content))
    else:
        well(handler, content, start)


def cut_without_length(handler: Handler, content: bytes, start: int) -> None:
    """Send the right part, without saying how long it is, and hang up too early."""
    handler.head(content, start, length=False)
    handler.body(content[start : start + 1000])
    handler.close_connection = True


def no_length(handler: Handler, content: bytes, start: int) -> None:
    """Send everything without saying how much it is."""
    handler.send_response(200)
    handler.end_headers()
    handler.body(content)
    handler.close_connection = True


def slowly(seconds: float) -> Fault:
    """Take this long for what is asked for."""

    def fault(handler: Handler, content: bytes, start: int) -> None:
        handler.head(content, start)
        for at in range(start, len(content), 2000):
            handler.body(content[at : at + 2000])
            time.sleep(seconds * 2000 / (len(content) - start))

    return fault


class Handler(BaseHTTPRequestHandler):
    """Answers a request as the next fault of its server says."""

    protocol_version = "HTTP/1.1"
    server: Mirror

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        wanted = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0]
        with self.server.counting:
            self.server.asked.append((name, int(wanted)))
            fault = self.server.faults.pop(0) if self.server.faults else self.server.after
        self.name = name
        try:
            fault(self, self.server.files[name], int(wanted))
            self.wfile.flush()
        except OSError:  # the client has gone
            self.close_connection = True

    def page(self, code: int, text: bytes, kind: str = "text/plain") -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def head(self, content: bytes, start: int, length: bool = True) -> None:
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if length:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()

    def body(self, part: bytes) -> None:
        self.wfile.write(part)
        with self.server.counting:
            self.server.sent[self.name] = self.server.sent.get(self.name, 0) + len(part)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Mirror(ThreadingHTTPServer):
    """A server with `files`; its first requests meet `faults`, one each, and later ones `after`."""

    daemon_threads = True
    request_queue_size = 20

    def __init__(self, *faults: Fault, after: Fault = well, files: dict[str, bytes] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {**contents(), **contents("cifar10")} if files is None else files
        self.faults, self.after = list(faults), after
        self.asked: list[tuple[str, int]] = []  # names, and where they should start
        self.sent: dict[str, int] = {}  # bytes of each file
        self.rude: set[socket.socket] = set()  # connections that are closed without a goodbye
        self.counting, self.stopped = threading.Lock(), threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/"

    def __enter__(self) -> Mirror:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def shutdown_request(self, request: socket.socket) -> None:
        if request in self.rude:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.shutdown()
        self.server_close()


class Tunnel(ThreadingHTTPServer):
    """A proxy for https: it joins the client and the address that it asks for, or refuses to."""

    daemon_threads = True

    def __init__(self, refuse: int = 0, reason: str | None = None) -> None:
        super().__init__(("127.0.0.1", 0), TunnelHandler)
        self.refuse, self.reason, self.asked = refuse, reason, list[str]()
        self.url = f"http://127.0.0.1:{self.server_port}/"

    def __enter__(self) -> Tunnel:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class TunnelHandler(BaseHTTPRequestHandler):
    server: Tunnel

    def do_CONNECT(self) -> None:
        self.server.asked.append(self.path)
        if self.server.refuse:
            self.send_error(self.server.refuse, self.server.reason)
            return
        host, port = self.path.rsplit(":", 1)
        with socket.create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=pour, args=(there, self.connection), daemon=True)
            back.start()
            pour(self.connection, there)
            back.join()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def pour(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until nothing does."""
    try:
        while part := source.recv(1 << 16):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:  # one side has gone
        pass


def main(arguments: Sequence[str]) -> None:
    download.PAUSE = 0.02
    dataset, folder, *mirrors = arguments
    try:
        download.fetch(small(dataset, *mirrors), Path(folder))
    except download.DownloadError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
