"""What the manifest says, and where the data folder is."""

from pathlib import Path

import pytest

from course_lib.data.corpora import registry, store
from course_lib.data.corpora.store import ensure, fetch
from course_lib.errors import CourseError


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(CourseError, match=r"'wnut-17'; did you mean 'wnut17'"):
        ensure("wnut-17")
    with pytest.raises(CourseError, match="course data list"):
        fetch("zzz")


def test_the_folder_is_the_cache_unless_the_environment_names_another(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA_HOME", "~/texts")
    assert store.data_home() == Path.home() / "texts"
    monkeypatch.setenv("COURSE_DATA_HOME", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert store.data_home().name == "language-model-course"


def test_the_manifest_is_complete_and_pinned():
    hashes = set()
    for name, data_set in registry.data_sets().items():
        assert data_set.license, name
        assert data_set.citation, name
        for file in data_set.files:
            folder, _slash, _rest = file.file.partition("/")
            commit = file.url.split("/")[5]
            assert folder == name
            assert file.url.startswith("https://raw.githubusercontent.com/")
            assert len(commit) == 40, file.url  # a commit, not a branch: the bytes cannot change
            assert len(file.sha256) == 64
            hashes.add(file.sha256)
    assert len(registry.data_sets()) == 21
    assert len(hashes) == sum(len(s.files) for s in registry.data_sets().values())
