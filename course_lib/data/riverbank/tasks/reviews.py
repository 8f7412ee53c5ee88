"""Reviews of places in town, with stars that the words and three numbers explain together."""

import random
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from course_lib.data.riverbank.language import whole_lexicon
from course_lib.data.riverbank.tasks.wording import Words, fill, rows
from course_lib.data.riverbank.words import Named, Place

PRICES = tuple(range(5, 55, 5))  # coins
WAITS = tuple(range(0, 65, 5))  # minutes
AGES = tuple(range(20, 90, 10))  # years
OPINIONS = (-2, -1, 1, 2)  # how good each of three things was
NOISE = {-100: 0.15, 0: 0.7, 100: 0.15}  # hundredths of a star, and how likely
NUMBERS_TOLD = "i am {age} years old , waited {wait} minutes and paid {price} coins . {words}"
OLD = 60  # from this age on a guest minds waiting twice as much


class Numbers(NamedTuple):
    """What a review knows besides its words: price in coins, wait in minutes, the guest's age."""

    price: int
    wait: int
    age: int


@dataclass(frozen=True)
class Review:
    """`opinion` is the sum of what its three sentences say, each from -2 to 2."""

    words: Words
    japanese: tuple[str, ...]
    numbers: Numbers
    opinion: int
    stars: int

    @property
    def with_numbers(self) -> Words:
        """The numbers written into the text, before the words."""
        price, wait, age = ([str(number)] for number in self.numbers)
        return fill(NUMBERS_TOLD, price=price, wait=wait, age=age, words=self.words)


def reviews(n: int, seed: int) -> list[Review]:
    """`n` reviews; the same for the same seed.

    >>> reviews(100, seed=0)[0].stars

    Every opinion and number is equally likely and independent of the others. See `points_of` for
    the stars, and `ceilings` for what a model can reach.
    """
    rng = random.Random(f"{seed} reviews")
    return [review(rng) for _review in range(n)]


def review(rng: random.Random) -> Review:
    topic = rng.choice(sorted(sentences()))
    numbers = Numbers(rng.choice(PRICES), rng.choice(WAITS), rng.choice(AGES))
    opinions = [(about, rng.choice(OPINIONS)) for about in sentences()[topic]]
    rng.shuffle(opinions)
    chosen = [sentences()[topic][about][opinion] for about, opinion in opinions]
    place = rng.choice(whole_lexicon().topics[topic].places)
    first = opening(place, rng)
    opinion = sum(opinion for _about, opinion in opinions)
    noise = rng.choices(list(NOISE), list(NOISE.values()))[0]
    return Review(
        fill(" ".join(["{first}", *(english for english, _japanese in chosen)]), first=first[0]),
        (*first[1], *(word for _english, japanese in chosen for word in japanese.split())),
        numbers,
        opinion,
        stars_of(points_of(opinion, numbers) + noise),
    )


def opening(place: Place, rng: random.Random) -> tuple[Words, list[str]]:
    """How a review begins, in both languages: it names the place and says nothing of it."""
    english, japanese = rng.choice(rows("openings", 2, "reviews.txt"))
    day: Named = rng.choice(whole_lexicon().days)
    words = {"{place}": list(place.japanese), "{day}": [day.japanese]}
    second = [word for form in japanese.split() for word in words.get(form, [form])]
    return fill(english, place=place.words, day=[day.word]), second


def points_of(opinion: int, numbers: Numbers) -> int:
    """Hundredths of a star: 300 + 45 opinion - 4 (price - 25) - 2 (wait - 30); old guests - 4."""
    patience = 4 if numbers.age >= OLD else 2
    return 300 + 45 * opinion - 4 * (numbers.price - 25) - patience * (numbers.wait - 30)


def stars_of(points: int) -> int:
    """Rounded to whole stars, at least 1 and at most 5."""
    return min(5, max(1, (points + 50) // 100))


@cache
def sentences() -> dict[str, dict[str, dict[int, tuple[str, str]]]]:
    """reviews.txt: topic of the place -> what it is about -> opinion -> English and Japanese."""
    table: defaultdict[str, defaultdict[str, dict[int, tuple[str, str]]]]
    table = defaultdict(lambda: defaultdict(dict))
    for topic, about, opinion, english, japanese in rows("sentences", 5, "reviews.txt"):
        table[topic][about][int(opinion)] = english, japanese
    return {topic: dict(things) for topic, things in table.items()}
