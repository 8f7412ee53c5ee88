"""Scores -> text and answers."""
