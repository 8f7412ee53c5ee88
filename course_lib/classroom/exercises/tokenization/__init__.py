"""Lecture 04: BPE and WordPiece by hand, bytes, the best way to cut a word, bits per character."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.tokenization import (
    bits,
    joining,
    learning,
    matching,
    segmentation,
    utf8,
)

EXERCISES: tuple[Exercise, ...] = (
    joining.EXERCISE,
    learning.EXERCISE,
    utf8.EXERCISE,
    matching.EXERCISE,
    segmentation.EXERCISE,
    bits.EXERCISE,
)
