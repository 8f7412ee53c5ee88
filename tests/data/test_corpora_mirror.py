"""Every data set, whole: sizes as published, no leakage. Needs the data: set COURSE_DATA_HOME."""

import collections
import math
import os

import pytest

from course_lib.data import corpora
from course_lib.data.corpora import State, data_home, data_set, normal
from course_lib.data.corpora.books import aozora_document, gutenberg_body, strip_markup
from course_lib.data.corpora.docbin import parts_of_speech
from course_lib.storage import read_text


@pytest.fixture
def need():
    """Skip unless COURSE_DATA_HOME holds the named sets, so that no test uses the network."""

    def check(*names: str) -> None:
        if not os.environ.get("COURSE_DATA_HOME"):
            pytest.skip("COURSE_DATA_HOME is not set")
        for name in names:
            if not all((data_home() / file.file).exists() for file in data_set(name).files):
                pytest.skip(f"COURSE_DATA_HOME lacks {name}")

    return check


def sizes(splits):
    return len(splits.train), len(splits.dev), len(splits.test)


@pytest.mark.parametrize("name", corpora.data_sets())
def test_every_byte_is_as_published(name, need):
    need(name)
    assert set(corpora.verify(name).values()) == {State.RIGHT}


def test_gutenberg_has_the_words_its_manifest_counts(need):
    need("gutenberg_en_core")
    files = sorted((data_home() / "gutenberg_en_core").glob("*.txt"))
    bodies = [gutenberg_body(read_text(path, "ascii")) for path in files]
    assert (len(files), sum(len(body.split()) for body in bodies)) == (27, 1_993_493)
    books = corpora.language_modelling("gutenberg_en_core")
    assert sizes(books) == (23, 2, 2)
    assert [book.title for book in books.dev] == ["Ozma of Oz", "The Sign of the Four"]
    kept = [book for part in (books.train, books.dev, books.test) for book in part]
    n_words = sum(len(book.text.split()) for book in kept)
    assert 0 < 1_993_493 - n_words < 27 * 30  # credits: a few lines a book
    assert not any("Project Gutenberg" in book.text for book in kept)
    assert "It is a truth universally acknowledged, that a single man" in kept[6].text


def test_aozora_has_the_characters_its_manifest_counts(need):
    need("aozora_ja")
    files = sorted((data_home() / "aozora_ja").glob("*.txt"))
    raw = [path.read_bytes().decode("cp932") for path in files]
    # The manifest counts from the second dashed line on, with \r\n as two.
    bodies = [text.split("-" * 55)[2].split("底本：")[0] for text in raw]
    assert (len(files), sum(len(strip_markup(body)) for body in bodies)) == (44, 3_279_620)
    works = corpora.language_modelling("aozora_ja")
    assert sizes(works) == (37, 3, 4)
    texts = {doc.title: doc.text for doc in (*works.train, *works.dev, *works.test)}
    assert texts["吾輩は猫である"].startswith("一\n\n吾輩は猫である。名前はまだ無い。")
    assert texts["蜘蛛の糸"].count("犍陀多") > 10  # a character that Shift_JIS lacks
    assert not any(
        mark in text for text in texts.values() for mark in ("《", "》", "［＃", "底本：")
    )
    ours = [aozora_document(read_text(path, "cp932")) for path in files]
    assert sum(len("".join(doc.paragraphs)) for doc in ours) == 3_185_599


def test_shakespeare_keeps_every_character(need):
    need("tinyshakespeare")
    splits = corpora.language_modelling("tinyshakespeare")
    parts = [part[0].text for part in (splits.train, splits.dev, splits.test)]
    assert "".join(parts) == read_text(data_home() / "tinyshakespeare/input.txt")
    assert len("".join(parts)) == 1_115_393  # all but the last line end
    assert len(parts[0]) == 1_003_853


def test_names_are_split_by_name(need):
    need("names")
    splits = corpora.language_modelling("names")
    parts = [set(part[0].paragraphs) for part in (splits.train, splits.dev, splits.test)]
    assert (
        sum(len(part[0].paragraphs) for part in (splits.train, splits.dev, splits.test)) == 32_033
    )
    assert sum(map(len, parts)) == len(set.union(*parts)) == 29_494


