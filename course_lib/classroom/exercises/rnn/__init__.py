"""Lecture 05: the recurrent loop, clipping, back-propagation through time, the LSTM, reach."""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.exercises.rnn import clipping, lstm, reach, states, through_time

EXERCISES: tuple[Exercise, ...] = (
    states.EXERCISE,
    through_time.EXERCISE,
    clipping.EXERCISE,
    lstm.EXERCISE,
    reach.EXERCISE,
)
