"""Reloads and an upgrade of nginx under load: what `Tests/run reloads` does 200 times."""
import dataclasses
import os
import shutil
import signal
import subprocess
import time

from harness import Site, log_in
from harness.load import Load
from harness.processes import descriptors, is_alive, mapped_files, resident_kilobytes
from harness.site import MODULE, TOP
from harness.wire import head

LIBRARY = os.path.join(TOP, ".build", "release", "libcloakroom.so.0")
GUARDED_FILES = """
    location /kept { cloakroom session idp; alias @RUN@/site/index.html; }
    location /shown { cloakroom bearer idp audience=api; alias @RUN@/site/index.html; }
"""


@dataclasses.dataclass
class Figures:
    """What a process held, of memory and descriptors: after the first reloads, and after the last."""

    resident_kilobytes: list
    descriptors: list

    def __init__(self):
        self.resident_kilobytes, self.descriptors = [], []

    def take(self, *processes):
        self.resident_kilobytes.append(max(map(resident_kilobytes, processes)))
        self.descriptors.append(max(map(descriptors, processes)))

    def growth(self):
        """In kilobytes and descriptors, from the first fifth of the run to its last."""
        part = max(1, len(self.descriptors) // 5)
        return tuple(max(row[-part:]) - max(row[:part]) for row in (self.resident_kilobytes, self.descriptors))


@dataclasses.dataclass
class Report:
    reloads: int
    seconds: float
    count: object
    master: Figures
    workers: Figures
    refreshes: int

    def __str__(self):
        return "\n".join([
            f"{self.reloads} reloads in {self.seconds:.0f} s, {self.refreshes} refreshes meanwhile",
            f"  requests on new connections: {self.count.answered} answered, failed: {self.count.failed or 'none'}, "
            f"slowest {self.count.slowest * 1000:.0f} ms",
            *(f"  {name}: {figures.resident_kilobytes[0]} kB and {figures.descriptors[0]} descriptors at first, "
              f"{figures.resident_kilobytes[-1]} kB and {figures.descriptors[-1]} in the end"
              for name, figures in (("master", self.master), ("fresh workers", self.workers)))])


def requests_of(people, provider):
    """A request to one static file, to one for each person, and to one for a bearer token."""
    close = ("Connection", "close")
    guarded = [head("/kept", fields=[("Cookie", "=".join(person.ticket)), close]) for person in people]
    bearer = head("/shown", fields=[("Authorization", "Bearer " + provider.access_token(exp=time.time() + 3_600)), close])
    return [text.encode() for text in [head("/", fields=[close]), *guarded, bearer]]


def reload_under_load(make_site, provider, reloads, **options):
    """Tokens expire all the while, so that requests are parked while their workers are replaced."""
    site = make_site(locations=GUARDED_FILES, **options)
    provider.access_seconds = 2
    people = [log_in(site) for _ in range(6)]
    load = Load(site.port, requests_of(people, provider))
    time.sleep(0.5)
    master, workers = Figures(), Figures()
    ever, begun = set(site.worker_ids()), time.monotonic()
    try:
        for number in range(reloads):
            site.reload()
            time.sleep(0.15)
            ever.update(site.worker_ids())
            workers.take(*site.worker_ids())
            if number == reloads // 10:              # the first ones make room that is used again
                wait_for_the_last(site, ever)
                master.take(site.master)
        seconds = time.monotonic() - begun
        time.sleep(0.5)
    finally:
        count = load.end()
    wait_for_the_last(site, ever)
    master.take(site.master)
    assert site.log().count("exited with code 0") == len(ever) - len(site.worker_ids())
    return Report(reloads, seconds, count, master, workers, provider.count("token", grant_type="refresh_token"))


def wait_for_the_last(site, ever):
    """Until no worker is left but those of now: the master has a channel open to each."""
    site.wait_until(lambda: not any(map(is_alive, ever - set(site.worker_ids()))), "old workers stay", 40)


class Orphan(Site):
    """A site whose master's parent has ended, as a service's has: before, nginx ignores USR2."""

    def start(self):
        script = 'file=$1; shift; "$@" & while [ ! -s "$file" ]; do sleep 0.02; done'
        with open(self.path("output"), "ab") as output:
            subprocess.run(["sh", "-c", script, "sh", self.path("nginx.pid"), *self._command()], check=True,
                           stdout=output, stderr=output, start_new_session=True, timeout=20)
        self.wait_until(lambda: len(self.worker_ids()) == self.workers, "no workers after the start")

    @property
    def master(self):
        return int(self.read("nginx.pid"))

    def stop(self, number=signal.SIGTERM):
        if os.path.exists(self.path("nginx.pid")):
            master = self.master
            os.kill(master, number)
            self.wait_until(lambda: not is_alive(master), "the master does not end", 40)


def copy_product(folder):
    """Module and library in a folder of their own, new files each time; they find each other there."""
    os.chmod(folder, 0o755)
    module, library = folder / "module.so", folder / "libcloakroom.so.0"
    for source, target in ((MODULE, module), (LIBRARY, library)):
        shutil.copy(source, f"{target}.new")
        if target is module:
            subprocess.run(["patchelf", "--set-rpath", folder, f"{target}.new"], check=True)
        os.replace(f"{target}.new", target)
    return module, library


def libraries_of(processes):
    """Inodes of the libraries that they have mapped."""
    return {inode for process in processes for path, inode in mapped_files(process) if "libcloakroom" in path}


def upgrade_under_load(provider, upstream, folder):
    """USR2 to a new file of the library, and QUIT to the old master; returns the load's count."""
    module, library = copy_product(folder)
    with Orphan(provider, upstream, module=module, locations=GUARDED_FILES) as site:
        people = [log_in(site) for _ in range(6)]
        load = Load(site.port, requests_of(people, provider))
        old_master, old_workers, old_library = site.master, site.worker_ids(), os.stat(library).st_ino
        assert libraries_of(old_workers) == {old_library}
        copy_product(folder)
        os.kill(old_master, signal.SIGUSR2)
        try:
            site.wait_until(lambda: os.path.exists(site.path("nginx.pid.oldbin"))
                            and os.path.exists(site.path("nginx.pid")) and site.read("nginx.pid").strip()
                            and len(site.worker_ids()) == site.workers, "no new master after USR2")
            assert libraries_of(site.worker_ids()) == {os.stat(library).st_ino} != {old_library}
            time.sleep(0.5)                         # both serve
            os.kill(old_master, signal.SIGQUIT)
            site.wait_until(lambda: not any(map(is_alive, [old_master, *old_workers])), "the old master stays", 40)
            time.sleep(0.5)
        finally:
            count = load.end()
        assert people[0].call().status == 200
    return count
