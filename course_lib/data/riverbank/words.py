"""What the lexicon is made of: tokens, nouns, adjectives, people, places, actions."""

from dataclasses import dataclass


class Token(str):
    """A word that also knows its part of speech (UPOS), its sense and its entity (BIO)."""

    __slots__ = ("entity", "pos", "sense")
    pos: str
    sense: str | None
    entity: str

    def __new__(cls, form: str, pos: str, sense: str | None = None, entity: str = "O") -> "Token":
        token = super().__new__(cls, form)
        token.pos, token.sense, token.entity = pos, sense, entity
        return token


END = Token("</s>", "X")  # closes every story


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Somebody with a name; `gender` is "f" or "m"."""

    name: Token
    gender: str
    japanese: str


@dataclass(frozen=True, slots=True, eq=False)
class Adjective:
    """`kind` says how the Japanese bends: i, na, no, or v for a verb (壊れた).

    Two adjectives of one `group` (size, colour, ...) never describe one thing twice in a story;
    `mood` is "+" for good news, "-" for bad, "." for neither.
    """

    word: Token
    japanese: str
    kind: str
    group: str
    mood: str


@dataclass(frozen=True, slots=True, eq=False)
class Noun:
    """A thing or a kind of person in one topic, with the adjectives that suit it."""

    one: Token | None  # None: there are always many (a team)
    many: Token | None  # None: it cannot be counted (bread)
    japanese: str
    counter: str
    classes: tuple[str, ...]
    adjectives: tuple[Adjective, ...]

    @property
    def lemma(self) -> str:
        return str(self.one or self.many)

    @property
    def alive(self) -> bool:
        return bool({"animal", "role", "catch", "wild"} & set(self.classes))


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Somewhere a story happens, written with its article: the river, mill street."""

    words: tuple[Token, ...]
    japanese: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A day, month, kind of weather or part of the day."""

    word: Token
    japanese: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A gap in an action. `name` is self, his, other, ... or a class of nouns with its article.

    `verb` is the action's base verb: some verb-object pairs are reserved for the unseen split.
    """

    name: str
    article: str = ""
    verb: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Verb:
    """The forms of a verb: nina swam, they swam, she did not swim."""

    past: Token
    past_plural: Token  # differs for "was" alone
    base: Token


Piece = Token | Slot | Verb


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """Something people do: one row of the lexicon, English and Japanese.

    `who` is "one", "both" or "any"; a `negatable` action makes sense after "did not". `stage`
    orders the actions of a topic; `weight` says how common one is among its like.
    """

    section: str  # of common.txt; "actions" for those of a topic
    stage: int
    weight: float
    who: str
    negatable: bool
    english: tuple[Piece, ...]
    japanese: tuple[str, ...]

    @property
    def verb(self) -> Verb:
        """The first verb."""
        return next(piece for piece in self.english if isinstance(piece, Verb))

    def pieces(self, base: bool, plural: bool) -> list[Token | Slot]:
        """The English with its verbs in the base form, or in the past for one or for many."""
        return [
            piece
            if not isinstance(piece, Verb)
            else piece.base
            if base
            else piece.past_plural
            if plural
            else piece.past
            for piece in self.english
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Topic:
    """One topic's part of the lexicon."""

    name: str
    places: tuple[Place, ...]
    nouns: tuple[Noun, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Everything the grammar knows. `common` holds the actions of every topic, by section."""

    people: tuple[Person, ...]
    days: tuple[Named, ...]
    months: tuple[Named, ...]
    weather: tuple[Named, ...]
    parts: tuple[Named, ...]
    unions: dict[str, tuple[str, ...]]
    common: dict[str, tuple[Action, ...]]
    topics: dict[str, Topic]
    words: dict[str, Token]  # those that stand in the tables as they are

    def members(self, topic: Topic, name: str) -> list[Noun]:
        """The topic's nouns of a class, or of a union of classes."""
        wanted = set(self.unions.get(name, (name,)))
        return [noun for noun in topic.nouns if wanted & set(noun.classes)]
