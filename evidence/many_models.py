"""Which models, from very weak to strong, are ranked by a test set? All of them learn from 1,000 images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from image_models import FAMILIES, JUDGES, Network, cnn, mlp, rbf
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import AdaBoostClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier


def components(count: int) -> PCA:
    """The first principal components: fewer of them make a weaker model."""
    return PCA(count, random_state=0)


MANY: dict[str, Callable[[], Any]] = {
    # Those that were asked how difficult images are, and so had a part in choosing the test images.
    **{name: lambda make=make: make(0) for name, make in JUDGES.items()},  # type: ignore[misc]
    # Nearest neighbours and means
    "nearest mean": lambda: make_pipeline(components(40), NearestCentroid()),
    "1-NN": lambda: FAMILIES["1-NN"](0),
    "25-NN": lambda: KNeighborsClassifier(25),
    "5-NN, cosine": lambda: KNeighborsClassifier(5, metric="cosine"),
    "5-NN, 3 components": lambda: make_pipeline(components(3), KNeighborsClassifier(5)),
    "5-NN, 8 components": lambda: make_pipeline(components(8), KNeighborsClassifier(5)),
    # Distributions
    "naive Bayes, Gaussian": lambda: GaussianNB(var_smoothing=0.1),
    "naive Bayes, ink or not": lambda: BernoulliNB(binarize=0.5),
    "naive Bayes, counts": MultinomialNB,
    "linear discriminant": lambda: LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
    "quadratic discriminant": lambda: make_pipeline(components(30), QuadraticDiscriminantAnalysis(reg_param=0.1)),
    # Lines
    "logistic regression, 2 components": lambda: make_pipeline(components(2), LogisticRegression()),
    "logistic regression, 6 components": lambda: make_pipeline(components(6), LogisticRegression()),
    "logistic regression, held back": lambda: LogisticRegression(C=0.003),
    "ridge": lambda: RidgeClassifier(alpha=100),
    "perceptron": lambda: Perceptron(random_state=0),
    "linear SVM": lambda: LinearSVC(C=0.01, random_state=0),
    # Kernels
    "SVM": lambda: FAMILIES["SVM"](0),
    "SVM, held back": lambda: SVC(C=0.1, kernel=rbf),
    "SVM, cubic": lambda: make_pipeline(components(60), SVC(kernel="poly", degree=3, coef0=1)),
    # Trees
    "tree of depth 3": lambda: DecisionTreeClassifier(max_depth=3, random_state=0),
    "tree of depth 5": lambda: DecisionTreeClassifier(max_depth=5, random_state=0),
    "tree": lambda: DecisionTreeClassifier(random_state=0),
    "forest of 5": lambda: RandomForestClassifier(5, random_state=0),
    "forest of 200": lambda: RandomForestClassifier(200, random_state=0),
    "boosted trees": lambda: AdaBoostClassifier(DecisionTreeClassifier(max_depth=3), n_estimators=30, random_state=0),
    # Networks
    "MLP of 4": lambda: Network(mlp(4), seed=0),
    "MLP of 16": lambda: Network(mlp(16), seed=0),
    "MLP of 256": lambda: Network(mlp(256), seed=0),
    "MLP, 40 steps": lambda: Network(mlp(64), seed=0, steps=40),
    "CNN of 2 and 4": lambda: Network(cnn(2, 4), seed=0),
    "CNN, 100 steps": lambda: Network(cnn(8, 16), seed=0, steps=100),
}
