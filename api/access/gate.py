"""What every request passes before any door sees it: who sent it, from where, and whether that may be, now.

Pure ASGI, so that streams and mounted applications pass untouched. Slack signs what it sends, so its paths are
left to their own guard.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.bodies import MAX_BODY, BodyLimit
from api.access.caller import LOCAL, Caller, require
from api.access.headers import SafeHeaders
from api.access.keyring import Keyring
from api.access.policy import Policy
from api.access.rates import Rates, Standing, serving
from api.access.refusals import AddressTooLong, ForeignPage, HeadersTooLarge, NoKey, WrongHost
from api.access.refusing import refusal
from api.access.scopes import Scope as May
from api.service import Service
from corpus.errors import StudyError

#: Answered without a key: nothing in them is anybody's.
OPEN = frozenset({"/healthz", "/readyz"})
#: Paths of the framework, which knows no scopes: they need `read`.
DESCRIPTION = frozenset({"/openapi.json"})
#: One request has no more headers, nor bytes in them, nor in its address.
MAX_HEADERS, MAX_HEADER_BYTES, MAX_TARGET = 100, 16_384, 8_192


def add_gate(app: FastAPI, service: Service, policy: Policy) -> None:
    """Put the gate before all that `app` has, and the limits into `app.state.rates` for doors with their own guard."""
    rates = Rates(lambda: service.store, policy.rate_limit, policy.model_rate_limit)
    keyring = Keyring(lambda: service.store, service.clock)
    app.state.rates = rates
    service.admit_to_model = rates.take_model
    app.add_middleware(BodyLimit, max_body_size=MAX_BODY)
    app.add_middleware(Gate, policy=policy, keyring=keyring, rates=rates)
    app.add_middleware(SafeHeaders)


class Gate:
    """The application `app` behind the rules of `policy`. It tells the doors by `scope["caller"]` who asks."""

    def __init__(self, app: ASGIApp, policy: Policy, keyring: Keyring, rates: Rates) -> None:
        self.app = app
        self._policy, self._keyring, self._rates = policy, keyring, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith("/slack/"):
            await self.app(scope, receive, send)
            return
        try:
            caller = await self._admit(scope)
            standing = await self._rates.take(caller.learner) if caller.key_id else None
        except StudyError as error:
            await _refuse(error, scope, receive, send)
            return
        scope["caller"] = caller
        with serving(caller):
            await self.app(scope, receive, _telling(standing, send) if standing else send)

    async def _admit(self, scope: Scope) -> Caller:
        headers = dict(scope["headers"])
        _check_size(scope)
        self._check_origin(headers, scope)
        if scope["path"] in OPEN:
            return LOCAL if not self._policy.asks_for_keys else Caller("nobody", frozenset())
        scheme, _, key = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        key = key.strip() if scheme.lower() == "bearer" else ""
        # Clients of OpenAI must send a key and send anything; without keys only one of ours is meant to be one.
        if not self._policy.asks_for_keys and not key.startswith("sa_"):
            return LOCAL
        caller = await self._keyring.caller(key)
        if caller is None:
            raise NoKey(
                "this key opens nothing here" if key else "a key is needed here",
                "Send `Authorization: Bearer KEY`; `assistant keys create NAME` on the server makes one.",
            )
        if scope["path"] in DESCRIPTION:
            require(May.READ, caller)
        return caller

    def _check_origin(self, headers: Mapping[bytes, bytes], scope: Scope) -> None:
        """Refuse what a web page of somebody else's sends from the user's own browser (DNS rebinding, CSRF)."""
        host = headers.get(b"host", b"").decode("latin-1")
        address = (scope.get("server") or ("",))[0]
        if not self._policy.answers_to(host, address):
            raise WrongHost(
                "this server does not answer to the name in the Host header",
                "Add the name to the setting allowed_hosts; then keys are asked for.",
            )
        origin = headers.get(b"origin")
        if origin is not None and not self._policy.trusts_page(origin.decode("latin-1"), host):
            raise ForeignPage(
                "a page of another site may not ask here", "Call it from a program, not from a page."
            )
        # Without an Origin a foreign page can only load, as an image, say; following a link is the user's own doing.
        if headers.get(b"sec-fetch-site") == b"cross-site" and headers.get(b"sec-fetch-mode") != b"navigate":
            raise ForeignPage(
                "a page of another site may not ask here", "Call it from a program, not from a page."
            )
        if self._policy.came_by_proxy(headers):
            raise ForeignPage(
                "this server asks for no keys, so it answers to nobody behind a proxy",
                "Put the proxy's name into the setting allowed_hosts; then keys are asked for.",
            )


async def _refuse(error: StudyError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, NoKey) else {}
    await refusal(error, scope, headers)(scope, receive, send)


def _check_size(scope: Scope) -> None:
    headers = scope["headers"]
    if len(headers) > MAX_HEADERS or sum(len(k) + len(v) for k, v in headers) > MAX_HEADER_BYTES:
        raise HeadersTooLarge(
            f"more than {MAX_HEADERS} headers, or {MAX_HEADER_BYTES:,} bytes of them", "Send fewer of them."
        )
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_TARGET:
        raise AddressTooLong(
            f"the address is longer than {MAX_TARGET:,} bytes", "Send what is long in the body."
        )


def _telling(standing: Standing, send: Send) -> Send:
    """Return a `send` that tells callers where they stand (draft-ietf-httpapi-ratelimit-headers-10)."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["RateLimit-Policy"] = f'"all";q={standing.amount};w={standing.length}'
            headers["RateLimit"] = f'"all";r={standing.remaining};t={standing.reset}'
        await send(message)

    return told
