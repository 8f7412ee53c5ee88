"""What a sentence says, apart from the words it says it in."""

from dataclasses import dataclass, field

from course_lib.data.riverbank.words import Action, Adjective, Named, Noun, Person, Place


@dataclass(frozen=True, slots=True)
class People:
    """One or two people of the story; `pronoun` if called he, she, they, him, her or them.

    `relation` (brother, sister or friend) is set where the person is introduced by it.
    """

    members: tuple[Person, ...]
    pronoun: bool = False
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """One or several of a noun. `quantity` is the, a, some, two or three."""

    noun: Noun
    plural: bool
    adjective: Adjective | None = None
    quantity: str = "the"


@dataclass(frozen=True, slots=True)
class Clause:
    """Something that happens (`action`) or is so (`adjective`, or neither: it exists).

    `roles` holds what fills the action's slots, by the slot's name: a People, Thing, Place or,
    for what somebody said or felt, another Clause. A subject that is a Thing may be narrowed:
    `near` is (behind, the trees), `which` the clause of "that nina saw" or "who helped nina",
    whose missing part is the subject itself.
    """

    subject: "People | Thing"
    action: Action | None = None
    adjective: Adjective | None = None
    negated: bool = False
    very: bool = False
    near: tuple[str, Thing] | None = None
    which: "Clause | None" = None
    roles: "Roles" = field(default_factory=dict)


Roles = dict[str, People | Thing | Place | Clause]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One sentence.

    `join` says how `other` belongs to `main`: "and" it came next; "after" or "before": main
    happened after or before it; "while": somebody else did it; "but": somebody else did not do
    the same. `link` is first, then,
    later, finally, ... `day`, `month`, `weather` and `part` say when, where the sentence does.
    """

    main: Clause
    join: str = ""
    other: Clause | None = None
    link: str = ""
    day: Named | None = None
    next_day: bool = False
    month: Named | None = None
    weather: Named | None = None
    part: Named | None = None
