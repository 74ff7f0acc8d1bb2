"""The OpenAPI description of the API, generated from the definitions that check its requests."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from tracker.languages.known import ENGLISH, speaking
from tracker.web.api.parameters import Parameter
from tracker.web.api.problems import MEDIA_TYPE
from tracker.web.api.resources import DAY, RESOURCES, Figures, Listing, Schema, fields, several

TEXT: Schema = {"type": "string"}
PROBLEM: Schema = {
    "type": "object",
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "parameter": TEXT,
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
}
LIMITS = {name: {"schema": TEXT} for name in ("RateLimit", "RateLimit-Policy")}


@cache
def description() -> dict[str, Any]:
    """The whole description; for programs, so in English."""
    with speaking(ENGLISH.code):
        return {
            "openapi": "3.1.0",
            "info": {
                "title": _("Article 12 tracker"),
                "version": "1",
                "description": _(
                    "What States owe under article 12 of the OPSC, and why. Every response is for one day "
                    "(“as_of”), with the same figures as the pages and commands for that day. Values that are "
                    "not recorded are null. Within version 1 fields may be added, but none is removed or "
                    "changes its meaning."
                ),
            },
            "servers": [{"url": "/api/v1"}],
            "security": [{"token": []}],
            "paths": {f"/{one.name}": {"get": _operation(one)} for one in RESOURCES},
            "components": {
                "securitySchemes": {
                    "token": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": _("A user’s token, created in the tracker at /api/."),
                    }
                },
                "schemas": {
                    **{one.name: one.row for one in RESOURCES},
                    "problem": PROBLEM,
                },
            },
        }


def _operation(resource: Listing | Figures) -> dict[str, Any]:
    row = {"$ref": f"#/components/schemas/{resource.name}"}
    # A list has pages; figures have none.
    whole = (
        fields(as_of=DAY, rows=several(row), next={"type": ["string", "null"], "format": "uri"})
        if isinstance(resource, Listing)
        else row
    )
    return {
        "operationId": resource.name,
        "summary": str(resource.says),
        "parameters": [_parameter(one) for one in resource.parameters],
        "responses": {
            "200": {
                "description": _("The requested data."),
                "headers": {"ETag": {"schema": TEXT}, **LIMITS},
                "content": {"application/json": {"schema": whole}},
            },
            "304": {"description": _("Nothing has changed since the response with that ETag.")},
            "400": _problem(_("A parameter is unknown or wrong; “parameter” names it.")),
            "401": _problem(_("The token is missing or not valid.")),
            "403": _problem(_("The token does not give access to this resource.")),
            "405": _problem(_("The API is read-only.")),
            "429": _problem(_("Too many requests; “Retry-After” says how many seconds to wait.")),
        },
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    schema = {"type": "array", "items": one.schema} if one.many else one.schema
    told = {"name": one.name, "in": "query", "description": str(one.says), "schema": schema}
    return told | {"style": "form", "explode": True} if one.many else told


def _problem(says: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/problem"}
    return {"description": says, "content": {MEDIA_TYPE: {"schema": schema}}}
