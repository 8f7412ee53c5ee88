"""★★ The best guess there is for a hole: the chance of each whole story, by Bayes' rule."""

import random
from collections.abc import Mapping

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Stories = Mapping[str, float]
Guess = dict[str, float]

SUM_TO_ONE = _("Some word stands in the hole: the chances of the words that fit must sum to 1.")
STORY = _("A word is as likely as the story that it makes: not all that fit are equally likely.")
BOTH = _("All words on both sides of the hole must agree, the far ones as well as the near ones.")
ONE = _("The hole is one word: a story that needs two words there, or none, does not fit.")


def cases(rng: random.Random) -> list[Case]:
    def chances(*stories: str) -> dict[str, float]:
        parts = rng.sample(range(1, 10), len(stories))
        return {story: part / sum(parts) for story, part in zip(stories, parts, strict=True)}

    name, other = rng.sample(["emma", "ken", "olga", "ivan", "mei"], 2)
    swam, rowed = f"{name} swam across the river", f"{name} rowed across the river"
    hole, p = f"{name} ___ across the river", rng.randint(1, 3) / 10
    street = [f"{name} ran across the street", f"{name} swam across the street"]
    return [
        Case(({swam: p, rowed: p, f"{other} slept well in the boat": 1 - 2 * p}, hole), SUM_TO_ONE),
        Case((chances(swam, rowed, f"{other} slept well in the boat"), hole), STORY),
        Case((chances(swam, *street, f"{other} flew across the river", rowed), hole), BOTH),
        Case((chances(f"{name} slowly swam across the river", rowed, f"{name} across the river",
                      swam, f"{swam} alone"), hole), ONE),
        Case((chances(swam, street[1], f"{name} swam across the", f"{swam} alone"),
              f"{name} swam across the ___"), ONE),
    ]  # fmt: skip


def fill_hole(stories: Stories, text: str) -> Guess:
    """p of each story, a text with one ___ -> p of each word that may stand there."""
    words = text.split()
    place = words.index("___")
    fitting = {}
    for story, p in stories.items():
        other = story.split()
        if len(other) == len(words):
            word = other[place]
            if other == [*words[:place], word, *words[place + 1 :]]:
                fitting[word] = p
    return {word: p / sum(fitting.values()) for word, p in fitting.items()}


def by_trying_every_word(stories: Stories, text: str) -> Guess:
    known = {word for story in stories for word in story.split()}
    chances = {word: stories.get(text.replace("___", word), 0.0) for word in known}
    total = sum(chances.values())
    return {word: p / total for word, p in chances.items() if p > 0}


def by_cutting(stories: Stories, text: str) -> Guess:
    left, right = text.split("___")
    fitting = {
        story[len(left) : len(story) - len(right)]: p
        for story, p in stories.items()
        if story.startswith(left) and story.endswith(right)
    }
    fitting = {word: p for word, p in fitting.items() if len(word.split()) == 1}
    return {word: p / sum(fitting.values()) for word, p in fitting.items()}


def _normalised(chances: Guess) -> Guess:
    return {word: p / sum(chances.values()) for word, p in chances.items()}


def not_normalised(stories: Stories, text: str) -> Guess:
    return {w: stories[text.replace("___", w)] for w in fill_hole(stories, text)}


def all_equal(stories: Stories, text: str) -> Guess:
    fitting = fill_hole(stories, text)
    return dict.fromkeys(fitting, 1 / len(fitting))


def _where(stories: Stories, text: str, left: bool, right: bool, reach: int = 99) -> Guess:
    """Fitting words if only some of the words around the hole must agree."""
    words = text.split()
    place = words.index("___")
    found: Guess = {}
    for story, p in stories.items():
        other = story.split()
        if len(other) != len(words):
            continue
        near = range(max(0, place - reach), min(len(words), place + reach + 1))
        asked = [t for t in near if (left and t < place) or (right and t > place)]
        if all(other[t] == words[t] for t in asked):
            found[other[place]] = found.get(other[place], 0.0) + p
    return _normalised(found)


def left_only(stories: Stories, text: str) -> Guess:
    return _where(stories, text, left=True, right=False)


def right_only(stories: Stories, text: str) -> Guess:
    return _where(stories, text, left=False, right=True)


def neighbours_only(stories: Stories, text: str) -> Guess:
    return _where(stories, text, left=True, right=True, reach=1)


def any_number_of_words(stories: Stories, text: str) -> Guess:
    left, right = (part.split() for part in text.split("___"))
    found = {}
    for story, p in stories.items():
        words = story.split()
        middle = words[len(left) : len(words) - len(right)]
        if words[: len(left)] == left and words[len(words) - len(right) :] == right:
            found[" ".join(middle)] = p
    return _normalised(found)


EXERCISE = Exercise(
    name="fill_hole",
    lecture="11_bert",
    stars=2,
    title=_("The best guess for a hole"),
    points=4,
    minutes=15,
    cases=cases,
    reference=fill_hole,
    hints=(
        _("p(word | left, right) is p(left word right), divided by the sum of all such stories."),
        _("First keep the stories that fit, each with the word that it has in the hole."),
        _("For each story: as many words, and equal everywhere but in the hole. Then divide."),
    ),
    right_variants=(by_trying_every_word, by_cutting),
    wrong_answers=(
        WrongAnswer(not_normalised, SUM_TO_ONE),
        WrongAnswer(all_equal, STORY),
        WrongAnswer(left_only, BOTH),
        WrongAnswer(right_only, BOTH),
        WrongAnswer(neighbours_only, BOTH),
        WrongAnswer(any_number_of_words, ONE),
    ),
)
