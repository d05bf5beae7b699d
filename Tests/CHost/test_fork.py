"""A host that forks after it has used the library: the child's checks are as good as the parent's."""
import subprocess

from building import compile_c


def test_what_a_thread_keeps_for_signatures_survives_a_fork(settings, provider, tmp_path):
    forked = compile_c("cc", "forked.c", tmp_path / "forked")
    good, other = provider.access_token(), provider.access_token()
    forged = other[:-8] + ("A" * 8 if other[-8:] != "A" * 8 else "B" * 8)
    done = subprocess.run([forked, "--config", settings.path, good, other, forged],
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr
