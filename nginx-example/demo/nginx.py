"""nginx as the demo runs it: the site, and the API behind it, from conf/nginx.conf.in."""
import os
import shutil
import subprocess

from client import send
from console import Stop
from keyfile import make_key_file
from machine import NO_NGINX

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORKERS = 2


class Nginx:
    def __init__(self, folder, account, settings):
        """`settings`: what the placeholders stand for, but for those that are the same every time."""
        self.folder, self.account = folder, account
        self.port = settings["PORT"]
        self.configuration = os.path.join(folder, "nginx.conf")
        self.log = os.path.join(folder, "error.log")
        self.access_log = os.path.join(folder, "access.log")
        self.settings = {
            **settings, "WORKERS": WORKERS, "RUN": folder, "SITE": os.path.join(HERE, "site"),
            "MODULE": os.path.join(os.path.dirname(HERE), ".build", "nginx", "ngx_http_cloakroom_module.so"),
        }

    def prepare(self):
        """Writes the configuration and has nginx check it; sessions of an earlier run stay."""
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        shutil.chown(self.folder, self.account, self.account)
        make_key_file(os.path.join(self.folder, "session.keys"))
        with open(os.path.join(HERE, "conf", "nginx.conf.in")) as file:
            text = file.read()
        _, _, text = text.partition("\n\n")        # its head explains the placeholders
        for name, value in self.settings.items():
            text = text.replace(f"@{name}@", str(value))
        with open(self.configuration, "w") as file:
            file.write(text)
        checked = subprocess.run([*self.command(), "-t"], capture_output=True, text=True)
        if checked.returncode != 0:
            raise Stop(NO_NGINX, f"nginx refuses {self.configuration}:\n{checked.stderr}")

    def command(self):
        return ["nginx", "-c", self.configuration, "-e", self.log, "-g", f"daemon off; user {self.account};"]

    def answers(self):
        try:
            return send(f"http://localhost:{self.port}/", timeout=2).status == 200
        except OSError:
            return False


def worker_account(paths):
    """The account for nginx's workers and the provider: www-data, or root where the checkout lies in
    a folder that www-data may not enter (as /root)."""
    for path in paths:
        if subprocess.run(["test", "-r", path], user="www-data", group="www-data", extra_groups=[]).returncode:
            return "root"
    return "www-data"
