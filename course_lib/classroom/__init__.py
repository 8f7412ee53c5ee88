"""Exercises, their checker, releasing and marking them."""
