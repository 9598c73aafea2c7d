"""Whose an article is, and whose text it carries: that tells independent sources from copies."""

from collections.abc import Iterable, Mapping

from aggregator import urls
from aggregator.digest.naming import feed_name
from aggregator.model import Article
from aggregator.stories import AGENCIES, Copies


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


SHARED = _words(
    """
    acast.com anchor.fm bearblog.dev beehiiv.com blogger.com bsky.app buttondown.com
    buzzsprout.com codeberg.org dev.to dreamwidth.org facebook.com feedburner.com ghost.io
    github.com gitlab.com habr.com hashnode.dev hatenablog.com instagram.com lemmy.world
    libsyn.com linkedin.com livejournal.com mastodon.social medium.com megaphone.fm micro.blog
    note.com over-blog.com podbean.com qiita.com reddit.com simplecast.com soundcloud.com
    sourceforge.net spotify.com substack.com t.me threads.net transistor.fm tumblr.com
    twitter.com typepad.com vimeo.com vk.com weibo.com wordpress.com write.as x.com
    youtube.com zenn.dev
    """
)
"""Sites on which everybody publishes."""
_NAMES = {
    **{name.casefold(): name for name in AGENCIES},
    "associated press": "AP",
    "the associated press": "AP",
}


def source(article: Article) -> str:
    """Whose article it is: the site that its link leads to, which all feeds of a publisher share.

    On a site of many publishers, or an address without a name, it is the name of its feed.
    """
    site = urls.site(article.url) if article.url else ""
    return site if site and site not in SHARED else feed_name(article)


def origins(articles: Iterable[Article], copied: Iterable[Copies]) -> Mapping[str, str]:
    """Whose text articles carry that is not their own, by id: an agency's or another source's.

    Texts of one agency are one, whoever carries them.
    """
    by_id, names = {each.id: each for each in articles}, dict(_NAMES)
    signed = ((one, each.dateline.agency) for one, each in by_id.items())
    found = {one: names.setdefault(name.casefold(), name) for one, name in signed if name}
    for copies in copied:
        first = by_id.get(copies.ids[0])
        agency = _NAMES.get(copies.origin.casefold())
        unsigned = agency or (source(first) if first else copies.origin)
        origin = next((found[one] for one in copies.ids if one in found), unsigned)
        found.update(dict.fromkeys(copies.ids, origin))
    return {
        one: origin
        for one, origin in found.items()
        if one not in by_id or source(by_id[one]) != origin
    }
