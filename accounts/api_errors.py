"""Every refusal of the API in one form: {"error": a sentence, "fields": {name: [sentences]}}, with the right status."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from math import ceil
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as NotForYou
from django.core.exceptions import ValidationError as Refusal
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, NotFound, PermissionDenied, Throttled, ValidationError
from rest_framework.response import Response
from rest_framework.settings import api_settings

OF_ALL = "__all__"  # where Django keeps what is wrong with a form as a whole
WHOLE = {OF_ALL, api_settings.NON_FIELD_ERRORS_KEY}
logger = logging.getLogger(__name__)


class Conflict(APIException):  # type: ignore[misc]
    """Somebody else changed it since, or something depends on it; `current` is what is stored now."""

    status_code = 409
    default_code = "conflict"
    default_detail = gettext_lazy("Somebody else changed this since. Read it again, then decide.")

    def __init__(self, detail: Any = None, *, current: Any = None, fields: Any = None, tag: str = "") -> None:
        super().__init__(detail)
        self.current, self.fields, self.tag = current, fields, tag


class Changed(Conflict):
    """What If-Match names is not what is stored now."""

    status_code = 412
    default_code = "precondition_failed"
    default_detail = gettext_lazy("This is not what you read: it was changed since. Look at it as it is now.")


class TooLarge(APIException):  # type: ignore[misc]
    status_code = 413
    default_code = "too_large"
    default_detail = gettext_lazy("This is too much at once. Send it in smaller parts.")


def answer_error(error: Exception, _context: Mapping[str, Any]) -> Response | None:
    """The answer to whatever a view of the API raised; None for what nobody foresaw, which is a 500 in JSON."""
    known = as_api_error(error)
    if known is None:
        return None
    body: dict[str, Any] = dict(body_of(known))
    if getattr(known, "current", None) is not None:
        body["current"] = known.current
    answer = Response(body, status=known.status_code)
    if isinstance(known, Throttled):
        answer["Retry-After"] = str(max(1, ceil(known.wait or 1)))
    if header := getattr(known, "auth_header", None):
        answer["WWW-Authenticate"] = header
    if tag := getattr(known, "tag", ""):
        answer["ETag"] = tag
    return answer


def as_api_error(error: Exception) -> APIException | None:
    """What Django and the services raise, as the API calls it."""
    match error:
        case APIException():
            known = error
        case Http404():
            said = error.args[0] if error.args and isinstance(error.args[0], str) else None
            known = NotFound(said or _("There is nothing here that is yours to see."))
        case NotForYou():
            known = PermissionDenied(_("This is not for your account."))
        case Refusal():
            known = ValidationError(error.message_dict if hasattr(error, "error_dict") else {OF_ALL: error.messages})
        case ProtectedError():
            known = Conflict(_("Other records depend on this. Remove or end those first."))
        case IntegrityError():
            logger.warning("two writers met at a constraint", exc_info=error)
            known = Conflict()
        case RequestDataTooBig():
            known = TooLarge()
        case SuspiciousOperation() | BadRequest():
            known = ValidationError({OF_ALL: [_("This request could not be read.")]})
        case _unforeseen:
            known = None
    return known


def body_of(error: APIException) -> dict[str, Any]:
    """`error` in one sentence or a few, and `fields` where something is wrong with named fields."""
    if isinstance(error, Throttled):
        return {"error": _("Too many requests. Wait for the seconds that Retry-After tells.")}
    if not isinstance(error, ValidationError):
        fields = getattr(error, "fields", None)
        return {"error": str(error.detail)} | ({"fields": fields} if fields else {})
    detail: Any = error.detail if isinstance(error.detail, Mapping) else {OF_ALL: error.detail}
    sentences = [str(each) for name in detail if name in WHOLE for each in as_list(detail[name])]
    fields = {name: plain(errors) for name, errors in detail.items() if name not in WHOLE}
    said = " ".join(sentences) or _("Something here cannot be taken. Nothing was changed.")
    return {"error": said} | ({"fields": fields} if fields else {})


def as_list(errors: Any) -> list[Any]:
    return errors if isinstance(errors, list) else [errors]


def plain(errors: Any) -> Any:
    """Errors of a field as sentences; of rows as {index: errors}, with those rows alone in which something is wrong."""
    if isinstance(errors, Mapping):
        if len(errors) == 1 and (whole := next(iter(errors))) in WHOLE:  # wrong as a whole, not in a field of it
            return plain(errors[whole])
        return {str(name): plain(inner) for name, inner in errors.items() if inner}
    if isinstance(errors, list) and any(isinstance(each, Mapping) for each in errors):
        return {str(index): plain(each) for index, each in enumerate(errors) if each}
    return [str(each) for each in as_list(errors)]


def json_error(status: int, sentence: str) -> JsonResponse:
    """The same form for what fails outside of a view of the API."""
    return JsonResponse({"error": sentence}, status=status)
