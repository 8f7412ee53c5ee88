"""The Japanese of a sentence, made from what it means and not from its English words."""

from collections.abc import Callable, Iterator

from course_lib.data.riverbank.conjugation import (
    adjective_before,
    adjective_plain,
    adjective_polite,
    dictionary,
    plain_past,
    polite_past,
    te_form,
)
from course_lib.data.riverbank.meaning import Clause, Meaning, People, Thing
from course_lib.data.riverbank.words import Place

LINKS = {
    "first": ("まず", "、"),
    "then": ("それから", "、"),
    "later": ("しばらく", "し", "て", "、"),
    "after that": ("その", "後", "、"),
    "finally": ("最後", "に", "、"),
    "in the end": ("結局", "、"),
    "at last": ("とうとう", "、"),
}
RELATIONS = {"brother": ("弟", "の"), "sister": ("妹", "の"), "friend": ("友達", "の")}
WHERE = {"near": "近く", "behind": "後ろ", "beside": "横"}
NUMBERS = {"two": "二", "three": "三", "some": "何"}
Words = tuple[str, ...]
Ending = Callable[[str], Words]  # a verb of the lexicon -> the verb in some form


def japanese(meaning: Meaning) -> Words:
    """One sentence as a tuple of short words; joined without spaces it is Japanese text."""
    main, other = meaning.main, meaning.other
    start = (*time(meaning), *LINKS.get(meaning.link, ()))
    if main.action is None:
        return (*start, *state(main), "。")
    who = (*entity(main.subject), "は")
    if other is None:
        return (*start, *who, *event(main, polite(main)), "。")
    if meaning.join == "and":
        parts = (*event(main, te_form), "、", *event(other, polite(other)))
    elif meaning.join == "after":
        who = (*entity(other.subject), "は")
        parts = (*event(other, plain_past), "後", "、", *event(main, polite(main)))
    elif meaning.join == "before":
        who = (*entity(other.subject), "は")
        parts = (*event(other, plain), "前", "に", "、", *event(main, polite(main)))
    else:
        contrast = two_people if meaning.join == "while" else but
        parts = contrast(main, other)
    return (*start, *who, *parts, "。")


def two_people(main: Clause, other: Clause) -> Words:
    """(ニーナ は) スープ を 作っ て 、 マックス は 歌 を 歌い まし た."""
    second = (*entity(other.subject), "は", *event(other, polite(other)))
    return (*event(main, te_form), "、", *second)


def but(main: Clause, other: Clause) -> Words:
    """(ニーナ は) 川 を 渡り まし た が 、 マックス は 渡り ませ ん でし た."""
    assert other.action is not None
    again = polite_past(other.action.japanese[-1], negated=True)
    return (*event(main, polite(main)), "が", "、", *entity(other.subject), "は", *again)


def time(meaning: Meaning) -> Words:
    """月曜日 に 、 / 四月 の ある 日 、 / ある 寒い 朝 、 / 一夜 明け て 火曜日 に なり 、"""
    if meaning.day and meaning.next_day:
        return "一夜", "明け", "て", meaning.day.japanese, "に", "なり", "、"
    if meaning.day:
        return meaning.day.japanese, "に", "、"
    if meaning.month:
        return meaning.month.japanese, "の", "ある", "日", "、"
    if meaning.part:
        weather = meaning.weather.japanese.split() if meaning.weather else ()
        return ("ある", *weather, meaning.part.japanese, "、")
    return ()


def polite(clause: Clause) -> Ending:
    """泳ぎ まし た, or 泳ぎ ませ ん でし た if it did not happen."""
    return lambda verb: polite_past(verb, clause.negated)


def plain(verb: str) -> Words:
    """泳ぐ."""
    return (dictionary(verb),)


def event(clause: Clause, ending: Ending) -> Words:
    """What happens, without who does it: 川 を 泳い で 渡り まし た."""
    assert clause.action is not None
    *before, verb = clause.action.japanese
    words: list[str] = []
    for place, word in enumerate(before):
        if not word.startswith("{"):
            words.append(word)
            continue
        filler = clause.roles[word.strip("{}")]
        if isinstance(filler, Clause):
            words += content(filler, because=before[place + 1 : place + 2] == ["ので"])
        else:
            words += entity(filler)
    return (*words, *ending(verb))


def state(clause: Clause) -> Words:
    """橋 の 近く の 舟 は 古かっ た です; or そこ に 古い 舟 が あり まし た."""
    assert isinstance(clause.subject, Thing)
    if clause.adjective is None:
        where = (*entity(clause.near[1]), "の", WHERE[clause.near[0]]) if clause.near else ("そこ",)
        exists = polite_past("いる/1" if clause.subject.noun.alive else "ある")
        return (*where, "に", *entity(clause.subject), "が", *exists)
    adjective = clause.adjective
    very = ("とても",) if clause.very else ()
    said = adjective_polite(adjective.japanese, adjective.kind, clause.negated)
    return (*narrowed(clause), "は", *very, *said)


def content(clause: Clause, because: bool) -> Words:
    """What was said, felt, known: 舟 が 古い (と), 舟 が 静か な (ので), 舟 が どこ に ある."""
    assert isinstance(clause.subject, Thing)
    if clause.adjective is None:
        return (
            *narrowed(clause),
            "が",
            "どこ",
            "に",
            "いる" if clause.subject.noun.alive else "ある",
        )
    adjective = clause.adjective
    very = ("とても",) if clause.very else ()
    said = adjective_plain(adjective.japanese, adjective.kind, clause.negated, because)
    return (*narrowed(clause), "が", *very, *said)


def narrowed(clause: Clause) -> Words:
    """The subject of a description: 橋 の 近く の 舟, ニーナ が 見 た 舟."""
    if clause.near:
        where, thing = clause.near
        return (*entity(thing), "の", WHERE[where], "の", *entity(clause.subject))
    if clause.which:
        seen = clause.which.subject is not clause.subject
        who = (*entity(clause.which.subject), "が") if seen else ()
        return (*who, *event(clause.which, plain_past), *entity(clause.subject))
    return entity(clause.subject)


def entity(what: People | Thing | Place | Clause) -> Words:
    """ニーナ と 弟 の マックス, 彼女, 二 本 の 赤い ロープ, ウィロー橋."""
    if isinstance(what, Place):
        return what.japanese
    if isinstance(what, People):
        return tuple(people(what))
    assert isinstance(what, Thing)
    noun = what.noun.japanese.split()
    adjective = what.adjective
    before = adjective_before(adjective.japanese, adjective.kind) if adjective else ()
    return (*quantity(what), *before, *noun)


def people(group: People) -> Iterator[str]:
    if group.pronoun:
        both, only = len(group.members) == 2, group.members[0]
        yield "二人" if both else {"f": "彼女", "m": "彼"}[only.gender]
        return
    for place, person in enumerate(group.members):
        if place:
            yield "と"
        if place == len(group.members) - 1:
            yield from RELATIONS.get(group.relation, ())
        yield person.japanese


def quantity(thing: Thing) -> Words:
    """二 本 の, 三つ の, いくつ か の; nothing for one thing, or for some bread."""
    if not thing.plural or thing.quantity not in NUMBERS:
        return ()
    number, counter = NUMBERS[thing.quantity], thing.noun.counter
    if number == "何":
        how_many = ("いくつ",) if counter in ("つ", "個") else ("何", counter)
        return (*how_many, "か", "の")
    if counter == "つ" or (counter, number) == ("人", "二"):
        return number + counter, "の"
    return number, counter, "の"
