"""Functions of tensors under PyTorch's names; most are methods of `Tensor` too. The mathematics is in `ops`."""
