"""Every string the package shows a reader passes through `_`, to be translated in one place."""

import gettext
import os
from pathlib import Path

LOCALE_DIR = Path(__file__).parents[1] / "locale"


def _(message: str) -> str:
    """`message` in the reader's language (COURSE_LANG, for example "ja"); English if there is none.

    Fill placeholders after the look-up, `_("{n} words").format(n=n)`: no catalogue has f-strings.
    """
    language = os.environ.get("COURSE_LANG", "en")
    catalogue = gettext.translation("course_lib", LOCALE_DIR, [language], fallback=True)
    return catalogue.gettext(message)
