"""Functions for worker processes that do what hostile documents make parsers do."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from aggregator.errors import FetchError, ParseError


def add(left, right):
    return left + right


def worker_pid(*_):
    return os.getpid()


def spin(path=None):
    if path:
        with open(path, "w") as file:  # noqa: PTH123 - plain and small
            file.write(str(os.getpid()))
    while True:
        pass


def sleep(seconds):
    time.sleep(seconds)


def allocate(megabytes):
    return len(bytearray(megabytes << 20))


def leave(code):
    os._exit(code)


def fall_silent():
    os.closerange(3, 100)
    time.sleep(30)


def lineage():
    return os.getpid(), os.getppid(), os.getsid(0)


def open_sockets():
    links = (Path(f"/proc/self/fd/{number}") for number in range(100))
    return sum("socket:" in str(link.readlink()) for link in links if link.is_symlink())


def end_with_parent():
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(0.5)
    os._exit(0)


def end_by(number):
    os.kill(os.getpid(), number)
    signal.pause()


def refuse(reason):
    raise ParseError(reason)


def refuse_holding(held, megabytes):
    holding = bytearray(megabytes << 20)
    raise ParseError(f"{len(held)} bytes and {len(holding)} more")


def length(*args):
    return [len(one) for one in args]


def refuse_fetch(reason):
    raise FetchError(reason, url="https://example.org/", status=404)


def break_down(reason):
    raise KeyError(reason)


def import_in_vain(reason):
    raise ImportError(reason)


def recurse(depth=0):
    return recurse(depth + 1) + 1


def chatter():
    print("this goes nowhere")  # noqa: T201 - that is the point
    return "quiet"


def unpicklable():
    return threading.Lock()


def environment():
    return dict(os.environ), sys.path


def big(size):
    return b"x" * size
