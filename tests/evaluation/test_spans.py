"""The oracle is SQuAD's evaluation as its papers and script define it, written anew here."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.evaluation.spans import (
    exact_match,
    plain,
    plain_characters,
    span_scores,
    token_f1,
)


def normalised(text: str) -> str:
    """Lower case, then no punctuation, then no articles, then single spaces: in this order."""
    text = text.lower()
    for sign in string.punctuation:
        text = text.replace(sign, "")
    return " ".join(re.split(r"\s+", re.sub(r"\b(?:a|an|the)\b", " ", text).strip()))


def expected_scores(answer: str, right: list[str]) -> tuple[float, float]:
    """Exact match and F1 by the rules of version 2: the best over all answers but empty ones."""
    golds = [text for text in right if normalised(text)] or [""]
    best_f1 = 0.0
    for gold in golds:
        ours, theirs = normalised(answer).split(), normalised(gold).split()
        if not ours or not theirs:
            best_f1 = max(best_f1, float(ours == theirs))
            continue
        rest, n_same = list(theirs), 0
        for word in ours:
            if word in rest:
                rest.remove(word)
                n_same += 1
        if n_same:
            precision, recall = n_same / len(ours), n_same / len(theirs)
            best_f1 = max(best_f1, 2 * precision * recall / (precision + recall))
    return float(any(normalised(answer) == normalised(gold) for gold in golds)), best_f1


text = st.lists(
    st.sampled_from(
        [
            "the",
            "The",
            "a",
            "an",
            "bank",
            "Bank",
            "river's",
            "river",
            "-",
            "--",
            "U.S.",
            "café",
            "。",
        ]
    ),
    max_size=6,
).flatmap(lambda words: st.sampled_from([" ", "  ", "\t", ""]).map(lambda gap: gap.join(words)))


@given(text, st.lists(text, max_size=3))
def test_both_equal_the_official_rules(answer, right):
    assert (exact_match(answer, right), token_f1(answer, right)) == pytest.approx(
        expected_scores(answer, right), abs=1e-12
    )


@given(st.text())
def test_normalisation_equals_the_official_one(text):
    assert plain(text) == normalised(text)


def test_known_scores():
    assert plain("The  other bank, (of) a River!") == "other bank of river"
    assert exact_match("the bank", ["Bank."]) == 1
    assert exact_match("bank", ["the river bank", "the bank"]) == 1, "the best answer counts"
    assert token_f1("the river bank", ["bank", "a boat"]) == pytest.approx(2 / 3)
    assert token_f1("bank bank", ["bank"]) == pytest.approx(2 / 3), "a word counts once"
    assert exact_match("", []) == token_f1("", [""]) == 1
    assert token_f1("bank", []) == token_f1("", ["bank"]) == 0
    assert exact_match("an", ["bank"]) == 0, "the one is not a part of the other"


def test_japanese_is_compared_by_character():
    assert plain_characters("「川の 岸」、１９９０年。") == list("川の岸1990年")
    assert exact_match("1990年", ["１９９０年。"], plain_characters) == 1
    assert token_f1("川の岸", ["岸"], plain_characters) == pytest.approx(0.5)
    assert token_f1("銀行", ["岸"], plain_characters) == 0


def test_scores_of_several_questions():
    exact, f1 = span_scores(["bank", "", "x"], [["bank"], [], ["y", "x z"]])
    assert exact == [1, 1, 0]
    assert f1 == pytest.approx([1, 1, 2 / 3])
    for answers, right in (([], []), (["a"], [])):
        with pytest.raises(ValueError, match="cannot compare"):
            span_scores(answers, right)
