"""X's error bodies: what a refusal and a partial error look like on the wire.

The wording of the refusals that were recorded or quoted is X's; the others are marked "worded here".

Source: docs/x-api-facts.md#errors
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

HOSTS: Final = {"tweet": "https://api.twitter.com", "post": "https://api.x.com"}
NOT_FOUND_PAGE: Final = (
    b'<!DOCTYPE html>\n<html lang="en">\n  <head>\n    <meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
    b"    <title>X / ?</title>\n  </head>\n  <body>\n    <h1>Nothing to see here</h1>\n  </body>\n</html>\n"
)
EDGE_TEXT: Final = b"upstream connect error or disconnect/reset before headers. reset reason: connection failure"
EDGE_PAGE: Final = b"<html><head><title>503 Service Temporarily Unavailable</title></head><body>503</body></html>\n"


@dataclass(frozen=True, slots=True)
class Refusal(Exception):  # noqa: N818 - a value that is raised, named as X's answer
    """A request that X answers with 400. ``parameters`` are those that the message is about."""

    message: str
    parameters: dict[str, list[str]]

    def body(self, words: str) -> bytes:
        return msgspec.json.encode(
            {
                "errors": [{"parameters": self.parameters, "message": self.message}],
                "title": "Invalid Request",
                "detail": "One or more parameters to your request was invalid.",
                "type": f"{HOSTS[words]}/2/problems/invalid-request",
            }
        )


def plain(status: int, title: str) -> bytes:
    """The body of a 401, 429 or 503."""
    return msgspec.json.encode({"title": title, "type": "about:blank", "status": status, "detail": title})


USAGE_CAP: Final = msgspec.json.encode(
    {
        "account_id": 0,
        "product_name": "standard-basic",
        "title": "UsageCapExceeded",
        "period": "Monthly",
        "scope": "Product",
        "detail": "Usage cap exceeded: Monthly product cap",
        "type": "https://api.twitter.com/2/problems/usage-capped",
    }
)
CREDITS: Final = msgspec.json.encode(
    {
        "title": "CreditsDepleted",
        "detail": "Your enrolled account [0] does not have any credits to fulfill this request.",
        "type": "https://api.twitter.com/2/problems/credits",
    }
)
FORBIDDEN: Final = msgspec.json.encode(
    {
        "client_id": "0",
        "detail": "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a "
        "Twitter developer App that is attached to a Project. You can create a project via the developer portal.",
        "registration_url": "https://developer.twitter.com/en/docs/projects/overview",
        "title": "Client Forbidden",
        "required_enrollment": "Appropriate Level of API Access",
        "reason": "client-not-enrolled",
        "type": "https://api.twitter.com/2/problems/client-forbidden",
    }
)
OVER_CAPACITY: Final = msgspec.json.encode({"errors": [{"message": "Over capacity", "code": 130}]})


def not_found(resource_id: str, *, kind: str, parameter: str, words: str) -> dict[str, str]:
    """Partial error: a tweet or user that is not there, or not any more."""
    return {
        "value": resource_id,
        "detail": f"Could not find {kind} with {parameter}: [{resource_id}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": resource_id,
        "type": f"{HOSTS[words]}/2/problems/resource-not-found",
    }


def not_authorized(resource_id: str, *, parameter: str, words: str, is_included: bool) -> dict[str, str]:
    """Partial error: a tweet that exists and is not shown."""
    problem = {
        "value": resource_id,
        "detail": f"Sorry, you are not authorized to see the Tweet with {parameter}: [{resource_id}].",
        "title": "Authorization Error",
        "resource_type": "tweet",
        "parameter": parameter,
        "resource_id": resource_id,
        "type": f"{HOSTS[words]}/2/problems/not-authorized-for-resource",
    }
    return problem | ({"section": "includes"} if is_included else {})
