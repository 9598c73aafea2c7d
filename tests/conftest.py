"""Settings of the whole suite."""

from hypothesis import settings

# No deadline: machines are slow at times, not wrong.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("fresh", deadline=None)
settings.load_profile("same")
