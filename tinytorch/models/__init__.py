"""Models that several programs share, written with PyTorch's names only, so that they run on PyTorch unchanged."""

from tinytorch.models.gpt import GPT, KVCache, generate

__all__ = ["GPT", "KVCache", "generate"]
