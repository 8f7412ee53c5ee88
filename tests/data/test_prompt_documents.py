"""Documents to be prompted from: one task and one wording each, and nothing kept back is told."""

import itertools
import random

import pytest

from course_lib.data import riverbank
from course_lib.data.riverbank import tasks
from course_lib.data.riverbank.tasks.prompting import (
    KEPT,
    LETTERS,
    LINE,
    SECTIONS,
    drawn,
    fitting,
    pools_of,
    prompting_vocabulary,
    trained_words,
    wordings,
)
from course_lib.data.riverbank.tasks.word_groups import LABELS, word_groups

STORIES = riverbank.load("dev")[:60]
POOLS = pools_of(STORIES, seed=0)
ALL = [(kind, "documents") for kind in tasks.KINDS] + [(kind, "letters") for kind in LETTERS]
WORDS = set(prompting_vocabulary())


def some(kind: str, section: str, n: int = 30, seed: int = 0):
    return list(itertools.islice(drawn(kind, POOLS, section, random.Random(seed)), n))


@pytest.mark.parametrize(("kind", "section"), ALL)
def test_a_document_keeps_to_one_task_in_one_wording(kind: str, section: str):
    for seed in range(5):
        made = some(kind, section, seed=seed)
        fixed = [
            [w for w in wording.template.split() if w[0] != "{"]
            for wording in wordings(section)[kind]
        ]
        ends = {tuple(prompt.words[-2:]) for prompt in made if fixed[0]}
        assert len(ends) <= 1 or kind == "words"
        assert {prompt.kind for prompt in made} == {kind}
        assert len({tuple(prompt.words) for prompt in made}) > 5
        if made[0].choices:
            assert {prompt.answer[0] for prompt in made} <= set(made[0].choices)


@pytest.mark.parametrize("kind", LETTERS)
def test_letters_mean_one_thing_in_a_document_and_another_in_the_next(kind: str):
    maps = []
    for seed in range(12):
        made = some(kind, "letters", 60, seed)
        letters = {prompt.label: prompt.answer for prompt in made}
        assert 2 <= len(letters) <= 4
        assert len(set(letters.values())) == len(letters)
        assert all(letters[prompt.label] == prompt.answer for prompt in made)
        assert {prompt.answer[0] for prompt in made} <= set(LABELS)
        assert all(set(prompt.choices) == {a for (a,) in letters.values()} for prompt in made)
        maps.append(letters)
    given = [pair for letters in maps for pair in letters.items()]
    assert len({name for name, _ in given}) < len(set(given)) > 0.7 * len(given)


def test_words_are_labelled_by_what_they_are():
    groups = word_groups()
    for prompt in some("words", "letters", 100):
        assert prompt.words[0] in groups[prompt.label]


def test_words_and_groups_that_are_kept_back_are_in_no_document():
    trained = trained_words()
    assert not set(trained) & set(KEPT)
    asked = {p.words[0] for seed in range(60) for p in some("words", "letters", 60, seed)}
    assert asked <= {word for words in trained.values() for word in words}
    for name, words in trained.items():
        assert 0.15 < 1 - len(words) / len(word_groups()[name]) < 0.25


def test_no_word_is_in_two_groups():
    groups = word_groups()
    for one, other in itertools.combinations(groups.values(), 2):
        assert not set(one) & set(other)
    assert {"nina", "omar"} <= set(groups["people"])
    assert "owl" in groups["animals"]
    assert "baker" in groups["jobs"]
    assert "ladder" in groups["things"]
    assert "bat" not in {word for words in groups.values() for word in words}


def test_a_held_out_wording_has_only_words_that_are_trained_on():
    def said(section: str) -> set[str]:
        told = [w for one in wordings(section).values() for w in one]
        return {
            word
            for wording in told
            for text in (wording.template, wording.answers.replace(",", " "))
            for word in text.split()
            if word[0] != "{"
        }

    known = said("documents") | said("instructions")
    assert said("held out") | said("combinations") <= known
    trained = {w.template for s in SECTIONS[:3] for one in wordings(s).values() for w in one}
    kept = {w.template for s in SECTIONS[3:] for one in wordings(s).values() for w in one}
    assert not trained & kept
    assert set(wordings("held out")) == set(tasks.KINDS) == set(wordings("instructions"))


def test_the_held_out_combination_is_a_task_with_answers_it_never_had():
    (kept,) = wordings("combinations")["consecutive"]
    trained = [w.answers for s in SECTIONS[:3] for w in wordings(s).get("consecutive", ())]
    assert kept.answers not in trained
    assert any("entailment true" in w.answers for w in wordings("instructions")["entailment"])


@pytest.mark.parametrize(("kind", "section"), ALL)
def test_the_vocabulary_knows_every_word(kind: str, section: str):
    for prompt in some(kind, section):
        unknown = {*prompt.words, *prompt.answer} - WORDS
        assert not unknown or (kind == "translation" and not set(prompt.words) - WORDS)
    assert {LINE, *LABELS, "{", "}"} <= WORDS


def test_the_vocabulary_goes_on_from_another():
    first = riverbank.vocabulary()
    words = prompting_vocabulary(first)
    assert words[: len(first)] == first
    assert set(words) == WORDS
    assert len(set(words)) == len(words)
    assert not [word for word in words if len(word) > 1 and word[0] == "{"]


def test_as_many_prompts_as_fit():
    sizes = [len(p.words) + len(p.answer) + 1 for p in some("topics", "documents")]
    for n in (1, 3, 8):
        for room, wanted in ((0, n), (-1, n - 1)):  # one word less, and the last does not fit
            found = fitting(iter(some("topics", "documents")), 8, sum(sizes[:n]) + room)
            assert len(found) == wanted
    assert len(fitting(iter(some("topics", "documents")), 2, 9999)) == 2


def test_no_such_section():
    with pytest.raises(ValueError, match="no section 'poems'"):
        wordings("poems")
