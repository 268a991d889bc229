"""An OpenID Connect provider on this machine that lets anybody in whom it knows."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "pneumo"


class IdentityProvider(ThreadingHTTPServer):
    """What a hospital's sign-in page would be.

    Attributes:
        people: e-mail address by the name on the sign-in page.
    """

    daemon_threads = True

    def __init__(self, people: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.people = people
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.issued: dict[str, dict[str, str]] = {}

    @property
    def address(self) -> str:
        return f"http://localhost:{self.server_port}"

    def issue(self, code: str) -> str:
        """Return the identity token that a code stands for."""
        asked = self.issued.pop(code)
        now = int(time.time())
        claims = {
            "iss": self.address,
            "sub": f"number {asked['name']}",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 600,
            "nonce": asked["nonce"],
            "email": self.people[asked["name"]],
            "email_verified": True,
        }
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)


class _Handler(BaseHTTPRequestHandler):
    server: IdentityProvider

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        here = self.server.address
        if url.path == "/.well-known/openid-configuration":
            self._answer(
                {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "jwks_uri": f"{here}/keys",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )
        elif url.path == "/keys":
            self._answer({"keys": [self.server.key.as_dict(private=False)]})
        elif url.path == "/authorize":
            links = "".join(
                f"<li><a href='/chosen?{urlencode(asked | {'name': name})}'>{name}</a></li>"
                for name in self.server.people
            )
            self._answer_page(f"<h1>Who are you?</h1><ul>{links}</ul>")
        elif url.path == "/chosen":
            code = base64.urlsafe_b64encode(f"{time.time_ns()}".encode()).decode()
            self.server.issued[code] = {"name": asked["name"], "nonce": asked.get("nonce", "")}
            back = urlencode({"code": code, "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        form = parse_qs(self.rfile.read(length).decode())
        token = self.server.issue(form["code"][0])
        self._answer({"access_token": "-", "token_type": "Bearer", "id_token": token})

    def _answer(self, content: dict[str, Any]) -> None:
        self._send(json.dumps(content).encode(), "application/json")

    def _answer_page(self, html: str) -> None:
        self._send(
            f"<!doctype html><title>Sign in</title><link rel='icon' href='data:,'>{html}".encode(),
            "text/html",
        )

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, form: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def providing(people: Mapping[str, str]) -> Iterator[IdentityProvider]:
    """Run a provider until the block ends."""
    provider = IdentityProvider(people)
    Thread(target=provider.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        provider.shutdown()
        provider.server_close()
