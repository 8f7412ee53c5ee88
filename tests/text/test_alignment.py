import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.data import corpora
from course_lib.errors import CourseError
from course_lib.text.alignment import Pieces, pieces_of, tag_targets, token_spans, tokens_at
from course_lib.text.bpe import BPETokenizer
from course_lib.text.byte_bpe import ByteBPETokenizer
from course_lib.text.fast import Fast
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import CharacterTokenizer, WordTokenizer
from course_lib.text.wordpiece import WordPieceTokenizer

TEXTS = ["I swam across the river to get to the other bank.", "The bat's wings, the bats' wings!"]
WORDPIECE = WordPieceTokenizer.train(TEXTS, 330)
EXACT = [
    BPETokenizer.train(TEXTS, 330),
    ByteBPETokenizer.train(TEXTS, 330),
    WORDPIECE,
    Fast(WORDPIECE),
    WordTokenizer.train(TEXTS),
    CharacterTokenizer.train(TEXTS),
]


def test_every_word_has_pieces_and_the_first_one_carries_the_tag():
    encode = lambda word: WORDPIECE.encode(f" {word}" if word else "")  # noqa: E731
    pieces = pieces_of(["swam", "", "bats", "x"], encode)
    n = [int((pieces.word_of == word).sum()) for word in range(4)]
    assert n[1] == 1, "an empty word is <unk>, so that it keeps its tag"
    assert pieces.ids[pieces.word_of == 1].tolist() == [Vocab.unk_id]
    assert n[2] > 1
    targets = tag_targets(pieces, [3, 1, 2, 0])
    assert targets[pieces.is_first].tolist() == [3, 1, 2, 0]
    assert (targets[~pieces.is_first] == -100).all()
    assert len(targets) == sum(n)
    assert WORDPIECE.decode(pieces.ids[pieces.word_of == 2]) == " bats"


def test_known_pieces():
    pieces = Pieces(torch.tensor([7, 8, 9]), torch.tensor([0, 0, 1]))
    assert pieces.is_first.tolist() == [True, False, True]
    assert tag_targets(pieces, [5, 6]).tolist() == [5, -100, 6]
    nothing = pieces_of([], lambda word: torch.tensor([1]))
    assert tag_targets(nothing, []).tolist() == nothing.is_first.tolist() == []


def test_misaligned_tags_are_refused():
    pieces = pieces_of(["a", "b"], lambda word: torch.tensor([7, 8]))
    for labels in ([], [1], [1, 2, 3]):
        with pytest.raises(CourseError, match=f"2 words, but {len(labels)} tags"):
            tag_targets(pieces, labels)
    with pytest.raises(CourseError, match="0 words, but 1 tags"):
        tag_targets(pieces_of([], lambda word: torch.tensor([1])), [1])


@pytest.mark.parametrize("tokenizer", EXACT, ids=lambda t: type(t).__name__)
@given(text=st.text(st.sampled_from("I swam bats'wing\n川銀é😀#.")))
def test_characters_of_tokens_are_those_they_spell(tokenizer, text):
    spans = token_spans(text, tokenizer)
    tokens = tokenizer.tokens(text)
    assert len(spans) == len(tokens)
    for (start, end), token in zip(spans, tokens, strict=True):
        assert 0 <= start < end <= len(text)
        part = tokenizer.token_bytes(token)
        whole = text[start:end].encode()
        assert part == whole or (end - start <= 2 and part in whole), "or a part of a character"
    covered = {place for start, end in spans for place in range(start, end)}
    assert covered == set(range(len(text)))


def test_bytes_of_one_character_all_have_it():
    tokenizer = CharacterTokenizer.train(["ab"])
    assert token_spans("a岸b", tokenizer) == [(0, 1), (1, 2), (1, 2), (1, 2), (2, 3)]


