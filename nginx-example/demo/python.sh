# Sourced by nginx-example/run and Tests/run, whose own work is done in Python: makes sure that there
# is one, or ends the program with the sentence and the status that demo/machine.py would use.

if ! command -v python3 >/dev/null; then
    name=${0##*/}
    if ! (. /etc/os-release && [ "$ID $VERSION_ID" = "debian 12" ]) 2>/dev/null; then
        echo "$name: this is for Debian 12, and the system here is another one." >&2
        exit 10
    fi
    if [ "$(id -u)" != 0 ]; then
        echo "$name: this installs Debian packages: run it as root, for example with sudo." >&2
        exit 11
    fi
    echo "Installing Debian packages:"
    echo "  python3                the scripts are written in it"
    if ! said=$({ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends -o Dpkg::Use-Pty=0 python3; } 2>&1 </dev/null); then
        echo "$name: apt-get could not install python3:" >&2
        tail -n 20 <<<"$said" >&2
        exit 14
    fi
fi
export PYTHONDONTWRITEBYTECODE=1
