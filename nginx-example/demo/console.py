"""What the demo says, in one style: plain where the output is no terminal."""
import os
import sys

_COLOURS = {"bold": "1", "faint": "2", "good": "32", "bad": "31", "title": "1;35"}


def paint(text, colour):
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"


def say(text=""):
    print(text, flush=True)


def title(text):
    say(paint(f"\n{text}", "title"))


class Stop(Exception):
    """Ends the demo with a sentence for the person and a status for scripts."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status
