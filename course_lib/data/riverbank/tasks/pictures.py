"""Small pictures of the town, what they show, and their captions."""

import itertools
import random
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from course_lib.data.riverbank.tasks.sprites import COLOURS, SIZE, SPRITES, draw_scene
from course_lib.data.riverbank.tasks.wording import Words, pairs, phrase, rows

NUMBERS = {1: ("a", "一"), 2: ("two", "二"), 3: ("three", "三")}
SIDES = {"left": "左", "right": "右"}


@dataclass(frozen=True)
class Group:
    """One to three things of a kind and colour, on one side: two red boats on the left."""

    thing: str
    colour: str
    number: int
    side: str


@dataclass(frozen=True)
class View:
    """What a picture shows: one group on either side or both, by day or by night, the bridge."""

    groups: tuple[Group, ...]
    night: bool
    bridge: bool


@dataclass(frozen=True)
class Picture:
    """`pixels` is (3, 24, 24): red, green and blue, 0 to 255. The view determines all the rest."""

    view: View
    caption: Words
    japanese: tuple[str, ...]
    pixels: NDArray[np.uint8] = field(compare=False, repr=False)


def pictures(n: int, seed: int) -> list[Picture]:
    """`n` pictures; the same for the same seed.

    >>> pictures(100, seed=0)[0].caption.text

    No two views look alike or have the same caption; `read` gets the view back from the pixels.
    """
    rng = random.Random(f"{seed} pictures")
    return [picture(view(rng)) for _picture in range(n)]


def view(rng: random.Random) -> View:
    sides = rng.choice([("left",), ("right",), ("left", "right"), ("left", "right")])
    groups = tuple(
        Group(rng.choice(list(SPRITES)), rng.choice(list(COLOURS)), rng.choice((1, 2, 3)), side)
        for side in sides
    )
    return View(groups, rng.random() < 0.5, rng.random() < 0.5)


def picture(view: View) -> Picture:
    """The view drawn and told."""
    return Picture(view, caption(view), japanese_caption(view), draw(view))


def draw(view: View) -> NDArray[np.uint8]:
    """(3, 24, 24) uint8."""
    groups = [(g.thing, g.colour, g.number, list(SIDES).index(g.side)) for g in view.groups]
    return draw_scene(groups, view.night, view.bridge)


def read(pixels: NDArray[np.uint8]) -> View:
    """The view that a picture shows: draw's inverse. Raises ValueError if it shows none."""
    left, right = pixels[..., : SIZE // 2].tobytes(), pixels[..., SIZE // 2 :].tobytes()
    for night, bridge in itertools.product((False, True), repeat=2):
        lefts, rights = halves("left", night, bridge), halves("right", night, bridge)
        if left in lefts and right in rights:
            groups = tuple(group for group in (lefts[left], rights[right]) if group)
            return View(groups, night, bridge)
    raise ValueError("the pixels show no view of the town")


@cache
def halves(side: str, night: bool, bridge: bool) -> dict[bytes, Group | None]:
    """Everything that one half of a picture can look like, and the group that it shows."""
    half = slice(0, SIZE // 2) if side == "left" else slice(SIZE // 2, SIZE)
    options: list[Group | None] = [None]
    options += [Group(*values, side) for values in itertools.product(SPRITES, COLOURS, NUMBERS)]
    views = {group: View((group,) if group else (), night, bridge) for group in options}
    return {draw(view)[..., half].tobytes(): group for group, view in views.items()}


CAPTION_WORDS = "a two three on the left right and , at night by day with bridge ."


def caption(view: View) -> Words:
    """two red boats on the left and a white house on the right , at night , with a bridge ."""
    groups = " and ".join(map(told, view.groups))
    when = "at night" if view.night else "by day"
    return Words(phrase(f"{groups} , {when} {', with a bridge ' * view.bridge}."))


def told(group: Group) -> str:
    """two red boats on the left."""
    one_many = {one: many for one, many, *_japanese in rows("things", 4)}
    noun = group.thing if group.number == 1 else one_many[group.thing]
    return f"{NUMBERS[group.number][0]} {group.colour} {noun} on the {group.side}"


def japanese_caption(view: View) -> tuple[str, ...]:
    """夜 、 橋 の ある 川 、 左 に 赤い 舟 が 二 艘 、 右 に 白い 家 が 一 軒 。"""
    when = "夜" if view.night else "昼"
    where = ("橋", "の", "ある", "川") if view.bridge else ("橋", "の", "ない", "川")
    groups = [word for group in view.groups for word in ("、", *japanese_told(group))]
    return (when, "、", *where, *groups, "。")


def japanese_told(group: Group) -> tuple[str, ...]:
    """左 に 赤い 舟 が 二 艘; people have counters of their own."""
    noun, counter = {one: pair for one, _many, *pair in rows("things", 4)}[group.thing]
    colour, number = pairs("colours")[group.colour], NUMBERS[group.number][1]
    many = (number + counter,) if counter == "人" and group.number < 3 else (number, counter)
    return (SIDES[group.side], "に", colour, noun, "が", *many)
