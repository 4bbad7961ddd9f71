"""Which polynomial p makes tanh(x p(x²)) the error function? The one of `tinytorch/ops/activation.py`.

Least squares with weights that grow where the error is largest (C. L. Lawson 1961) approach the smallest largest error.
Run: python tools/fit_erf.py
"""

import math

import numpy as np

DEGREE, END = 6, 4.3  # in x²; from END on, erf and tanh are 1 in float32


def fit(degree: int) -> tuple[float, np.ndarray]:
    """The largest relative error of erf, and the coefficients of p, highest power first."""
    x = END * (1 - np.cos((np.arange(4000) + 0.5) * np.pi / 4000)) / 2
    x = x[x > 1e-4]
    erf, erfc = (np.array([f(each) for each in x]) for f in (math.erf, math.erfc))
    wanted = 0.5 * np.log((2 - erfc) / erfc) / x  # atanh(erf(x)) / x
    slope = erfc * (2 - erfc) * x / erf  # how much erf changes, relatively, with p
    squares = x * x
    powers = np.vander(2 * squares / squares.max() - 1, degree + 1)  # of a variable from -1 to 1
    best, weights = (np.inf, np.zeros(0)), np.ones(len(x))
    for _ in range(400):
        scale = slope * np.sqrt(weights)
        p = np.linalg.lstsq(powers * scale[:, None], wanted * scale, rcond=None)[0]
        error = np.abs((powers @ p - wanted) * slope)
        best = min(best, (error.max(), p), key=lambda each: each[0])
        weights *= error
        weights /= weights.sum()
    return best[0], np.poly1d(best[1])(np.poly1d([2 / squares.max(), -1])).coef


if __name__ == "__main__":
    error, coefficients = fit(DEGREE)
    print(f"largest relative error {error:.2e}:", ", ".join(f"{each:.8e}" for each in coefficients))
