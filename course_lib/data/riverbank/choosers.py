"""Who makes the grammar's choices: a sampler writes, a scorer replays, a listing tries them all."""

import math
import random
from collections.abc import Callable, Iterator, Mapping
from itertools import count

from course_lib.data.riverbank.words import Token


class Sampler:
    """Draws every word at random; `words` is what it has written."""

    def __init__(self, rng: random.Random) -> None:
        self.random, self.words = rng.random, list[Token]()

    def __call__(self, chances: Mapping[Token, float]) -> Token:
        token = next(iter(chances))
        if len(chances) > 1:
            left = self.random()
            for token, p in chances.items():  # noqa: B007 - used once the loop is left
                left -= p
                if left < 0:
                    break
        self.words.append(token)
        return token


class Impossible(Exception):  # noqa: N818 - "impossible" is the finding, not a failure
    """The text being replayed left the grammar."""


class Told(Exception):  # noqa: N818 - not an error: the replay reached the end of the text
    """The text is used up; `chances` are the probabilities of the word that comes next."""

    def __init__(self, chances: Mapping[Token, float]) -> None:
        self.chances = chances


class Scorer:
    """Replays `words`; `log_probs` is the natural log of each word's probability so far.

    Raises Told when the text is used up and Impossible when the grammar cannot say the next word.
    """

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words, self.log_probs = words, list[float]()

    def __call__(self, chances: Mapping[Token, float]) -> str:
        place = len(self.log_probs)
        if place == len(self.words):
            raise Told(chances)
        word = self.words[place]
        if word not in chances:
            raise Impossible
        self.log_probs.append(math.log(chances[word]))  # type: ignore[index]
        return word


class Annotator:
    """Replays `words` and keeps the grammar's own tokens, with their tags and senses."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.left, self.tokens = iter(words), list[Token]()

    def __call__(self, chances: Mapping[Token, float]) -> Token:
        word = next(self.left)
        token = next((token for token in chances if token == word), None)
        if token is None:
            raise Impossible
        self.tokens.append(token)
        return token


class Guide:
    """Takes the branches it is told to, then always the first; notes how many there were."""

    def __init__(self, branches: list[int]) -> None:
        self.branches, self.words = branches, list[Token]()
        self.sizes, self.log_prob = list[int](), 0.0

    def __call__(self, chances: Mapping[Token, float]) -> Token:
        place = len(self.words)
        branch = self.branches[place] if place < len(self.branches) else 0
        token, p = list(chances.items())[branch]
        self.words.append(token)
        self.sizes.append(len(chances))
        self.log_prob += math.log(p)
        return token


def every_story(tell: Callable[[Guide], object]) -> Iterator[tuple[tuple[str, ...], float]]:
    """All that the program `tell(choose)` can say, with its log-probability; for small worlds."""
    branches: list[int] = []
    for _run in count():
        guide = Guide(branches)
        tell(guide)
        yield tuple(map(str, guide.words)), guide.log_prob
        branches = [branches[i] if i < len(branches) else 0 for i in range(len(guide.sizes))]
        while branches and branches[-1] + 1 == guide.sizes[len(branches) - 1]:
            branches.pop()
        if not branches:
            return
        branches[-1] += 1
