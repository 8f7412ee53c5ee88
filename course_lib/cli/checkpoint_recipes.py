"""What the shipped models are trained on, for how long, and how they are measured."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course_lib.cli.prompt_materials import (
    instructed_material,
    prompted_material,
    score_answers,
    score_documents,
    train_instructed,
    train_prompted,
)
from course_lib.data import riverbank
from course_lib.data.corpora import language_modelling
from course_lib.data.corpora.unlabelled import unlabelled
from course_lib.data.masking import RATE
from course_lib.data.riverbank import Story
from course_lib.evaluation.masked import measure_pretraining
from course_lib.evaluation.metrics import bits_per_word
from course_lib.text.fast import train_bpe
from course_lib.text.marks import MARKS
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import WordTokenizer, words_of
from course_lib.training.bert_recipes import bert_riverbank, bert_text, pretraining_task
from course_lib.training.recipes import gpt_riverbank, lstm_riverbank
from course_lib.training.translator_recipes import (
    translation_pairs,
    translation_vocab,
    translator_riverbank,
)

SEED = 100  # of the stories; the first weights and the order of the texts have seed 0
VOCAB_SIZE = 8000  # of real text
BOOKS = {"english": "gutenberg_en_core", "japanese": "aozora_ja"}


class Material(NamedTuple):
    """What a model learns from, and what it is measured on, as ids of the tokenizer."""

    tokenizer: Tokenizer
    train: Sequence[Any]
    dev: Sequence[Any]


class Recipe(NamedTuple):
    """How a model is made: train(texts, tokenizer, rng, n_steps=..., on_step=..., **settings)."""

    kind: str  # a key of model_kinds.KINDS
    material: Callable[[int | None], Material]
    n_texts: int | None  # None: all there are
    train: Callable[..., Any]
    n_steps: int
    score: Callable[[Any, Material], float]  # bits per word, or per hidden word
    settings: dict[str, int] = {}  # noqa: RUF012  a NamedTuple's default is never changed


def stories(n: int | None) -> Material:
    """Riverbank as a language model reads it: each story a text."""
    vocab = Vocab(riverbank.vocabulary())
    train, dev = _stories(n)
    texts = [[vocab.encode(story.words) for story in part] for part in (train, dev)]
    return Material(words_of(vocab), *texts)


def sentences(n: int | None) -> Material:
    """Riverbank as an encoder reads it: each story a document of sentences.

    The vocabulary has the words of all tasks, so that questions and reviews can be read later.
    """
    words = riverbank.tasks.vocabulary()
    tokenizer = WordTokenizer(words, MARKS, byte_fallback=False, split_by="spaces")
    train, dev = _stories(n)
    texts = [
        [[tokenizer.vocab.encode(sentence.words) for sentence in s.sentences] for s in part]
        for part in (train, dev)
    ]
    return Material(tokenizer, *texts)


def _stories(n: int | None) -> tuple[list[Story], list[Story]]:
    train = riverbank.load("train") if n is None else riverbank.sample(n, SEED)
    return train, riverbank.load("dev")


def parallel(n: int | None) -> Material:
    """Riverbank as a translator reads it: sentences in both directions, and headlines."""
    train, dev = _stories(n)
    vocab = translation_vocab([*train, *dev])
    pairs = [translation_pairs(part, vocab) for part in (train, dev)]
    return Material(words_of(vocab), *pairs)


def real_text(language: str) -> Callable[[int | None], Material]:
    """Real text in subwords; measured on books that are not among it."""

    def material(n: int | None) -> Material:
        documents = unlabelled(language)[:n]
        texts = (text for document in documents for text in document)
        tokenizer = train_bpe(texts, VOCAB_SIZE, MARKS, byte_fallback=False, min_letter_count=20)
        books = [book.paragraphs for book in language_modelling(BOOKS[language]).dev]
        encoded = [[tokenizer.encode_all(d) for d in part] for part in (documents, books)]
        return Material(tokenizer, *encoded)

    return material


def score_language_model(model: Any, material: Material) -> float:
    return bits_per_word(model.log_probs(material.dev)).value


def score_translator(model: Any, material: Material) -> float:
    """Bits per word of the targets, given their sources."""
    pairs = sorted(material.dev, key=lambda pair: len(pair[0]))
    log_probs: list[Tensor] = []
    for start in range(0, len(pairs), 100):
        sources, targets = zip(*pairs[start : start + 100], strict=True)
        log_probs += model.given(pad_sequence(list(sources), batch_first=True)).log_probs(targets)
    return bits_per_word(log_probs).value


def score_encoder(model: Any, material: Material) -> float:
    """Bits per hidden word, with as many words hidden as published, not as in training."""
    length = min(160, model.cfg.context_length)
    task, _ = pretraining_task(material.train, material.tokenizer.vocab, length, RATE)
    return measure_pretraining(model, material.dev, task).bits_per_hidden_word


def _by_size(train: Callable[..., Any]) -> Callable[..., Any]:
    """Language models need to know only how large the vocabulary is."""
    return lambda texts, vocab, rng, **settings: train(texts, len(vocab), rng, **settings)


LM, ENCODER, TRANSLATOR = score_language_model, score_encoder, score_translator
RECIPES = {
    "gpt_riverbank": Recipe(
        "gpt", stories, 100_000, _by_size(gpt_riverbank), 10_000, LM, {"d_model": 128}
    ),
    "lstm_riverbank": Recipe("recurrent", stories, 20_000, _by_size(lstm_riverbank), 2_400, LM),
    "translator_riverbank": Recipe(
        "translator",
        parallel,
        40_000,
        _by_size(translator_riverbank),
        5_000,
        TRANSLATOR,
        {"d_model": 128, "n_tokens": 1200},
    ),
    "prompted_riverbank": Recipe(
        "shifted_gpt",
        lambda n: Material(*prompted_material(n, SEED)),
        6_000,
        train_prompted,
        5_000,
        lambda model, material: score_documents(model, material.dev),
    ),
    "instructed_riverbank": Recipe(
        "shifted_gpt",
        lambda n: Material(*instructed_material(n, SEED + 1)),
        2_000,
        train_instructed,
        800,
        lambda model, material: score_answers(model, material.dev),
    ),
    "bert_riverbank": Recipe("bert", sentences, 100_000, bert_riverbank, 10_000, ENCODER),
    "bert_english": Recipe("bert", real_text("english"), None, bert_text, 7_000, ENCODER),
    "bert_japanese": Recipe("bert", real_text("japanese"), None, bert_text, 2_500, ENCODER),
}
