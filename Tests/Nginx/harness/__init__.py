"""Real nginx, an upstream that shows what reaches it, and browsers: what the tests drive."""
from .parking import Parking
from .people import Person, at_once, log_in
from .site import Site
from .upstream import Upstream
from .wire import Wire

__all__ = ["Parking", "Person", "Site", "Upstream", "Wire", "at_once", "log_in"]
