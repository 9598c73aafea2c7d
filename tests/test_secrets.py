"""Passwords in the address of a feed are told to its server, and on no page."""

import re
from urllib.request import urlopen

from tests.support.newsrooms import HARBOUR, TALKS, newsroom, rss
from tests.support.server import Reply


def test_a_password_in_an_address_stands_on_no_page(tmp_path):
    untitled = re.sub(b"<title>Talks</title>", b"", rss("Talks", TALKS, HARBOUR), count=1)
    with newsroom(tmp_path, {"/feed": Reply(200, untitled)}) as desk:
        desk.write([desk.url("/feed").replace("//", "//reader:hunter2@")])
        assert desk.poll()["new"] == 2
        assert desk.server.asked[0].headers["authorization"].startswith("Basic ")
        assert desk.run("digest", "--date", "3d").code == 0
        files = [path for path in desk.site.rglob("*") if path.is_file()]
        assert any(b"Geneva" in path.read_bytes() for path in files)
        assert [path for path in files if b"hunter2" in path.read_bytes()] == []
        with desk.start("run", "--port", "0") as process:
            for page in ("/", "/feeds/", "/search?q=Geneva", "/archive/"):
                with urlopen(process.url + page) as answer:
                    assert b"hunter2" not in answer.read()
