"""Reading a page as a browser does: what is markup in it, and what is text."""

import re
from collections import defaultdict
from html.parser import HTMLParser

HARMLESS = {"style", "meta", "svg"}
FETCHING = {"src", "srcset", "data", "action", "formaction", "poster", "background", "ping"}


class Reader(HTMLParser):
    """Collects elements, attributes and the text inside each kind of element."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: dict[str, list[str]] = defaultdict(list)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag in ("td", "th", "br"):
            self.handle_data(" ")  # as the eye sees them
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ("meta", "br", "link", "img", "path", "use", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while tag in self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag].append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def texts_of(html: str) -> dict[str, list[str]]:
    """The pieces of text by the elements they stand in."""
    return read(html).texts


def text_of(html: str) -> str:
    """All that is to be read, without the style sheet; spaces and line ends as one space."""
    body = html.partition("<body")[2]
    return re.sub(r"\s+", " ", "".join(texts_of(f"<body{body}")["body"]))


def stands_alone(html: str) -> None:
    """The page has no script, and fetches nothing from anywhere."""
    reader = read(html)
    assert not reader.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    for tag, name, value in reader.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in FETCHING, (tag, name)
        if name.endswith("href"):
            assert re.match(r"#|pages/[\w%.-]+$", value), value
        if name == "style":
            assert "url(" not in value.replace("url(#", "")
    assert "@import" not in html
    assert "default-src 'none'" in html
