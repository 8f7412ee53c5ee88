"""Exported tokenizers: AutoTokenizer gives the ids that the course gives, to any text."""

import functools
import itertools
import json
import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from course_lib.data import corpora, riverbank
from course_lib.data.riverbank import tasks
from course_lib.errors import CourseError
from course_lib.interop.tokenizer_folder import (
    load_tokenizer_folder,
    save_tokenizer_folder,
    special_tokens,
)
from course_lib.models import checkpoints
from course_lib.text.fast import train_bpe, train_byte_bpe, train_wordpiece
from course_lib.text.marks import MARKS
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.translation_inputs import ASKED, TO_JAPANESE, translation_source
from course_lib.text.vocab import PAD, SPECIAL, Vocab
from course_lib.text.word_tokenizer import CharacterTokenizer, WordTokenizer

N_ODD, N_STORIES = 3000, 1200
ODD = (
    *("", " ", "  \n\t", "\u3000", "a b\u3000c\x1cd\x85e\u200bf", "x" * 150 + "#a ##b #"),
    *("👩‍👩‍👧 hi", "Don’t STOP... 3,000.5th o'clock -- _x_ É é ΑΣ ½x Ⅷ²", "don't'' 'tis", "ΑΣΑ Σ"),
    *("が か\u3099 ﾊﾟ", "𠮷野家 で", "a\u0301b", "\ufffd", "１２３ ＡＢＣ", "مرحبا", "\u00ad"),
    *("< s>", "[ MASK ]", "<0x41>", "##b", "\x00", "\u2028x\u2029"),
)
ALPHABETS = (
    *("abcdefgh XYZ", "  \n\t\u3000\x1c", "0123456789.,", "'’-!?._#", "かがアパ漢字。、「」"),
    *("éèΣσςß", "😀🏽👍‍♀️", "\u0301\u3099\u200b", "½Ⅷ²"),
)


def odd_texts(n: int) -> list[str]:
    rng = random.Random(0)
    lengths = [rng.randint(0, 30) for _ in range(n)]
    return ["".join(rng.choice(rng.choice(ALPHABETS)) for _ in range(k)) for k in lengths]


@functools.cache
def english() -> list[str]:
    stories = riverbank.sample(N_STORIES, 5)
    sentences = [" ".join(s.words) for story in stories for s in story.sentences]
    return [*sentences, *(story.text for story in stories)]


@functools.cache
def japanese() -> list[str]:
    stories = riverbank.sample(N_STORIES, 6)
    return ["".join(s.japanese) for story in stories for s in story.sentences]


@functools.cache
def all_texts() -> list[str]:
    """More than 10,000, English, Japanese and odd; none holds the name of a special token."""
    found = [*english(), *japanese(), *ODD, *odd_texts(N_ODD)]
    assert len(found) > 10_000
    return found


@pytest.fixture(name="texts")
def _texts() -> list[str]:
    return all_texts()


@functools.cache
def trained(kind: str) -> Tokenizer:
    """A tokenizer of English and Japanese; or one that comes with the course."""
    name, _comma, how = kind.partition(", ")
    if name in checkpoints.names():
        return checkpoints.load_tokenizer(name)
    some = [*english()[:150], *japanese()[:300]]
    options = {"special": MARKS, "byte_fallback": how == "bytes"}
    if name.startswith("words"):
        options["byte_fallback"] = "bytes" in name
        return WordTokenizer.train(some, 1200, split_by=how, **options)
    if name == "characters":
        return CharacterTokenizer.train(some, **options)
    if name == "byte bpe":
        return train_byte_bpe(some, 1500, special=MARKS)
    return {"bpe": train_bpe, "wordpiece": train_wordpiece}[name](some, 2200, **options)


KINDS = (
    *("words by, pieces", "words by, words", "words by, characters", "words by, spaces"),
    *("words or bytes by, pieces", "words or bytes by, words", "words or bytes by, spaces"),
    *("characters, bytes", "characters, unknown", "bpe, bytes", "bpe, unknown", "byte bpe"),
    *("wordpiece, bytes", "wordpiece, unknown"),
    *("bert_english", "bert_japanese", "bert_riverbank"),
)
each_kind = pytest.mark.parametrize("kind", KINDS)


def opened(tokenizer: Tokenizer, folder: Path, around: str = "encoder", **more):
    save_tokenizer_folder(tokenizer, folder, around, 64, **more)
    return AutoTokenizer.from_pretrained(folder)


