"""What a command of its own process takes."""

import re
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from tests.support.newsrooms import Ran, until

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
LONGEST = 300.0


@dataclass(frozen=True)
class Measured:
    """A command that ended, and the most memory it held, in bytes, without its workers'."""

    ran: Ran
    memory: int


def measured(command: Sequence[str]) -> Measured:
    """Run a command to its end."""
    with ExitStack() as files:
        out, err = (files.enter_context(TemporaryFile()) for _ in range(2))
        process = subprocess.Popen(command, stdout=out, stderr=err)
        files.callback(process.kill)
        peaks = [0]

        def ended() -> bool:
            peaks.append(_peak(process.pid))
            return process.poll() is not None

        until(ended, LONGEST)
        for file in (out, err):
            file.seek(0)
        ran = Ran(process.returncode, out.read().decode(), err.read().decode())
        return Measured(ran, max(peaks))


def _peak(pid: int) -> int:
    found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0
