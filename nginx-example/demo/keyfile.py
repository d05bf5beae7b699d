"""The file of the keys that seal cookies and sessions."""
import os
import secrets


def make_key_file(path, identifier="k1"):
    """One line, name and 256 random bits; a file that is there already stays: its sessions need it."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with open(file, "w") as opened:
        opened.write(f"{identifier} {secrets.token_urlsafe(32)}\n")
