"""Exact match and sense choice: by values known in advance, by laws, and on true translations."""

import random

import pytest

from course_lib.data import riverbank
from course_lib.data.riverbank import tasks
from course_lib.evaluation.metrics import mean
from course_lib.evaluation.translations import by_length, chosen, exact_match, sense_choice


@pytest.fixture(scope="module")
def sentences():
    return [s for story in riverbank.load("dev")[:150] for s in story.sentences]


def test_exact_match_is_a_share_with_its_standard_error():
    references = [("a", "b"), ("c",), ("d",), ()]
    found = exact_match([["a", "b"], ["c"], ["d", "d"], []], references)
    assert found.value == 0.75
    assert found.standard_error == pytest.approx((0.75 * 0.25 / 3) ** 0.5)
    assert exact_match([["b", "a"], ("c",)], references[:2]).value == 0.5
    for wrong in ([], references[:3]):
        with pytest.raises(ValueError, match="translations for"):
            exact_match(wrong, references)


def test_true_translations_choose_every_sense_rightly(sentences):
    uses = tasks.sense_uses(sentences)
    japanese = [sentence.japanese for sentence in sentences]
    assert sense_choice(japanese, uses).value == 1.0
    assert exact_match(japanese, japanese).value == 1.0


def test_the_other_word_both_words_or_none_is_wrong(sentences):
    use = next(u for u in tasks.sense_uses(sentences) if u.sense == "bank/river")
    assert chosen(["彼", "は", "岸", "へ", "行き", "まし", "た"], use)
    assert not chosen(["彼", "は", "銀行", "へ", "行き", "まし", "た"], use)
    assert not chosen(["彼", "は", "岸", "と", "銀行", "へ", "行き", "まし", "た"], use)
    assert not chosen(["彼", "は", "行き", "まし", "た"], use)


def test_a_rendering_of_several_words_stands_as_a_whole(sentences):
    use = next(u for u in tasks.sense_uses(sentences) if u.sense == "palm/harbour")
    assert chosen(["ヤシ", "の", "木"], use)
    assert not chosen(["ヤシ", "の", "高い", "木"], use)
    assert not chosen(["ヤシ", "の"], use)


def test_a_share_of_exchanged_renderings_is_found_again(sentences):
    """Exchange the two words in a known share of the sentences, and nothing else."""
    rng, uses = random.Random(0), tasks.sense_uses(sentences)
    translations = [list(sentence.japanese) for sentence in sentences]
    single = [use for use in uses if len(use.right) == len(use.wrong) == 1]
    wrong = rng.sample(sorted({use.sentence for use in single}), 40)
    for use in single:
        if use.sentence in wrong:
            swap = {use.right[0]: use.wrong[0], use.wrong[0]: use.right[0]}
            row = translations[use.sentence]
            translations[use.sentence] = [swap.get(word, word) for word in row]
    n_wrong = sum(use.sentence in wrong for use in single)
    found = sense_choice(translations, single)
    assert found.value == pytest.approx(1 - n_wrong / len(single))
    assert found.standard_error > 0


def test_ranges_of_length_have_an_open_lower_and_a_closed_upper_end():
    scores, lengths = [1, 0, 1, 1, 0], [3, 4, 6, 7, 20]
    first, second, empty, last = by_length(scores, lengths, [3, 6, 8, 10, 20])
    assert first == mean([0, 1])
    assert second.value == 1
    assert empty is None
    assert last.value == 0
    with pytest.raises(ValueError, match="argument 2"):
        by_length([1], [1, 2], [0, 3])
