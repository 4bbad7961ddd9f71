"""How are MNIST and CIFAR-10 used, which do not come with the package?

They are fetched only when asked for, or read where they lie; either way a file is compared with the catalog first.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import numpy as np

from tinytorch.datasets.catalog import REMOTE, DataFile, RemoteFile, RemoteInfo, need_split
from tinytorch.datasets.download import Progress, fetch, sha256_of
from tinytorch.datasets.files import DamagedFileError
from tinytorch.datasets.maps import LabelledImages, Transform
from tinytorch.datasets.official import (
    CIFAR_RECORD,
    Bytes,
    FormatError,
    Labels,
    cifar10_members,
    read_cifar10,
    read_idx,
)


class DataNotFoundError(FileNotFoundError):
    """A dataset's files are not on this disk; the message says how they get there."""


def cache_folder() -> Path:
    """Return the folder for what is fetched or trained, which need not exist.

    It is the one that the environment variable ``TINYTORCH_DATA`` names, or else the user's cache folder.
    """
    home = os.environ.get("TINYTORCH_DATA")
    if not home:
        import pooch

        home = pooch.os_cache("tinytorch")
    return Path(home).expanduser()


def data_folder(info: RemoteInfo, root: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder for a dataset's files, which need not exist: of its name, in ``root`` or in `cache_folder`.

    >>> data_folder(REMOTE["mnist"], "/srv/data").as_posix()
    '/srv/data/mnist'
    """
    return (Path(root).expanduser() if root else cache_folder()) / info.name


class Files:
    """Where the files of a dataset are looked for: in the cache, or in a folder that the user names.

    Args:
        info: The dataset.
        root: Folder that takes the place of the cache: see `data_folder`.
        from_dir: Folder that holds the published files, or holds a folder of the dataset's name that does. They are
            read in place and never changed.
    """

    def __init__(
        self,
        info: RemoteInfo,
        root: str | os.PathLike[str] | None = None,
        from_dir: str | os.PathLike[str] | None = None,
    ) -> None:
        self.info, self.from_dir = info, from_dir
        self.folder = Path(from_dir).expanduser() if from_dir else data_folder(info, root)
        self.command = f"tinytorch datasets download {info.name}" + (f' --root "{root}"' if root else "")

    def find(self, file: RemoteFile) -> tuple[Path, DataFile]:
        """Return where a file lies, and its declaration: the published one's, or that of what it unpacks to.

        Raises:
            DataNotFoundError: If it is not there.
        """
        for folder in (self.folder, self.folder / self.info.name) if self.from_dir else (self.folder,):
            for each in (file, file.unpacked):
                if each and (folder / each.name).is_file():
                    return folder / each.name, each
        raise DataNotFoundError(self.missing(file))

    def open(self, file: RemoteFile) -> IO[bytes]:
        """Open a file, packed or unpacked, after comparing it with the catalog.

        Raises:
            DataNotFoundError: If it is not there.
            DamagedFileError: If its size or sha256 differs.
        """
        path, expected = self.find(file)
        content = path.open("rb")
        found = sha256_of(content)
        if found != expected.sha256:
            size = content.tell()
            content.close()
            raise DamagedFileError(
                f"{path.name} is damaged: {self._remedy()}; expected {expected.size:,} bytes with sha256 "
                f"{expected.sha256[:12]}, found {size:,} bytes with sha256 {found[:12]} at {path}"
            )
        content.seek(0)
        return content

    def _remedy(self, files: int = 1) -> str:
        if self.from_dir:
            return f"put the published file{'s' * (files > 1)} there, or leave out --from-dir (from_dir=)"
        return f"`{self.command}` fetches it again"

    def missing(self, *files: RemoteFile) -> str:
        """The sentence for files that are not there."""
        title = self.info.title
        if self.from_dir:
            names = [f"{file.name} or {file.unpacked.name}" if file.unpacked else file.name for file in files]
            return f"there is no {', no '.join(names)} in {self.folder}: {self._remedy(len(files))}"
        return (
            f"{title} is not in {self.folder}: fetch it ({self.info.cost} at 10 Mbit/s) with `{self.command}` "
            f"or {title.replace('-', '')}(download=True), "
            f"or name a folder that has {files[0].name}: from_dir=, --from-dir"
        )


class RemoteImages(LabelledImages):
    """What MNIST and CIFAR-10 share: where their files are looked for, and torchvision's arguments."""

    name: str  # in the catalog

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        split: str | bool = "train",
        transform: Transform | None = None,
        target_transform: Transform | None = None,
        download: bool = False,
        *,
        train: bool | None = None,
        from_dir: str | os.PathLike[str] | None = None,
        progress: Progress | None = None,
    ) -> None:
        info = REMOTE[self.name]
        if isinstance(split, bool):  # torchvision's second argument
            train, split = split, "train"
        if train is not None and split not in (("train",) if train else ("train", "test")):
            raise ValueError(f"split={split!r} and train={train} say different things: give one of them")
        self.split = split if train is None else "train" if train else "test"
        need_split(info, self.split)
        if download and from_dir:
            raise ValueError("download=True fetches, and from_dir= reads what is on disk: give one of them")
        files = Files(info, root, from_dir)
        if download:
            fetch(info, files.folder, progress)
        self.folder, self.classes = files.folder, info.target_names
        data, targets = self._read(files, tuple(info.splits) if self.split == "all" else (self.split,))
        super().__init__(data, targets, transform, target_transform)

    def _read(self, files: Files, splits: Sequence[str]) -> tuple[Bytes, Labels]:
        raise NotImplementedError

    def __repr__(self) -> str:
        shape = "×".join(str(side) for side in self.data.shape)
        return f"{type(self).__name__}({self.split!r}: {shape} {self.data.dtype}, from {self.folder})"


