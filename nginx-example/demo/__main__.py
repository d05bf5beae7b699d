"""Cloakroom's demo: a page, an API behind it, and an identity provider, all on this machine.

Installs the Debian packages that are missing, builds libcloakroom.so and the nginx module, starts
glewlwyd as the provider and nginx with two workers, and says what to open.  Ctrl-C ends all that
it started.  What is built and furnished once is kept: the next run starts in seconds.
"""
import argparse
import os
import shlex
import shutil
import signal
import ssl
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[1:1] = [os.path.join(HERE, "provider")]

import machine
from children import Children, wait_for
from console import Stop, paint, say, title
from glewlwyd import SCHEMA, Glewlwyd, ProviderError
from journey import Journey
from nginx import Nginx, worker_account

STATE = os.path.join(HERE, ".run")
STATUSES = f"""\
exit status:
   0  ended by Ctrl-C or SIGTERM; with --check: all steps held
   1  --check: a step failed, or something that was started died
   2  the command line is wrong
  {machine.NOT_DEBIAN}  this is not Debian 12
  {machine.NOT_ROOT}  not root
  {machine.NO_SWIFT}  no Swift toolchain on PATH
  {machine.OLD_SWIFT}  the Swift toolchain is too old
  {machine.NO_PACKAGES}  a Debian package could not be installed
  {machine.NO_BUILD}  the library or the module did not build
  {machine.PORT_TAKEN}  a port is taken
  {machine.NO_PROVIDER}  the provider did not start
  {machine.NO_NGINX}  nginx did not start

--login COMMAND gets the provider's authorize URL as its last argument, signs in there, and prints
the redirect that leads back to http://localhost:PORT/auth/callback as its last line.
"""


def arguments():
    parser = argparse.ArgumentParser(
        prog="nginx-example/run", description=__doc__, epilog=STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true",
                        help="drive the whole journey without a browser, print each step, and end")
    parser.add_argument("--port", type=port, default=8080, help="of the page (default 8080)")
    parser.add_argument("--api-port", type=port, default=8081, help="of the API behind it (default 8081)")
    parser.add_argument("--provider-port", type=port, default=8082, help="of glewlwyd (default 8082)")
    parser.add_argument("--refresh-window", type=int, metavar="SECONDS",
                        help="renew an access token so long before its end (default 6, for tokens of 15 s)")
    other = parser.add_argument_group("another provider instead of glewlwyd")
    other.add_argument("--issuer", metavar="URL")
    other.add_argument("--client-id", metavar="ID")
    other.add_argument("--client-secret-file", metavar="FILE")
    other.add_argument("--ca", metavar="FILE", help="certificates to trust for it, in place of the system's")
    other.add_argument("--scope", default="openid profile email offline_access", metavar="WORDS",
                       help="(default: %(default)s)")
    other.add_argument("--audience", metavar="NAME", help="of its access tokens (default: the client id)")
    other.add_argument("--untyped", action="store_true", help="admit access tokens without 'typ: at+jwt', client_id and jti")
    other.add_argument("--login", metavar="COMMAND", help="with --check: the program that signs in there")
    options = parser.parse_args()
    if options.issuer:
        for name in ("client_id", "client_secret_file"):
            if getattr(options, name) is None:
                parser.error(f"--issuer needs --{name.replace('_', '-')}")
        if options.check and not options.login:
            parser.error("--issuer with --check needs --login: a program that signs in there")
        for path in (options.client_secret_file, options.ca):
            if path and not os.access(path, os.R_OK):
                parser.error(f"{path} cannot be read")
    elif options.client_id or options.client_secret_file or options.ca or options.login or options.audience:
        parser.error("the options for another provider need --issuer")
    return options


def port(text):
    number = int(text)
    if not 0 < number < 65_536:
        raise ValueError
    return number


def main():
    options = arguments()
    try:
        machine.check_system()
        swift = machine.check_swift()
        machine.check_ports({
            "the page": options.port, "the API": options.api_port,
            **({} if options.issuer else {"glewlwyd": options.provider_port}),
        })
        machine.install_packages(machine.PACKAGES + ([] if options.issuer else machine.PROVIDER_PACKAGES))
        title(f"Building libcloakroom.so with {swift}, then the nginx module")
        machine.build()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end)
        with Children() as children:
            try:
                return serve(options, children)
            finally:
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, signal.SIG_IGN)
                say("Ending what was started …")
    except Stop as stop:
        print(f"run: {stop}", file=sys.stderr)
        return stop.status
    except KeyboardInterrupt:
        return 0


def end(*_):
    raise KeyboardInterrupt


