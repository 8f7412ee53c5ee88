"""Model + batches -> trained model."""
