"""Japanese verbs and adjectives in the forms that a polite story in the past needs."""

I_ROW = dict(zip("うくぐすつぬぶむる", "いきぎしちにびみり", strict=True))
SOUND = {  # the stem and the ending that た and て become after it
    **dict.fromkeys("うつる", ("っ", "た", "て")),
    **dict.fromkeys("ぬぶむ", ("ん", "だ", "で")),
    "く": ("い", "た", "て"),
    "ぐ": ("い", "だ", "で"),
    "す": ("し", "た", "て"),
}
Words = tuple[str, ...]


def stem(verb: str) -> str:
    """泳ぐ -> 泳ぎ, 見る/1 -> 見 (/1 marks an ichidan verb), する -> し: what ます follows."""
    if verb.endswith("/1"):
        return verb[:-3]
    if verb.endswith(("する", "来る")):
        return verb[:-2] + {"する": "し", "来る": "来"}[verb[-2:]]
    return verb[:-1] + I_ROW[verb[-1]]


def dictionary(verb: str) -> str:
    """泳ぐ, 見る."""
    return verb.removesuffix("/1")


def polite_past(verb: str, negated: bool = False) -> Words:
    """泳ぎ まし た, 泳ぎ ませ ん でし た."""
    return (stem(verb), *(("ませ", "ん", "でし", "た") if negated else ("まし", "た")))


def plain_past(verb: str) -> Words:
    """泳い だ, 見 た: before a noun, and in reported speech."""
    return joined(verb, 1)


def te_form(verb: str) -> Words:
    """泳い で, 見 て: and then ..."""
    return joined(verb, 2)


def joined(verb: str, form: int) -> Words:
    """The verb with た (form 1) or て (form 2)."""
    if verb.endswith(("/1", "する", "来る")):
        return stem(verb), ("た", "て")[form - 1]
    if verb.endswith("行く"):
        return verb[:-1] + "っ", ("た", "て")[form - 1]
    sound = SOUND[verb[-1]]
    return verb[:-1] + sound[0], sound[form]


def adjective_before(word: str, kind: str) -> Words:
    """赤い, 静か な, 木製 の, 壊れ た: before a noun."""
    if kind == "v":
        *first, verb = word.split()
        return (*first, *plain_past(verb))
    return (word, *{"i": (), "na": ("な",), "no": ("の",)}[kind])


def adjective_polite(word: str, kind: str, negated: bool) -> Words:
    """赤かっ た です, 静か で は あり ませ ん でし た, 壊れ て い まし た: ends a sentence."""
    if kind == "v":
        *first, verb = word.split()
        return (*first, *te_form(verb), *polite_past("いる/1", negated))
    if kind == "i":
        end = ("く", "なかっ", "た") if negated else ("かっ", "た")
        return (word[:-1] + end[0], *end[1:], "です")
    return (
        word,
        *(("で", "は", "あり", "ませ", "ん", "でし", "た") if negated else ("でし", "た")),
    )


def adjective_plain(word: str, kind: str, negated: bool, attributive: bool) -> Words:
    """Plain present, in what was said or felt: 赤い, 静か だ, 静か な (ので), 壊れ て いる."""
    if kind == "v":
        *first, verb = word.split()
        return (*first, *te_form(verb), *(("い", "ない") if negated else ("いる",)))
    if kind == "i":
        return (word[:-1] + "く", "ない") if negated else (word,)
    if negated:
        return word, "で", "は", "ない"
    return word, "な" if attributive else "だ"
