"""What Linux tells of a process."""
import os


def status(process, name):
    """A line of /proc/PID/status, without its name."""
    with open(f"/proc/{process}/status") as file:
        return next(line.split(":", 1)[1].strip() for line in file if line.startswith(name + ":"))


def resident_kilobytes(process):
    return int(status(process, "VmRSS").split()[0])


def descriptors(process):
    return len(os.listdir(f"/proc/{process}/fd"))


def threads(process):
    """Names of the threads, the first of them left out."""
    names = []
    for task in sorted(os.listdir(f"/proc/{process}/task"), key=int)[1:]:
        with open(f"/proc/{process}/task/{task}/comm") as file:
            names.append(file.read().strip())
    return names


def mapped_files(process):
    """Paths and inodes of what is mapped; a path ends in " (deleted)" where the file is."""
    with open(f"/proc/{process}/maps") as file:
        fields = [line.rstrip("\n").split(None, 5) for line in file]
    return {(line[5], int(line[4])) for line in fields if len(line) == 6 and line[5].startswith("/")}


def is_alive(process):
    try:
        return status(process, "State")[0] not in "ZX"
    except OSError:
        return False