@pytest.mark.parametrize(
    ("name", "n_sentences", "n_words"),
    [
        ("ud_english_ewt", (12_544, 2_001, 2_077), 254_818),
        ("ud_japanese_gsd_ne", (7_050, 507, 543), 193_654),
        ("wnut17", (3_394, 1_009, 1_287), 101_857),
    ],
)
def test_tagged_sentences(name, n_sentences, n_words, need):
    need(name)
    splits = corpora.tagging(name)
    every = [*splits.train, *splits.dev, *splits.test]
    assert sizes(splits) == n_sentences
    assert sum(len(sentence.words) for sentence in every) == n_words
    for sentence in every:
        labels = (sentence.tags, sentence.xpos, sentence.entities)
        assert {len(some) for some in labels} <= {0, len(sentence.words)}
    for sentence in every:  # an I- label goes on with an entity of its own type
        for before, label in zip(("O", *sentence.entities), sentence.entities, strict=False):
            assert not label.startswith("I-") or before[2:] == label[2:]


def test_upos_of_japanese_agrees_with_its_own_part_of_speech(need):
    """UPOS and XPOS come from another file than the words: here they must fit the words."""
    need("ud_japanese_gsd_ne")
    every = corpora.tagging("ud_japanese_gsd_ne")
    pairs = collections.Counter(
        (word, upos, xpos)
        for sentence in (*every.train, *every.dev, *every.test)
        for word, upos, xpos in zip(sentence.words, sentence.tags, sentence.xpos, strict=True)
    )
    of_word = {word: {u for w, u, _x in pairs if w == word} for word in ("。", "を", "東京")}
    assert of_word == {"。": {"PUNCT"}, "を": {"ADP"}, "東京": {"PROPN"}}
    ends = {xpos for (word, _upos, xpos) in pairs if word == "。"}
    assert ends == {"補助記号-句点"}
    n_tokens = [len(parts_of_speech(p)[0]) for p in sorted(data_home().glob("ud_j*/*.spacy"))]
    assert sum(n_tokens) == 193_654


def test_entities_as_spans(need):
    need("ner_wikipedia_ja")
    splits = corpora.entities("ner_wikipedia_ja")
    every = [*splits.train, *splits.dev, *splits.test]
    spans = [(item, span) for item in every for span in item.spans]
    assert (len(every), len(spans)) == (5_343, 13_185)
    assert len({span.label for _item, span in spans}) == 8
    assert all(0 <= span.start < span.end <= len(item.text) for item, span in spans)
    spring = next(item for item in every if item.text.startswith("SPRiNGS"))
    assert spring.text[spring.spans[0].start : spring.spans[0].end] == "SPRiNGS"


def test_polarity(need):
    need("sentence_polarity")
    splits = corpora.classification("sentence_polarity")
    every = [*splits.train, *splits.dev, *splits.test]
    assert collections.Counter(item.label for item in every) == {"pos": 5_331, "neg": 5_331}
    assert sizes(splits) == (8_529, 1_066, 1_067)
    letters = {character for item in every for character in item.text}
    assert "é" in letters
    assert not any("\x80" <= character < "\xa0" for character in letters)


def test_tweets(need):
    need("tweet_sentiment_extraction")
    labelled = corpora.classification("tweet_sentiment_extraction")
    assert len(labelled.train) + len(labelled.dev) + labelled.n_dropped == 27_481
    assert len(labelled.test) == 3_534
    spans = corpora.questions("tweet_sentiment_extraction")
    assert (sum(sizes(spans)), spans.n_dropped) == (27_480, 1)
    for item in (*spans.train, *spans.dev, *spans.test):
        (answer,) = item.answers
        assert item.context[answer.start : answer.end] == answer.text
    held_out = {normal(item.text) for item in (*labelled.dev, *labelled.test)}
    assert held_out.isdisjoint(normal(item.text) for item in labelled.train)


def test_snli(need):
    need("snli_dev_test")
    splits = corpora.entailment("snli_dev_test")
    assert len(splits.train) + len(splits.dev) + splits.n_dropped == 9_842
    assert (len(splits.test), splits.n_dropped) == (9_824, 6)
    premises = [{pair.premise for pair in p} for p in (splits.train, splits.dev, splits.test)]
    assert premises[0].isdisjoint(premises[1] | premises[2])
    labels = collections.Counter(pair.label for pair in splits.test)
    assert labels == {"entailment": 3_368, "contradiction": 3_237, "neutral": 3_219}
    assert splits.test[0].hypothesis == "The church has cracks in the ceiling ."
    assert splits.test[0].explanation == "not all churches have cracks in the ceiling"


def test_jsts(need):
    need("jglue_jsts")
    splits = corpora.similarity("jglue_jsts")
    assert sizes(splits) == (12_451, 1_457, 1_589)
    pairs = [{frozenset((x.first, x.second)) for x in p} for p in (splits.train, splits.dev)]
    pairs.append({frozenset((x.first, x.second)) for x in splits.test})
    assert len(set.union(*pairs)) == sum(map(len, pairs))
    assert {0.0, 5.0} <= {pair.score for pair in splits.train}
    assert all(0 <= pair.score <= 5 for pair in splits.test)


