"""Reviews: stars follow from the words and the numbers, as far as the ceilings say."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from course_lib.data.riverbank import tasks
from course_lib.data.riverbank.tasks.reviews import AGES, PRICES, WAITS, points_of, stars_of
from course_lib.data.riverbank.tasks.wording import rows

REVIEWS = tasks.reviews(6000, seed=0)


def explained(groups: list) -> float:
    """The share of the stars' variance between groups of reviews."""
    stars = np.array([review.stars for review in REVIEWS], float)
    sums = defaultdict(list)
    for group, count in zip(groups, stars, strict=True):
        sums[group].append(count)
    between = sum(len(s) * (np.mean(s) - stars.mean()) ** 2 for s in sums.values())
    return float(between / len(stars) / stars.var())


def test_points_by_hand():
    assert points_of(0, tasks.Numbers(25, 30, 20)) == 300
    assert points_of(6, tasks.Numbers(25, 30, 20)) == 570
    assert points_of(0, tasks.Numbers(50, 30, 20)) == 200
    assert points_of(0, tasks.Numbers(25, 60, 50)) == 240
    assert points_of(0, tasks.Numbers(25, 60, 60)) == 180  # older guests mind waiting more
    assert [stars_of(points) for points in (-90, 149, 150, 349, 350, 900)] == [1, 1, 2, 3, 4, 5]


def test_the_words_say_the_opinion():
    value = {english: int(opinion) for _, _, opinion, english, _ in sentences()}
    told = {english: japanese for *_, english, japanese in sentences()}
    for review in REVIEWS[:300]:
        text = " ".join(review.words)
        said = [english for english in value if f" {english}" in text]
        assert sum(value[english] for english in said) == review.opinion
        assert len(said) == 3
        assert all("".join(told[e].split()) in "".join(review.japanese) for e in said)


def sentences() -> tuple[tuple[str, ...], ...]:
    return rows("sentences", 5, "reviews.txt")


def test_every_place_has_four_opinions_on_three_things():
    counts = Counter((topic, about) for topic, about, *_ in sentences())
    assert set(counts.values()) == {4}
    assert set(Counter(topic for topic, _about in counts).values()) == {3}
    assert len({row[3] for row in sentences()}) == len(sentences())


def test_the_ceilings_are_what_a_large_sample_shows():
    ceilings = tasks.review_ceilings()
    assert explained([review.opinion for review in REVIEWS]) == pytest.approx(
        ceilings.words, abs=0.03
    )
    stars = [review.stars for review in REVIEWS]
    assert max(Counter(stars).values()) / len(stars) == pytest.approx(ceilings.majority, abs=0.03)


def best_guess(noise: float = 0.15) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the likeliest number of stars of every combination, opinion first."""
    values = np.meshgrid(np.arange(-6, 7), PRICES, WAITS, AGES, indexing="ij")
    opinion, price, wait, age = values
    points = 300 + 45 * opinion - 4 * (price - 25) - np.where(age >= 60, 4, 2) * (wait - 30)
    low, mid, high = (np.clip((points + e + 50) // 100, 1, 5) for e in (-100, 0, 100))
    return noise * (low + high) + (1 - 2 * noise) * mid, mid


def test_an_oracle_that_knows_the_formula_reaches_the_ceiling():
    mean, likeliest = best_guess()
    ceilings = tasks.review_ceilings()
    places = [
        (r.opinion + 6, PRICES.index(n.price), WAITS.index(n.wait), AGES.index(n.age))
        for r in REVIEWS
        for n in [r.numbers]
    ]
    stars = np.array([review.stars for review in REVIEWS])
    guess = np.array([mean[place] for place in places])
    error = ((stars - guess) ** 2).mean() / stars.var()
    assert 1 - error == pytest.approx(ceilings.both, abs=0.015)
    right = np.mean([likeliest[place] for place in places] == stars)
    assert right == pytest.approx(ceilings.accuracy, abs=0.03)
    numbers = np.array([mean[(slice(None), *place[1:])] @ OPINION for place in places])
    error = ((stars - numbers) ** 2).mean() / stars.var()
    assert 1 - error == pytest.approx(ceilings.numbers, abs=0.03)


THREE = np.array([1, 1, 0, 1, 1]) / 4
OPINION = np.convolve(np.convolve(THREE, THREE), THREE)  # p of a sum of -6 ... 6


def test_words_and_numbers_matter_and_neither_is_all():
    ceilings = tasks.review_ceilings()
    assert 0.4 < ceilings.words < 0.7
    assert 0.15 < ceilings.numbers < 0.4
    assert max(ceilings.words, ceilings.numbers) + 0.15 < ceilings.both < 0.95
    assert ceilings.majority < 0.3 < ceilings.accuracy


def test_numbers_written_into_the_text():
    review = REVIEWS[0]
    price, wait, age = review.numbers
    told = f"I am {age} years old, waited {wait} minutes and paid {price} coins. "
    assert review.with_numbers.text == told + review.words.text


def test_the_same_seed_makes_the_same_reviews():
    assert tasks.reviews(50, seed=0) == REVIEWS[:50] != tasks.reviews(50, seed=1)


def test_every_word_is_known():
    known = set(tasks.vocabulary())
    assert all(known >= set(review.with_numbers) for review in REVIEWS)
