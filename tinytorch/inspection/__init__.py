"""Tools that look at a model from outside: its layers as a table, its graph as a picture. The core knows neither."""
