"""The readers' parts on a few lines of each format, and the laws of the splits."""

import itertools
import zlib

import msgpack
import numpy as np
import pytest

from course_lib.data.corpora import Document, Splits, by_group, leak_free, normal, tagging
from course_lib.data.corpora.books import (
    aozora_document,
    gutenberg_document,
    resolve_characters,
    strip_markup,
)
from course_lib.data.corpora.docbin import murmur_hash, parts_of_speech
from course_lib.data.corpora.tagged import read_bio, read_conllu
from course_lib.errors import CourseError

GUTENBERG = """The Project Gutenberg EBook of A Bank, by Nobody

Title: A Bank
*** START OF THIS PROJECT GUTENBERG EBOOK A BANK ***



Produced by some
volunteers

A BANK

I swam across the
river.
 \t
  Then I rested.


End of the Project Gutenberg EBook of A Bank, by
Nobody

*** END OF THIS PROJECT GUTENBERG EBOOK A BANK ***
*** START: FULL LICENSE ***
"""


def test_a_gutenberg_book_is_its_paragraphs_without_header_credits_and_licence():
    paragraphs = ("A BANK", "I swam across the river.", "Then I rested.")
    assert gutenberg_document(GUTENBERG) == Document("A Bank", paragraphs)


def test_a_marker_may_run_over_two_lines():
    text = GUTENBERG.replace("EBOOK A BANK ***\n\n", "EBOOK A\nBANK ***\n", 1)
    assert gutenberg_document(text).paragraphs == gutenberg_document(GUTENBERG).paragraphs


def test_a_book_without_markers_is_kept_whole():
    assert gutenberg_document("One.\n\nTwo\nlines.").paragraphs == ("One.", "Two lines.")


AOZORA = """岸
誰か

-------------------------------------------------------
【テキスト中に現れる記号について】
《》：ルビ
-------------------------------------------------------

［＃８字下げ］一［＃「一」は中見出し］

　川《かわ》の向う｜岸《ぎし》まで、※［＃「特のへん＋廴＋聿」、第3水準1-87-71］陀多は泳いだ。
「そうか。」

底本：「岸」岸文庫
　　　底本：二つ目
"""


def test_an_aozora_work_is_its_lines_without_readings_notes_and_colophon():
    lines = ("一", "川の向う岸まで、犍陀多は泳いだ。", "「そうか。」")
    assert aozora_document(AOZORA) == Document("岸", lines)


@pytest.mark.parametrize(
    ("note", "character"),
    [
        ("※［＃「てへん＋劣」、第3水準1-84-77］", "挘"),  # plane 1 of JIS X 0213
        ("※［＃「言＋墟のつくり」、第4水準2-88-74］", "譃"),  # plane 2
        ("※［＃「山／（てへん＋甘）」、U+37DB、99-12］", "㟛"),
        ("※［＃感嘆符疑問符、1-8-78］", "⁉"),
        ("※［＃「耳＋吾」、56-1］", "※"),  # page and line only: nobody knows
    ],
)
def test_characters_outside_shift_jis_are_resolved_from_their_code(note, character):
    assert strip_markup(resolve_characters(note)) == character


def test_conllu_gives_syntactic_words_without_ranges_empty_nodes_and_comments(tmp_path):
    rows = [
        "# text = Don't!",
        "#",
        "1-2\tDon't\t_\t_\t_\t_\t_\t_\t_\t_",
        "1\tDo\tdo\tAUX\tVB\t_\t0\troot\t_\t_",
        "2\tn't\tnot\tPART\tRB\t_\t1\tadvmod\t_\t_",
        "2.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t_\t_",
        "3\t#\t#\tSYM\tNN\t_\t1\tpunct\t_\t_",
        "",
        "# newdoc",
        "1\tGo\tgo\tVERB\tVB\t_\t0\troot\t_\t_",
    ]
    path = tmp_path / "a.conllu"
    path.write_bytes("\r\n".join(rows).encode())
    first, second = read_conllu(path)
    assert first.words == ("Do", "n't", "#")
    assert first.tags == ("AUX", "PART", "SYM")
    assert first.xpos == ("VB", "RB", "NN")
    assert second.words == ("Go",)


def test_bio_sentences_end_at_empty_lines_however_many(tmp_path):
    path = tmp_path / "a.bio"
    path.write_text("\n\nAnna\tB-person\n# \tO\n\n\n \nswims\tO\n", encoding="utf-8")
    first, second = read_bio(path)
    assert (first.words, first.entities) == (("Anna", "# "), ("B-person", "O"))
    assert (second.words, second.entities, second.tags) == (("swims",), ("O",), ())


def test_the_hash_is_the_one_spacy_documents():
    assert murmur_hash(b"coffee") == 3197928453018144401


def test_parts_of_speech_are_read_from_the_right_columns(tmp_path):
    attrs = [65, 74, 75]  # ORTH, UPOS, XPOS
    tags = ["名詞", "動詞-一般"]
    table = np.array(
        [[1, 92, murmur_hash(tags[0].encode())], [2, 100, murmur_hash(tags[1].encode())]],
        dtype="<u8",
    )
    record = {"attrs": attrs, "tokens": table.tobytes(), "strings": tags}
    path = tmp_path / "a.spacy"
    path.write_bytes(zlib.compress(msgpack.packb(record)))
    assert parts_of_speech(path) == (["NOUN", "VERB"], tags)


def test_groups_stay_together_and_every_item_is_in_one_part():
    items = [(f"group {i % 57}", i) for i in range(1000)]
    splits = by_group(items, group=lambda item: item[0], dev=0.1, test=0.2)
    parts = (splits.train, splits.dev, splits.test)
    assert sorted(itertools.chain(*parts), key=lambda item: item[1]) == items
    groups = [{group for group, _i in part} for part in parts]
    assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]
    assert 200 <= len(splits.test) < 220  # the share, to within one group of 17 or 18
    assert 82 <= len(splits.dev) < 120


def test_the_split_depends_on_the_groups_alone():
    items = [f"text {i}" for i in range(200)]
    forwards, backwards = (by_group(order, group=str) for order in (items, items[::-1]))
    assert sorted(forwards.test) == sorted(backwards.test)
    assert sorted(forwards.dev) == sorted(backwards.dev)
    assert forwards.test != items[:20]  # not simply the first of them


def test_training_items_that_share_an_input_are_left_out():
    splits = Splits(["ab", "cd", "ef", "gh"], ["bx"], ["yc"], n_dropped=2)
    clean = leak_free(splits, inputs=set, held_out=["h"])
    assert clean == Splits(["ef"], ["bx"], ["yc"], n_dropped=5)


def test_normal_forgets_case_spaces_and_punctuation():
    assert normal("Don't stop!") == normal("don 't  STOP .") == "dontstop"
    assert normal("岸へ 行く。") == "岸へ行く"


def test_a_set_of_another_kind_is_refused_with_the_right_ones():
    with pytest.raises(CourseError, match=r"names is not for tagging\(\); these are: ud_english"):
        tagging("names")
    with pytest.raises(CourseError, match="did you mean 'wnut17'"):
        tagging("wnut-17")
