"""Operations on plain arrays: each returns its result and how to pull a gradient back through it.

The forward pass and its derivative stand together. A pull-back never changes the gradient it is given, and never
returns an array that it keeps: what it returns is new, or the given gradient, or a view of that.
"""

import warnings

# Infinity and nan are answers here, as in PyTorch, and need no warning from NumPy.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"tinytorch\.(ops|autograd|optim)")
