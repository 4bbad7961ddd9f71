"""`python -m tinytorch.cli`, where the command is not on the path."""

from tinytorch.cli import main

main()
