"""Real nginx, an upstream that shows what reaches it, and browsers: what the tests drive."""
from .people import Person, at_once, log_in
from .site import Site
from .upstream import Upstream

__all__ = ["Person", "Site", "Upstream", "at_once", "log_in"]