@pytest.mark.parametrize("way", ["words", "characters", "spaces"])
@pytest.mark.parametrize("fallback", [True, False])
def test_tokens_that_lost_spaces_and_capitals_are_searched_for(way, fallback):
    tokenizer = WordTokenizer.train(TEXTS, split_by=way, byte_fallback=fallback)
    text = "This  Bank,\n “Is” I’m the bank . ΣΑΣ _bank_ 岸へ"
    tokens, spans = tokenizer.tokens(text), token_spans(text, tokenizer)
    assert len(tokens) == len(spans)
    for token, (start, end) in zip(tokens, spans, strict=True):
        if token in tokenizer.known:
            assert text[start:end].lower().replace("’", "'") == token.lower()
    found = list(dict.fromkeys(text[a:b] for a, b in spans))
    if way == "words":
        assert found[:9] == ["This", "Bank", ",", "“", "Is", "”", "I’m", "the", "bank"]
        assert "".join(found[9:]) == ".ΣΑΣ岸へ", "letter by letter where they became bytes"
    else:
        expected = text.split() if way == "spaces" else [c for c in text if not c.isspace()]
        assert set(found) >= {part for part in expected if len(part) == 1 or not fallback}


def test_a_letter_whose_small_form_is_two_moves_nothing():
    tokenizer = WordTokenizer.train(["swam"], split_by="words")
    text = "İİİ swam İ"
    spans = dict(zip(tokenizer.tokens(text), token_spans(text, tokenizer), strict=True))
    assert text[slice(*spans["swam"])] == "swam"


def test_an_unknown_word_does_not_lend_its_letters():
    tokenizer = WordTokenizer.train(["is that it"], split_by="words", byte_fallback=False)
    text = "this is hit it"  # the first "is" is a part of "this"
    assert tokenizer.tokens(text) == ["<unk>", "is", "<unk>", "it"]
    assert [text[a:b] for a, b in token_spans(text, tokenizer)] == text.split()
    pieces = WordPieceTokenizer.train(TEXTS, 100, byte_fallback=False)
    text = "I swam ×× the"
    found = dict(zip(pieces.tokens(text), token_spans(text, pieces), strict=True))
    assert text[slice(*found["<unk>"])] == " ××"


def test_a_word_that_unicode_writes_otherwise_is_refused():
    tokenizer = WordTokenizer.train(["が"], split_by="characters")
    assert token_spans("が", tokenizer) == [(0, 1)]
    with pytest.raises(CourseError, match="NFC"):
        token_spans("か\u3099", tokenizer)


def test_spans_of_characters_become_spans_of_tokens():
    text = TEXTS[0]
    for tokenizer in EXACT:
        spans = token_spans(text, tokenizer)
        for answer in ("river", "other bank", "I", "bank.", text):
            start = text.index(answer)
            first, end = tokens_at(spans, start, start + len(answer))
            found = text[spans[first][0] : spans[end - 1][1]]
            assert answer in found
            inner = text[spans[first][1] : spans[end - 1][0]]
            assert len(inner) < len(answer), "no token too many"
    assert tokens_at([(0, 2), (2, 5), (5, 6)], 2, 5) == (1, 2)
    with pytest.raises(CourseError, match="characters 90 to 95"):
        tokens_at(token_spans(text, EXACT[0]), 90, 95)


@pytest.mark.parametrize("kind", ["words", "wordpiece"])
def test_real_answers_are_found_in_their_tokens(kind, need):
    names = ("squadshifts_new_wiki", "tweet_sentiment_extraction")
    need(*names)
    for name in names:
        questions = corpora.questions(name).test[:150]
        texts = [question.context for question in questions]
        if kind == "words":
            tokenizer = WordTokenizer.train(texts[:20], split_by="words", byte_fallback=False)
        else:
            tokenizer = WordPieceTokenizer.train(texts[:20], 600)
        for question in questions:
            spans, answer = token_spans(question.context, tokenizer), question.answers[0]
            assert len(spans) == len(tokenizer.tokens(question.context))
            if answer.text.strip(" _\n"):
                first, end = tokens_at(spans, answer.start, answer.end)
                found = question.context[spans[first][0] : spans[end - 1][1]]
                assert answer.text.strip(" _\n") in found
