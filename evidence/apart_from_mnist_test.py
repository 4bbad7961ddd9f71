"""Is every TinyMNIST image where it says in MNIST's training file, and none of them in MNIST's test file?

python evidence/apart_from_mnist_test.py --mnist DIR
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from image_sources import arguments, official_mnist
from record import record


def main(mnist: Path) -> None:
    """Print and record the counts."""
    place = Path(__file__).parents[1] / "tinytorch" / "datasets" / "tinymnist" / "tinymnist.npz"
    with np.load(place, allow_pickle=False) as archive:
        images, labels, index = (archive[name] for name in ("images", "labels", "source_index"))
    train_images, train_labels = official_mnist(mnist, "train")
    test_images, _ = official_mnist(mnist, "t10k")
    in_test = {image.tobytes() for image in test_images}
    findings = {
        "images": len(images),
        "equal to the training file at their index": int((images == train_images[index]).all(axis=(1, 2)).sum()),
        "labels equal": int((labels == train_labels[index]).sum()),
        "images of the test file compared with": len(in_test),
        "found in the test file": sum(image.tobytes() in in_test for image in images),
    }
    print(findings)
    record("apart_from_mnist_test", {}, findings)


if __name__ == "__main__":
    main(arguments(__doc__ or "", "mnist").mnist)
