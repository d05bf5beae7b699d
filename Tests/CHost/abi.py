"""The C interface as libabigail sees it, to be compared with the one of the last release.

Types come from cloakroom.h alone: the library is compared with that by the compiler, function by function, and by the
tests, symbol by symbol.  So what is dumped is a library of C that declares the same and does nothing.
"""
import glob
import os
import re
import subprocess
import xml.etree.ElementTree

from building import HEADER, HERE, TOP

BASELINES = os.path.join(HERE, "abi")
MAP = os.path.join(TOP, "Sources", "Cloakroom", "Exports.map")
# A struct that tells its size may grow at its end: cloakroom.h says so.
GROWS = "cloakroom_request_info"
GROWTH = f"""\
[suppress_type]
name = {GROWS}
type_kind = struct
has_data_member_inserted_at = end
"""


def prototypes(header):
    """Of all functions: what stands before the name, the name, and the parameters."""
    text = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
    text = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    return re.findall(r"^([\w *]+?)\b(cloakroom_\w+)\(([^;{}]*)\);", text, re.MULTILINE)


def version(header):
    number = int(re.search(r"CLOAKROOM_VERSION_NUMBER (0x[0-9a-f]+)u", header)[1], 16)
    return tuple(number >> shift & 0xFF for shift in (16, 8, 0))


def dump(header, folder):
    """What abidw tells of the interface that `header`, the text of a cloakroom.h, declares."""
    stubs = "".join(f"{kind}{name}({parameters}) {{ for (;;) {{ }} }}\n"
                    for kind, name, parameters in prototypes(header))
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "cloakroom.h"), "w") as file:
        file.write(header)
    with open(os.path.join(folder, "stubs.c"), "w") as file:
        file.write('#include "cloakroom.h"\n' + stubs)
    _run(["cc", "-g", "-shared", "-fPIC", "-Wall", "-Werror", "stubs.c", "-o", "stubs.so", "-nostdlib",
          f"-Wl,--version-script={MAP}", "-Wl,-soname,libcloakroom.so.0"], folder)
    return _run(["abidw", "--headers-dir", ".", "--no-show-locs", "--no-corpus-path", "--no-comp-dir-path",
                 "--no-elf-needed", "stubs.so"], folder)


def difference(old, new, folder):
    """What a program that was built with `old` could not bear in `new`; nothing where it could bear all."""
    for name, text in (("old.abi", old), ("new.abi", new), ("growth", GROWTH)):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    done = subprocess.run(["abidiff", "--no-added-syms", "--suppressions", "growth", "old.abi", "new.abi"], cwd=folder,
                          capture_output=True, text=True)
    assert done.returncode & 3 == 0, done.stdout + done.stderr
    # abidiff takes a last member that changed for one that was added.
    before, after = _members(old), _members(new)
    if after[:len(before)] != before:
        return f"{GROWS} was {before} and is {after}"
    return done.stdout if done.returncode else ""


def _members(text):
    """Of the struct that grows: where each begins, its type and its name."""
    tree = xml.etree.ElementTree.fromstring(text)
    types = {element.get("id"): element for element in tree.iter() if element.get("id")}

    def spell(identity):
        element = types[identity]
        inner = element.get("type-id") if element.tag != "typedef-decl" else None
        return " ".join([element.tag, element.get("name", ""), *([spell(inner)] if inner else [])])

    struct = next(element for element in tree.iter("class-decl") if element.get("name") == GROWS)
    return [(int(member.get("layout-offset-in-bits")), spell(member[0].get("type-id")), member[0].get("name"))
            for member in struct.iter("data-member")]


def read_header():
    with open(HEADER) as file:
        return file.read()


def baseline(top=TOP):
    """Version and dump of the newest release: as its tag has it, else as the tree has it."""
    folder = os.path.relpath(BASELINES, TOP)
    tags = subprocess.run(["git", "tag", "--list", "v[0-9]*"], cwd=top, capture_output=True, text=True).stdout.split()
    for tag in sorted(tags, key=_number, reverse=True):
        shown = subprocess.run(["git", "show", f"{tag}:{folder}/{tag[1:]}.abi"], cwd=top, capture_output=True, text=True)
        if shown.returncode == 0:
            return tag[1:], shown.stdout
    path = max(glob.glob(os.path.join(top, folder, "*.abi")), key=lambda path: _number(os.path.basename(path)))
    with open(path) as file:
        return os.path.basename(path).removesuffix(".abi"), file.read()


def write(folder):
    """Writes the baseline of the header's version; to be called for a release."""
    header = read_header()
    path = os.path.join(BASELINES, ".".join(map(str, version(header))) + ".abi")
    os.makedirs(BASELINES, exist_ok=True)
    with open(path, "w") as file:
        file.write(dump(header, folder))
    return path


def _number(name):
    return tuple(int(digits) for digits in re.findall(r"\d+", name))


def _run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


if __name__ == "__main__":
    import tempfile
    with tempfile.TemporaryDirectory() as place:
        print(os.path.relpath(write(place), TOP))
