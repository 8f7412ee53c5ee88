"""Constrained decoding, against Python's regular expressions and every sentence by brute force."""

import itertools
import math
import re

import pytest
import torch

from course_lib.errors import CourseError
from course_lib.inference.constrained import (
    EMPTY,
    NEVER,
    Constrained,
    Grammar,
    allows,
    either,
    many,
    maybe,
    one_of,
    then,
    words,
)
from course_lib.inference.decoding import generate, greedy, sample
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_gpt import ModernGPT
from course_lib.text.vocab import Vocab

VOCAB = Vocab(["<line>", "a", "b", "c"])
END = VOCAB.ids["<line>"]
A, B, C = words("a"), words("b"), words("c")
PATTERNS = {  # a pattern and the same for `re`
    "abc": words("a b c"),
    "a|b": either(A, B),
    "(ab|a|c)?": maybe(one_of(["a b", "a", "c"])),
    "(a|ab)(c|bc)": then(one_of(["a", "a b"]), one_of(["c", "b c"])),
    "(ab)*": many(words("a b")),
    "(a?b)*c": then(many(then(maybe(A), B)), C),
    "((a|b)(c(a|b))*)?": many(either(A, B), C),
    "(a*b*)*": many(then(many(A), many(B))),
    "a(b|)c": then(A, either(B, EMPTY), C),
}


def sentences(longest: int):
    return (s for n in range(longest + 1) for s in itertools.product("abc", repeat=n))


@pytest.mark.parametrize("expression", PATTERNS)
def test_a_pattern_allows_what_the_regular_expression_does(expression: str):
    pattern = PATTERNS[expression]
    for sentence in sentences(6):
        wanted = re.fullmatch(expression, "".join(sentence)) is not None
        assert allows(pattern, sentence) == wanted, sentence


@pytest.mark.parametrize("expression", PATTERNS)
def test_at_every_place_the_allowed_words_are_those_that_can_be_completed(expression: str):
    grammar = Grammar(PATTERNS[expression], VOCAB, "<line>")
    whole = [s for s in sentences(7) if re.fullmatch(expression, "".join(s))]
    for start in {s[:n] for s in whole for n in range(min(len(s), 3) + 1)}:
        state = grammar.start
        for word in start:
            state = grammar.next(state, VOCAB.ids[word])
        longer = {s[len(start)] for s in whole if s[: len(start)] == start and len(s) > len(start)}
        wanted = {VOCAB.ids[word] for word in longer} | ({END} if start in whole else set())
        assert set(grammar.allowed(state).nonzero().flatten().tolist()) == wanted


def model() -> ModernGPT:
    rng = torch.Generator().manual_seed(0)
    gpt = ModernGPT(TransformerConfig(vocab_size=len(VOCAB), d_model=8, n_heads=2, n_layers=1))
    for weight in gpt.parameters():
        torch.nn.init.normal_(weight, std=0.6, generator=rng)
    return gpt


def written(row: torch.Tensor) -> str:
    return "".join(VOCAB.decode(row[row != Vocab.pad_id])).partition("<line>")[0]


def test_rows_of_one_batch_are_in_different_places_of_the_grammar():
    rng, start = torch.Generator().manual_seed(0), torch.full((300, 1), 2)
    pattern = PATTERNS["((a|b)(c(a|b))*)?"]
    choose = Constrained(Grammar(pattern, VOCAB, "<line>"), lambda logits: sample(logits, rng))
    texts = [written(row) for row in generate(model(), start, 40, choose, END)[:, 1:]]
    assert all(re.fullmatch("((a|b)(c(a|b))*)?", text) for text in texts)
    assert len({len(text) for text in texts}) > 3


def test_the_words_left_share_the_probability_in_proportion():
    gpt, ids = model(), torch.tensor([[2, 5, 6], [2, 7, 7]])
    logits = gpt.next_logits(ids)
    left = Constrained(Grammar(either(A, C), VOCAB, "<line>")).filter(logits).softmax(dim=-1)
    p = logits.softmax(dim=-1)
    kept = [VOCAB.ids["a"], VOCAB.ids["c"]]
    torch.testing.assert_close(left[:, kept], p[:, kept] / p[:, kept].sum(dim=1, keepdim=True))
    assert left.sum(dim=1).tolist() == pytest.approx([1, 1])


def test_what_is_written_has_the_probabilities_of_filtered_steps():
    """Every sentence of a finite grammar, its probability by hand, against how often it comes."""
    gpt, rng = model(), torch.Generator().manual_seed(0)
    language = {s: 1.0 for s in sentences(4) if re.fullmatch("(a|ab)(c|bc)", "".join(s))}
    grammar = Grammar(PATTERNS["(a|ab)(c|bc)"], VOCAB, "<line>")
    for sentence in language:
        ids, state = [2], grammar.start
        for token in [*VOCAB.encode(sentence).tolist(), END]:
            p = gpt.next_logits(torch.tensor([ids])).softmax(dim=-1)[0] * grammar.allowed(state)
            language[sentence] *= (p[token] / p.sum()).item()
            ids, state = [*ids, token], grammar.next(state, token)
    assert sum(language.values()) == pytest.approx(1, abs=1e-5)
    choose = Constrained(grammar, lambda logits: sample(logits, rng))
    rows = generate(gpt, torch.full((4000, 1), 2), 5, choose, END)[:, 1:]
    texts = [written(row) for row in rows]
    for sentence, p in language.items():
        share = texts.count("".join(sentence)) / len(texts)
        assert share == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / len(texts)) + 1e-9)


def test_greedy_takes_the_likeliest_of_the_allowed_words():
    logits = torch.arange(8.0)[None].repeat(2, 1)  # "c" is the last word, then "b", "a"
    choose = Constrained(Grammar(words("b c"), VOCAB, "<line>"))
    tokens = [choose(logits)[0].item() for _ in range(4)]
    assert tokens == [VOCAB.ids["b"], VOCAB.ids["c"], END, END]
    assert greedy(logits)[0].item() == VOCAB.ids["c"]


def test_what_cannot_be_is_refused():
    with pytest.raises(CourseError, match="no text at all"):
        Grammar(then(A, NEVER), VOCAB, "<line>")
    with pytest.raises(CourseError, match="'emu', which the model does not know"):
        Grammar(words("emu"), VOCAB, "<line>")
    with pytest.raises(CourseError, match="'emu'"):
        Grammar(words("a emu"), VOCAB, "<line>")
