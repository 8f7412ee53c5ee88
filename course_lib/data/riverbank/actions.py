"""Choices of actions: what comes next in the topic's script, or what may happen anywhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from course_lib.data.riverbank import weights
from course_lib.data.riverbank.phrases import Phrases
from course_lib.data.riverbank.words import Action, Lexicon, Token, Topic

EXCLUDED = {False: "both", True: "one"}  # what two people do is not for one; the other way round


@dataclass(frozen=True, slots=True)
class Actions:
    """A choice of actions. `first` also offers "did" (not), which leads into `base`."""

    past: Phrases
    base: Phrases | None
    first: dict[Token, float]


def choice_of_actions(
    lexicon: Lexicon,
    topic: Topic,
    plural: bool,
    sections: Sequence[str],
    low: int,
    high: int,
    may_fail: bool,
) -> Actions:
    """The topic's actions of the stages low to high, with those of some sections of common.txt."""
    rows = [
        (weight, action)
        for weight, action in weighted(lexicon, topic, sections, low, high)
        if action.who != EXCLUDED[plural]
    ]
    past = Phrases((action.pieces(False, plural), weight, action) for weight, action in rows)
    can_fail = [(weight, action) for weight, action in rows if action.negatable and may_fail]
    if not can_fail:
        return Actions(past, None, past.chances)
    base = Phrases((action.pieces(True, plural), weight, action) for weight, action in can_fail)
    first = {verb: p * (1 - weights.FAILS) for verb, p in past.chances.items()}
    return Actions(past, base, {lexicon.words["did"]: weights.FAILS, **first})


def weighted(
    lexicon: Lexicon, topic: Topic, sections: Sequence[str], low: int, high: int
) -> Iterator[tuple[float, Action]]:
    """Actions with their weights: the script has 1 together, each section its own share."""
    script = [action for action in topic.actions if low <= action.stage <= high]
    stages = [weights.STAGE_DECAY**action.stage for action in script]
    yield from zip((weight / sum(stages) for weight in stages), script, strict=True)
    for section in sections:
        actions = lexicon.common[section]
        total = sum(action.weight for action in actions)
        for action in actions:
            yield action.weight / total * weights.SECTIONS.get(section, 1.0), action
