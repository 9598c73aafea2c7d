"""Settings of the whole suite."""

from hypothesis import settings

settings.register_profile("suite", deadline=None)  # machines are slow at times, not wrong
settings.load_profile("suite")
