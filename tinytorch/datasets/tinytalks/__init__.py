"""TinyTalks: the texts, their card, their licence and the script that made them."""
