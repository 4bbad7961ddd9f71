"""Which datasets come with TinyTorch, and how are they loaded?

The loaders give NumPy arrays and know nothing of tensors. The classes give one sample after another, as a DataLoader
takes them; what they are built on is imported when one of them is first asked for.

>>> from tinytorch.datasets import load_tinydigits
>>> images, labels = load_tinydigits(split="train", return_X_y=True)
>>> images.shape, labels.shape
((150, 8, 8), (150,))
"""

from typing import TYPE_CHECKING, Any

from tinytorch.datasets.catalog import CATALOG, REMOTE, DatasetInfo, UnknownDatasetError, get_dataset
from tinytorch.datasets.download import DownloadError
from tinytorch.datasets.files import DamagedFileError
from tinytorch.datasets.images import ImageData, load_images, load_tinydigits, load_tinymnist
from tinytorch.datasets.official import FormatError
from tinytorch.datasets.talks import TalkData, load_tinytalks

if TYPE_CHECKING:
    from tinytorch.datasets.maps import TinyDigits, TinyMNIST, TinyTalks
    from tinytorch.datasets.remote import CIFAR10, MNIST, DataNotFoundError

__all__ = [
    "CATALOG",
    "CIFAR10",
    "MNIST",
    "REMOTE",
    "DamagedFileError",
    "DataNotFoundError",
    "DatasetInfo",
    "DownloadError",
    "FormatError",
    "ImageData",
    "TalkData",
    "TinyDigits",
    "TinyMNIST",
    "TinyTalks",
    "UnknownDatasetError",
    "get_dataset",
    "load_images",
    "load_tinydigits",
    "load_tinymnist",
    "load_tinytalks",
]


_LATER = {
    **dict.fromkeys(("TinyDigits", "TinyMNIST", "TinyTalks"), "maps"),
    **dict.fromkeys(("CIFAR10", "MNIST", "DataNotFoundError"), "remote"),
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _LATER:
        raise AttributeError(f"module 'tinytorch.datasets' has no attribute {name!r}")
    return getattr(import_module(f"tinytorch.datasets.{_LATER[name]}"), name)
