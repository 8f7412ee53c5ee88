import pytest
import torch

from course_lib.data import corpora, riverbank
from course_lib.data.riverbank import tasks
from course_lib.errors import CourseError
from course_lib.text.encoding import piece_encoding, word_encoding
from course_lib.text.marks import MARKS
from course_lib.text.vocab import Vocab
from course_lib.text.wordpiece import WordPieceTokenizer
from course_lib.training.numbers import NumberScaler
from course_lib.training.task_examples import (
    ask,
    ask_of_text,
    document_examples,
    entailment_examples,
    label_list,
    label_targets,
    review_examples,
    sentence_examples,
    shortened_examples,
    similarity_examples,
    span_examples,
    tagging_examples,
    told_review_examples,
)

STORIES = riverbank.load("train")[:12]
VOCAB = Vocab([*MARKS, *tasks.vocabulary()])
ENCODING = word_encoding(VOCAB, 192)
TEXT = "I swam across the river, and rested on the other bank of the river."
PIECES = WordPieceTokenizer.train([TEXT], 330, special=MARKS)


def test_pairs_become_one_text_with_their_label():
    pairs = tasks.entailment(STORIES, seed=0)
    assert len(pairs) > 3
    for pair, example in zip(pairs, entailment_examples(pairs, ENCODING), strict=True):
        words = VOCAB.decode(example.ids)
        assert words == ["[CLS]", *pair.premise, "[SEP]", *pair.hypothesis, "[SEP]"]
        assert int(example.segment_ids.sum()) == len(pair.hypothesis) + 1
        assert tasks.LABELS[int(example.target)] == pair.label
    alike = tasks.similarity(riverbank.load("train")[:60], seed=0)
    for pair, example in zip(alike, similarity_examples(alike, ENCODING), strict=True):
        words = ["[CLS]", *pair.first, "[SEP]", *pair.second, "[SEP]"]
        assert VOCAB.decode(example.ids) == words
        assert example.target.item() == pytest.approx(pair.score)


def test_stories_and_reviews():
    documents = tasks.documents(STORIES)
    topics = label_list(document.topic for document in documents)
    for document, example in zip(
        documents, document_examples(documents, topics, ENCODING), strict=True
    ):
        assert VOCAB.decode(example.ids)[1:-1] == list(document.words)
        assert topics[int(example.target)] == document.topic
    reviews = tasks.reviews(5, seed=0)
    numbers = NumberScaler.fit([r.numbers for r in reviews])([r.numbers for r in reviews])
    beside = review_examples(reviews, ENCODING, numbers)
    told = told_review_examples(reviews, ENCODING)
    for review, row, one, other in zip(reviews, numbers, beside, told, strict=True):
        assert VOCAB.decode(one.ids)[1:-1] == list(review.words)
        assert one.numbers.equal(row)
        assert VOCAB.decode(other.ids)[1:-1] == list(review.with_numbers)
        assert other.numbers is None
        assert one.target.item() == other.target.item() == review.stars
        assert str(review.numbers.price) in VOCAB.decode(other.ids)
    assert review_examples(reviews, ENCODING)[0].numbers is None


def test_each_word_of_a_sentence_has_its_tag_whatever_the_window():
    sentences = tasks.tagged(STORIES)
    labels = label_list(tag for sentence in sentences for tag in sentence.entities)
    words, tags = [s.words for s in sentences], [s.entities for s in sentences]
    for most in (192, 7):
        found: list[tuple[str, str]] = []
        for example in tagging_examples(words, tags, labels, ENCODING._replace(max_length=most)):
            assert len(example.ids) <= most
            assert example.target[0] == example.target[-1] == -100
            inner = zip(VOCAB.decode(example.ids)[1:-1], example.target[1:-1].tolist(), strict=True)
            found += [(word, labels[label]) for word, label in inner]
        right = [pair for s in sentences for pair in zip(s.words, s.entities, strict=True)]
        assert set(found) == set(right)
        assert most == 7 or found == right


def test_tags_stand_at_first_pieces_and_survive_a_cut_inside_a_word():
    words, tags = ["across", "riverbank", "swam"], ["A", "B", "A"]
    encoding = piece_encoding(PIECES, 5)
    n_pieces = [len(encoding.encode_word(word)) for word in words]
    assert max(n_pieces) > 3, "one word is longer than a window"
    found = tagging_examples([words], [tags], ["A", "B"], encoding)
    assert len(found) > 1
    seen = {}  # place in the text -> label, for the places that have one
    first = 0
    whole = torch.cat([encoding.encode_word(word) for word in words])
    for example in found:
        inner = example.ids[1:-1]
        while not inner.equal(whole[first : first + len(inner)]):
            first += 1
        seen |= {first + i: t for i, t in enumerate(example.target[1:-1].tolist()) if t >= 0}
    assert seen == {0: 0, n_pieces[0]: 1, sum(n_pieces[:2]): 0}


