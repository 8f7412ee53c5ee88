"""The words of all tasks: a Vocab of them never meets an unknown word."""

import itertools
from collections.abc import Iterator
from functools import cache

from course_lib.data.riverbank.language import whole_lexicon
from course_lib.data.riverbank.splits import known_words
from course_lib.data.riverbank.tasks.pictures import CAPTION_WORDS
from course_lib.data.riverbank.tasks.prompts import UNKNOWN
from course_lib.data.riverbank.tasks.reviews import AGES, NUMBERS_TOLD, PRICES, WAITS
from course_lib.data.riverbank.tasks.verbs import participle, present
from course_lib.data.riverbank.tasks.wording import pairs, rows
from course_lib.data.riverbank.words import Verb


def vocabulary() -> list[str]:
    """Every English word that a story or a task can hold, in alphabetical order."""
    return list(all_words())


@cache
def all_words() -> tuple[str, ...]:
    texts = [CAPTION_WORDS, UNKNOWN, NUMBERS_TOLD, *written()]
    words = {word for text in texts for word in text.replace(",", " , ").split()}
    words |= {str(n) for n in (*range(6), *PRICES, *WAITS, *AGES)}
    words |= set(known_words()) | set(verb_forms()) | set(whole_lexicon().topics)
    return tuple(sorted(word for word in words if not word.startswith("{")))


def written() -> Iterator[str]:
    """The English of tasks.txt and reviews.txt."""
    for section, width in (("questions", 2), ("prompts", 3), ("synonyms", 2)):
        for row in rows(section, width):
            yield from row[1:]
    for _class, *forms in rows("kinds", 3):
        yield from forms
    for one, many, *_japanese in rows("things", 4):
        yield from (one, many)
    yield from pairs("colours")
    yield from (row[3] for row in rows("sentences", 5, "reviews.txt"))
    yield from (row[0] for row in rows("openings", 2, "reviews.txt"))


def verb_forms() -> Iterator[str]:
    """bring, brings, seen: of every verb."""
    lexicon = whole_lexicon()
    topics = (topic.actions for topic in lexicon.topics.values())
    for action in itertools.chain(*topics, *lexicon.common.values()):
        for verb in action.english:
            if isinstance(verb, Verb):
                yield from map(str, (verb.base, participle(verb)))
                yield from (present(verb, plural) for plural in (False, True))
