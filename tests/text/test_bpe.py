"""BPE by hand beside the obvious slow way, the `tokenizers` library, and values from the paper."""

import itertools
from collections import Counter

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import models, pre_tokenizers, trainers

from course_lib.data import corpora
from course_lib.text import fast
from course_lib.text.bpe import BPETokenizer, apply_merges, known_parts, learn_merges
from course_lib.text.byte_bpe import LETTERS, ByteBPETokenizer, byte_letters
from course_lib.text.pair_counts import PairCounts, merge
from course_lib.text.tokenizer import BYTES
from course_lib.text.vocab import SPECIAL

from .tokenizer_examples import STRANGE, stories

# Few letters make many pairs equally frequent, and many overlaps such as aaa.
tied_words = st.dictionaries(
    st.text("abc", min_size=1, max_size=9), st.integers(1, 4), min_size=1, max_size=12
)
PUBLISHED = {"hug": 10, "pug": 5, "pun": 12, "bun": 4, "hugs": 5}


def learn_slowly(words, letters, n_merges, min_count):
    """Count all pairs again before each merge."""
    ids = {letter: i for i, letter in enumerate(letters)}
    split, merges = {word: list(word) for word in words}, []
    while len(merges) < n_merges:
        pairs = Counter()
        for word, n in words.items():
            for pair in itertools.pairwise(split[word]):
                pairs[pair] += n
        if not pairs:
            break
        best = min(pairs, key=lambda p: (-pairs[p], ids[p[0]], ids[p[1]]))
        if pairs[best] < min_count:
            break
        merges.append(best)
        ids["".join(best)] = len(ids)
        split = {word: merge(symbols, best, "".join(best)) for word, symbols in split.items()}
    return merges


def learn_by_library(words, letters, n_merges, min_count):
    model = tokenizers.Tokenizer(models.BPE())
    model.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=len(letters) + n_merges,
        min_frequency=min_count,
        initial_alphabet=letters,
        show_progress=False,
    )
    model.train_from_iterator([" ".join([word] * n) for word, n in words.items()], trainer)
    return fast.merges_of(model), model


def test_the_published_example():
    """The first merges that the Hugging Face course finds on these five words."""
    merges = learn_merges(PUBLISHED, "bghnpsu", 3)
    assert merges == [("u", "g"), ("u", "n"), ("h", "ug")]
    ranks = {pair: i for i, pair in enumerate(merges)}
    assert apply_merges("bug", ranks) == ["b", "ug"]
    assert apply_merges("hugs", ranks) == ["hug", "s"]
    assert apply_merges("", ranks) == []


def test_a_pair_is_joined_from_left_to_right():
    assert merge("aaa", ("a", "a"), "aa") == ["aa", "a"]
    assert merge("xaaaay", ("a", "a"), "aa") == ["x", "aa", "aa", "y"]
    assert merge("ab", ("b", "a"), "ba") == ["a", "b"]


def test_the_smaller_ids_win_a_tie():
    assert learn_merges({"cd": 3, "ab": 3, "ba": 3}, "abcd", 3) == [
        ("a", "b"),
        ("b", "a"),
        ("c", "d"),
    ]
    assert learn_merges({"cd": 3, "ab": 3, "ba": 3}, "dcba", 1) == [("c", "d")]


@settings(max_examples=150)
@given(words=tied_words, n_merges=st.integers(0, 30), min_count=st.integers(1, 3))
def test_merges_equal_the_slow_way_and_the_library(words, n_merges, min_count):
    merges = learn_merges(words, "abc", n_merges, min_count)
    assert merges == learn_slowly(words, "abc", n_merges, min_count)
    by_library, model = learn_by_library(words, list("abc"), n_merges, min_count)
    assert merges == by_library
    ranks = {pair: i for i, pair in enumerate(merges)}
    for word in [*words, "abcabcaabbcc", "cccccbbbbbaaaaa"]:
        assert apply_merges(word, ranks) == model.encode(word).tokens


@settings(max_examples=60)
@given(words=tied_words, pairs=st.lists(st.tuples(*[st.sampled_from("abc")] * 2), max_size=4))
def test_counts_kept_up_to_date_equal_counts_made_anew(words, pairs):
    counts = PairCounts(words)
    for pair in pairs:
        before = counts.pairs.copy()
        changed = counts.merge(pair, "".join(pair))
        texts = {(i, *word): counts.n_times[i] for i, word in enumerate(counts.words)}
        anew, symbols = Counter(), Counter()
        for (_i, *word), n in texts.items():
            for found in itertools.pairwise(word):
                anew[found] += n
            for symbol in word:
                symbols[symbol] += n
        assert counts.pairs == anew
        assert +counts.symbols == symbols
        every = counts.pairs.keys() | before.keys()
        assert changed >= {pair for pair in every if counts.pairs[pair] != before[pair]}
        for pair_found, places in counts.places.items():
            holding = {i for i, w in enumerate(counts.words) if pair_found in itertools.pairwise(w)}
            assert places == holding


