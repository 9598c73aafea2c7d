"""Files that readers may open at any time."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from aggregator.errors import AggregatorError
from aggregator.outputs.files import replace_file


def test_threads_that_write_one_file_at_once_leave_the_whole_of_one(tmp_path):
    page = tmp_path / "index.html"
    contents = [bytes([65 + number]) * 200_000 for number in range(8)]

    def write(content):
        replace_file(page, content)
        return page.read_bytes()

    with ThreadPoolExecutor(len(contents)) as threads:
        seen = set(threads.map(write, contents * 25))
    assert seen <= set(contents)
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_what_a_writer_left_that_died_is_removed(tmp_path):
    page = tmp_path / "index.html"
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    alive = os.getppid()
    for process in (dead.pid, alive):
        (tmp_path / f".index.html.{process}.140.new").write_bytes(b"<html>")
    (tmp_path / f".index.html.{os.getpid()}.140.new").write_bytes(b"of a thread that ended")
    (tmp_path / f".other.html.{dead.pid}.140.new").write_bytes(b"<html>")

    assert replace_file(page, b"whole")

    assert {path.name for path in tmp_path.iterdir()} == {
        "index.html",
        f".index.html.{alive}.140.new",
        f".other.html.{dead.pid}.140.new",
    }


def test_a_file_that_cannot_be_written_leaves_nothing_beside_it(tmp_path):
    (tmp_path / "index.html").mkdir()
    with pytest.raises(AggregatorError, match=r"cannot write .*index\.html: Is a directory"):
        replace_file(tmp_path / "index.html", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
