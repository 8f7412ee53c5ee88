"""Models: ids in, scores out. They know nothing of data or training."""
