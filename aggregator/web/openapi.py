"""The OpenAPI 3.1 document of the API, from its table of endpoints."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aggregator
from aggregator.outputs.shapes import Shape
from aggregator.pipeline.newsroom import Newsroom
from aggregator.web.parameters import Parameter
from aggregator.web.schemas import COMPONENTS, named

_IN_PATH = re.compile(r"\{(\w+)\}")
_PROBLEMS = {
    "400": "A parameter or the query is not what it has to be.",
    "404": "What was asked for is not there.",
    "503": "The archive or its index cannot answer now.",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path below the prefix, what it answers and from which parameters.

    `schema` names the shape of the answer in `schemas.COMPONENTS`.
    """

    path: str
    about: str
    schema: str
    answer: Callable[[Newsroom, Mapping[str, Any]], Any]
    parameters: Sequence[Parameter] = ()


def document(prefix: str, endpoints: Iterable[Endpoint]) -> Shape:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "aggregator",
            "version": aggregator.__version__,
            "summary": "Articles, tags, feeds, stories and digests of one archive; read only.",
        },
        "servers": [{"url": prefix}],
        "paths": {each.path: {"get": _operation(each)} for each in endpoints},
        "components": {"schemas": COMPONENTS},
    }


def _operation(endpoint: Endpoint) -> Shape:
    return {
        "operationId": re.sub(r"\W+", "_", endpoint.path).strip("_"),
        "summary": endpoint.about,
        "parameters": [
            *(_in_path(name) for name in _IN_PATH.findall(endpoint.path)),
            *(_in_query(each) for each in endpoint.parameters),
        ],
        "responses": {
            "200": _response("The answer.", endpoint.schema),
            **{status: _response(about, "Error") for status, about in _PROBLEMS.items()},
        },
    }


def _in_path(name: str) -> Shape:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _in_query(parameter: Parameter) -> Shape:
    return {
        "name": parameter.name,
        "in": "query",
        "description": f"{parameter.about[0].upper()}{parameter.about[1:]}.",
        "required": parameter.required,
        "schema": parameter.schema,
    }


def _response(about: str, schema: str) -> Shape:
    return {"description": about, "content": {"application/json": {"schema": named(schema)}}}
