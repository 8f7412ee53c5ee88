"""Forms of verbs that stories do not use: seen, swims."""

from functools import cache

from course_lib.data.riverbank.tasks.wording import pairs
from course_lib.data.riverbank.words import Verb


@cache
def participles() -> dict[str, str]:
    return pairs("participles")


def participle(verb: Verb) -> str:
    """(the boats were) seen: as the past, unless tasks.txt says otherwise."""
    return participles().get(verb.base, str(verb.past))


def present(verb: Verb, plural: bool) -> str:
    """she swims, they swim."""
    base = str(verb.base)
    if base == "be":
        return "are" if plural else "is"
    if plural:
        return base
    if base.endswith(("s", "sh", "ch", "x", "o")):
        return base + "es"
    return base[:-1] + "ies" if base.endswith("y") and base[-2] not in "aeiou" else base + "s"
