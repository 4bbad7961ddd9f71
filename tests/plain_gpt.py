"""What must the fast operations of a GPT equal? Their definitions, in float64, as the textbook has them."""

import math

import numpy as np


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def gelu(x):
    return x * 0.5 * (1 + np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2)))


def layer_norm(x, weight, bias, eps):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + eps) * weight + bias


def rms_norm(x, weight, eps):
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + eps) * weight


def attention(q, k, v, mask, scale, kept):
    """Of masked scores: a mask of -inf where a query may not look; zeros where it may look nowhere."""
    scores = q @ k.swapaxes(-1, -2) * scale + mask
    top = np.maximum(scores.max(-1, keepdims=True), -1e300)
    weights = np.exp(scores - top)
    total = weights.sum(-1, keepdims=True)
    return (weights / np.where(total == 0, 1, total) * kept) @ v


def slope(function, x, grad, step=1e-6):
    """The gradient of Σ grad · function(x) along a few random directions, by central differences."""
    directions = np.random.RandomState(0).standard_normal((4, *x.shape))
    return directions, [
        float((grad * (function(x + step * d) - function(x - step * d))).sum() / (2 * step)) for d in directions
    ]
