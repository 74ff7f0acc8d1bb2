"""Errors of the API after RFC 9457, with a sentence that says what to do."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from tracker.web.languages.addresses import API

MEDIA_TYPE = "application/problem+json"


class ApiProblem(Exception):
    """An error response.

    Attributes:
        status: the HTTP status.
        detail: what is wrong, where, and what to do.
        parameter: the parameter that is wrong, or empty.
        headers: additional headers of the response.
    """

    def __init__(
        self, status: int, detail: str, *, parameter: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = HTTPStatus(status)
        self.detail = detail
        self.parameter = parameter
        self.headers = headers or {}

    def answer(self) -> HttpResponse:
        """The error as a response, never cached."""
        told: dict[str, Any] = {
            "type": "about:blank",  # RFC 9457: the status says which problem it is
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
        }
        if self.parameter:
            told["parameter"] = self.parameter
        answer = HttpResponse(
            json.dumps(told, ensure_ascii=False), content_type=MEDIA_TYPE, status=self.status.value
        )
        for name, value in {"Cache-Control": "no-store", "Vary": "Authorization", **self.headers}.items():
            answer.headers[name] = value
        return answer


def is_of_api(request: HttpRequest) -> bool:
    """Whether the address belongs to the API, so that a JSON error is needed and not a page."""
    return request.path.startswith(API)
