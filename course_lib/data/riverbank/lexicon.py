"""Builds the lexicon from its tables (`data/riverbank/lexicon`)."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from course_lib.data.riverbank.tables import Table
from course_lib.data.riverbank.words import (
    Action,
    Adjective,
    Lexicon,
    Named,
    Noun,
    Person,
    Piece,
    Place,
    Slot,
    Token,
    Topic,
    Verb,
)
from course_lib.i18n import _
from course_lib.storage import PROJECT

FOLDER = PROJECT / "data" / "riverbank" / "lexicon"
Words = Mapping[str, Token]


def read_lexicon(folder: Path = FOLDER) -> Lexicon:
    """The lexicon in `folder`. Raises CourseError naming the file and what is wrong in it."""
    words = read_closed(Table(folder / "words.txt"))
    adjectives = read_adjectives(Table(folder / "adjectives.txt"))
    time, common = Table(folder / "time.txt"), Table(folder / "common.txt")
    tables = [Table(path) for path in sorted((folder / "topics").glob("*.txt"))]
    return Lexicon(
        people=tuple(read_people(Table(folder / "people.txt"))),
        days=read_named(time, "days", "PROPN", "B-DATE"),
        months=read_named(time, "months", "PROPN", "B-DATE"),
        weather=read_named(time, "weather", "ADJ"),
        parts=read_named(time, "parts", "NOUN"),
        unions={name: tuple(classes.split()) for name, classes in common.rows("classes", 2)},
        common={
            section: tuple(read_actions(common, section, words))
            for section in common.sections
            if section not in ("", "classes")
        },
        topics={table.path.stem: read_topic(table, words, adjectives) for table in tables},
        words=words,
    )


def read_closed(table: Table) -> dict[str, Token]:
    """words.txt: the words that stand in the other tables as they are."""
    return {form: Token(form, pos) for pos, forms in table.rows("", 2) for form in forms.split()}


def read_adjectives(table: Table) -> dict[str, Adjective]:
    return {
        word: Adjective(Token(word, "ADJ"), japanese, kind, group, mood)
        for word, japanese, kind, group, mood in table.rows("", 5)
    }


def read_people(table: Table) -> Iterator[Person]:
    for name, gender, japanese in table.rows("", 3):
        if gender not in ("f", "m"):
            raise table.error(_("{name} needs f or m, not {got}").format(name=name, got=gender))
        yield Person(Token(name, "PROPN", entity="B-PERSON"), gender, japanese)


def read_named(table: Table, section: str, pos: str, entity: str = "O") -> tuple[Named, ...]:
    rows = table.rows(section, 2)
    return tuple(Named(Token(word, pos, entity=entity), japanese) for word, japanese in rows)


def read_topic(table: Table, words: Words, adjectives: Mapping[str, Adjective]) -> Topic:
    """One topic's places, nouns and actions; its nouns give its words their senses."""
    nouns = tuple(read_nouns(table, adjectives))
    forms = [form for noun in nouns for form in (noun.one, noun.many) if form]
    known = {**words, **{str(form): form for form in forms}}
    return Topic(
        name=table.path.stem,
        places=tuple(read_places(table, known)),
        nouns=nouns,
        actions=tuple(read_actions(table, "actions", known)),
    )


def read_nouns(table: Table, adjectives: Mapping[str, Adjective]) -> Iterator[Noun]:
    """`bank* | banks | 岸 | つ | sight | steep muddy`: a star says that the word has two senses."""
    for one, many, japanese, counter, classes, suits in table.rows("nouns", 6):
        for word in suits.split():
            if word not in adjectives:
                raise table.error(
                    _("the adjective {word} is not in adjectives.txt").format(word=word)
                )
        sense = f"{one.rstrip('*')}/{table.path.stem}" if one.endswith("*") else None
        pos, entity = ("PROPN", "B-ORG") if "ORG" in classes.split() else ("NOUN", "O")
        single, plural = (
            None if form == "-" else Token(form.rstrip("*"), pos, sense, entity)
            for form in (one, many)
        )
        suitable = tuple(adjectives[word] for word in suits.split())
        yield Noun(single, plural, japanese, counter, tuple(classes.split()), suitable)


def read_places(table: Table, words: Words) -> Iterator[Place]:
    """`mill street | ミル通り | PLACE`: a proper name is an entity, `the river | 川 | .` is not."""
    for english, japanese, kind in table.rows("places", 3):
        forms = english.split()
        if kind == ".":
            tokens = tuple(find_word(form, words, table) for form in forms)
        else:
            tags = [f"B-{kind}"] + [f"I-{kind}"] * (len(forms) - 1)
            tokens = tuple(
                Token(form, "PROPN", entity=tag) for form, tag in zip(forms, tags, strict=True)
            )
        yield Place(tokens, tuple(japanese.split()))


def read_actions(table: Table, section: str, words: Words) -> Iterator[Action]:
    """`2 | any! | walked/walk to {place} | {place} まで 歩く`: the number is a topic's stage,

    or elsewhere a weight; ! allows "did not". Raises CourseError for a word no table knows.
    """
    for number, who, english, japanese in table.rows(section, 4):
        pieces = read_pieces(english, words, table)
        stage, weight = (int(number), 1.0) if section == "actions" else (0, float(number))
        yield Action(
            section,
            stage,
            weight,
            who.rstrip("!"),
            who.endswith("!"),
            pieces,
            tuple(japanese.split()),
        )


def read_pieces(english: str, words: Words, table: Table) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    verb = ""
    for piece in english.replace("{a ", "{a_").replace("{the ", "{the_").split():
        if piece.startswith("{"):
            article, _underscore, name = piece.strip("{}").rpartition("_")
            pieces.append(Slot(name, article, verb if article else ""))
        elif "/" in piece:
            pieces.append(read_verb(piece))
            verb = verb or read_verb(piece).base
        else:
            pieces.append(find_word(piece, words, table))
    return tuple(pieces)


def read_verb(cell: str) -> Verb:
    """swam/swim, or was/were: the one past that knows singular and plural."""
    past, base = cell.split("/")
    if past == "was":
        return Verb(Token("was", "AUX"), Token("were", "AUX"), Token("be", "AUX"))
    return Verb(Token(past, "VERB"), Token(past, "VERB"), Token(base, "VERB"))


def find_word(word: str, words: Words, table: Table) -> Token:
    """The token of `word`, which may carry its part of speech: `to:PART`."""
    form, _colon, pos = word.partition(":")
    if pos:
        return Token(form, pos)
    if form not in words:
        message = _("the word {word} is neither one of its nouns nor in words.txt")
        raise table.error(message.format(word=form))
    return words[form]
