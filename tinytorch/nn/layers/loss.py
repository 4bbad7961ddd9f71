"""The losses, and two distances, as layers; the functions of `nn.functional` say what they compute."""

from typing import Any

from tinytorch.nn import functional as F
from tinytorch.nn.functional.loss import with_reduction
from tinytorch.nn.layers.base import Layer

__all__ = ["BCELoss", "BCEWithLogitsLoss", "CosineEmbeddingLoss", "CosineSimilarity", "CrossEntropyLoss",
           "GaussianNLLLoss", "HingeEmbeddingLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss", "MarginRankingLoss",
           "NLLLoss", "PairwiseDistance", "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss"]  # fmt: skip


class _Loss(Layer, shown=""):
    """A loss whose settings are those of its function, with the same names, order and defaults."""

    def __init__(self, *args: Any, **named: Any) -> None:
        known = vars(self._function)["settings"]
        if len(args) > len(known) or not named.keys() <= known.keys():
            raise TypeError(f"{type(self).__name__} takes {', '.join(known)}; got {args} and {named}")
        self._settings = self._passed = tuple(name for name in known if name not in ("size_average", "reduce"))
        super().__init__(**with_reduction(**{**known, **dict(zip(known, args)), **named}))


class CrossEntropyLoss(_Loss, function=F.cross_entropy):
    """The loss of a classifier: scores (n, classes) against class numbers (n,); see `nn.functional.cross_entropy`."""


class NLLLoss(_Loss, function=F.nll_loss):
    """The same for log-probabilities (n, classes), as from `LogSoftmax`; see `nn.functional.nll_loss`."""


class MSELoss(_Loss, function=F.mse_loss):
    """The squared difference of two tensors of one shape."""


class L1Loss(_Loss, function=F.l1_loss):
    """The absolute difference of two tensors of one shape."""


class SmoothL1Loss(_Loss, function=F.smooth_l1_loss):
    """Squared where the difference is small, absolute where it is large; see `nn.functional.smooth_l1_loss`."""


class HuberLoss(_Loss, function=F.huber_loss):
    """Squared where the difference is small, absolute where it is large; see `nn.functional.huber_loss`."""


class BCELoss(_Loss, function=F.binary_cross_entropy):
    """Probabilities against targets from 0 to 1 of the same shape; see `nn.functional.binary_cross_entropy`."""


class BCEWithLogitsLoss(_Loss, function=F.binary_cross_entropy_with_logits):
    """Scores against targets from 0 to 1 of the same shape; see `nn.functional.binary_cross_entropy_with_logits`."""


class KLDivLoss(_Loss, function=F.kl_div):
    """Log-probabilities against probabilities; see `nn.functional.kl_div`."""


class GaussianNLLLoss(_Loss, function=F.gaussian_nll_loss):
    """Means and variances against targets; see `nn.functional.gaussian_nll_loss`."""


class SoftMarginLoss(_Loss, function=F.soft_margin_loss):
    """Scores against 1 or -1; see `nn.functional.soft_margin_loss`."""


class MarginRankingLoss(_Loss, function=F.margin_ranking_loss):
    """Which of two scores should be larger; see `nn.functional.margin_ranking_loss`."""


class HingeEmbeddingLoss(_Loss, function=F.hinge_embedding_loss):
    """Distances of pairs that belong together (1) or not (-1); see `nn.functional.hinge_embedding_loss`."""


class CosineEmbeddingLoss(_Loss, function=F.cosine_embedding_loss):
    """Directions of pairs that belong together (1) or not (-1); see `nn.functional.cosine_embedding_loss`."""


class TripletMarginLoss(_Loss, function=F.triplet_margin_loss):
    """An anchor, one that is to be near it and one that is to be far; see `nn.functional.triplet_margin_loss`."""


class CosineSimilarity(Layer, function=F.cosine_similarity, settings="dim eps", shown=""):
    """The cosine of the angle between vectors along `dim`."""


class PairwiseDistance(Layer, function=F.pairwise_distance, settings="p eps keepdim", shown=""):
    """The p-norm of the difference of vectors along the last dimension."""
