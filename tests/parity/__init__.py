"""TinyTorch against PyTorch: every row of the tables in `rows` is run on both, and all that can be seen must agree."""
