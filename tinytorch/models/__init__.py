"""Models that several programs share, written with PyTorch's names only, so that they run on PyTorch unchanged."""

from tinytorch.models.baselines import BagOfWords, NGram
from tinytorch.models.generation import generate
from tinytorch.models.gpt import GPT, KVCache

__all__ = ["GPT", "BagOfWords", "KVCache", "NGram", "generate"]
