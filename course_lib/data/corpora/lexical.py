"""Tests for word vectors: how alike two words are, and what is to c as b is to a."""

from course_lib.data.corpora.records import Analogy, ScoredPair
from course_lib.data.corpora.registry import choose
from course_lib.data.corpora.store import ensure
from course_lib.storage import read_lines

BENCHMARKS = (
    "WS-353-ALL",
    "WS-353-SIM",
    "WS-353-REL",
    "SIMLEX-999",
    "MEN-TR-3k",
    "RG-65",
    "MTurk-771",
)


def word_similarity(name: str) -> dict[str, list[ScoredPair]]:
    """By benchmark, pairs of words and people's scores; each benchmark has its own scale.

    - word_similarity_en: WS-353-ALL (with its parts SIM and REL), SIMLEX-999, MEN-TR-3k, RG-65,
      MTurk-771.
    """
    return choose(name, "word_similarity", {"word_similarity_en": _word_similarity_en})


def analogies(name: str) -> dict[str, list[Analogy]]:
    """By section, analogies "a is to b as c is to d".

    - word_analogies: 14 sections, the first five about facts, the others about grammar.
    """
    return choose(name, "analogies", {"word_analogies": _word_analogies})


def _word_similarity_en() -> dict[str, list[ScoredPair]]:
    folder = ensure("word_similarity_en")
    benchmarks = {}
    for benchmark in BENCHMARKS:
        rows = (line.split("\t") for line in read_lines(folder / f"EN-{benchmark}.txt"))
        benchmarks[benchmark] = [ScoredPair(a, b, float(score)) for a, b, score in rows]
    return benchmarks


def _word_analogies() -> dict[str, list[Analogy]]:
    sections: dict[str, list[Analogy]] = {}
    for line in read_lines(ensure("word_analogies") / "questions-words.txt"):
        if line.startswith(": "):
            sections[line.removeprefix(": ")] = section = []
        else:
            section.append(Analogy(*line.split()))
    return sections
