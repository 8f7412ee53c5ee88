"""A made-up Japanese catalogue, for tests of what is said in which language."""

from pathlib import Path

import pytest

from course_lib import i18n


def install_catalogue(
    folder: Path, monkeypatch: pytest.MonkeyPatch, entries: dict[str, str]
) -> None:
    """Let `_` find these entries for the language ja, and no other catalogue."""
    monkeypatch.setattr(i18n, "LOCALE_DIR", folder / "locale")
    path = folder / "locale" / "ja" / "LC_MESSAGES" / "course_lib.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(compiled({"": "Content-Type: text/plain; charset=UTF-8\n", **entries}))


def compiled(entries: dict[str, str]) -> bytes:
    """The bytes of a .mo file (gettext manual, section "The Format of GNU MO Files")."""
    pairs = [(k.encode(), v.encode()) for k, v in sorted(entries.items())]
    n, texts = len(pairs), b""
    tables: tuple[list[int], list[int]] = ([], [])
    for index in (0, 1):
        for pair in pairs:
            tables[index].extend((len(pair[index]), 28 + 16 * n + len(texts)))
            texts += pair[index] + b"\0"
    numbers = [0x950412DE, 0, n, 28, 28 + 8 * n, 0, 0, *tables[0], *tables[1]]
    return b"".join(number.to_bytes(4, "little") for number in numbers) + texts
