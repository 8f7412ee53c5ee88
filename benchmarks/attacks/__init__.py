"""The attacks of tests/attacks on `course exercises grade` and on nbgrader's autograder.

nbgrader runs inside a sandbox of its own, as an ordinary user without a network, so that nothing
happens to this machine; only root can make it. What an attack is after (a seed, the solutions, the
grade book, another submission) stands for nbgrader where nbgrader keeps it.

`course bench attacks` counts; the table in docs/attacks.csv was made by

    python -m benchmarks.attacks --out docs/attacks.csv
"""

from benchmarks.attacks.ours import mark_all
from benchmarks.attacks.outcome import DEFENDED
from benchmarks.attacks.peer import autograde_all
from benchmarks.report import Result
from course_lib.i18n import _
from tests.attacks.attack import Attack
from tests.attacks.families import FAMILIES


def run() -> list[Result]:
    """Attacks that gained nothing and harmed nobody, of those that both can be handed."""
    families = suite()
    attacks = [attack for some in families.values() for attack in some]
    ours, theirs = mark_all(attacks), autograde_all(families)
    counts = [sum(words == DEFENDED for words in found.values()) for found in (ours, theirs)]
    name = _("attacks defended, of {n}").format(n=len(attacks))
    return [Result(name, *counts, _("attacks"))]


# What the sandbox around nbgrader forbids, or what is not there: nbgrader would look too good.
NOT_TRIED = {
    *("signal the judge", "the judge's memory", "the bare disk", "a poisoned library"),
    *("a poisoned worker", "a writable root", "rights of root", "the kernel's settings"),
    "first in line",
}


def suite(only: str = "") -> dict[str, tuple[Attack, ...]]:
    """By family, those that are one notebook with nobody's help, and can be tried on both."""
    chosen = {
        family: tuple(
            attack
            for attack in attacks
            if attack.place is None
            and not attack.partner
            and only in attack.name
            and attack.name not in NOT_TRIED
        )
        for family, attacks in FAMILIES.items()
        if family != "network"
    }
    return {family: attacks for family, attacks in chosen.items() if attacks}
