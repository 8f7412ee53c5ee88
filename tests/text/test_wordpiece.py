"""WordPiece: the score by hand and the slow way, the longest match beside the library's."""

import itertools
from collections import Counter
from fractions import Fraction

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import models, pre_tokenizers

from course_lib.text import fast
from course_lib.text.bpe import count_words
from course_lib.text.pair_counts import PairCounts, merge
from course_lib.text.wordpiece import (
    WordPieceTokenizer,
    learn_pieces,
    longest_pieces,
    mark,
    marked_alphabet,
)

from .tokenizer_examples import stories

PUBLISHED = {"hug": 10, "pug": 5, "pun": 12, "bun": 4, "hugs": 5}
LETTERS = marked_alphabet("abc")
tied_words = st.dictionaries(
    st.text("abc", min_size=1, max_size=8), st.integers(1, 4), min_size=1, max_size=10
)
some_pieces = st.sets(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=8)


def learn_slowly(words, letters, n_pieces, min_count):
    """Count everything again before each join, with exact fractions for scores."""
    ids = {letter: i for i, letter in enumerate(letters)}
    split, pieces = {word: list(word) for word in words}, []
    while len(pieces) < n_pieces:
        pairs, symbols = Counter(), Counter()
        for word, n in words.items():
            for symbol in split[word]:
                symbols[symbol] += n
            for pair in itertools.pairwise(split[word]):
                pairs[pair] += n
        score = {
            (a, b): Fraction(n, symbols[a] * symbols[b])
            for (a, b), n in pairs.items()
            if n >= min_count
        }
        if not score:
            break
        a, b = min(score, key=lambda p: (-score[p], ids[p[0]], ids[p[1]]))
        joined = a + b[2:]
        if joined not in ids:
            ids[joined] = len(ids)
            pieces.append(joined)
        split = {word: merge(found, (a, b), joined) for word, found in split.items()}
    return pieces


def test_the_published_example():
    """The Hugging Face course joins ##g and ##s first: 5 / (20 * 5) is the best score.

    After that all scores are equal, it says; then the order of ids decides.
    """
    words = {mark(word): n for word, n in PUBLISHED.items()}
    assert learn_pieces(words, marked_alphabet("bghnpsu"), 1) == ["##gs"]
    assert learn_pieces(words, [*"bhp", *marked_alphabet("bghnpsu")[:7]], 2) == ["##gs", "bu"]


def test_marks():
    assert mark("bank") == ("b", "##a", "##n", "##k")
    assert mark(" bank") == (" b", "##a", "##n", "##k")
    assert mark(" ") == (" ",)
    assert mark("a") == ("a",)
    assert marked_alphabet("a#b") == ["##a", "##b", "a", "b"]


@settings(max_examples=150)
@given(words=tied_words, n_pieces=st.integers(0, 20), min_count=st.integers(1, 3))
def test_pieces_equal_the_slow_way(words, n_pieces, min_count):
    marked = {mark(word): n for word, n in words.items()}
    quickly = learn_pieces(marked, LETTERS, n_pieces, min_count)
    assert quickly == learn_slowly(marked, LETTERS, n_pieces, min_count)


def by_library(pieces: list[str], longest_word: int = 100) -> tokenizers.Tokenizer:
    ids = {piece: i for i, piece in enumerate(["<unk>", *pieces])}
    model = models.WordPiece(ids, unk_token="<unk>", max_input_chars_per_word=longest_word)
    library = tokenizers.Tokenizer(model)
    library.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return library


@settings(max_examples=150)
@given(some_pieces, some_pieces, st.lists(st.text("abcd", min_size=1, max_size=12), min_size=1))
def test_the_longest_match_is_the_library_s(first, later, words):
    pieces = [*sorted(first), *("##" + piece for piece in sorted(later))]
    ours = WordPieceTokenizer(pieces, byte_fallback=False)
    library = by_library(pieces)
    for word in [*words, "a" * 100, "a" * 101]:
        assert ours.tokens(word) == library.encode(word).tokens


def test_greedy_is_not_always_possible():
    """abc could be a + ##bc, but the longest beginning is ab, and nothing continues with c."""
    pieces = frozenset(["a", "ab", "##bc"])
    assert longest_pieces("abc", pieces, 2) == ["ab", None]
    with_bytes = WordPieceTokenizer(sorted(pieces))
    assert with_bytes.tokens("abc") == ["ab", "<0x63>"]
    assert WordPieceTokenizer(sorted(pieces), byte_fallback=False).tokens("abc") == ["<unk>"]


def test_a_number_sign_is_never_a_piece():
    tokenizer = WordPieceTokenizer.train(["a### #b ##c"] * 5, 400)
    assert not any("#" in piece.removeprefix("##") for piece in tokenizer.pieces)
    assert tokenizer.decode(tokenizer.encode("a### #b ##c ####")) == "a### #b ##c ####"


def join_the_most_frequent(words, letters, n_pieces):
    """BPE on letters that carry marks."""
    counts, ids = PairCounts(words), {letter: i for i, letter in enumerate(letters)}
    while len(ids) < len(letters) + n_pieces:
        a, b = min(counts.pairs, key=lambda p: (-counts.pairs[p], ids[p[0]], ids[p[1]]))
        counts.merge((a, b), a + b[2:])
        ids.setdefault(a + b[2:], len(ids))
    return list(ids)[len(letters) :]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_fast_trainer_joins_the_most_frequent_pairs(language: str):
    """The library trains WordPiece as BPE: the same letters, the same order, whatever the mark."""
    texts = stories(language)
    counts = count_words(texts)
    pieces = fast.train_wordpiece(texts, 2200).slow.pieces
    letters = marked_alphabet(sorted({c for word in counts for c in word}))
    assert pieces[: len(letters)] == letters
    words = {(word[0], *("##" + c for c in word[1:])): n for word, n in counts.items()}
    learnt = pieces[len(letters) :]
    assert learnt == join_the_most_frequent(words, letters, len(learnt))
    assert len(learnt) > 100
