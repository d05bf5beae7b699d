"""What cloakroom.h promises, seen from outside: by programs in C, and by what the built library is."""
import os
import re

import pytest
from building import HEADER, HERE, INTERFACE, LIBRARY, PROMISES, compile_c, run, run_line


def functions_of_the_header():
    with open(HEADER) as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)
    return set(re.findall(r"\b(cloakroom_\w+)\(", text))


# The header

WARNINGS = "-Wall -Wextra -Wconversion -Wshadow -Wundef -Wcast-qual -Werror -pedantic"


@pytest.mark.parametrize("language", ["c -std=c99", "c -std=c11", "c++ -std=c++11", "c++ -std=c++17"])
def test_the_header_compiles_without_any_warning(compiler, language, tmp_path):
    more = "-Wstrict-prototypes -Wmissing-prototypes" if language.startswith("c ") else "-Wold-style-cast"
    (tmp_path / "one.x").write_text("#include <cloakroom.h>\n#include <cloakroom.h>\n#include \"layout.h\"\n"
                                    "unsigned number(void);\n"
                                    "unsigned number(void) { return CLOAKROOM_VERSION_NUMBER; }\n")
    run_line(f"{compiler} -fsyntax-only {WARNINGS} {more} -x {language} -I{HERE} one.x "
             "$(pkg-config --cflags cloakroom)", tmp_path)


def test_the_header_needs_nothing_but_stddef_and_stdint():
    with open(HEADER) as file:
        assert re.findall(r"^#include (.*)$", file.read(), re.MULTILINE) == ["<stddef.h>", "<stdint.h>"]


def test_a_cxx_program_links(tmp_path):
    (tmp_path / "one.cc").write_text("#include <cloakroom.h>\n"
                                     "int main() { return cloakroom_version_number() != CLOAKROOM_VERSION_NUMBER; }\n")
    run_line("c++ -std=c++11 -Wall -Werror one.cc $(pkg-config --cflags --libs cloakroom) -o one && ./one", tmp_path)


# The library

def test_the_library_exports_the_functions_of_the_header_and_nothing_else():
    lines = run_line(f"nm -D --defined-only {LIBRARY}", HERE).splitlines()
    exported = {(kind, name) for _, kind, name in (line.split() for line in lines)}
    assert exported == {("T", name + "@@CLOAKROOM_0") for name in functions_of_the_header()}


def test_the_library_needs_what_it_says_and_is_searched_for_nowhere_else():
    text = run_line(f"readelf -dW {LIBRARY}", HERE)
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", text))
    assert needed == {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "ld-linux-x86-64.so.2",
                      "libcrypto.so.3", "libcurl.so.4", "libjansson.so.4", "libsqlite3.so.0"}
    assert re.findall(r"\(SONAME\).*\[(.*)\]", text) == ["libcloakroom.so.0"]
    assert "RPATH" not in text and "RUNPATH" not in text
    assert "NODELETE" in text, "nginx would unload it while its threads run"


def test_pkg_config_tells_the_version_of_the_header():
    with open(HEADER) as file:
        number = int(re.search(r"CLOAKROOM_VERSION_NUMBER (0x[0-9a-f]+)u", file.read())[1], 16)
    version = ".".join(str(number >> shift & 0xFF) for shift in (16, 8, 0))
    assert run_line("pkg-config --modversion cloakroom", HERE).strip() == version


# The promises

def test_the_program_asks_for_every_function_of_the_header():
    called = set()
    for source in INTERFACE:
        with open(os.path.join(HERE, source)) as file:
            called |= set(re.findall(r"\b(cloakroom_\w+)\(", file.read()))
    assert functions_of_the_header() - called == set()


@pytest.mark.parametrize("promise", PROMISES)
def test_the_promise_holds(interface, promise, tmp_path):
    assert run([interface, str(tmp_path), promise]) == [f"ok {promise}"]


def test_they_hold_with_another_compiler(compiler, tmp_path):
    program = compile_c(compiler, INTERFACE[0], tmp_path / "interface", f"-O2 -pthread {' '.join(INTERFACE[1:])}")
    assert run([program, str(tmp_path)]) == [f"ok {promise}" for promise in PROMISES]


def test_a_master_that_only_loads_keeps_no_trace_of_it(tmp_path):
    run_line(f"cc -std=c99 -Wall -Wextra -Werror {HERE}/loader.c $(pkg-config --cflags cloakroom) -o loader", tmp_path)
    assert "libcloakroom" not in run_line("readelf -d loader", tmp_path)
    assert run([str(tmp_path / "loader"), LIBRARY]) == ["ok loading_leaves_no_trace",
                                                        "ok children_of_a_master_have_engines"]
