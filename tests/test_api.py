"""The archive as JSON, from a real server on loopback, held against its own description."""

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from aggregator.web.api import ENDPOINTS
from aggregator.web.schemas import COMPONENTS
from tests.support.newsrooms import ARTICLES, DAY, TALKS, newsroom
from tests.support.sites import GUARDS, serving

DOCUMENTED = (Path(__file__).parents[1] / "docs" / "api.md").read_text("utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with newsroom(tmp_path_factory.mktemp("desk")) as desk:
        desk.poll()
        for day in (DAY - timedelta(days=1), DAY):
            assert desk.run("digest", "--date", day.isoformat()).code == 0
        assert desk.json("search", "tehran")["total"] == 2  # which indexes the stories
        with serving(desk) as site:
            yield site


@pytest.fixture(scope="module")
def talks(site):
    return next(each["id"] for each in site.desk.articles() if each["title"] == TALKS.title)


def get(site, path, status=200):
    answer = site.ask(f"/api/v1/{path}")
    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert GUARDS.items() <= answer.headers.items()
    return json.loads(answer.body)


def pages(site, parameters):
    """The ids of all articles, page by page."""
    found, after = [], ""
    while after is not None:
        page = get(site, f"articles?{parameters}{f'&after={after}' if after else ''}")
        found.append([article["id"] for article in page["articles"]])
        after = page["next"]
    return found


# --- the same as the commands -------------------------------------------------------------------


def test_articles_are_those_of_the_command_in_pages(site):
    listed = site.desk.articles()
    assert get(site, "articles") == {"articles": listed, "next": None}
    ids = [article["id"] for article in listed]
    assert pages(site, "limit=3") == [ids[:3], ids[3:6], ids[6:]]
    assert pages(site, f"limit={ARTICLES}") == [ids]


@pytest.mark.parametrize(
    ("parameters", "options"),
    [
        ("tag=Middle%20East", ("--tag", "Middle East")),
        (f"since={DAY}", ("--since", f"{DAY}")),
        (f"until={DAY - timedelta(days=1)}", ("--until", f"{DAY - timedelta(days=1)}")),
        ("since=90d&until=yesterday", ("--since", "90d", "--until", "yesterday")),
    ],
)
def test_articles_are_chosen_as_by_the_command(site, parameters, options):
    listed = [json.loads(line) for line in site.desk.run("articles", *options, "--json").lines]
    assert 0 < len(listed) <= ARTICLES
    assert get(site, f"articles?{parameters}")["articles"] == listed
    ids = [[article["id"]] for article in listed]
    assert pages(site, f"{parameters}&limit=1") == ids


def test_articles_of_one_feed(site):
    feed = site.desk.url("/wire.rdf")
    listed = [
        json.loads(line) for line in site.desk.run("articles", "--feed", feed, "--json").lines
    ]
    assert get(site, f"articles?feed={quote(feed, safe='')}&limit=2")["articles"] == listed
    assert pages(site, f"feed={quote(feed, safe='')}&tag=Iran&limit=1")


def test_everything_else_is_what_the_command_line_gives(site, talks):
    desk = site.desk
    day = DAY.isoformat()
    assert get(site, f"articles/{talks}") == desk.json("show", talks)
    assert get(site, "tags?limit=3") == desk.json("tags", "--limit", "3")
    assert get(site, "tags?trending=true") == desk.json("tags", "--trending")
    assert get(site, "tags/iran") == desk.json("tags", "iran")
    assert get(site, "feeds") == desk.json("feeds")
    assert get(site, "feeds?broken=true") == desk.json("feeds", "--broken") == []
    assert get(site, f"digests?date={day}") == desk.json("digest", "--date", day)
    assert get(site, f"stories?date={day}") == get(site, "stories")
    chosen = ("--date", day, "--topic", "Middle East")
    (built,) = desk.json("digest", *chosen)
    assert get(site, f"stories?date={day}&topic=middle-east") == built


def test_searches_are_what_the_command_line_gives(site):
    found = get(
        site, "search?q=tehran&facets=tag,month&limit=1&page=2&sort=newest&since=2020-01-01"
    )
    told = site.desk.json(
        *("search", "tehran", "--facets", "tag,month", "--since", "2020-01-01"),
        *("--limit", "1", "--page", "2", "--sort", "newest"),
    )
    assert found | {"took_ms": 0} == told | {"took_ms": 0}
    assert get(site, "search?q=tehran&until=2020-01-01")["total"] == 0


# --- what cannot be answered --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "kind", "said"),
    [
        ("search", "usage", "q: what to look for, in the query language, but nothing is given"),
        ("search?q=%20", "usage", "q: what to look for"),
        ("search?q=titel:x", "query", "title"),
        ("search?q=x&sort=best", "usage", "sort: 'best' is none of relevance, newest"),
        ("search?q=x&facets=tag,feds", "usage", "facets: 'feds' is none of tag, feed"),
        ("search?q=x&limit=0", "usage", "limit: 0 is not from 1 to 1000"),
        ("search?q=x&page=two", "usage", "page: 'two' is no number"),
        ("search?q=x&q=y", "usage", "q: is given twice"),
        ("tags?limit=99999", "usage", "limit: '99999' is no number"),
        ("tags?limt=9", "usage", "limt: there is no such parameter (did you mean limit?)"),
        ("tags?trending=yes", "usage", "trending: 'yes' is none of true, false"),
        ("articles?limit=201", "usage", "limit: 201 is not from 1 to 200"),
        ("articles?since=soon", "usage", "since: 'soon' is no day"),
        ("articles?until=0001-01-01", "usage", "years 1900 to 2999"),
        ("articles?after=nothing", "usage", "after: no article nothing"),
        ("openapi.json?x=1", "usage", "x: there is no such parameter; there are none"),
        ("articles/x?limit=1", "usage", "limit: there is no such parameter"),
    ],
)
def test_a_wrong_question_is_named(site, asked, kind, said):
    error = get(site, asked, 400)["error"]
    assert error["kind"] == kind
    assert said in error["message"]


