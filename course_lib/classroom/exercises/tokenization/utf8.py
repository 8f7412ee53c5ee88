"""★ Byte fallback: what the alphabet lacks is written as its bytes."""

import random
from collections.abc import Collection

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

KNOWN = _("A character of the alphabet is a token as it stands.")
UTF8 = _(
    "A character outside the alphabet becomes its bytes in UTF-8, one token each: é has two, 岸 has"
    " three."
)
FORM = _("A byte is written with two hexadecimal digits and capital letters: <0x0A>, not <0xa>.")


def cases(rng: random.Random) -> list[Case]:
    letters = rng.sample("bcdefghjkmn", 6)
    text = rng.choices(letters, k=4)
    strange = rng.choice(["岸", "銀", "川", "é", "ß", "🏦"])
    return [
        Case(("".join(text), letters), KNOWN),
        Case(("".join([*text[:2], strange, *text[2:]]), letters), UTF8),
        Case(("".join(["\n", *text, "\t", "z"]), letters), FORM),
        Case(("岸é" + "".join(text), [*letters, "岸"]), KNOWN),
    ]


def byte_tokens(text: str, alphabet: Collection[str]) -> list[str]:
    """Text -> its characters, those outside the alphabet as <0x00> ... <0xFF>."""
    tokens: list[str] = []
    for character in text:
        if character in alphabet:
            tokens.append(character)
        else:
            tokens.extend(f"<0x{byte:02X}>" for byte in character.encode("utf-8"))
    return tokens


def in_one_line(text: str, alphabet: Collection[str]) -> list[str]:
    return [
        t for c in text for t in ([c] if c in alphabet else map("<0x{:02X}>".format, c.encode()))
    ]


def with_hex(text: str, alphabet: Collection[str]) -> list[str]:
    tokens: list[str] = []
    for c in text:
        pairs = [] if c in alphabet else c.encode().hex(" ").upper().split()
        tokens += [f"<0x{pair}>" for pair in pairs] or [c]
    return tokens


def code_point(text: str, alphabet: Collection[str]) -> list[str]:
    return [c if c in alphabet else f"<0x{ord(c):02X}>" for c in text]


def unknown(text: str, alphabet: Collection[str]) -> list[str]:
    return [c if c in alphabet else "<unk>" for c in text]


def one_digit(text: str, alphabet: Collection[str]) -> list[str]:
    return [t for c in text for t in ([c] if c in alphabet else [f"<{b:#X}>" for b in c.encode()])]


def no_zeros(text: str, alphabet: Collection[str]) -> list[str]:
    return [t for c in text for t in ([c] if c in alphabet else [f"<0x{b:X}>" for b in c.encode()])]


def no_ascii_bytes(text: str, alphabet: Collection[str]) -> list[str]:
    """Takes every plain letter and control character as known."""
    return byte_tokens(text, [*alphabet, *map(chr, range(128))])


EXERCISE = Exercise(
    name="byte_tokens",
    lecture="04_tokenization",
    stars=1,
    title=_("Nothing is unknown"),
    points=2,
    minutes=8,
    cases=cases,
    reference=byte_tokens,
    hints=(
        _("What does Python's str.encode() give, and what do you get when you loop over it?"),
        _("Looping over bytes gives whole numbers from 0 to 255; a format makes them hexadecimal."),
        _('For each byte of character.encode(): f"<0x{byte:02X}>".'),
    ),
    right_variants=(in_one_line, with_hex),
    wrong_answers=(
        WrongAnswer(lambda text, _letters: byte_tokens(text, ()), KNOWN),
        WrongAnswer(code_point, UTF8),
        WrongAnswer(unknown, UTF8),
        WrongAnswer(one_digit, UTF8),
        WrongAnswer(no_zeros, FORM),
        WrongAnswer(no_ascii_bytes, FORM),
    ),
)
