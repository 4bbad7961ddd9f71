"""Which datasets come with TinyTorch, and how are they loaded?

Everything here is NumPy arrays and the standard library; nothing knows what a Tensor is.

>>> from tinytorch.datasets import load_tinydigits
>>> images, labels = load_tinydigits(split="train", return_X_y=True)
>>> images.shape, labels.shape
((150, 8, 8), (150,))
"""

from tinytorch.datasets.catalog import CATALOG, DatasetInfo, UnknownDatasetError, get_dataset
from tinytorch.datasets.files import DamagedFileError
from tinytorch.datasets.images import ImageData, load_tinydigits
from tinytorch.datasets.talks import TalkData, load_tinytalks

__all__ = [
    "CATALOG",
    "DamagedFileError",
    "DatasetInfo",
    "ImageData",
    "TalkData",
    "UnknownDatasetError",
    "get_dataset",
    "load_tinydigits",
    "load_tinytalks",
]
