"""Documents that a model learns to be prompted from: labelled examples, one after the other.

An answer ends with LINE, and so does every example of a document. In a prompt the last answer is
missing.
"""

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from course_lib.data.riverbank.language import whole_lexicon
from course_lib.data.riverbank.splits import load
from course_lib.data.riverbank.story import Story
from course_lib.data.riverbank.tasks.prompts import KINDS, Parts, Prompt, examples, worded
from course_lib.data.riverbank.tasks.vocabulary import vocabulary
from course_lib.data.riverbank.tasks.word_groups import LABELS, word_groups
from course_lib.data.riverbank.tasks.wording import Words, rows, told

LINE = "<line>"  # ends an answer
FILE = "prompting.txt"
SECTIONS = ("documents", "letters", "instructions", "held out", "combinations")
BRACES = ("{", "}")  # no document has them: for structured answers of the reader's own
LETTERS = ("words", "sentences")  # tasks whose labels are letters, anew in each document
KEPT = ("animals", "deeds")  # groups of words that no document asks about
KEEP_EVERY = 5  # and one in so many words of the other groups
MAX_CLASSES = 4  # in one document
Pools = Mapping[str, Sequence[tuple[Parts, object]]]


class Wording(NamedTuple):
    """One way to put a task: words with {fields}, and what is answered for each label."""

    kind: str
    template: str
    answers: str


@cache
def wordings(section: str) -> dict[str, tuple[Wording, ...]]:
    """The wordings of each task in one of SECTIONS. Raises ValueError for another section."""
    if section not in SECTIONS:
        raise ValueError(f"no section {section!r}; there are {', '.join(SECTIONS)}")
    found: dict[str, tuple[Wording, ...]] = {}
    for row in rows(section, 3, FILE):
        found[row[0]] = (*found.get(row[0], ()), Wording(*row))
    return found


def put(wording: Wording, parts: Parts, label: object) -> Prompt:
    """An example as a prompt with its answer."""
    return worded(wording.kind, parts, label, wording[1:])


def prompting_vocabulary(first: Sequence[str] = ()) -> list[str]:
    """Every word that prompts and their answers hold, Japanese among them; `first` in front."""
    japanese = {w for story in load("train") for s in story.sentences for w in s.japanese}
    rows_of = [row for section in SECTIONS for row in rows(section, 3, FILE)]
    said = {w for row in rows_of for text in row[1:] for w in text.replace(",", " , ").split()}
    said = {word for word in said if not word.startswith("{")}
    words = [*first, LINE, *LABELS, *BRACES, *vocabulary(), *sorted(japanese), *sorted(said)]
    return list(dict.fromkeys(words))


def pools_of(stories: Sequence[Story], seed: int) -> dict[str, list[tuple[Parts, object]]]:
    """Examples of all tasks, and sentences with their topics, from which documents are drawn."""
    pools = {kind: examples(kind, stories, seed) for kind in KINDS}
    pools["sentences"] = [
        ({"passage": told([sentence])}, story.topic)
        for story in stories
        for sentence in story.sentences[1:]
        if telling() & set(sentence.words)
    ]
    return pools


@cache
def telling() -> frozenset[str]:
    """Nouns of one topic alone: a sentence with one of them gives its topic away."""
    topics = whole_lexicon().topics.values()
    forms = [{str(n.one), str(n.many)} for topic in topics for n in topic.nouns]
    found = Counter(form for one in forms for form in one)
    return frozenset(form for form, n in found.items() if n == 1 and form != str(None))


def trained_words() -> dict[str, tuple[str, ...]]:
    """The groups of words that documents of letters are made of; the rest is for tests."""
    groups = {name: words for name, words in word_groups().items() if name not in KEPT}
    return {
        name: tuple(word for i, word in enumerate(words) if i % KEEP_EVERY)
        for name, words in groups.items()
    }


def with_shots(prompt: Prompt, shots: Sequence[Prompt]) -> Prompt:
    """The prompt with examples and their answers before it, each ended by LINE."""
    before = [word for shot in shots for word in (*shot.words, *shot.answer, LINE)]
    return replace(prompt, words=Words([*before, *prompt.words]))


def fitting(prompts: Iterator[Prompt], n_shots: int, n_words: int) -> list[Prompt]:
    """The first `n_shots` prompts, or fewer if with their answers they have over `n_words`."""
    chosen: list[Prompt] = []
    for prompt in itertools.islice(prompts, n_shots):
        n_words -= len(prompt.words) + len(prompt.answer) + 1
        if n_words < 0:
            break
        chosen.append(prompt)
    return chosen


def drawn(kind: str, pools: Pools, section: str, rng: random.Random) -> Iterator[Prompt]:
    """Endless examples of one document: one task, one wording, and for letters one map."""
    wording = rng.choice(wordings(section)[kind])
    if kind not in LETTERS:
        pool = pools[kind]
        while True:
            yield put(wording, *rng.choice(pool))
    classes = by_class(kind, pools)
    chosen = rng.sample(sorted(classes), rng.randint(2, MAX_CLASSES))
    yield from lettered(wording, {name: classes[name] for name in chosen}, rng)


def by_class(kind: str, pools: Pools) -> dict[str, list[Parts]]:
    """The examples of a task of letters, by what they are: a group of words, or a topic."""
    if kind == "words":
        return {name: [{"word": [w]} for w in words] for name, words in trained_words().items()}
    found: dict[str, list[Parts]] = {}
    for parts, topic in pools[kind]:
        found.setdefault(str(topic), []).append(parts)
    return found


def lettered(
    wording: Wording, classes: Mapping[str, Sequence[Parts]], rng: random.Random
) -> Iterator[Prompt]:
    """Endless examples of these classes, all equally likely; each class has a letter of its own."""
    letters = dict(zip(classes, rng.sample(LABELS, len(classes)), strict=True))
    while True:
        name = rng.choice(list(classes))
        one = put(wording, rng.choice(classes[name]), letters[name])
        yield Prompt(one.kind, one.words, one.answer, tuple(letters.values()), name)
