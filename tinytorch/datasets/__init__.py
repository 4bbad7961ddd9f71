"""Which datasets come with TinyTorch, and how are they loaded?

Everything here is NumPy arrays and the standard library; nothing knows what a Tensor is.

>>> from tinytorch.datasets import load_tinydigits
>>> images, labels = load_tinydigits(split="train", return_X_y=True)
>>> images.shape, labels.shape
((150, 8, 8), (150,))
"""

from tinytorch.datasets.catalog import CATALOG, REMOTE, DatasetInfo, UnknownDatasetError, get_dataset
from tinytorch.datasets.download import DownloadError
from tinytorch.datasets.files import DamagedFileError
from tinytorch.datasets.images import ImageData, load_images, load_tinydigits, load_tinymnist
from tinytorch.datasets.maps import TinyDigits, TinyMNIST, TinyTalks
from tinytorch.datasets.official import FormatError
from tinytorch.datasets.remote import CIFAR10, MNIST, DataNotFoundError
from tinytorch.datasets.talks import TalkData, load_tinytalks

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