def assert_same_ids(theirs: PreTrainedTokenizerFast, ours: Tokenizer, texts: Sequence[str]):
    found = theirs(list(texts), add_special_tokens=False, truncation=False)["input_ids"]
    for text, ids in zip(texts, found, strict=True):
        assert ids == ours.encode(text).tolist(), text


@each_kind
def test_the_same_ids_there(tmp_path: Path, kind: str, texts: list[str]):
    theirs = opened(trained(kind), tmp_path)
    assert_same_ids(theirs, trained(kind), texts)
    assert set(theirs.get_vocab().values()) >= {*range(len(trained(kind)))}


@each_kind
def test_the_same_text_from_ids(tmp_path: Path, kind: str, texts: list[str]):
    ours = trained(kind)
    theirs = opened(ours, tmp_path)
    if kind in ("words or bytes by, words", "words or bytes by, spaces"):
        pytest.skip("with spaces between words, the course shows bytes by their names")
    for text in texts[::20]:
        ids = [i for i in ours.encode(text).tolist() if i != ours.vocab.unk_id]
        assert theirs.decode(ids, skip_special_tokens=True) == ours.decode(ids)


@each_kind
def test_the_way_back(tmp_path: Path, kind: str):
    ours = trained(kind)
    save_tokenizer_folder(ours, tmp_path, "encoder", 64)
    again = load_tokenizer_folder(tmp_path)
    assert again.to_settings() == ours.to_settings()
    assert again.vocab.words == ours.vocab.words


@each_kind
def test_special_tokens_are_recognised(tmp_path: Path, kind: str):
    ours = trained(kind)
    theirs = opened(ours, tmp_path)
    for text in ("a river[SEP]b</s>", "[CLS]川[MASK] bank<pad>", "<s><unk>"):
        wanted = ours.encode(text, special=special_tokens(ours)).tolist()
        assert theirs(text, add_special_tokens=False)["input_ids"] == wanted
    assert set(theirs.all_special_tokens) == {*SPECIAL, *MARKS}
    assert theirs.pad_token_id == 0
    assert theirs.mask_token_id == ours.vocab.ids["[MASK]"]


def test_a_hole_takes_the_space_before_it(tmp_path: Path):
    """A sub-word holds its space, so what stands for it must, too; a word has none."""
    for kind, text in (("bert_english", "the [MASK] ."), ("bert_riverbank", "the[MASK].")):
        ours = trained(kind)
        theirs = opened(ours, tmp_path / kind)
        wanted = ours.encode("the[MASK] .", special=MARKS).tolist()
        assert theirs(text, add_special_tokens=False)["input_ids"] == wanted


def test_what_stands_around_a_text(tmp_path: Path):
    ours = trained("bert_riverbank")
    first, second = "the river", "he swam ."
    a, b = ours.encode(first).tolist(), ours.encode(second).tolist()
    class_id, sep, _mask = (ours.vocab.ids[mark] for mark in MARKS)
    encoder = opened(ours, tmp_path / "encoder")
    assert encoder(first)["input_ids"] == [class_id, *a, sep]
    pair = encoder(first, second)
    assert pair["input_ids"] == [class_id, *a, sep, *b, sep]
    assert pair["token_type_ids"] == [0] * (len(a) + 2) + [1] * (len(b) + 1)
    padded = encoder([first, second], padding=True)
    assert padded["input_ids"][0][-1] == 0
    decoder = opened(ours, tmp_path / "decoder", "decoder")
    assert decoder(first)["input_ids"] == [ours.vocab.start_id, *a]
    assert "token_type_ids" not in decoder(first)
    assert decoder([first, second], padding=True)["input_ids"][0][:2] == [0, 2]
    assert opened(ours, tmp_path / "nothing", "nothing")(first)["input_ids"] == a
    assert encoder.model_max_length == 64


@each_kind
def test_places_in_the_text(tmp_path: Path, kind: str):
    """Each token is known to come from where it stands: the parts of a text in their order."""
    theirs = opened(trained(kind), tmp_path)
    if kind.startswith("words or bytes"):
        pytest.skip("where a byte of an unknown word stands is known only roughly")
    text = "he swam to the bank of the river ."
    found = theirs(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    joined = "".join(text[start:end] for start, end in found)
    assert joined.replace(" ", "") == text.replace(" ", "")
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(found))


