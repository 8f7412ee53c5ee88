"""Every string the package shows a reader passes through `_`, to be translated in one place."""

import functools
import gettext
import os
from pathlib import Path

LOCALE_DIR = Path(__file__).parents[1] / "locale"


def _(message: str) -> str:
    """`message` in the reader's language (COURSE_LANG, for example "ja"); English if there is none.

    Fill placeholders after the look-up, `_("{n} words").format(n=n)`: no catalogue has f-strings.
    """
    return catalogue(os.environ.get("COURSE_LANG", "en"), LOCALE_DIR).gettext(message)


@functools.cache
def catalogue(language: str, folder: Path) -> gettext.NullTranslations:
    """The translations of a language. Looked for once: the checker asks thousands of times."""
    return gettext.translation("course_lib", folder, [language], fallback=True)
