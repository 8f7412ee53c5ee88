"""What a lecture's first and last cells call: profile, device, seeds, and the check of its results.

Environment, all optional:

- COURSE_PROFILE: quick (default) or real.
- COURSE_SEED: a whole number, 0 by default.
- COURSE_DEVICE: cpu, cuda, mps, or auto for the best there is.
- COURSE_RESULTS: a file that `Lesson.check` writes its results to, as JSON.
- COURSE_EXPECTED: the file with the expected results, instead of notebooks/expected.toml.
- COURSE_CALIBRATING: 1 while `course calibrate` collects results; nothing is compared then.
"""

import json
import os
import random
import re
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from course_lib.display.style import use_style
from course_lib.errors import CourseError
from course_lib.evaluation.expected import EXPECTED, Section, read_expected
from course_lib.evaluation.results import Result, compare, result_table
from course_lib.i18n import _
from course_lib.storage import writing

PROFILES = ("quick", "real")
DEVICES = ("cpu", "cuda", "mps", "auto")

T = TypeVar("T")


class UnexpectedResultError(AssertionError):
    """A lecture ran to its end and found something else than `notebooks/expected.toml` says."""


class Lesson:
    """One run of a lecture. Making it prints one line, sets all seeds and the look of figures.

    Args:
        name: the notebook's name without its ending, as in "01_ngrams".

    Attributes:
        name, profile, device, seed: what this run is.
        rng: a torch.Generator on the CPU, seeded.
        numpy_rng: a numpy.random.Generator, seeded.

    Raises CourseError if an environment variable of this module makes no sense.
    """

    def __init__(self, name: str) -> None:
        if not re.fullmatch(r"\d\d_\w+", name):
            raise ValueError(f"{name!r} is not a lecture's name, such as '01_ngrams'")
        self.name = name
        self.profile = _one_of("COURSE_PROFILE", PROFILES, "quick")
        self.device = _device(self.profile)
        self.seed = _seed()
        random.seed(self.seed)
        np.random.seed(self.seed)
        torch.manual_seed(self.seed)
        self.rng = torch.Generator().manual_seed(self.seed)
        self.numpy_rng = np.random.default_rng(self.seed)
        use_style()
        line = _("{name} · {profile} profile · {device} · seed {seed} · torch {torch}")
        print(line.format(**self._description()))

    def pick(self, *, quick: T, real: T) -> T:
        """The value for this run's profile; both stay visible in the notebook."""
        return quick if self.profile == "quick" else real

    def check(self, **values: Any) -> None:
        """Compare the lecture's results with what it must reach, and print them in a table.

        Args:
            values: a number (or a tensor or array of one number) per result.

        Raises:
            UnexpectedResultError: if a result lies outside its band, is missing or is unknown.
            CourseError: if the lecture has not been calibrated in this profile.
        """
        found = {name: float(value) for name, value in values.items()}
        if os.environ.get("COURSE_CALIBRATING") == "1":
            self._record([Result(name, value) for name, value in found.items()])
            print(_("recorded: {names}").format(names=", ".join(found)))
            return
        results = compare(found, self._section())
        self._record(results)
        print(result_table(results))
        bad = [result.name for result in results if not result.met]
        if bad:
            message = _("not as expected: {names} (no wonder if you changed a number above)")
            raise UnexpectedResultError(message.format(names=", ".join(bad)))

    def _section(self) -> Section:
        """What is expected of this lecture in this profile."""
        path = Path(os.environ.get("COURSE_EXPECTED", EXPECTED))
        section = read_expected(path).get(self.name, {}).get(self.profile)
        if section is None:
            message = _("{name} is not calibrated: run course calibrate {name} --profile {profile}")
            raise CourseError(message.format(name=self.name, profile=self.profile))
        return section

    def _record(self, results: list[Result]) -> None:
        """Write the results where COURSE_RESULTS says, if it says so."""
        path = os.environ.get("COURSE_RESULTS")
        if path:
            record = self._description() | {"results": [vars(result) for result in results]}
            record["threads"] = torch.get_num_threads()
            with writing(path) as file:
                json.dump(record, file, indent=1)

    def _description(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "profile": self.profile,
            "device": self.device.type,
            "seed": self.seed,
            "torch": torch.__version__.partition("+")[0],
        }


def _one_of(variable: str, allowed: tuple[str, ...], default: str) -> str:
    """The value of an environment variable that knows only a few."""
    value = os.environ.get(variable) or default
    if value not in allowed:
        message = _("{variable}={value} is not known; use one of: {allowed}")
        raise CourseError(
            message.format(variable=variable, value=value, allowed=", ".join(allowed))
        )
    return value


def _seed() -> int:
    text = os.environ.get("COURSE_SEED") or "0"
    if not text.isdecimal() or int(text) >= 2**32:  # NumPy's old generator takes no larger one
        raise CourseError(
            _("COURSE_SEED={seed} is not a whole number from 0 to 2**32 - 1").format(seed=text)
        )
    return int(text)


def _device(profile: str) -> torch.device:
    """The CPU for the quick profile, which must be the same everywhere; else a GPU if there is one.

    Apple's mps is used only on request: it has no float64, in which the course adds up scores.
    """
    default = "cpu" if profile == "quick" else "auto"
    wanted = _one_of("COURSE_DEVICE", DEVICES, default)
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.mps.is_available()}
    if not there[wanted]:
        message = _("COURSE_DEVICE={device}, but this machine has none; leave it unset")
        raise CourseError(message.format(device=wanted))
    return torch.device(wanted)
