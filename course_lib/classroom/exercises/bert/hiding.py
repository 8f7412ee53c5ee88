"""★★ Which words are hidden, and by what: the 80/10/10 rule with all its dice already thrown."""

import random

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Ids = list[int]
Dice = list[float]

CHOSEN = _("A token is to be guessed if its first die is below 0.15; nothing else changes.")
TARGETS = _("The targets: what truly stood at each chosen place, and -100 everywhere else.")
MASKED = _("Of the chosen tokens, those whose second die is below 0.8 are hidden by the mask.")
REPLACED = _(
    "A chosen token whose second die is from 0.8 to below 0.9 is replaced by the word drawn there."
)
KEPT = _("From 0.9 on a chosen token stays as it is, and still is to be guessed.")
SPECIAL = _("Special tokens (ids below 7) are never to be guessed, whatever the dice say.")


def cases(rng: random.Random) -> list[Case]:
    def text(firsts: Dice, seconds: Dice) -> tuple[Ids, Dice, Dice, Ids, int]:
        ids = rng.sample(range(7, 60), len(firsts))
        return ids, firsts, seconds, rng.sample(range(60, 99), len(firsts)), 6

    def low() -> float:
        return round(rng.uniform(0.0, 0.149), 3)

    def high() -> float:
        return round(rng.uniform(0.15, 1.0), 3)

    def die(bottom: float, top: float) -> float:
        return round(rng.uniform(bottom, top), 3)

    marked = text([0.01, low(), high(), 0.02], [0.1, die(0, 0.79), 0.5, die(0.8, 0.89)])
    return [
        Case(text([high(), high(), 0.15], [0.85, 0.1, 0.95]), CHOSEN),
        Case(text([low(), high(), low()], [die(0, 0.79), 0.85, die(0, 0.79)]), MASKED),
        Case(text([high(), low(), low()], [0.2, die(0.8, 0.899), 0.8]), REPLACED),
        Case(text([low(), low(), high()], [die(0.9, 1.0), 0.9, 0.95]), KEPT),
        Case(([4, *marked[0][1:3], 6], *marked[1:]), SPECIAL),
    ]


def hide(
    ids: Ids, first_dice: Dice, second_dice: Dice, drawn: Ids, mask_id: int
) -> tuple[Ids, Ids]:
    """T ids, two dice and a random word for each, id of [MASK] -> inputs and targets."""
    inputs, targets = list(ids), [-100] * len(ids)
    for place, token in enumerate(ids):
        if token >= 7 and first_dice[place] < 0.15:
            targets[place] = token
            if second_dice[place] < 0.8:
                inputs[place] = mask_id
            elif second_dice[place] < 0.9:
                inputs[place] = drawn[place]
    return inputs, targets


def with_comprehensions(
    ids: Ids, first_dice: Dice, second_dice: Dice, drawn: Ids, mask_id: int
) -> tuple[Ids, Ids]:
    chosen = [i > 6 and die < 0.15 for i, die in zip(ids, first_dice, strict=True)]
    inputs = [
        (mask_id if fate < 0.8 else word if fate < 0.9 else i) if is_chosen else i
        for i, is_chosen, fate, word in zip(ids, chosen, second_dice, drawn, strict=True)
    ]
    return inputs, [i if is_chosen else -100 for i, is_chosen in zip(ids, chosen, strict=True)]


def only_chosen_places(
    ids: Ids, first_dice: Dice, second_dice: Dice, drawn: Ids, mask_id: int
) -> tuple[Ids, Ids]:
    inputs, targets = ids[:], [-100 for _token in ids]
    places = [t for t, die in enumerate(first_dice) if die < 0.15 and ids[t] not in range(7)]
    for t in places:
        targets[t] = ids[t]
        inputs[t] = (
            ids[t] if second_dice[t] >= 0.9 else drawn[t] if second_dice[t] >= 0.8 else mask_id
        )
    return inputs, targets


def rate_is_one_in_five(ids: Ids, first: Dice, *rest: object) -> tuple[Ids, Ids]:
    return hide(ids, [die / 2 for die in first], *rest)  # type: ignore[arg-type]


def targets_of_all(ids: Ids, *rest: object) -> tuple[Ids, Ids]:
    return hide(ids, *rest)[0], list(ids)  # type: ignore[arg-type]


def always_masked(
    ids: Ids, first_dice: Dice, second_dice: Dice, drawn: Ids, mask_id: int
) -> tuple[Ids, Ids]:
    return hide(ids, first_dice, [0.0] * len(second_dice), drawn, mask_id)


def replaced_and_kept_swapped(
    ids: Ids, first_dice: Dice, second_dice: Dice, drawn: Ids, mask_id: int
) -> tuple[Ids, Ids]:
    swapped = [die if die < 0.8 else 0.95 if die < 0.9 else 0.85 for die in second_dice]
    return hide(ids, first_dice, swapped, drawn, mask_id)


def kept_not_guessed(
    ids: Ids, first_dice: Dice, second_dice: Dice, drawn: Ids, mask_id: int
) -> tuple[Ids, Ids]:
    inputs, targets = hide(ids, first_dice, second_dice, drawn, mask_id)
    return inputs, [-100 if i == j else j for i, j in zip(inputs, targets, strict=True)]


def targets_are_what_is_seen(ids: Ids, *rest: object) -> tuple[Ids, Ids]:
    inputs, targets = hide(ids, *rest)  # type: ignore[arg-type]
    return inputs, [i if j != -100 else j for i, j in zip(inputs, targets, strict=True)]


def special_too(
    ids: Ids, first_dice: Dice, second_dice: Dice, drawn: Ids, mask_id: int
) -> tuple[Ids, Ids]:
    moved = hide([i + 7 for i in ids], first_dice, second_dice, [w + 7 for w in drawn], mask_id + 7)
    return [i - 7 for i in moved[0]], [j - 7 if j != -100 else j for j in moved[1]]


EXERCISE = Exercise(
    name="hide",
    lecture="11_bert",
    stars=2,
    title=_("Hide words by the rule"),
    points=4,
    minutes=12,
    cases=cases,
    reference=hide,
    hints=(
        _("Go through the places one by one. First ask: is this token to be guessed at all?"),
        _("If it is, its id goes into the targets, and the second die decides what is shown."),
        _("Below 0.8 the mask, below 0.9 the drawn word, else nothing changes."),
    ),
    right_variants=(with_comprehensions, only_chosen_places),
    wrong_answers=(
        WrongAnswer(rate_is_one_in_five, CHOSEN),
        WrongAnswer(targets_of_all, CHOSEN),
        WrongAnswer(targets_are_what_is_seen, MASKED),
        WrongAnswer(always_masked, REPLACED),
        WrongAnswer(replaced_and_kept_swapped, REPLACED),
        WrongAnswer(kept_not_guessed, KEPT),
        WrongAnswer(special_too, SPECIAL),
    ),
)
