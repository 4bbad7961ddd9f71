"""Operations on plain arrays: each returns its result and how to pull a gradient back through it.

The forward pass and its derivative stand together. A pull-back never changes the gradient it is given, and never
returns an array that it keeps: what it returns is new, or the given gradient, or a view of that.
"""