def test_small_parallel_without_the_sources_of_its_test(need):
    need("small_parallel_enja")
    splits = corpora.translation("small_parallel_enja")
    assert (len(splits.train) + splits.n_dropped, *sizes(splits)[1:]) == (50_000, 500, 500)
    assert 200 <= splits.n_dropped < 220  # 200 sentences are equal, some more but for punctuation
    seen = {pair.english for pair in splits.train}
    assert not any(pair.english in seen for pair in (*splits.dev, *splits.test))
    assert splits.test[0].english == "they finally acknowledged it as true ."


def test_tatoeba_with_and_without_the_sentences_of_the_other_set(need):
    need("tatoeba_jpn_eng", "small_parallel_enja")
    splits = corpora.translation("tatoeba_jpn_eng")
    assert sum(sizes(splits)) + splits.n_dropped == 76_428
    every = [*splits.dev, *splits.test]
    for side in ("english", "japanese"):
        seen = {getattr(pair, side) for pair in splits.train}
        assert seen.isdisjoint(getattr(pair, side) for pair in every)
    other = corpora.translation("small_parallel_enja")
    sides = {normal(pair.japanese) for pair in (*other.dev, *other.test)}
    overlap = sum(normal(pair.japanese) in sides for pair in splits.train)
    apart = corpora.translation("tatoeba_jpn_eng", apart_from="small_parallel_enja")
    assert overlap > 200
    assert sides.isdisjoint(normal(pair.japanese) for pair in apart.train)
    assert sizes(apart)[1:] == sizes(splits)[1:]


@pytest.mark.parametrize(
    ("name", "n_questions", "n_contexts"),
    [("squadshifts_new_wiki", 7_938, 1_581), ("jglue_jsquad_valid", 4_442, 1_145)],
)
def test_questions(name, n_questions, n_contexts, need):
    need(name)
    splits = corpora.questions(name)
    every = [*splits.train, *splits.dev, *splits.test]
    assert (len(every), len({item.context for item in every})) == (n_questions, n_contexts)
    for item in every:
        assert item.answers
        assert all(item.context[a.start : a.end] == a.text for a in item.answers)
    articles = [{q.article for q in part} for part in (splits.train, splits.dev, splits.test)]
    assert len(set.union(*articles)) == sum(map(len, articles))


def test_commonsense_questions(need):
    need("jglue_jcommonsenseqa")
    splits = corpora.multiple_choice("jglue_jcommonsenseqa")
    assert sizes(splits) == (8_939, 1_119, 1_118)
    board = next(item for item in splits.dev if "電子回路基板" in item.question)
    assert board.choices[board.answer] == "マザーボード"
    parts = [{(q.question, frozenset(q.choices)) for q in p} for p in (splits.train, splits.dev)]
    assert parts[0].isdisjoint(parts[1])


def test_abstracts(need):
    need("scitldr_a")
    splits = corpora.summaries("scitldr_a")
    assert (len(splits.train) + splits.n_dropped, *sizes(splits)[1:]) == (1_992, 619, 618)
    assert all(len(item.oracle) == len(item.sentences) for item in splits.train)
    assert all(item.summaries for item in splits.test)


def test_foods(need):
    need("usda_sr")
    splits = corpora.tables("usda_sr")
    every = [*splits.train, *splits.dev, *splits.test]
    assert len(every) == 8_463
    assert {tuple(row.numbers) for row in every} == {tuple(every[0].numbers)}
    assert len(every[0].numbers) == 53 - 4
    butter = next(row for row in every if row.text == "BUTTER,WITH SALT")
    assert (butter.numbers["Sodium_(mg)"], butter.numbers["Selenium_(µg)"]) == (643, 1)
    n_unknown = sum(math.isnan(row.numbers["Sodium_(mg)"]) for row in every)
    assert n_unknown == 83


def test_word_pairs_and_analogies(need):
    need("word_similarity_en", "word_analogies")
    benchmarks = corpora.word_similarity("word_similarity_en")
    counts = {name: len(pairs) for name, pairs in benchmarks.items()}
    assert counts.pop("MEN-TR-3k") == 3_000
    assert (counts.pop("WS-353-ALL"), counts.pop("SIMLEX-999")) == (353, 999)
    assert counts == {"WS-353-SIM": 203, "WS-353-REL": 252, "RG-65": 65, "MTurk-771": 771}
    assert benchmarks["RG-65"][0] == corpora.ScoredPair("gem", "jewel", 3.94)
    sections = corpora.analogies("word_analogies")
    assert (len(sections), sum(map(len, sections.values()))) == (14, 19_544)
    assert sections["family"][0] == corpora.Analogy("boy", "girl", "brother", "sister")
