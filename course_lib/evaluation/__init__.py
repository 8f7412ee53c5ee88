"""Numbers: how good a model is, and what it knows."""
