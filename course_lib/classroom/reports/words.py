"""What a page says about a mark, in kind and exact words.

It sees what a `Mark` holds and nothing else: no hidden case can be told here.
"""

from course_lib.classroom.exercise import Exercise
from course_lib.classroom.marking.mark import Mark
from course_lib.classroom.reports.lectures import place_of
from course_lib.i18n import _


def status_name(status: str) -> str:
    """A status in a word or two, for tables."""
    names = {
        "right": _("right"),
        "wrong": _("another result"),
        "raises": _("stopped with an exception"),
        "stub": _("not written yet"),
        "missing": _("not found"),
        "time": _("too slow"),
        "memory": _("too much memory"),
        "died": _("Python ended"),
        "protocol": _("unreadable answer"),
    }
    return names.get(status, status)


def what_happened(mark: Mark, exercise: Exercise) -> str:
    """One or two sentences about the function of that mark."""
    words = {
        "right": _("Right: all {n} hidden cases pass. Well done!"),
        "wrong": _("Your function ran, and on one case it gave another result than it should."),
        "raises": _("On one case your function stopped with an exception instead of a result."),
        "stub": _("This one is still open: the function says that it is not written yet."),
        "missing": _(
            "After all cells had run there was no function called `{name}`. Is its name spelt as "
            "in the task, and does its cell run without an error?"
        ),
        "time": _(
            "It took longer than all calls of this function together may. Does a loop never end, "
            "or is something computed anew again and again?"
        ),
        "memory": _(
            "It needed more memory than the {megabytes} MB it may use. Does a list grow without "
            "end, or is a table far larger than the task needs?"
        ),
        "died": _(
            "Python came to an end while your function ran. Does something in it end the program, "
            "or does it call itself without end?"
        ),
        "protocol": _(
            "What your function gave back could not be read. Give back plain values: numbers, "
            "strings, lists, dictionaries, arrays or tensors."
        ),
    }[mark.status]
    if mark.status == "raises" and mark.error:
        words = _("On one case your function stopped with `{error}` instead of a result.")
    return words.format(
        n=mark.n_cases,
        name=exercise.name,
        error=mark.error,
        megabytes=exercise.limits.memory_mb,
    )


def how_far(mark: Mark) -> str:
    """How many hidden cases pass; "" where none could be asked, or where all pass."""
    if mark.status in ("right", "stub", "missing") or mark.n_cases == 0:
        return ""
    if mark.n_passed == 0 and mark.status in ("wrong", "raises"):
        return _("The first of {n} hidden cases does not pass.").format(n=mark.n_cases)
    if mark.n_passed == 0:  # it may have been lost before any was asked
        return _("None of {n} hidden cases passed.").format(n=mark.n_cases)
    words = _("Of {n} hidden cases, asked in order, {passed} pass; the next one does not.")
    return words.format(passed=mark.n_passed, n=mark.n_cases)


def only_hidden_cases_fail(mark: Mark) -> bool:
    """Do all practice cases pass, and yet the exercise is not right?"""
    return mark.status in ("wrong", "raises") and not mark.practice


def why_only_hidden() -> str:
    """What to think when `check` praises the function and marking does not."""
    return _(
        "All the practice cases pass, those that `check` shows in the notebook, but a hidden case "
        "does not. Hidden cases are of the same kind, with other values. So either a special case "
        "is missing, or something that must be computed was written to fit the examples."
    )


def heading_of_hint(mark: Mark) -> str:
    """What the hint is: of an exception it is not known whether an idea is missing at all."""
    return _("The idea that is missing") if mark.status == "wrong" else _("What the case is about")


def next_steps(mark: Mark, exercise: Exercise) -> list[str]:
    """What to do now, the nearest thing first."""
    if mark.status == "right":
        return []
    return [first_step(mark, exercise), rung(mark, exercise), *reread(exercise)]


def first_step(mark: Mark, exercise: Exercise) -> str:
    """What to run in the notebook."""
    if mark.status == "missing":
        words = _(
            "Restart the kernel, run all cells, and look for the first error; then `check({name})`."
        )
    elif mark.status == "stub":
        words = _("Begin with the worked value in the task, then run `check({name})`.")
    elif mark.status == "time":
        words = _(
            "Run `check({name})` in your notebook. If it does not come back, interrupt the kernel: "
            "the error names the line it was in."
        )
    elif only_hidden_cases_fail(mark):
        words = _(
            "Run `check({name}, seed=1)`, then `seed=2` and so on: other cases of the same kind. "
            "And try the smallest and the strangest input that the task allows."
        )
    else:
        words = _("Run `check({name})` in your notebook and mend what it names first.")
    return words.format(name=exercise.name)


def rung(mark: Mark, exercise: Exercise) -> str:
    """Which rung of the ladder of hints helps: a later one if the first idea is not there yet."""
    level = 2 if mark.status in ("wrong", "raises") and mark.n_passed == 0 else 1
    words = _("If you are stuck: `hint({call})`. The last rung, {last}, is nearly the solution.")
    call = exercise.name if level == 1 else f"{exercise.name}, {level}"
    return words.format(call=call, last=len(exercise.hints))


def reread(exercise: Exercise) -> list[str]:
    """The section of the lecture that the exercise belongs to, if it can be found."""
    place = place_of(exercise)
    if not place.section:
        return [_("Read lecture {lecture} again.").format(lecture=place.lecture)]
    words = _("Read section “{section}” of lecture {lecture} again.")
    return [words.format(section=place.section, lecture=place.lecture)]