class MNIST(RemoteImages):
    """MNIST: 60,000 handwritten digits to train on and 10,000 to test on, 28×28, from 0 (paper) to 255 (ink).

    torchvision's arguments work as well: ``MNIST(root, train=True, download=True)``.

    Args:
        root: Folder in which ``mnist/`` lies or is made. Default: what the environment variable ``TINYTORCH_DATA``
            names, or else the user's cache folder.
        split: ``"train"``, ``"test"`` or ``"all"`` (train first); True and False are train and test.
        transform: Applied to each image, an array ``(28, 28)`` uint8, when it is asked for.
        target_transform: Applied to each label, an int.
        download: Fetch the files that are missing or damaged. Without it, nothing touches the network.
        train: torchvision's name for the split.
        from_dir: Folder that holds the four published files, gzipped or not; read in place.
        progress: Called as ``progress(file, bytes_here)`` during the download, which is silent without it.

    Attributes:
        data: ``(N, 28, 28)`` uint8.
        targets: ``(N,)`` int64.
        classes: The names of the labels; ``class_to_idx`` is the other way round.

    Raises:
        DataNotFoundError: If a file is not there; the message says how to get it.
        DamagedFileError: If a file is not the published one.
        DownloadError: If a file can't be fetched or kept.
        ValueError: If there is no such split.

    Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document recognition*,
    Proceedings of the IEEE 86(11), 1998, doi:10.1109/5.726791.

    >>> MNIST("/nowhere")
    Traceback (most recent call last):
        ...
    tinytorch...DataNotFoundError: MNIST is not in ...mnist: fetch it (11.6 MB, about 10 seconds at 10 Mbit/s) with ...
    """

    name = "mnist"

    def _read(self, files: Files, splits: Sequence[str]) -> tuple[Bytes, Labels]:
        by_name = {file.name: file for file in files.info.files}
        prefixes = {"train": "train", "test": "t10k"}
        names = [f"{prefixes[split]}-{kind}-ubyte.gz" for split in splits for kind in ("images-idx3", "labels-idx1")]
        with ExitStack() as stack:  # a file that is wrong or missing is noticed before another one is unpacked
            opened = [stack.enter_context(files.open(by_name[name])) for name in names]
            arrays = [_idx(content) for content in opened]
        images, labels = arrays[::2], arrays[1::2]
        for split, pictures, digits in zip(splits, images, labels):
            count = files.info.splits[split]
            if pictures.shape != (count, 28, 28) or digits.shape != (count,):
                raise FormatError(f"MNIST's {split} files hold {pictures.shape} images, {digits.shape} labels")
        return np.concatenate(images), np.concatenate(labels).astype(np.int64)


def _idx(content: IO[bytes]) -> Bytes:
    import gzip

    data = content.read()
    return read_idx(gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data)


class CIFAR10(RemoteImages):
    """CIFAR-10: 50,000 photographs to train on and 10,000 to test on, 32×32, ten kinds of things.

    It is read from the archive of the binary version, which holds no pickle and is not unpacked on disk.
    torchvision's arguments work as well: ``CIFAR10(root, train=True, download=True)``.

    Args:
        root: Folder in which ``cifar10/`` lies or is made. Default: what the environment variable
            ``TINYTORCH_DATA`` names, or else the user's cache folder.
        split: ``"train"``, ``"test"`` or ``"all"`` (train first); True and False are train and test.
        transform: Applied to each image, an array ``(32, 32, 3)`` uint8, when it is asked for.
        target_transform: Applied to each label, an int.
        download: Fetch the archive if it is missing or damaged. Without it, nothing touches the network.
        train: torchvision's name for the split.
        from_dir: Folder that holds ``cifar-10-binary.tar.gz``; read in place.
        progress: Called as ``progress(file, bytes_here)`` during the download, which is silent without it.

    Attributes:
        data: ``(N, 32, 32, 3)`` uint8: row, column, and red, green, blue.
        targets: ``(N,)`` int64.
        classes: The names of the labels; ``class_to_idx`` is the other way round.

    Raises:
        DataNotFoundError: If the archive is not there; the message says how to get it.
        DamagedFileError: If it is not the published one.
        DownloadError: If it can't be fetched or kept.
        ValueError: If there is no such split.

    Source: A. Krizhevsky, *Learning Multiple Layers of Features from Tiny Images*, University of Toronto, 2009.

    >>> CIFAR10("/nowhere", "valid")
    Traceback (most recent call last):
        ...
    ValueError: CIFAR-10 has no split 'valid'; choose one of 'train', 'test', 'all'
    """

    name = "cifar10"

    def _read(self, files: Files, splits: Sequence[str]) -> tuple[Bytes, Labels]:
        batches = {"train": [f"data_batch_{number}.bin" for number in range(1, 6)], "test": ["test_batch.bin"]}
        counts = {name: files.info.splits[split] // len(batches[split]) for split in batches for name in batches[split]}
        places, total = {}, 0  # where each member's images go
        for name in (name for split in splits for name in batches[split]):
            places[name] = slice(total, total + counts[name])
            total += counts[name]
        with files.open(files.info.files[0]) as archive:  # before it takes memory: the archive may not be there
            images, labels = np.empty((total, 32, 32, 3), np.uint8), np.empty(total, np.int64)
            sizes = {name: count * CIFAR_RECORD for name, count in counts.items()}
            for name, content in cifar10_members(archive, sizes):
                if name in places:
                    images[places[name]], labels[places[name]] = read_cifar10(content)
        return images, labels
