"""Chromium, driven over its debugging port (Chrome DevTools Protocol)."""

import asyncio
import itertools
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
OPTIONS = (
    *(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-component-update",
    ),
    *("--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND"),
    "--remote-debugging-port=0",
)


class Tab:
    """A page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count()

    async def call(self, method: str, **parameters: object) -> Any:
        """Call a method of the protocol; its result."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            answer = json.loads((await self._socket.receive()).data)
            if answer.get("id") == number:
                return answer["result"]

    async def evaluate(self, script: str) -> Any:
        """Run a script and await what it promises; its value."""
        told = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def open(self, page: Path) -> None:
        """Go to a page and wait until it is there."""
        await self.call("Page.navigate", url=page.as_uri())
        wanted = f"complete {page.as_uri()}"
        state = "`${document.readyState} ${location.href}`"
        async with asyncio.timeout(60):
            while await self.evaluate(state) != wanted:  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.01)


@asynccontextmanager
async def tab() -> AsyncIterator[Tab]:
    """A tab of a browser of its own."""
    profile = tempfile.mkdtemp()
    browser = await asyncio.create_subprocess_exec(
        str(CHROMIUM),
        *OPTIONS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(await _address(session, browser), max_msg_size=0) as socket,
        ):
            yield Tab(socket)
    finally:
        browser.terminate()
        await browser.communicate()
        shutil.rmtree(profile, ignore_errors=True)


async def _address(session: aiohttp.ClientSession, browser: asyncio.subprocess.Process) -> str:
    """Where the debugger of the first tab listens."""
    assert browser.stderr is not None
    async for line in browser.stderr:
        if b"DevTools listening on" in line:
            host = line.split(b"//", 1)[1].split(b"/", 1)[0].decode()
            async with session.get(f"http://{host}/json") as answer:
                tabs = await answer.json(content_type=None)
            return str(
                next(each["webSocketDebuggerUrl"] for each in tabs if each["type"] == "page")
            )
    raise AssertionError("the browser did not start")
