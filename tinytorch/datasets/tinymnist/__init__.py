"""TinyMNIST: the data file, its card, its licence and the script that makes it."""
