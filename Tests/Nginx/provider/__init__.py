"""An OpenID provider that does as a test tells it: slow, failing, rotating, lying.

    with Provider() as provider:
        provider.access_seconds = 1
        provider.at("token", Delay(4))              # the next request there takes four seconds
        ...
        assert provider.count("token", grant_type="refresh_token") == 1

It runs on threads of the test's own process.  Every request stands in its journal; what a client
does wrong is refused, as by a real one, and stands in `complaints`.
"""
from .faults import Answer, Cut, CutAfter, Delay, Gate
from .keys import SigningKey
from .openid import Provider

__all__ = ["Answer", "Cut", "CutAfter", "Delay", "Gate", "Provider", "SigningKey"]
