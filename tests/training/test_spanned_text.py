import pytest

from course_lib.data.corpora import Span, SpannedText
from course_lib.errors import CourseError
from course_lib.evaluation.entities import entity_score
from course_lib.text.bpe import BPETokenizer
from course_lib.text.word_tokenizer import CharacterTokenizer, WordTokenizer
from course_lib.training.spanned_text import character_tags, entity_tags, tagged_spans

JAPANESE = SpannedText("京都大学の岸田さんは川岸へ行った。", (Span(0, 4, "ORG"), Span(5, 7, "PER")))
ENGLISH = SpannedText("Nina met Max Hill at the bank.", (Span(0, 4, "PER"), Span(9, 17, "PER")))


def test_a_tag_for_each_character():
    tokenizer = CharacterTokenizer.train([JAPANESE.text])
    tokens, tags = entity_tags(JAPANESE, tokenizer)
    assert "".join(tokens) == JAPANESE.text
    assert tags[:8] == ["B-ORG", "I-ORG", "I-ORG", "I-ORG", "O", "B-PER", "I-PER", "O"]
    assert tagged_spans(JAPANESE.text, tags, tokenizer) == list(JAPANESE.spans)


@pytest.mark.parametrize("text", [JAPANESE, ENGLISH], ids=["Japanese", "English"])
def test_there_and_back(text: SpannedText):
    for tokenizer in (
        WordTokenizer.train([ENGLISH.text, "京都大学の"]),
        WordTokenizer.train([ENGLISH.text], split_by="characters", byte_fallback=False),
        CharacterTokenizer.train(["ab"]),  # everything else is bytes
    ):
        tokens, tags = entity_tags(text, tokenizer)
        assert len(tokens) == len(tags)
        back = tagged_spans(text.text, tags, tokenizer)
        assert back == list(text.spans)
        right = character_tags(text.spans, len(text.text))
        assert entity_score([character_tags(back, len(text.text))], [right]).f1 == 1


def test_a_token_that_is_larger_than_its_entity():
    tokenizer = BPETokenizer.train(["の岸田さんは"] * 9, 280, byte_fallback=False)
    assert "の岸田さんは" in tokenizer.vocab
    text = SpannedText("の岸田さんは", (Span(1, 3, "PER"), Span(3, 5, "X")))
    tokens, tags = entity_tags(text, tokenizer)
    assert (tokens, tags) == (["の岸田さんは"], ["B-PER"]), "the second has no token of its own"
    assert tagged_spans(text.text, tags, tokenizer) == [Span(0, 6, "PER")]


def test_what_does_not_fit_is_refused():
    tokenizer = CharacterTokenizer.train(["ab"])
    for span in (Span(1, 9, "X"), Span(2, 2, "X"), Span(-1, 1, "X")):
        with pytest.raises(CourseError, match="X at characters"):
            entity_tags(SpannedText("abab", (span,)), tokenizer)
    with pytest.raises(ValueError, match="1 tags for 2 tokens"):
        tagged_spans("ab", ["O"], tokenizer)
