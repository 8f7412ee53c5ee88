"""Exercises, their checker, and (later) marking."""
