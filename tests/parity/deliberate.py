"""Where TinyTorch differs from PyTorch on purpose: the case, and the reason. The difference itself is tested too."""

from __future__ import annotations

DELIBERATE: dict[str, str] = {}
