"""A certificate authority, PostgreSQL and Redis that require TLS and a password, and nginx."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import redis
from psycopg import sql
from redis.backoff import NoBackoff
from redis.retry import Retry

from rehearsal.programs import Programs
from tests import services
from tracker import embedded

HOST = embedded.HOST
SITE = "tracker.example.org"
OUTER_PROXY = "127.0.0.9"  # another proxy before nginx
DEPLOY = embedded.ROOT / "deploy"
# The commands that a broker needs; no configuration, no flush.
RIGHTS = "~* &* +@all -@admin -@dangerous +info"
DAYS = "2"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def password() -> str:
    """A password with characters that are written as %XX in an address."""
    return f"{secrets.token_urlsafe(12)}/@:{secrets.token_urlsafe(4)}"


class Authority:
    """The certificate authority of the rehearsal."""

    def __init__(self, folder: Path, programs: Programs) -> None:
        folder.mkdir()
        folder.chmod(0o755)
        # Debian ships its configuration in another package; this one is enough here.
        settings = folder / "openssl.cnf"
        settings.write_text("[req]\ndistinguished_name = nobody\n[nobody]\n")
        self.folder, self.openssl = folder, ["env", f"OPENSSL_CONF={settings}", *programs.words("openssl")]
        self.certificate, self.key = folder / "ca.crt", folder / "ca.key"
        own = ["-subj", "/CN=Rehearsal", "-days", DAYS, "-addext", "basicConstraints=critical,CA:TRUE"]
        own += ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
        self._run("req", "-x509", *_NEW, "-keyout", self.key, "-out", self.certificate, *own)

    def issue(self, name: str, *names: str) -> tuple[Path, Path]:
        """A certificate for names and addresses (DNS:… and IP:…), and its key."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        request, more = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        more.write_text(f"subjectAltName={','.join(names)}\nextendedKeyUsage=serverAuth\n")
        self._run("req", *_NEW, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        self._run("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                  "-out", certificate, "-days", DAYS, "-extfile", more)  # fmt: skip
        return certificate, key

    def _run(self, *words: Any) -> None:
        subprocess.run([*self.openssl, *map(str, words)], check=True, capture_output=True)


_NEW = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-batch")


class PostgreSQL(services.PostgreSQL):
    """Debian's server, which accepts only TLS, with a role and a database like an installation."""

    LOCALE = ("--locale=C.UTF-8",)

    def __init__(self, programs: Programs, certificate: tuple[Path, Path]) -> None:
        self.found = programs
        super().__init__(services.WITHOUT_DISK | {"ssl": "on", "max_connections": "200"})
        for source, name in zip(certificate, ("server.crt", "server.key"), strict=True):
            shutil.copy(source, self.data / name)
            (self.data / name).chmod(0o600)
            if "user" in self.as_user:
                os.chown(self.data / name, self.as_user["user"], self.as_user["group"])
        (self.data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        self.start()
        self.role = password()
        with psycopg.connect(self.url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as line:
            line.execute(sql.SQL("CREATE ROLE clerk LOGIN PASSWORD {}").format(self.role))
            line.execute("CREATE DATABASE ledger OWNER clerk")

    def _programs(self) -> Path:
        if self.found.libraries:
            self.as_user["env"] = self.found.environment()
        return self.found.path("initdb").parent.parent

    @property
    def port(self) -> int:
        return int(self.options["port"])

    def restart(self) -> None:
        """Restarts as in an upgrade: all connections are closed, and the server is back after some seconds."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        self.process.wait(embedded.GRACE)
        self.start()

    def close(self) -> None:
        if self.process is not None:
            services.stop_postgresql(self.process)
        shutil.rmtree(self.base, ignore_errors=True)


POOLER = """[databases]
ledger = host={host} port={behind} dbname=ledger

[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 4
client_tls_sslmode = require
client_tls_key_file = {key}
client_tls_cert_file = {certificate}
server_tls_sslmode = verify-full
server_tls_ca_file = {authority}
logfile = {folder}/pgbouncer.log
{user}
"""


class Pooler:
    """Debian's pgBouncer in transaction mode, before the PostgreSQL of an installation, with four connections to it."""

    def __init__(
        self,
        folder: Path,
        programs: Programs,
        certificate: tuple[Path, Path],
        authority: Path,
        database: PostgreSQL,
    ) -> None:
        self.port = free_port()
        folder.mkdir(mode=0o700)
        files = {name: folder / name for name in ("pgbouncer.ini", "users.txt", "server.crt", "server.key")}
        for source, name in zip(certificate, ("server.crt", "server.key"), strict=True):
            shutil.copy(source, files[name])
        files["users.txt"].write_text(f'"clerk" "{database.role}"\n')
        is_root = os.geteuid() == 0  # which pgBouncer refuses to remain
        files["pgbouncer.ini"].write_text(
            POOLER.format(
                host=HOST,
                port=self.port,
                behind=database.port,
                folder=folder,
                certificate=files["server.crt"],
                key=files["server.key"],
                authority=authority,
                user="user = nobody" if is_root else "",
            )
        )
        for path in (folder, *files.values()):
            if path.is_file():
                path.chmod(0o600)
            if is_root:
                shutil.chown(path, "nobody", "nogroup")
        log = folder / "output.log"
        self.process = embedded.spawn([*programs.words("pgbouncer"), str(files["pgbouncer.ini"])], log)
        services.wait_for("pgBouncer", self.process, self.listens, log)

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def close(self) -> None:
        embedded.stop(self.process, grace=0)


class Redis:
    """Debian's server: only TLS, a user with a password who cannot change its configuration, and no other user."""

    def __init__(
        self, folder: Path, programs: Programs, certificate: tuple[Path, Path], authority: Path
    ) -> None:
        self.folder, self.port, self.password = folder, free_port(), password()
        self.authority = authority
        folder.mkdir(mode=0o700)
        users = folder / "users.acl"
        users.write_text(f"user default off\nuser clerk on >{self.password} {RIGHTS}\n")
        reach = ["--port", "0", "--bind", HOST, "--tls-port", str(self.port), "--tls-auth-clients", "no"]
        keys = ["--tls-cert-file", str(certificate[0]), "--tls-key-file", str(certificate[1])]
        keys += ["--tls-ca-cert-file", str(authority), "--aclfile", str(users)]
        keep = ["--dir", str(folder), "--appendonly", "yes", "--save", ""]
        self.words = [*programs.words("redis-server"), *reach, *keys, *keep]
        self.start()

    def start(self) -> None:
        log = self.folder / "redis.log"
        self.process = embedded.spawn(self.words, log)
        services.wait_for("Redis", self.process, self.answers, log)

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def client(self, **more: Any) -> redis.Redis:
        """A client with all credentials, unless arguments say otherwise."""
        who: dict[str, Any] = {"username": "clerk", "password": self.password, "ssl": True}
        trust = {"ssl_ca_certs": str(self.authority), "socket_timeout": 2, "retry": Retry(NoBackoff(), 0)}
        return redis.Redis(host=HOST, port=self.port, **(who | trust | more))

    def restart_empty(self) -> None:
        """Kills it, and restarts it without its data on disk."""
        embedded.stop(self.process, grace=0)
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
        self.start()

    def close(self) -> None:
        embedded.stop(self.process, grace=0)


MAIN = """daemon off;
pid {folder}/nginx.pid;
{user}
worker_processes 2;
events {{ worker_connections 512; }}
http {{
    include {types};
    default_type application/octet-stream;
    sendfile on;
    {temporary}
    include {site};
}}
"""


class Nginx:
    """Debian's server with the site of `deploy/nginx`, in which only ports, folders and hosts are replaced.

    The replacements are `places`; each must occur in the file.
    """

    def __init__(
        self, folder: Path, programs: Programs, certificate: tuple[Path, Path], static: Path
    ) -> None:
        self.folder, self.programs = folder, programs
        self.port, self.plain_port, self.figures_port = free_port(), free_port(), free_port()
        for part in (folder, folder / "log", folder / "temporary"):
            part.mkdir()
            part.chmod(0o755)
        shutil.copytree(DEPLOY / "nginx" / "pages", folder / "pages")
        self.certificate, self.static = certificate, static
        self.configuration = folder / "nginx.conf"
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "\n    ".join(f"{kind}_temp_path {folder}/temporary/{kind};" for kind in kinds)
        self.configuration.write_text(
            MAIN.format(
                folder=folder,
                user="user nobody nogroup;" if os.geteuid() == 0 else "",
                types=programs.file("/etc/nginx/mime.types"),
                temporary=temporary,
                site=folder / "site.conf",
            )
        )
        self.words = [
            *programs.words("nginx"),
            "-e",
            str(folder / "log" / "start.log"),
            "-c",
            str(self.configuration),
        ]

    def site(self, upstream: Sequence[int]) -> str:
        """The site file with ports and folders of this run.

        Raises:
            AssertionError: a text to be replaced is not in the file.
        """
        text = (DEPLOY / "nginx" / "tracker.conf").read_text()
        text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)  # a machine may have no IPv6
        places = {
            r"listen 80\b": f"listen {HOST}:{self.plain_port}",
            r"listen 443\b": f"listen {HOST}:{self.port}",
            r"listen 127\.0\.0\.1:9112": f"listen {HOST}:{self.figures_port}",
            r"proxy_pass http://127\.0\.0\.1:8001": f"proxy_pass http://{HOST}:{upstream[0]}",
            r"/etc/tracker/web\.crt": str(self.certificate[0]),
            r"/etc/tracker/web\.key": str(self.certificate[1]),
            r"/var/log/nginx/": f"{self.folder}/log/",
            r"/var/lib/tracker/staticfiles/": f"{self.static}/",
            r"/srv/tracker/deploy/nginx/pages/": f"{self.folder}/pages/",
            r"#set_real_ip_from 192\.0\.2\.5": f"set_real_ip_from {OUTER_PROXY}",
            "#real_ip_header": "real_ip_header",
            r"server 127\.0\.0\.1:8001": f"server {HOST}:{upstream[0]}",
            r"server 127\.0\.0\.1:8002": f"server {HOST}:{upstream[-1]}",
        }
        for place, ours in places.items():
            text, times = re.subn(place, ours, text)
            assert times, f"{place} is not in deploy/nginx/tracker.conf"
        if len(set(upstream)) == 1:  # listed twice, it would get twice the requests
            text = re.sub(rf"(    server {HOST}:{upstream[0]} .*\n)\1", r"\1", text)
        return text

    def test(self, upstream: Sequence[int]) -> str:
        """The output of `nginx -t`; empty if the configuration is valid."""
        (self.folder / "site.conf").write_text(self.site(upstream))
        done = subprocess.run([*self.words, "-t", "-q"], check=False, capture_output=True, text=True)
        return (done.stderr + done.stdout).strip() or ("it failed" if done.returncode else "")

    def start(self) -> None:
        log = self.folder / "log" / "output.log"
        self.process = embedded.spawn(self.words, log)
        services.wait_for("nginx", self.process, self.listens, log)

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def close(self) -> None:
        embedded.stop(self.process)