def test_places_of_known_words_beside_bytes(tmp_path: Path):
    ours = WordTokenizer(["he", " to", " river"])
    text = "he swam to 川 river"
    found = opened(ours, tmp_path, "nothing")(text, return_offsets_mapping=True)
    assert found["input_ids"] == ours.encode(text).tolist()
    known = [
        text[start:end].strip()
        for i, (start, end) in zip(found["input_ids"], found["offset_mapping"], strict=True)
        if ours.vocab.words[i] in ours.known
    ]
    assert known == ["he", "to", "river"]
    last = found["offset_mapping"][-1]
    assert last[1] == len(text)


def test_the_greek_s_at_the_end_of_a_word(tmp_path: Path):
    words = ["ας", "ασα", "σ", "ά'ς", "かσ"]
    ours = WordTokenizer(words, byte_fallback=False, split_by="words")
    theirs = opened(ours, tmp_path, "nothing")
    for text in ("ΑΣ ΑΣΑ Σ Ά'Σ かΣ", "ΑΣ. Σ1 ΑΣ'Α", "Α\u0301\u0301\u0301Σ"):
        assert theirs(text)["input_ids"] == ours.encode(text).tolist()
    assert theirs("ΑΣ ΑΣΑ Σ")["input_ids"] == [4, 5, 6]


def test_a_translators_source(tmp_path: Path):
    vocab = Vocab([*ASKED, *riverbank.vocabulary()])
    theirs = opened(vocab, tmp_path, "nothing")
    words = ("the", "river", "was", "cold", ".")
    wanted = translation_source(vocab, TO_JAPANESE, words).tolist()
    assert theirs(" ".join((TO_JAPANESE, *words)))["input_ids"] == wanted
    assert theirs(f"{TO_JAPANESE}the river was cold .")["input_ids"] == wanted
    assert {*ASKED} <= {*theirs.all_special_tokens}
    assert theirs.decode(wanted, skip_special_tokens=True) == "the river was cold ."


def test_a_prefix_is_part_of_the_text(tmp_path: Path):
    ours = trained("bert_english")
    theirs = opened(ours, tmp_path, prefix=" ")
    text = "River banks are long."
    found = theirs(text, add_special_tokens=False, return_offsets_mapping=True)
    assert found["input_ids"] == ours.encode(" " + text).tolist()
    assert found["input_ids"] != ours.encode(text).tolist()
    start, end = found["offset_mapping"][-1]
    assert text[start:end] == "."
    words = trained("words by, words")
    assert opened(words, tmp_path / "words", prefix=" ")("The river")["input_ids"][1:-1] == (
        words.encode("the river").tolist()
    )


def test_marks_that_are_not_there_are_refused(tmp_path: Path):
    with pytest.raises(ValueError, match=r"\[CLS\], \[SEP\]"):
        save_tokenizer_folder(Vocab(["a"]), tmp_path, "encoder", 64)


def test_a_damaged_file_is_one_line(tmp_path: Path):
    save_tokenizer_folder(Vocab(["a"]), tmp_path, "decoder", 64)
    path = tmp_path / "tokenizer.json"
    content = json.loads(path.read_text("utf-8"))
    del content["model"]["course"]
    for broken in (json.dumps(content), path.read_text("utf-8")[:-30], "[]"):
        path.write_text(broken)
        with pytest.raises(CourseError, match=r"tokenizer\.json") as caught:
            load_tokenizer_folder(tmp_path)
        assert "\n" not in str(caught.value)


@pytest.mark.skipif(
    "COURSE_DATA_HOME" not in os.environ, reason="COURSE_DATA_HOME names no folder of real data"
)
@pytest.mark.parametrize("name", ["bert_english", "bert_japanese"])
def test_the_same_ids_of_real_sentences(tmp_path: Path, name: str):
    pairs = corpora.translation("tatoeba_jpn_eng").train[:10_000]
    assert len(pairs) == 10_000
    sentences = [pair.english if name == "bert_english" else pair.japanese for pair in pairs]
    ours = checkpoints.load_tokenizer(name)
    assert_same_ids(opened(ours, tmp_path), ours, sentences)


def test_no_known_word_is_lost(tmp_path: Path):
    """Every word of all tasks has its own id there."""
    words = tasks.vocabulary()
    theirs = opened(trained("bert_riverbank"), tmp_path)
    ids = torch.tensor(theirs(" ".join(words), add_special_tokens=False)["input_ids"])
    assert len(ids) == len(words) == len(ids.unique())
    assert theirs.convert_ids_to_tokens(0) == PAD
