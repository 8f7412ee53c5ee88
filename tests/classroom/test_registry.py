import pytest

from course_lib.classroom.registry import LECTURES, all_exercises, find
from course_lib.errors import CourseError


def test_exercises_come_in_teaching_order():
    lectures = [LECTURES.index(exercise.lecture) for exercise in all_exercises()]
    assert lectures
    assert lectures == sorted(lectures)


def test_every_exercise_is_found_by_its_name():
    for exercise in all_exercises():
        assert find(exercise.name) is exercise


def test_a_slip_of_the_pen_gets_the_nearest_name():
    with pytest.raises(CourseError, match="called ad_k_probs; did you mean add_k_probs"):
        find("ad_k_probs")
    with pytest.raises(CourseError, match="did you mean"):
        find("<lambda>")
