"""A claim put in words: actively or passively, the day in front or behind."""

from typing import NamedTuple

from course_lib.data.riverbank.tasks.english import can_be_passive, passive, statement
from course_lib.data.riverbank.tasks.facts import Fact
from course_lib.data.riverbank.tasks.wording import Words, word


class Form(NamedTuple):
    """How a claim is said."""

    passive: bool
    day: str  # "first", "last" or "" for none


def forms(claim: Fact) -> list[Form]:
    """All ways to say the claim."""
    days = ("first", "last") if claim.day else ("",)
    voices = (False, True) if can_be_passive(claim.clause) else (False,)
    return [Form(voice, day) for voice in voices for day in days]


def worded(claim: Fact, form: Form) -> Words:
    """on monday the boats were seen by nina ."""
    clause = passive(claim.clause) if form.passive else statement(claim.clause)
    day = [word("on"), claim.day.word] if claim.day else []
    parts = [*day, *clause] if form.day == "first" else [*clause, *day]
    return Words([*parts, word(".")])
