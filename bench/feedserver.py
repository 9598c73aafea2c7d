"""A newsroom of RSS feeds over HTTP/1.1 on loopback, in a process of its own.

    python bench/feedserver.py FEEDS ENTRIES [HOSTS]     prints its address, ends with its input

Feed n is at /feed/n.xml, with ETag and Last-Modified, and answers 304 to either of them. POST
/edition/1 gives every feed its first edition, /edition/2 one in which two entries are new.
"""

import asyncio
import sys
from datetime import timedelta
from email.utils import format_datetime
from hashlib import blake2b
from html import escape

from aiohttp import web
from newsprint import END, Item, Newsprint

FRESH = 2
"""Entries that are new in the second edition."""
WORDS = 150
"""Words of an entry's body: about 1.5 KB of HTML."""
DAYS = 14
ITEM = """<item>
<title>{title}</title>
<link>{link}?utm_source=rss&amp;utm_medium=feed</link>
<guid isPermaLink="false">{site}/?p={number}</guid>
<pubDate>{date}</pubDate>
<dc:creator>{author}</dc:creator>
{categories}
<description><![CDATA[<p>{summary}</p>]]></description>
<content:encoded><![CDATA[{html}]]></content:encoded>
</item>
"""
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>Gazette {number}</title>
<link>{site}/</link>
<atom:link href="{site}/feed.xml" rel="self" type="application/rss+xml"/>
<description>All the news of town {number}</description>
<language>en-GB</language>
<lastBuildDate>{date}</lastBuildDate>
"""
TAIL = "</channel>\n</rss>\n"


class Feed:
    """The two editions of one feed, its entries newest first."""

    def __init__(self, number: int, entries: int) -> None:
        self._number = number
        self._site = f"https://gazette-{number}.example"
        newsprint = Newsprint(number, days=DAYS)
        made = [newsprint.item(place, WORDS) for place in range(entries + FRESH)]
        newest_first = sorted(made, key=lambda item: item.date, reverse=True)
        self._items = [self._rendered(item) for item in newest_first]

    def body(self, edition: int) -> bytes:
        """The document of edition 1 or 2: of equally many entries, the second's begin earlier."""
        items = self._items[FRESH:] if edition == 1 else self._items[:-FRESH]
        head = HEAD.format(number=self._number, site=self._site, date=_published(edition))
        return "".join((head, *items, TAIL)).encode()

    def _rendered(self, item: Item) -> str:
        link = f"{self._site}/{item.date:%Y/%m/%d}/{item.title.replace(' ', '-').lower()}/"
        return ITEM.format(
            title=escape(item.title),
            link=link,
            site=self._site,
            number=item.number,
            date=format_datetime(item.date, usegmt=True),
            author=item.author,
            categories="\n".join(f"<category><![CDATA[{tag}]]></category>" for tag in item.tags),
            summary=item.paragraphs[0][:240],
            html="\n".join(_html(item, link)),
        )


def _html(item: Item, link: str) -> list[str]:
    image = f"https://images.example/{item.number}/{item.date:%H%M%S}-1024x683.jpg"
    first, *others = item.paragraphs
    half = len(others) // 2
    return [
        f'<figure><img width="1024" height="683" src="{image}" class="wp-post-image" alt=""'
        ' loading="lazy"><figcaption>Photograph: the archive</figcaption></figure>',
        f"<p><strong>{first}</strong></p>",
        *(f"<p>{paragraph}</p>" for paragraph in others[:half]),
        f'<p>See <a href="{link}#more" class="more-link" style="color:#333">the report</a>.</p>',
        *(f"<p>{paragraph}</p>" for paragraph in others[half:]),
        f'<p>The post <a href="{link}">{escape(item.title)}</a> appeared first on Gazette.</p>',
    ]


def _published(edition: int) -> str:
    return format_datetime(END + timedelta(hours=edition), usegmt=True)


def application(feeds: int, entries: int) -> web.Application:
    """The server's routes; all feeds are made before it starts."""
    newsroom = [Feed(number, entries) for number in range(feeds)]
    edition = 1

    async def publish(request: web.Request) -> web.Response:
        nonlocal edition
        edition = int(request.match_info["edition"])
        return web.Response()

    async def serve(request: web.Request) -> web.Response:
        body = newsroom[int(request.match_info["number"])].body(edition)
        headers = {
            "ETag": f'"{blake2b(body, digest_size=8).hexdigest()}"',
            "Last-Modified": _published(edition),
        }
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers, content_type="application/rss+xml")

    made = web.Application()
    made.router.add_post(r"/edition/{edition:[12]}", publish)
    made.router.add_get(r"/feed/{number:\d+}.xml", serve)
    return made


def addresses(hosts: int) -> list[str]:
    """So many addresses of the loopback network, 127.0.0.1 first."""
    return [f"127.0.{number // 250}.{number % 250 + 1}" for number in range(hosts)]


async def main(feeds: int, entries: int, hosts: int = 1) -> None:
    """Serve on one port of so many addresses until standard input ends."""
    runner = web.AppRunner(application(feeds, entries), access_log=None)
    await runner.setup()
    first, *others = addresses(hosts)
    await web.TCPSite(runner, first, 0).start()
    address, port = runner.addresses[0][:2]
    for other in others:
        await web.TCPSite(runner, other, port).start()
    print(f"http://{address}:{port}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
