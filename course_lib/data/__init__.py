"""Text in: the small world of Riverbank, real corpora, and batches of either."""