def serve(options, children):
    os.makedirs(STATE, exist_ok=True)
    account = worker_account([STATE, os.path.join(HERE, "site", "index.html")])
    origin = f"http://localhost:{options.port}"
    title("Starting")
    glewlwyd = None if options.issuer else start_glewlwyd(options, children, account, origin)
    nginx = Nginx(os.path.join(STATE, "nginx"), account, settings(options, glewlwyd, account, origin))
    nginx.prepare()
    server = children.start("nginx", nginx.command(), nginx.log, nginx.folder)
    if not wait_for(nginx.answers, server, 20):
        raise Stop(machine.NO_NGINX, f"nginx does not answer on port {options.port}; {nginx.log} tells why.")
    say(f"  nginx on {origin}, the API on port {options.api_port}; workers run as {account}")
    if options.check:
        return check(options, glewlwyd, origin)
    return watch(options, glewlwyd, nginx, children, origin)


def start_glewlwyd(options, children, account, origin):
    provider = Glewlwyd(
        os.path.join(STATE, "provider"), options.provider_port, client_id="cloakroom-demo",
        redirect_uri=origin + "/auth/callback", after_logout=origin + "/", audience=origin + "/api")
    try:
        provider.prepare(machine.installed_file(SCHEMA, "glewlwyd", STATE))
        for folder, _, names in os.walk(provider.folder):
            for path in [folder, *(os.path.join(folder, name) for name in names)]:
                shutil.chown(path, account, account)
        child = children.start(
            "glewlwyd", provider.command(), os.path.join(STATE, "glewlwyd.out"), provider.folder, account)
        if not wait_for(provider.answers, child, 20):
            raise ProviderError("it does not answer")
        provider.furnish()
    except ProviderError as error:
        raise Stop(machine.NO_PROVIDER, f"glewlwyd did not start: {error}; {provider.log} may tell more.") from None
    say(f"  glewlwyd on {provider.base}, access tokens of 15 seconds")
    return provider


def settings(options, glewlwyd, account, origin):
    shared = {"PORT": options.port, "API_PORT": options.api_port}
    extra = [f"refresh_window {options.refresh_window if options.refresh_window is not None else 6}s;"]
    if glewlwyd:
        # glewlwyd refuses a spent refresh token with a bare 400, and makes a token for one audience
        # where it is asked for it.
        extra += ["refresh_refusals 400-empty;", f"authorization_parameters resource={origin}/api;"]
        return {**shared, "ISSUER": glewlwyd.issuer, "CLIENT_ID": glewlwyd.client_id,
                "SECRET_FILE": glewlwyd.secret_file, "SCOPE": glewlwyd.scope, "AUDIENCE": origin + "/api",
                "API_TYPE_SETTING": "", "EXTRA_PROVIDER": "\n        ".join(extra)}
    if options.ca:
        readable = os.path.join(STATE, "provider-ca.pem")
        shutil.copyfile(options.ca, readable)
        shutil.chown(readable, account, account)
        extra.append(f"ca_file {readable};")
    return {**shared, "ISSUER": options.issuer, "CLIENT_ID": options.client_id,
            "SECRET_FILE": os.path.abspath(options.client_secret_file), "SCOPE": options.scope,
            "AUDIENCE": options.audience or options.client_id,
            "API_TYPE_SETTING": "require_access_token_type off; required_claims sub iat;" if options.untyped else "",
            "EXTRA_PROVIDER": "\n        ".join(extra)}


def check(options, glewlwyd, origin):
    title("The journey of a browser")
    if glewlwyd:
        journey = Journey(origin, glewlwyd.issuer, options.api_port, [os.path.join(HERE, "provider", "login.py")],
                          live_refresh_tokens=glewlwyd.live_refresh_tokens)
    else:
        context = ssl.create_default_context(cafile=options.ca) if options.issuer.startswith("https:") else None
        journey = Journey(origin, options.issuer, options.api_port, shlex.split(options.login), context,
                          api_verifies=None)
    return 0 if journey.run() else 1


def watch(options, glewlwyd, nginx, children, origin):
    title("Ready")
    say(f"  Open      {paint(origin, 'bold')}")
    if glewlwyd:
        say(f"  Sign in   {paint(glewlwyd.user, 'bold')}, password {paint(glewlwyd.password, 'bold')}")
    say(f"""\
  Watch     the token's number rise on the page while its one cookie stays the same;
            the cookie in the developer tools: HttpOnly, one random value;
            a second tab, and a logout in one of the two;
            tail -f {os.path.relpath(nginx.access_log)}

{paint('Ctrl-C ends all of it.', 'faint')}""")
    while True:
        dead = children.dead()
        if dead:
            raise Stop(1, f"{dead.name} has ended by itself, with status {dead.returncode}; the logs in "
                          f"{os.path.relpath(STATE)} tell why.")
        signal.sigtimedwait([], 1)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        sys.exit(1)
