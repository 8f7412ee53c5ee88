"""The references of lecture 14 equal the package and other libraries, or what trying all gives."""

import itertools
import math
import random

import pytest
import torch

from course_lib.classroom.exercises.prompting.calibrated import calibrated
from course_lib.classroom.exercises.prompting.curve import best_accuracy
from course_lib.classroom.exercises.prompting.following import allowed_probs
from course_lib.classroom.exercises.prompting.likelihood import answer_score
from course_lib.classroom.exercises.prompting.orders import order_report
from course_lib.classroom.exercises.prompting.shots import few_shot_prompt
from course_lib.inference.constrained import Constrained, Grammar, one_of, then, words
from course_lib.inference.prompting import calibrate, few_shot
from course_lib.models.config import TransformerConfig
from course_lib.models.gpt import GPT
from course_lib.text.vocab import Vocab


def test_a_prompt_by_hand():
    shots = [("good soup .", "5"), ("we waited .", "2")]
    prompt = "good soup . stars : 5\nwe waited . stars : 2\nfine . stars :"
    assert few_shot_prompt("{text} stars :", shots, "fine .") == prompt
    assert few_shot_prompt("say {text} now", [], "{text}") == "say {text} now"


def test_a_prompt_has_the_words_of_the_package():
    shots = [("good soup", "5"), ("we waited", "2")]
    asked = [((*text.split(), ":"), (answer,)) for text, answer in shots]
    lines = few_shot_prompt("{text} :", shots, "fine").replace("\n", " | ")
    assert tuple(lines.split()) == few_shot(asked, ("fine", ":"), "|")


@pytest.mark.parametrize("n_prompt", [0, 1, 3])
def test_the_score_of_an_answer_is_that_of_a_language_model(n_prompt: int):
    rng = torch.Generator().manual_seed(n_prompt)
    model = GPT(TransformerConfig(vocab_size=9, context_length=8, d_model=8, n_heads=2), rng).eval()
    text = torch.tensor([4, 7, 5, 8, 4])
    ids = torch.cat([torch.tensor([2]), text])
    with torch.no_grad():
        logits = model.forbid_special(model(ids[None])[0].double())
    (whole,) = model.log_probs([text])
    n_answer = len(text) - n_prompt
    found = answer_score(logits.tolist(), ids.tolist(), n_answer)
    assert found == pytest.approx(whole[n_prompt:-1].mean().item(), rel=1e-5)


def test_calibration_by_hand():
    scores = [[math.log(0.3), math.log(0.1)], [math.log(0.02), math.log(0.02)]]
    empty = [[math.log(0.06), math.log(0.02)], [math.log(0.2), math.log(0.2)]]
    # Priors 3/4, 1/4 and 1/2, 1/2: 5/8, 3/8 on average. 3/4 : 1/4 by it is 6/5 : 2/3 = 9 : 5.
    torch.testing.assert_close(calibrated(scores, empty), [[9 / 14, 5 / 14], [3 / 8, 5 / 8]])


def test_calibration_leaves_nothing_where_the_prompt_says_nothing():
    rows = [[-1.0, -2.0, -9.0]]
    torch.testing.assert_close(calibrated(rows * 2, rows), [[1 / 3] * 3] * 2)


def test_calibration_is_the_package_s():
    rng = torch.Generator().manual_seed(0)
    scores, empty = torch.randn(4, 3, generator=rng), torch.randn(2, 3, generator=rng)
    package = calibrate(scores, empty.log_softmax(dim=1)).softmax(dim=1)
    found = torch.tensor(calibrated(scores.tolist(), empty.tolist()))
    torch.testing.assert_close(found, package)


@pytest.mark.parametrize(("kinds", "n_labels"), [([0.25] * 4, 16), ([0.6, 0.3, 0.1], 3)])
def test_what_can_be_known_by_trying_all_episodes(kinds, n_labels: int):
    for n_shots, found in enumerate(best_accuracy(kinds, n_labels, 4)):
        total = 0.0
        for asked, *shown in itertools.product(range(len(kinds)), repeat=n_shots + 1):
            p = math.prod(kinds[kind] for kind in (asked, *shown))
            total += p * (1 if asked in shown else 1 / n_labels)
        assert found == pytest.approx(total)


def random_moves(rng: random.Random) -> dict[str, dict[str, str]]:
    states = "abcdef"
    return {s: {w: rng.choice(states) for w in "xyz" if rng.random() < 0.5} for s in states}


@pytest.mark.parametrize("seed", range(20))
def test_allowed_words_are_those_that_some_answer_goes_on_with(seed: int):
    """Six states: if an answer can be finished at all, then by at most five more words."""
    rng = random.Random(seed)
    moves, final = random_moves(rng), rng.sample("abcdef", 2)
    probs = {"x": 0.1, "y": 0.2, "z": 0.3, "</s>": 0.4}

    def ends(words: tuple[str, ...]) -> bool:
        state: str | None = "a"
        for word in words:
            state = moves[state].get(word) if state else None
        return state in final

    answers = [w for n in range(7) for w in itertools.product("xyz", repeat=n) if ends(w)]
    first = {answer[0] if answer else "</s>" for answer in answers}
    mass = sum(probs[word] for word in first)
    expected = {word: pytest.approx(probs[word] / mass) for word in first}
    assert allowed_probs(probs, moves, final, "a") == expected


def test_allowed_words_are_those_of_the_package_s_grammar():
    vocab = Vocab(["topic", "stars", "is", "5"])
    grammar = Grammar(then(one_of(["topic", "stars"]), words("is 5")), vocab, "</s>")
    logits = torch.randn(1, len(vocab), generator=torch.Generator().manual_seed(0))
    kept = Constrained(grammar).filter(logits).softmax(dim=1)[0]
    probs = dict(zip(vocab.words, logits.softmax(dim=1)[0].tolist(), strict=True))
    moves = {"a": {"topic": "b", "stars": "b"}, "b": {"is": "c"}, "c": {"5": "d"}, "d": {}}
    found = allowed_probs(probs, moves, ["d"], "a")
    assert found == {word: pytest.approx(kept[vocab.ids[word]].item()) for word in found}
    assert set(found) == {vocab.words[i] for i in kept.nonzero()[:, 0]}


def test_orders_by_hand():
    answers = [["a", "b", "c"], ["b", "b", "c"], ["b", "a", "c"]]
    report = order_report(answers, ["a", "b", "d"])
    # One row has both right, one one, one none; the third question is answered alike, and wrongly.
    assert report == {
        "worst": 0.0,
        "best": pytest.approx(2 / 3),
        "moved": pytest.approx(2 / 3),
        "vote": pytest.approx(1 / 3),
    }
