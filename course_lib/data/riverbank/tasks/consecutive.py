"""Does this sentence come next? Pairs for BERT's second objective."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from course_lib.data.riverbank.language import language
from course_lib.data.riverbank.story import Sentence, Story
from course_lib.data.riverbank.tasks.wording import Words, told


@dataclass(frozen=True)
class Consecutive:
    """Whether `second` comes next after `before`, the story so far, of which `first` is the end."""

    before: Words
    first: Words
    second: Words
    is_next: bool


def consecutive(stories: Sequence[Story], seed: int) -> list[Consecutive]:
    """Half of the pairs go on with their story and half with another; the same for the same seed.

    >>> consecutive(riverbank.load("train"), seed=0)[0].is_next

    Two stories swap the sentence at one place, so that every sentence comes once rightly and once
    wrongly and neither half of a pair gives the answer away. What decides is who the people are,
    what the place and the topic are, and what has happened: after `before` the grammar cannot go
    on with the wrong sentence. With `first` alone some pairs are open.
    """
    rng = random.Random(f"{seed} consecutive")
    order = rng.sample(list(stories), len(stories))
    pairs = [
        pair
        for one, other in zip(order[::2], order[1::2], strict=False)
        for pair in exchange(one, other, rng)
    ]
    rng.shuffle(pairs)
    return pairs


def exchange(one: Story, other: Story, rng: random.Random) -> Iterator[Consecutive]:
    """Four pairs, two of them right, at a place where each story can tell the other's apart."""
    shorter = min(len(one.sentences), len(other.sentences))
    for place in rng.sample(range(1, shorter), shorter - 1):
        mine, yours = one.sentences[place], other.sentences[place]
        if can_follow(one, place, yours) or can_follow(other, place, mine):
            continue
        for story, right, wrong in ((one, mine, yours), (other, yours, mine)):
            before, first = told(story.sentences[:place]), told([story.sentences[place - 1]])
            yield Consecutive(before, first, told([right]), True)
            yield Consecutive(before, first, told([wrong]), False)
        return


def can_follow(story: Story, place: int, sentence: Sentence) -> bool:
    """Whether the grammar could go on with the sentence after some of the story."""
    so_far = [word for told in story.sentences[:place] for word in told.words]
    return language(unseen=True).log_probs((*so_far, *sentence.words))[-2] > float("-inf")
