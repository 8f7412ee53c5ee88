"""Questions: answers stand where they should, are the only ones, and no wording tells them."""

from collections import Counter, defaultdict

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from course_lib.data import riverbank
from course_lib.data.riverbank import tasks
from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.asking import asked
from course_lib.data.riverbank.tasks.english import statement
from course_lib.data.riverbank.tasks.facts import facts
from course_lib.data.riverbank.tasks.questions import answers, find, sentence_ends
from course_lib.data.riverbank.tasks.wording import fill, passage, rows

STORY = """
on monday nina and her brother max met at willow bridge .
there were two canoes near the bridge .
max brought a white feather , and nina rented a canoe .
then she caught three crabs .
max did not notice the bridge .
the boatmen smiled at max .
in the end , max lost the feather near the willow .
after monday came tuesday , and they rested all day .
"""
BY_HAND = {
    "who brought a white feather ?": "max",
    "who rented a canoe ?": "nina",
    "who caught three crabs ?": "nina",
    "who did not notice the bridge ?": "max",
    "who smiled at max ?": "the boatmen",
    "who lost the feather near the willow ?": "max",
    "who rested all day ?": None,  # nina and max, but nowhere in these words
    "what did max bring ?": "a white feather",
    "what did nina catch ?": "three crabs",
    "what did max lose near the willow ?": "the feather",
    "what colour was the feather ?": "white",
    "who did the boatmen smile at ?": "max",
    "where did nina and max meet ?": "willow bridge",
    "where did max lose the feather ?": "near the willow",
    "where were the canoes ?": "near the bridge",
    "when did nina and max meet at willow bridge ?": "monday",
    "when did nina catch three crabs ?": "monday",
    "when did nina and max rest all day ?": "tuesday",
    "how many crabs did nina catch ?": "three",
    "how many canoes were there ?": "two",
}


def story() -> Story:
    return Story("river", tuple(STORY.split()))


def first_wordings() -> dict[str, str]:
    templates: dict[str, str] = {}
    for kind, template in rows("questions", 2):
        templates.setdefault(kind, template)
    return templates


def test_a_story_known_by_heart():
    words, ends, told = passage(story()), sentence_ends(story()), {}
    for fact in facts(story()):
        for question in asked(fact):
            template = first_wordings()[question.kind]
            span = find(question, words, ends)
            answer = " ".join(words[slice(*span)]) if span else None
            told[" ".join(fill(template, **question.parts()))] = answer
    assert {question: told[question] for question in BY_HAND} == BY_HAND


def test_a_person_is_found_where_last_named():
    words, ends = passage(story()), sentence_ends(story())
    caught = next(q for f in facts(story()) for q in asked(f) if f.sentence == 3)
    assert find(caught, words, ends) == (words.index("rented") - 1, words.index("rented"))


@pytest.fixture(scope="module")
def made() -> list[tasks.Question]:
    return tasks.questions(riverbank.sample(700, seed=61), seed=0)


def test_two_in_three_of_each_kind_have_an_answer(made: list[tasks.Question]):
    counts = Counter((question.kind, question.start >= 0) for question in made)
    kinds = {kind for kind, _known in counts}
    assert kinds == set(first_wordings())
    assert all(counts[kind, True] == 2 * counts[kind, False] > 0 for kind in kinds)


def test_answers_stand_in_the_passage(made: list[tasks.Question]):
    for question in made:
        assert question.question[-1] in "?."
        if question.start < 0:
            assert (question.start, question.end, question.answer) == (-1, -1, ())
        else:
            assert 0 <= question.start < question.end <= len(question.passage)
            assert question.passage[question.start : question.end] == question.answer


def plain_who(made: list[tasks.Question]) -> list[tuple[tasks.Question, tuple[str, ...]]]:
    """who ... ?, and what was done."""
    found = []
    for question in made:
        if question.kind == "who" and question.question[0] == "who":
            found.append((question, question.question[1:-1]))
    return found


def test_an_answer_put_for_who_makes_a_true_statement_and_no_other_does(
    made: list[tasks.Question],
):
    topics = {s.words: s for s in riverbank.sample(700, seed=61)}
    asked_who = plain_who(made)
    assert len(asked_who) > 100
    for question, past in asked_who:
        told = topics[tuple(question.passage)]
        true = {tuple(map(str, statement(fact.clause))) for fact in facts(told)}
        doers = {words[: -len(past)] for words in true if words[-len(past) :] == past}
        related = {" ".join(doer) for doer in doers}
        if question.answer:
            names = [word for word in question.answer if word not in ("her", "his")]
            plain = " ".join(w for w in names if w not in ("brother", "sister", "friend"))
            assert related == {plain}
        else:
            assert not related


def test_what_a_story_answers_twice_is_not_asked(made: list[tasks.Question]):
    by_passage = {tuple(question.passage) for question in made}
    for told in riverbank.sample(700, seed=61)[:150]:
        if told.words in by_passage:
            several = {key for key, said in answers(told).items() if len(said) > 1}
            kinds = defaultdict(set)
            for fact in facts(told):
                for question in asked(fact):
                    kinds[question.key].add(question.answer)
            assert {key for key, said in kinds.items() if len(said) > 1} <= several


def test_the_question_alone_does_not_tell_whether_there_is_an_answer(made: list[tasks.Question]):
    model = make_pipeline(
        CountVectorizer(token_pattern=r"\S+", ngram_range=(1, 2)),
        LogisticRegression(C=0.1, max_iter=300),
    )
    seen = [" ".join(question.question) for question in made]
    scores = cross_val_score(model, seen, [question.start >= 0 for question in made], cv=3)
    assert scores.mean() < 0.72  # always "yes" is right in 0.667


def test_the_same_seed_makes_the_same_questions():
    some = riverbank.sample(80, seed=62)
    again = [tasks.questions(some, seed) for seed in (0, 0, 1)]
    assert again[0] == again[1] != again[2]


def test_every_word_is_known(made: list[tasks.Question]):
    known = set(tasks.vocabulary())
    assert all(known >= set(question.question) for question in made)
