"""The losses, and two distances, as layers; the functions of `nn.functional` say what they compute."""

from __future__ import annotations

from typing import Any

from tinytorch.nn import functional as F
from tinytorch.nn.functional.loss import with_reduction
from tinytorch.nn.layers.base import Layer
from tinytorch.tensor import Tensor

__all__ = ["BCELoss", "BCEWithLogitsLoss", "CosineEmbeddingLoss", "CosineSimilarity", "CrossEntropyLoss",
           "GaussianNLLLoss", "HingeEmbeddingLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss", "MarginRankingLoss",
           "NLLLoss", "PairwiseDistance", "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss"]  # fmt: skip


class _Reducing(Layer, shown=""):
    """A loss with a `reduction`, and PyTorch's older `size_average` and `reduce`, which each has at other places."""

    def __post_init__(self: Any) -> None:
        settings = with_reduction(**{name: getattr(self, name) for name in self._settings})
        vars(self).update(reduction=settings["reduction"], size_average=None, reduce=None)


class _Loss(_Reducing, shown=""):
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class _ClassLoss(_Reducing, shown=""):
    weight: Tensor | None = None
    size_average: bool | None = None
    ignore_index: int = -100
    reduce: bool | None = None
    reduction: str = "mean"


class _BinaryLoss(_Reducing, shown=""):
    weight: Tensor | None = None
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class _MarginLoss(_Reducing, shown=""):
    margin: float = 0.0
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class CrossEntropyLoss(_ClassLoss, function=F.cross_entropy):
    """The loss of a classifier: scores (n, classes) against class numbers (n,); see `nn.functional.cross_entropy`."""

    label_smoothing: float = 0.0


class NLLLoss(_ClassLoss, function=F.nll_loss):
    """The same for log-probabilities (n, classes), as from `LogSoftmax`; see `nn.functional.nll_loss`."""


class MSELoss(_Loss, function=F.mse_loss):
    """The squared difference of two tensors of one shape."""


class L1Loss(_Loss, function=F.l1_loss):
    """The absolute difference of two tensors of one shape."""


class SmoothL1Loss(_Loss, function=F.smooth_l1_loss):
    """Squared where the difference is small, absolute where it is large; see `nn.functional.smooth_l1_loss`."""

    beta: float = 1.0


class HuberLoss(_Reducing, function=F.huber_loss, shown=""):
    """Squared where the difference is small, absolute where it is large; see `nn.functional.huber_loss`."""

    reduction: str = "mean"
    delta: float = 1.0


class BCELoss(_BinaryLoss, function=F.binary_cross_entropy):
    """Probabilities against targets from 0 to 1 of the same shape; see `nn.functional.binary_cross_entropy`."""


class BCEWithLogitsLoss(_BinaryLoss, function=F.binary_cross_entropy_with_logits):
    """Scores against targets from 0 to 1 of the same shape; see `nn.functional.binary_cross_entropy_with_logits`."""

    pos_weight: Tensor | None = None


class KLDivLoss(_Loss, function=F.kl_div):
    """Log-probabilities against probabilities; see `nn.functional.kl_div`."""

    log_target: bool = False


class GaussianNLLLoss(Layer, function=F.gaussian_nll_loss, shown=""):
    """Means and variances against targets; see `nn.functional.gaussian_nll_loss`."""

    full: bool
    eps: float
    reduction: str

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(full, eps, reduction)


class SoftMarginLoss(_Loss, function=F.soft_margin_loss):
    """Scores against 1 or -1; see `nn.functional.soft_margin_loss`."""


class MarginRankingLoss(_MarginLoss, function=F.margin_ranking_loss):
    """Which of two scores should be larger; see `nn.functional.margin_ranking_loss`."""


class HingeEmbeddingLoss(_MarginLoss, function=F.hinge_embedding_loss):
    """Distances of pairs that belong together (1) or not (-1); see `nn.functional.hinge_embedding_loss`."""

    margin: float = 1.0


class CosineEmbeddingLoss(_MarginLoss, function=F.cosine_embedding_loss):
    """Directions of pairs that belong together (1) or not (-1); see `nn.functional.cosine_embedding_loss`."""


class TripletMarginLoss(_Reducing, function=F.triplet_margin_loss):
    """An anchor, one that is to be near it and one that is to be far; see `nn.functional.triplet_margin_loss`."""

    margin: float = 1.0
    p: float = 2.0
    eps: float = 1e-6
    swap: bool = False
    size_average: bool | None = None
    reduce: bool | None = None
    reduction: str = "mean"


class CosineSimilarity(Layer, function=F.cosine_similarity, shown=""):
    """The cosine of the angle between vectors along `dim`."""

    dim: int = 1
    eps: float = 1e-8


class PairwiseDistance(Layer, function=F.pairwise_distance, shown=""):
    """The p-norm of the difference of vectors along the last dimension."""

    p: float = 2.0
    eps: float = 1e-6
    keepdim: bool = False
