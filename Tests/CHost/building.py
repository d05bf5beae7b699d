"""How C programs are compiled against the library: one line, with pkg-config."""
import os
import shlex
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
RELEASE = os.path.join(TOP, ".build", "release")
LIBRARY = os.path.join(RELEASE, "libcloakroom.so.0")
HEADER = os.path.join(TOP, "Include", "cloakroom.h")
COMPILERS = ["gcc", "clang"]
ENVIRONMENT = {**os.environ, "PKG_CONFIG_PATH": RELEASE}
STRICT = "-std=c99 -Wall -Wextra -Werror -pedantic"


def compile_c(compiler, source, output, more=""):
    """- source: a file of this folder"""
    run_line(f"{compiler} {STRICT} {more} {shlex.quote(source)} $(pkg-config --cflags --libs cloakroom) "
             f"-o {shlex.quote(str(output))}", HERE)
    return str(output)


def run_line(line, folder):
    """A line of shell; returns what it printed."""
    done = subprocess.run(["sh", "-c", line], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout
