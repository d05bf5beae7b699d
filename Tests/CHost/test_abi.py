"""Programs that were built with the last release run with this library."""
import os
import re

import pytest
from abi import baseline, difference, dump, prototypes, read_header, version
from building import HERE, LIBRARY, TOP, run_line

SYMBOLS = os.path.join(TOP, "Sources", "Cloakroom", "Cloakroom.docc", "Symbols.md")


@pytest.fixture(scope="module")
def current(tmp_path_factory):
    return dump(read_header(), tmp_path_factory.mktemp("abi"))


def test_what_the_last_release_promised_is_still_there(current, tmp_path):
    name, released = baseline()
    assert difference(released, current, tmp_path) == "", f"compared with {name}"


def changed(old, new):
    """The header, with `new` where `old` stands."""
    header = read_header()
    assert header.count(old) == 1, f"cloakroom.h says {old!r} {header.count(old)} times"
    return header.replace(old, new)


NEW_FUNCTION = "int cloakroom_engine_later(const cloakroom_engine *engine);\n"


@pytest.mark.parametrize("old, new", [
    ("void cloakroom_engine_free(", NEW_FUNCTION + "void cloakroom_engine_free("),
    ("    void *host_data;  ", "    void *host_data; void *later; "),
], ids=["a new function", "a struct that tells its size, grown at its end"])
def test_what_the_header_allows_to_change_may_change(current, tmp_path, old, new):
    changed_dump = dump(changed(old, new), tmp_path)
    assert changed_dump != current
    assert difference(current, changed_dump, tmp_path) == ""


@pytest.mark.parametrize("old, new", [
    ("int cloakroom_engine_fd(const cloakroom_engine *engine);", ""),
    ("int cloakroom_engine_fd(const cloakroom_engine *engine);", "int64_t cloakroom_engine_fd(const cloakroom_engine *engine);"),
    ("    int32_t timeout_ms);", "    int64_t timeout_ms);"),
    ("cloakroom_engine_fd(const cloakroom_engine *engine)", "cloakroom_engine_fd(const cloakroom_engine *engine, int more)"),
    ("    void *host_data;  ", "    int32_t host_data;  "),
    ("    size_t header_count;", "    void *middle; size_t header_count;"),
    ("message[252]; }", "message[252]; int32_t later; }"),
    ("{ const char *data; size_t len; }", "{ size_t len; const char *data; }"),
    ("(*cloakroom_log_fn)(void *data, int32_t level,", "(*cloakroom_log_fn)(void *data, int64_t level,"),
], ids=["function gone", "its result", "a parameter's type", "a parameter more", "a member's type", "a member in the middle",
        "a struct without its size, grown", "members in another order", "the callback's parameter"])
def test_what_breaks_programs_is_seen(current, tmp_path, old, new):
    assert difference(current, dump(changed(old, new), tmp_path), tmp_path)


def test_a_release_that_is_tagged_is_compared_with_as_it_was(tmp_path):
    folder = tmp_path / "Tests" / "CHost" / "abi"
    folder.mkdir(parents=True)
    (folder / "0.1.0.abi").write_text("first")
    (folder / "0.9.0.abi").write_text("ninth")
    (folder / "0.10.0.abi").write_text("tenth")
    assert baseline(tmp_path) == ("0.10.0", "tenth")
    git = "git -c user.name=t -c user.email=t@t.example"
    run_line(f"git init -q && git add . && {git} commit -qm x && git tag v0.1.0 && git tag v0.9.0 && git tag v0.11.0", tmp_path)
    (folder / "0.9.0.abi").write_text("rewritten")
    assert baseline(tmp_path) == ("0.9.0", "ninth")


def test_every_function_has_been_there_since_the_version_that_the_list_names(tmp_path):
    """The list, the header, the library and the last release name the same."""
    with open(SYMBOLS) as file:
        since = {name: tuple(map(int, number.split(".")))
                 for name, number in re.findall(r"^\| `(cloakroom_\w+)` \| ([\d.]+) \|$", file.read(), re.MULTILINE)}
    header = read_header()
    exported = {line.split()[2].split("@")[0] for line in run_line(f"nm -D --defined-only {LIBRARY}", HERE).splitlines()}
    assert set(since) == {name for _, name, _ in prototypes(header)} == exported
    assert max(since.values()) <= version(header)
    name, released = baseline()
    release = tuple(map(int, name.split(".")))
    promised = set(re.findall(r"<elf-symbol name='(cloakroom_\w+)'", released))
    older = {symbol for symbol, number in since.items() if number <= release}
    assert promised <= older
    # Until the next release the version in the header is the last one's, or the one to come.
    assert release == version(header) or promised == older


def test_the_dump_needs_no_more_than_the_header(current):
    assert len(current) < 40_000
    assert not re.search(r"/(tmp|home|work)/", current)
