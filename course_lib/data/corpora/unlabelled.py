"""Text to pre-train on: books, encyclopaedia, and the train parts of all tasks without labels.

No text of a dev or test part is among it: what a model is tested on it has never read.
"""

from collections.abc import Iterable, Sequence

from course_lib.data.corpora.books import language_modelling
from course_lib.data.corpora.labelled import classification, entailment, similarity
from course_lib.data.corpora.parallel import translation
from course_lib.data.corpora.reading import questions, summaries
from course_lib.data.corpora.records import Document
from course_lib.data.corpora.registry import choose
from course_lib.data.corpora.tables import tables
from course_lib.data.corpora.tagged import entities, tagging

LINES = 8  # single sentences that make a document together, for want of a longer text


def unlabelled(language: str) -> list[list[str]]:
    """Documents, each a list of sentences or paragraphs that stand in their order.

    - english: Gutenberg's books, wiki paragraphs and abstracts; reviews, tweets, captions, web
      sentences, foods and short sentences; some 20 million characters.
    - japanese: Aozora's works; captions, encyclopaedia and short sentences; some 5 million.

    Raises CourseError for another language.
    """
    return choose(language, "unlabelled", {"english": _english, "japanese": _japanese})


def _english() -> list[list[str]]:
    lines = [
        [item.text for item in classification("sentence_polarity").train],
        [item.text for item in classification("tweet_sentiment_extraction").train],
        [" ".join(item.words) for item in tagging("ud_english_ewt").train],
        [" ".join(item.words) for item in tagging("wnut17").train],
        [item.text for item in tables("usda_sr").train],
        [item.english for item in translation("small_parallel_enja").train],
    ]
    pairs = entailment("snli_dev_test").train
    return [
        *_books(language_modelling("gutenberg_en_core").train),
        *([text] for text in unique(q.context for q in questions("squadshifts_new_wiki").train)),
        *([*item.sentences] for item in summaries("scitldr_a").train),
        *([pair.premise, pair.hypothesis] for pair in pairs),
        *(document for part in lines for document in together(unique(part))),
    ]


def _japanese() -> list[list[str]]:
    captions = similarity("jglue_jsts").train
    lines = [
        [text for pair in captions for text in (pair.first, pair.second)],
        [item.japanese for item in translation("tatoeba_jpn_eng").train],
        ["".join(item.japanese.split()) for item in translation("small_parallel_enja").train],
        [item.text for item in entities("ner_wikipedia_ja").train],
        ["".join(item.words) for item in tagging("ud_japanese_gsd_ne").train],
    ]
    return [
        *_books(language_modelling("aozora_ja").train),
        *(document for part in lines for document in together(unique(part))),
    ]


def _books(documents: Sequence[Document]) -> list[list[str]]:
    return [list(document.paragraphs) for document in documents]


def unique(texts: Iterable[str]) -> list[str]:
    """Each text once, in the order of their first places."""
    return list(dict.fromkeys(text for text in texts if text.strip()))


def together(sentences: Sequence[str]) -> list[list[str]]:
    """Sentences that stand alone, LINES of them to a document."""
    return [list(sentences[i : i + LINES]) for i in range(0, len(sentences), LINES)]