def test_misaligned_and_unknown_tags_are_refused_with_the_texts_number():
    texts = [["a"], ["b", "c"]]
    with pytest.raises(CourseError, match="text 2: 2 words, but 1 tags"):
        tagging_examples(texts, [["A"], ["A"]], ["A"], ENCODING)
    with pytest.raises(CourseError, match=r"text 2 has the tag 'X'.*A, B"):
        tagging_examples(texts, [["A"], ["X", "A"]], ["A", "B"], ENCODING)


def test_labels():
    assert label_list(["b", "a", "b"]) == ["a", "b"]
    for labels, told in ((["a", "a"], "are a:"), ([], "none")):
        with pytest.raises(CourseError, match=f"{told}.*at least two"):
            label_list(labels)
    assert [int(t) for t in label_targets(["b", "a"], ["a", "b"])] == [1, 0]
    with pytest.raises(CourseError, match=r"text 2 has the label 'c'.*a, b"):
        label_targets(["a", "c"], ["a", "b"])


def test_questions_point_at_the_same_words():
    questions = tasks.questions(STORIES, seed=0)
    assert {question.end > 0 for question in questions} == {True, False}
    for question, example in zip(
        questions, span_examples(ask(questions, ENCODING), ENCODING), strict=True
    ):
        words = VOCAB.decode(example.ids)
        assert words == ["[CLS]", *question.question, "[SEP]", *question.passage, "[SEP]"]
        start, last = example.target.tolist()
        if question.end > 0:
            assert tuple(words[start : last + 1]) == question.answer
            assert example.may_answer[start : last + 1].all()
        else:
            assert (start, last) == (0, 0)
        assert int(example.may_answer.sum()) == len(question.passage) + 1


def test_in_windows_the_answer_is_where_all_of_it_is():
    short = ENCODING._replace(max_length=32)
    questions = tasks.questions(STORIES, seed=0)
    for asked, question in zip(ask(questions, short), questions, strict=True):
        made = span_examples([asked], short, overlap=8)
        assert all(len(example.ids) <= 32 for example in made)
        answers = [e for e in made if e.target.tolist() != [0, 0]]
        assert bool(answers) == (question.end > 0), "answers are shorter than the overlap"
        for example in answers:
            start, last = example.target.tolist()
            assert tuple(VOCAB.decode(example.ids[start : last + 1])) == question.answer


def test_real_questions_are_found_by_their_characters():
    def question(answer: str) -> corpora.Question:
        found = corpora.Answer(TEXT.rindex(answer), answer)
        return corpora.Question("where did I rest?", TEXT, (found,), "")

    made = [question("the other bank"), question("river")]
    asked = ask_of_text([*made, corpora.Question("why?", TEXT, (), "")], PIECES)
    told = [PIECES.decode(a.passage[a.start : a.end]).strip() for a in asked[:2]]
    assert told == ["the other bank", "river"]
    assert PIECES.decode(asked[1].passage[: asked[1].start]) == TEXT[: TEXT.rindex(" river")]
    assert asked[2].end < 1
    encoding = piece_encoding(PIECES, 128)
    first, _second, third = span_examples(asked, encoding)
    start, last = first.target.tolist()
    assert PIECES.decode(first.ids[start : last + 1]).strip() == "the other bank"
    assert third.target.tolist() == [0, 0]
    nowhere = corpora.Question("why?", TEXT, (corpora.Answer(500, "x"),), "")
    with pytest.raises(CourseError, match="in no token"):
        ask_of_text([nowhere], PIECES)


def test_too_long_texts_are_refused_or_shortened_and_counted():
    encoding = word_encoding(VOCAB, 6)
    texts, none = [["bank"], ["bank"] * 9, []], [None] * 3
    with pytest.raises(CourseError, match="text 2: 11 tokens"):
        sentence_examples(texts, none, encoding)
    found, n_shortened = shortened_examples(texts, none, encoding)
    assert [len(example.ids) for example in found] == [3, 6, 2]
    assert n_shortened == 1
    found, n_shortened = shortened_examples(texts, none, encoding, seconds=texts[::-1])
    assert [len(example.ids) for example in found] == [4, 6, 4]
    assert n_shortened == 1
    assert found[0].segment_ids.tolist() == [0, 0, 0, 1]


def test_an_encoding_needs_the_marks():
    assert piece_encoding(PIECES, 8).marks == word_encoding(VOCAB, 8).marks
    assert PIECES.decode(piece_encoding(PIECES, 8).encode_word("bank")) == " bank"
    assert PIECES.decode(piece_encoding(PIECES, 8, space="").encode_word("bank")) == "bank"
    with pytest.raises(ValueError, match=r"lacks \[CLS\]"):
        word_encoding(Vocab(["bank"]), 8)
