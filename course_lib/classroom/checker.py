"""`check(fn)` tells a learner which idea broke, never the code; `hint(fn)` helps, step by step."""

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from course_lib.classroom.calls import accepts
from course_lib.classroom.compare import compare, short
from course_lib.classroom.exercise import Case, Exercise, Law
from course_lib.classroom.registry import find
from course_lib.errors import CourseError
from course_lib.i18n import _


@dataclass(frozen=True)
class Failure:
    """Why a result does not pass: the hint as the record has it, its values, and plain words.

    `wrong_kind` says that not even the kind of value is right: a string for a number, or None.
    """

    hint: str
    detail: str = ""
    values: tuple[tuple[str, Any], ...] = ()
    wrong_kind: bool = False

    @property
    def message(self) -> str:
        """The hint with its values filled in."""
        return self.hint.format(**dict(self.values)) if self.values else self.hint


@dataclass(frozen=True)
class Verdict:
    """How far a student's function came: `n_passed` of `n_cases`, then the first failure."""

    n_passed: int
    n_cases: int
    case: Case | None = None
    failure: Failure | None = None


def judge(exercise: Exercise, case: Case, result: Any) -> Failure | None:
    """Is this result of `case` right? Needs no code of the student, only what it returned."""
    return judge_result(exercise, case, result, exercise.reference(*deepcopy(case.args)))


def judge_result(exercise: Exercise, case: Case, result: Any, expected: Any) -> Failure | None:
    """Is the result of `case` the expected one?"""
    mismatch = compare(result, expected, exercise.tolerance)
    if mismatch is None:
        return None
    if mismatch.about == "value":
        for law in exercise.laws:
            if failure := break_law(law, case, result, mismatch.words):
                return failure
    return Failure(case.hint, mismatch.words, wrong_kind=mismatch.about == "kind")


def break_law(law: Law, case: Case, result: Any, detail: str) -> Failure | None:
    """How a wrong result breaks the law, or None. A law that stops with an error says nothing.

    Behind its first wrong number a result may hold anything: [0.5, "x"], or 10**1000.
    """
    try:
        values = law.broken(result, *deepcopy(case.args))
        if values is None:
            return None
        failure = Failure(law.hint, detail, tuple(values.items()))
        return failure if failure.message else None  # the message can be made
    except Exception:
        return None


def attempt(exercise: Exercise, case: Case, student: Callable[..., Any]) -> Failure | None:
    """Call the student's function on a copy of the case's arguments and judge the result."""
    if not accepts(student, len(case.args)):
        return not_callable(exercise, case)
    try:
        result = student(*deepcopy(case.args))
    except (Exception, SystemExit) as error:  # whatever the student's code does, answer kindly
        return stopped(case, type(error).__name__, str(error))
    return judge(exercise, case, result)


def not_callable(exercise: Exercise, case: Case) -> Failure:
    """The function has another number of arguments."""
    words = _("{name} is called with {n} argument(s): give it back the first line it came with.")
    return Failure(words, values=(("name", exercise.name), ("n", len(case.args))))


def stopped(case: Case, error: str, message: str) -> Failure:
    """The function ended with an exception of that type."""
    if error == NotImplementedError.__name__:
        return Failure(_("Not written yet: replace the raise line with your code."))
    words = _("your function stopped with {type}: {error}")
    return Failure(case.hint, words.format(type=error, error=message))


def examine(exercise: Exercise, student: Callable[..., Any], seed: int | str = 0) -> Verdict:
    """Try the cases of `seed` in order, up to the first that fails."""
    cases = exercise.cases(random.Random(seed))
    for n_passed, case in enumerate(cases):
        failure = attempt(exercise, case, student)
        if failure is not None:
            return Verdict(n_passed, len(cases), case, failure)
    return Verdict(len(cases), len(cases))


def check(student: Callable[..., Any], seed: int | str = 0) -> bool:
    """Print the hint of the first failing case, or a line of praise.

    The exercise is found by the function's name. Other seeds make other cases of the same kind.
    Raises CourseError if no exercise has that name.
    """
    exercise = find(name_of(student))
    verdict = examine(exercise, student, seed)
    print(report(exercise, verdict))
    return verdict.failure is None


def name_of(function: Callable[..., Any]) -> str:
    """A function's name; of something else, its type's, for the error message."""
    return str(getattr(function, "__name__", type(function).__name__))


def report(exercise: Exercise, verdict: Verdict) -> str:
    """A verdict for a reader to see."""
    name, n_cases = exercise.name, verdict.n_cases
    if verdict.case is None or verdict.failure is None:
        words = _("✓ {name}: {n} / {n}. Well done!")
        return words.format(name=name, n=n_cases)
    failure, number = verdict.failure, verdict.n_passed + 1
    # Where already the first case gets the wrong kind of value, no idea was tried yet.
    hint = failure.detail if failure.wrong_kind and number == 1 else failure.message
    words = _("✗ {name}, case {number} of {n}: {hint}")
    lines = [words.format(name=name, number=number, n=n_cases, hint=hint)]
    if failure.detail:
        lines.append(f"  {name}({', '.join(short(arg) for arg in verdict.case.args)})")
    if failure.detail and failure.detail != hint:
        lines.append(f"  {failure.detail}")
    return "\n".join([*lines, _("  Stuck? Try hint({name}).").format(name=name)])


def hint(exercise: Callable[..., Any] | str, level: int = 1) -> None:
    """Print one rung of the ladder: 1 is a nudge, 3 is nearly the solution.

    Raises CourseError if there is no such exercise, or no such rung.
    """
    record = find(exercise if isinstance(exercise, str) else name_of(exercise))
    n_hints = len(record.hints)
    if level not in range(1, n_hints + 1):
        message = _("{name} has hints 1 to {n}; there is no hint {level}")
        raise CourseError(message.format(name=record.name, n=n_hints, level=level))
    words = _("Hint {level} of {n}: {hint}")
    print(words.format(level=level, n=n_hints, hint=record.hints[level - 1]))
    if level < n_hints:
        print(_("Still stuck? hint({name}, {next})").format(name=record.name, next=level + 1))
