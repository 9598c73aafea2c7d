"""Files that readers may open at any time."""

from concurrent.futures import ThreadPoolExecutor

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