@pytest.mark.parametrize(
    "path",
    [
        *("nothing", "articles/nothing", "tags/nowhere", "articles?feed=https://x.example/"),
        *("stories?topic=Chess", "stories?date=1999-01-01", "digests?date=1999-01-01", ""),
    ],
)
def test_what_is_not_there_is_missing(site, path):
    assert get(site, path, 404)["error"]["kind"] == "missing"


def test_it_is_read_only(site):
    for method in ("POST", "PUT", "DELETE"):
        answer = site.ask("/api/v1/tags", method)
        assert answer.status == 405
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
        assert "read" in json.loads(answer.body)["error"]["message"]


def test_a_head_is_a_get_without_its_body(site):
    for path in ("articles", "tags", "openapi.json"):
        head, whole = site.ask(f"/api/v1/{path}", "HEAD"), site.ask(f"/api/v1/{path}")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(whole.body))


def test_without_an_index_searching_is_unavailable(tmp_path):
    with newsroom(tmp_path) as desk:
        desk.poll()
        shutil.rmtree(desk.data / "search")
        with serving(desk) as site:
            assert get(site, "search?q=x", 503)["error"]["kind"] == "search"
            assert get(site, "articles?limit=1")["next"]
            assert get(site, "digests", 404)["error"]["message"] == "no edition was published yet"


# --- the description ----------------------------------------------------------------------------


def test_the_description_is_openapi_3_1(site):
    described = get(site, "openapi.json")
    validate(described)
    assert described["openapi"] == "3.1.0"
    assert set(described["paths"]) == {endpoint.path for endpoint in ENDPOINTS}


def test_every_answer_is_as_described(site, talks):
    asked = {
        "/articles": "articles",
        "/articles/{id}": f"articles/{talks}",
        "/search": "search?q=tehran&facets=tag,feed",
        "/tags": "tags",
        "/tags/{tag}": "tags/iran",
        "/feeds": "feeds",
        "/stories": "stories",
        "/digests": "digests",
    }
    paths = get(site, "openapi.json")["paths"]
    assert set(asked) == set(paths)
    for path, question in asked.items():
        responses = paths[path]["get"]["responses"]
        hold(responses["200"], get(site, question))
        hold(responses["400"], get(site, f"{question.partition('?')[0]}?no=1", 400))


def hold(response, document):
    schema = response["content"]["application/json"]["schema"]
    whole = {**schema, "components": {"schemas": COMPONENTS}}
    Draft202012Validator(whole).validate(document)


def test_every_path_and_parameter_is_documented():
    for endpoint in ENDPOINTS:
        (row,) = re.findall(rf"^\| `{re.escape(endpoint.path)}` .*", DOCUMENTED, re.MULTILINE)
        for parameter in endpoint.parameters:
            assert f"`{parameter.name}`" in row


# --- monitoring ---------------------------------------------------------------------------------


def test_metrics_are_what_a_monitor_reads(site):
    answer = site.ask("/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4"
    assert GUARDS.items() <= answer.headers.items()
    lines = answer.text.splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert values["aggregator_articles"] == str(ARTICLES)
    assert values["aggregator_index_behind_changes"] == "0"
    assert values['aggregator_feeds{health="failing"}'] == "0"
    assert sum(int(v) for k, v in values.items() if k.startswith("aggregator_feeds{")) == 4
    assert values['aggregator_polls_total{outcome="failed"}'] == "0"
    assert float(values["aggregator_last_poll_timestamp_seconds"]) > 1_700_000_000
    told = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    assert {re.sub(r"\{.*", "", name) for name in values} == told
    for name in told:
        assert f"`{name}`" in DOCUMENTED


def test_no_password_of_a_feed_is_told(tmp_path):
    with newsroom(tmp_path) as desk:
        hidden = desk.url("/wire.rdf").replace("//", "//jo:sesame@")
        desk.write([hidden])
        desk.poll()
        shown = desk.url("/wire.rdf")
        with serving(desk) as site:
            (feed,) = get(site, "feeds")
            assert feed["url"] == shown
            found = get(site, f"articles?feed={quote(shown, safe='')}")["articles"]
            assert found == get(site, f"articles?feed={quote(hidden, safe='')}")["articles"]
            assert found[0]["feeds"][0]["url"] == shown
            asked = [f"articles/{found[0]['id']}", "search?q=tehran&facets=feed", "tags/iran"]
            for path in ("feeds", "articles", *asked):
                assert "sesame" not in json.dumps(get(site, path))