def same_as_the_library(texts, vocab_size, encoded, min_letter_count=1):
    """Both kinds of BPE: the same vocabulary, merges and ids, by hand and by the library."""
    options = {"special": ("<mask>",), "min_letter_count": min_letter_count}
    by_hand = BPETokenizer.train(texts, vocab_size, **options)
    library = fast.train_bpe(texts, vocab_size, **options)
    assert by_hand.merges == library.slow.merges
    assert by_hand.vocab.words == library.vocab.words
    for text in encoded:
        assert by_hand.encode(text).tolist() == library.encode(text).tolist()
    by_hand = ByteBPETokenizer.train(texts, vocab_size)
    library = fast.train_byte_bpe(texts, vocab_size)
    assert by_hand.merges == library.slow.merges
    for text in encoded:
        assert by_hand.encode(text).tolist() == library.encode(text).tolist()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_library_learns_the_same_from_stories(language: str):
    texts = stories(language)
    same_as_the_library(texts, 1200, [*texts[:20], *STRANGE])


@pytest.mark.parametrize("min_count", [3, 40])
def test_rare_pairs_are_left_alone_by_hand_and_by_the_library(min_count: int):
    texts = stories("en")
    for train, library in (
        (BPETokenizer.train, fast.train_bpe),
        (ByteBPETokenizer.train, fast.train_byte_bpe),
    ):
        by_hand = train(texts, 3000, min_count=min_count)
        assert by_hand.merges == library(texts, 3000, min_count=min_count).slow.merges
        assert len(by_hand) < 3000
    pieces = [len(fast.train_wordpiece(texts, 3000, min_count=n)) for n in (min_count, 1000)]
    assert 3000 > pieces[0] > pieces[1]


@pytest.mark.parametrize("name", ["gutenberg_en_core", "aozora_ja"])
def test_the_library_learns_the_same_from_books(name: str, need):
    need(name)
    books = corpora.language_modelling(name)
    train = [p for book in books.dev for p in book.paragraphs][:800]
    new = [p for book in books.test for p in book.paragraphs][:300]
    same_as_the_library(train, 3000, new, min_letter_count=3)


def test_the_ids_are_those_of_the_library_with_the_same_special_tokens():
    """Not by way of `fast`: the library itself, told only which tokens come first."""
    texts, first = stories("ja"), [*SPECIAL, "<mask>", *BYTES]
    library = tokenizers.Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    library.pre_tokenizer = fast.WORDS
    trainer = trainers.BpeTrainer(
        vocab_size=1000, min_frequency=2, special_tokens=first, show_progress=False
    )
    library.train_from_iterator(texts, trainer)
    by_hand = BPETokenizer.train(texts, 1000, special=("<mask>",))
    assert by_hand.vocab.ids == library.get_vocab()
    for text in (*texts[:30], "銀行🏦と bank"):
        assert by_hand.encode(text).tolist() == library.encode(text).ids


def test_what_is_not_in_the_alphabet_cuts_a_word():
    assert known_parts({"abcab": 2, "cc": 5, "ba": 1}, "ab") == {"ab": 4, "ba": 1}
    texts = ["axb axb ab", "axb"]
    tokenizer = BPETokenizer.train(texts, 300, min_letter_count=4)
    assert tokenizer.letters == ["a", "b"]
    assert tokenizer.tokens("axb") == ["a", "<0x78>", "b"]


def test_the_vocabulary_has_the_size_asked_for():
    assert len(BPETokenizer.train(stories("en"), 700, special=("<mask>",))) == 700
    assert len(ByteBPETokenizer.train(stories("en"), 700)) == 700
    small = BPETokenizer.train(["ab ab"], 1000)  # fewer, if nothing occurs twice any more
    assert small.merges == [("a", "b")]
    for train in (BPETokenizer.train, fast.train_bpe, ByteBPETokenizer.train, fast.train_byte_bpe):
        with pytest.raises(ValueError, match=r"vocab_size=100 is less than the \d+ tokens needed"):
            train(stories("en"), 100)


def test_bytes_have_the_letters_of_gpt_2():
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    assert sorted(alphabet) == LETTERS
    assert byte_letters(" é\n") == "ĠÃ©Ċ"
    for code in range(0x800):
        by_library = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        assert by_library.pre_tokenize_str(chr(code))[0][0] == byte_letters(chr(code))
