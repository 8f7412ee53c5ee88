"""What holds for all tests."""

from hypothesis import settings

# A busy machine is no error: no test fails for being slow.
settings.register_profile("course", deadline=None)
settings.load_profile("course")
