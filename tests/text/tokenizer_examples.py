"""Small tokenizers and texts that several test files look at."""

import functools

from hypothesis import strategies as st

from course_lib.data import riverbank
from course_lib.text import fast
from course_lib.text.bpe import BPETokenizer
from course_lib.text.byte_bpe import ByteBPETokenizer
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.word_tokenizer import CharacterTokenizer, WordTokenizer
from course_lib.text.wordpiece import WordPieceTokenizer

SLOW = {
    kind.kind: kind
    for kind in (
        WordTokenizer,
        CharacterTokenizer,
        BPETokenizer,
        ByteBPETokenizer,
        WordPieceTokenizer,
    )
}
FAST = ("bpe", "byte-bpe", "wordpiece")

STRANGE = (
    "",
    " ",
    "\t\r\n  \n",
    "\x00\x1c\x85\u2028\ufeff",
    "e\u0301 a\u030a\u0327 が か\u3099",
    "I swam 岸まで泳いだ。川の bank、銀行🏦👩‍👩‍👧‍👦!",
    "##a ###ing ## # a#b <0x41><0xFF> <unk><pad></s><mask>",
    "Ġthe Ċ don't I'll WE'RE ''s ½²Ⅷ٣ 3,000.5 " + "a" * 150,
    "\U0010ffff\U000e0001\u200b\u200d",
)

# Anything that this Python's Unicode knows, and strings of what the tokenizers treat in a way of
# their own. (Letters of a later Unicode are letters to the `tokenizers` library, but not yet here.)
any_text = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cn"])),
    st.lists(st.sampled_from([*STRANGE, " ", "#", "'s", "bank", "川", "<s>"])).map("".join),
)


@functools.cache
def stories(language: str) -> tuple[str, ...]:
    found = riverbank.load("dev")[:120]
    return tuple(story.text if language == "en" else story.japanese_text for story in found)


@functools.cache
def trained(kind: str, byte_fallback: bool = True) -> Tokenizer:
    """A tokenizer of that kind, which has read both languages and knows <mask> and <sep>."""
    texts, options = stories("en") + stories("ja"), {"special": ("<mask>", "<sep>")}
    if kind != "byte-bpe":
        options["byte_fallback"] = byte_fallback
    if kind != "character":
        options["vocab_size"] = 2500
    return SLOW[kind].train(texts, **options)


def quick(kind: str, byte_fallback: bool = True) -> fast.Fast:
    """The fast twin of `trained(kind)`."""
    return fast.Fast(trained(kind, byte_fallback))
