"""Real text: one function per kind of task, each for the data sets of that kind.

| function             | data sets                                            | items           |
|----------------------|------------------------------------------------------|-----------------|
| language_modelling   | gutenberg_en_core, aozora_ja, tinyshakespeare, names | Document        |
| tagging              | ud_english_ewt, ud_japanese_gsd_ne, wnut17           | TaggedSentence  |
| entities             | ner_wikipedia_ja                                     | SpannedText     |
| classification       | sentence_polarity, tweet_sentiment_extraction        | LabelledText    |
| entailment           | snli_dev_test                                        | InferencePair   |
| similarity           | jglue_jsts                                           | ScoredPair      |
| translation          | small_parallel_enja, tatoeba_jpn_eng                 | TranslationPair |
| questions            | squadshifts_new_wiki, jglue_jsquad_valid,            | Question        |
|                      | tweet_sentiment_extraction                           |                 |
| multiple_choice      | jglue_jcommonsenseqa                                 | ChoiceQuestion  |
| summaries            | scitldr_a                                            | Abstract        |
| tables               | usda_sr                                              | TableRow        |
| word_similarity      | word_similarity_en                                   | ScoredPair      |
| analogies            | word_analogies                                       | Analogy         |
| unlabelled           | english, japanese: the train parts of many of these  | lists of texts  |

All but the last three return `Splits` with `.train`, `.dev` and `.test`: lists that are the same on
every machine. Where the authors published no splits, whole groups (articles, sentences, books) are
held out; the functions' docstrings say which. Data come from COURSE_DATA_HOME or the user's cache
and are fetched when missing; the project ships none of them.
"""

from course_lib.data.corpora.books import language_modelling
from course_lib.data.corpora.labelled import classification, entailment, similarity
from course_lib.data.corpora.lexical import analogies, word_similarity
from course_lib.data.corpora.parallel import translation
from course_lib.data.corpora.reading import multiple_choice, questions, summaries
from course_lib.data.corpora.records import (
    Abstract,
    Analogy,
    Answer,
    ChoiceQuestion,
    Document,
    InferencePair,
    LabelledText,
    Question,
    ScoredPair,
    Span,
    SpannedText,
    TableRow,
    TaggedSentence,
    TranslationPair,
)
from course_lib.data.corpora.registry import DataFile, DataSet, data_set, data_sets
from course_lib.data.corpora.splits import Splits, by_group, leak_free, normal
from course_lib.data.corpora.store import State, data_home, ensure, fetch, verify
from course_lib.data.corpora.tables import tables
from course_lib.data.corpora.tagged import entities, tagging
from course_lib.data.corpora.unlabelled import unlabelled

__all__ = [
    "Abstract",
    "Analogy",
    "Answer",
    "ChoiceQuestion",
    "DataFile",
    "DataSet",
    "Document",
    "InferencePair",
    "LabelledText",
    "Question",
    "ScoredPair",
    "Span",
    "SpannedText",
    "Splits",
    "State",
    "TableRow",
    "TaggedSentence",
    "TranslationPair",
    "analogies",
    "by_group",
    "classification",
    "data_home",
    "data_set",
    "data_sets",
    "ensure",
    "entailment",
    "entities",
    "fetch",
    "language_modelling",
    "leak_free",
    "multiple_choice",
    "normal",
    "questions",
    "similarity",
    "summaries",
    "tables",
    "tagging",
    "translation",
    "unlabelled",
    "verify",
    "word_similarity",
]
