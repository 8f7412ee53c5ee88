"""The grammar at work: writing stories, and the exact probability of what they say."""

import math
import random
from collections.abc import Iterator, Sequence
from functools import cache

from course_lib.data.riverbank.choosers import Annotator, Impossible, Sampler, Scorer, Told
from course_lib.data.riverbank.grammar import Teller
from course_lib.data.riverbank.lexicon import read_lexicon
from course_lib.data.riverbank.meaning import Meaning
from course_lib.data.riverbank.phrases import Choose
from course_lib.data.riverbank.scene import Scene
from course_lib.data.riverbank.words import END, Lexicon, Token
from course_lib.data.riverbank.world import World

Words = Sequence[str]


class Language:
    """All the stories of a lexicon, each with its probability; every topic is equally likely.

    With `reserved` it also tells the combinations that are kept for the unseen split.
    """

    def __init__(self, lexicon: Lexicon, reserved: bool = False) -> None:
        world = World(lexicon, reserved)
        self.scenes = {name: Scene(world, topic) for name, topic in lexicon.topics.items()}
        self.world, self.topics = world, tuple(self.scenes)

    def tell(self, topic: str, choose: Choose) -> list[Meaning]:
        """Run the grammar: one story of the topic, its words chosen by `choose`."""
        return Teller(self.world, self.scenes[topic], choose).tell()

    def sample(self, rng: random.Random) -> tuple[str, tuple[str, ...]]:
        """A topic and the words of a story about it, without </s>."""
        topic, sampler = self.topics[int(rng.random() * len(self.topics))], Sampler(rng)
        self.tell(topic, sampler)
        return topic, tuple(map(str, sampler.words[:-1]))

    def annotate(self, topic: str, words: Words) -> tuple[list[Token], list[Meaning]]:
        """The words of a story as the grammar's own tokens, and what its sentences mean.

        Raises ValueError if the grammar cannot tell it.
        """
        annotator = Annotator((*words, END))
        try:
            told = self.tell(topic, annotator)
        except Impossible:
            raise ValueError(f"no story about {topic}: {' '.join(words)}") from None
        return annotator.tokens[:-1], told

    def log_probs(self, words: Words) -> list[float]:
        """(T + 1,) natural log of p(word | the words before it), </s> last; topics summed out.

        From the first word on that the grammar cannot say, -inf.
        """
        words = (*words, END)
        by_topic = [self.replay(topic, words)[0] for topic in self.topics]
        return list(differences(joint(by_topic, len(words))))

    def next_word(self, words: Words) -> dict[str, float]:
        """p(word | words) for every word that can come next: the best predictor there is.

        Raises ValueError if no story begins like this.
        """
        replays = [self.replay(topic, tuple(words)) for topic in self.topics]
        alive = [(sum(log_probs), chances) for log_probs, chances in replays if chances]
        if not alive:
            raise ValueError(f"no story begins: {' '.join(words)}")
        best = max(log_prob for log_prob, _chances in alive)
        total = sum(math.exp(log_prob - best) for log_prob, _chances in alive)
        mixed: dict[str, float] = {}
        for log_prob, chances in alive:
            weight = math.exp(log_prob - best) / total
            for token, p in chances.items():
                mixed[str(token)] = mixed.get(str(token), 0.0) + weight * p
        return mixed

    def topic_probs(self, words: Words) -> dict[str, float]:
        """p(topic | the story so far). Raises ValueError if no story begins like this."""
        replays = {topic: self.replay(topic, tuple(words)) for topic in self.topics}
        alive = {topic: sum(logs) for topic, (logs, chances) in replays.items() if chances}
        if not alive:
            raise ValueError(f"no story begins: {' '.join(words)}")
        best = max(alive.values())
        total = sum(math.exp(log_prob - best) for log_prob in alive.values())
        return {t: math.exp(alive[t] - best) / total if t in alive else 0.0 for t in self.topics}

    def replay(self, topic: str, words: Words) -> tuple[list[float], dict[Token, float]]:
        """Log-probabilities as far as the topic goes along, and what could follow the last word.

        Nothing could if the topic did not go along to the end, or if the story has ended.
        """
        scorer = Scorer(tuple(words))
        try:
            self.tell(topic, scorer)
        except Told as told:
            return scorer.log_probs, dict(told.chances)
        except Impossible:
            pass
        return scorer.log_probs, {}


def joint(by_topic: Sequence[Sequence[float]], length: int) -> Iterator[float]:
    """log p(the first t words) for t = 0 ... length, from each topic's log-probabilities."""
    so_far = [-math.log(len(by_topic))] * len(by_topic)
    yield 0.0
    for place in range(length):
        so_far = [
            past + logs[place] if place < len(logs) else -math.inf
            for past, logs in zip(so_far, by_topic, strict=True)
        ]
        best = max(so_far)
        if best == -math.inf:
            yield best
        else:
            yield best + math.log(sum(math.exp(log_prob - best) for log_prob in so_far))


def differences(values: Iterator[float]) -> Iterator[float]:
    """Each value less the one before it; -inf stays -inf."""
    before = next(values)
    for value in values:
        yield value if value == -math.inf else value - before
        before = value


@cache
def whole_lexicon() -> Lexicon:
    """The lexicon of Riverbank, read once: both languages speak of the same nouns."""
    return read_lexicon()


@cache
def language(unseen: bool = False) -> Language:
    """Riverbank as everyone but the unseen split speaks it; or with the reserved combinations."""
    return Language(whole_lexicon(), reserved=unseen)
