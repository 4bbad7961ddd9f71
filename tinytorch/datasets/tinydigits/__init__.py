"""TinyDigits: the data file, its card, its licences and the script that made it."""
