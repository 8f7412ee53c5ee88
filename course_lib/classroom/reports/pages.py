"""From a template and values to a page of HTML that stands alone."""

import os
import re
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from course_lib.i18n import _

ENVIRONMENT = Environment(
    loader=PackageLoader("course_lib.classroom.reports"),
    autoescape=True,  # in every template: no name, no code and no message can become markup
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.globals["_"] = _


def page(template: str, **values: Any) -> str:
    """The page, in the reader's language. What it shows is escaped, whatever it is."""
    # A lone surrogate, as in a file name of broken bytes, cannot be written as UTF-8.
    text = ENVIRONMENT.get_template(template).render(lang=language(), **values)
    return text.encode("utf-8", "replace").decode("utf-8")


def language() -> str:
    """The code of the reader's language, for the page's `lang`."""
    return os.environ.get("COURSE_LANG", "en")


def number(value: float) -> str:
    """Points and the like, with no more digits than they have: 4, 2.5, 0.333."""
    return f"{round(value, 3):g}"


def prose(text: str) -> Markup:
    """Text, escaped, in which what stands between backticks looks like code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


ENVIRONMENT.filters |= {"number": number, "prose": prose}
