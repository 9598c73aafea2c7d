"""Settings of the whole suite."""

import signal

from hypothesis import settings

# No deadline: machines are slow at times, not wrong.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("fresh", deadline=None)
settings.load_profile("same")

# What a shell starts in the background ignores SIGINT, and so would every command under test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
