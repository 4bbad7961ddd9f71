"""`python -m tinytorch`, where the command is not on the path."""

from tinytorch.cli import main

main()
