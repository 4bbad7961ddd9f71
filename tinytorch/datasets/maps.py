"""How are the shipped datasets given sample by sample, as a DataLoader takes them?

These classes are `Dataset` of `tinytorch.utils.data`; PyTorch's DataLoader takes them as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tinytorch.datasets import images, talks
from tinytorch.utils.data import Dataset

Transform = Callable[[Any], Any]


class Pairs(Dataset[Any]):
    """Samples ``(what a model is given, what it should answer)``, by number.

    Args:
        transform: Called with the first of each pair when it is taken.
        target_transform: Called with the second.
    """

    def __init__(
        self, data: Any, targets: Any, transform: Transform | None = None, target_transform: Transform | None = None
    ) -> None:
        self.data, self.targets = data, targets
        self.transform, self.target_transform = transform, target_transform

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        sample, target = self.data[index], self.targets[index]
        if isinstance(target, np.integer):
            target = int(target)
        return (
            self.transform(sample) if self.transform else sample,
            self.target_transform(target) if self.target_transform else target,
        )

    def __len__(self) -> int:
        return len(self.targets)


class LabelledImages(Pairs):
    """Images with labels, as torchvision gives them: ``(image, int)``.

    Attributes:
        data: ``(N, height, width)`` or ``(N, height, width, colours)`` uint8.
        targets: ``(N,)`` int64.
        classes: What label 0, 1, 2, … stands for.
        split: Which part this is.
    """

    data: npt.NDArray[np.uint8]
    targets: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    split: str

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The label of each class."""
        return {name: label for label, name in enumerate(self.classes)}

    def __repr__(self) -> str:
        shape = "×".join(str(side) for side in self.data.shape)
        return f"{type(self).__name__}({self.split!r}: {shape} {self.data.dtype})"


class _Shipped(LabelledImages):
    name: str

    def __init__(
        self, split: str = "train", *, transform: Transform | None = None, target_transform: Transform | None = None
    ) -> None:
        loaded = images.load_images(self.name, split)
        super().__init__(loaded.images, loaded.labels, transform, target_transform)
        self.classes, self.split = loaded.target_names, split


class TinyDigits(_Shipped):
    """TinyDigits, image by image: ``((8, 8) uint8, int)``; see :func:`load_tinydigits`.

    Args:
        split: ``"train"``, ``"test"`` or ``"all"``.
        transform: Called with each image when it is taken.
        target_transform: Called with each label.

    Raises:
        ValueError: If there is no such split.
        DamagedFileError: If the shipped file is missing or was changed.

    >>> from tinytorch.utils.data import DataLoader
    >>> digits = TinyDigits("train", transform=lambda image: (image / 16).astype("float32"))
    >>> images, labels = next(iter(DataLoader(digits, batch_size=30)))
    >>> images.shape, images.dtype, labels.dtype
    (torch.Size([30, 8, 8]), torch.float32, torch.int64)
    """

    name = "tinydigits"


class TinyMNIST(_Shipped):
    """TinyMNIST, image by image: ``((28, 28) uint8, int)``; see :func:`load_tinymnist`.

    Args:
        split: ``"train"``, ``"test"`` or ``"all"``.
        transform: Called with each image when it is taken.
        target_transform: Called with each label.

    Raises:
        ValueError: If there is no such split.
        DamagedFileError: If the shipped file is missing or was changed.

    >>> image, label = TinyMNIST("test")[0]
    >>> image.shape, type(label)
    ((28, 28), <class 'int'>)
    """

    name = "tinymnist"


class TinyTalks(Pairs):
    """TinyTalks, pair by pair: ``(prompt, answer)``, both text; see :func:`load_tinytalks`.

    Args:
        split: ``"train"``, ``"val"``, ``"test"`` or ``"all"``.
        transform: Called with each prompt when it is taken.
        target_transform: Called with each answer.

    Raises:
        ValueError: If there is no such split.
        DamagedFileError: If a shipped file is missing or was changed.

    >>> prompt, answer = TinyTalks("train")[0]
    >>> type(prompt), type(answer)
    (<class 'str'>, <class 'str'>)
    """

    def __init__(
        self,
        split: talks.Split = "train",
        *,
        transform: Transform | None = None,
        target_transform: Transform | None = None,
    ) -> None:
        prompts, answers = talks.load_tinytalks(split, return_X_y=True)
        super().__init__(prompts, answers, transform, target_transform)
        self.split = split

    def __repr__(self) -> str:
        return f"TinyTalks({self.split!r}: {len(self)} pairs)"
