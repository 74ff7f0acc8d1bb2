"""One host behind nginx, as seen by a visitor, an attacker, an operator and a State's mailbox."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import secrets
import socket
import ssl
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import psycopg
import redis
import urllib3
from kombu import Connection
from kombu.exceptions import OperationalError

from faults.judge import judge
from faults.place import wait_until
from rehearsal import files
from rehearsal.client import ORIGIN, Client, place, text
from rehearsal.installation import Installation
from rehearsal.report import Report, Wrong, holds
from rehearsal.servers import HOST, OUTER_PROXY, SITE, Authority
from rehearsal.units import Web, command
from tests import services
from tracker import embedded, environment

SETTINGS = {
    "REMINDERS_APPROVAL": "automatic",
    "REMINDERS_DAYS": "mon-sun",
    "REMINDERS_HOURS": "0-24",
    "FOUR_EYES": "off",
    "LOG_FORMAT": "json",
    "METRICS_TOKEN": secrets.token_urlsafe(32),
}
COLD_START = 3.0  # seconds
A_SECRET = f"{secrets.token_hex(8)}-{secrets.token_hex(8)}"
STATES, CONTACTS = 6, 2
PEOPLE = 10
EXPORTS = ("/obligations/?_export=csv", "/states/?_export=csv")


def run(report: Report) -> None:
    """Runs all checks, one after another."""
    what = "an installation: certificates, PostgreSQL, Redis, tables, files, a person"
    with report.check(what) as notes:
        installation = Installation(SETTINGS)
        notes.append(", ".join(versions(installation)))
    if what in report.wrong:
        return
    try:
        one_host(report, installation)
    finally:
        closed(report, installation, "one")


def closed(report: Report, installation: Installation, part: str) -> None:
    """Ends an installation; keeps its logs if a check failed."""
    if report.wrong:
        print(f"      the logs are in {installation.keep_logs(part)}", flush=True)
    installation.close()


def versions(installation: Installation) -> list[str]:
    programs = installation.programs
    nginx = subprocess.run(
        [*programs.words("nginx"), "-v"], check=True, capture_output=True, text=True
    ).stderr
    server = services.version_of(programs.path("postgres"), env=programs.environment())
    return [
        server.rpartition(" (Debian")[0] or server,
        " ".join(
            services.version_of(Path(programs.words("redis-server")[-1]), env=programs.environment()).split()[
                :3
            ]
        ),
        nginx.strip().rpartition(": ")[2],
    ]


def one_host(report: Report, installation: Installation) -> None:
    host = installation.first
    files.check(report, installation.folder, installation.programs)
    with report.check("manage.py check --deploy --fail-level WARNING"):
        done = host.manage("check", "--deploy", "--fail-level", "WARNING")
        holds(done.returncode == 0, done.stderr)
    web = host.web()
    installation.keep(web)
    with report.check("nginx -t, and the site"):
        installation.open_nginx(web.port)
    with report.check(
        "gunicorn, started by its unit with a socket, notifies that it is ready and responds"
    ) as notes:
        cold_start(web, notes)
    visitors(report, installation)
    secrets_and_uploads(report, installation)
    refusals(report, installation)
    reminders(report, installation)
    jobs(report, installation)
    pooled(report, installation, web)
    with report.check("worker, beat and web stop on SIGTERM") as notes:
        for unit in reversed(installation.services):
            notes.append(f"{unit.unit} {unit.stop():.1f} s")
    with report.check("nginx shows an error page when no web process responds, and logs no secrets"):
        web.socket.close()
        client = Client(installation.nginx.port, installation.authority.certificate)
        answer = client.get("/")
        holds(answer.status == 502 and "The tracker does not answer" in text(answer), text(answer))
        client.get(f"/answer/{A_SECRET}/")
        client.get(f"/confirm/{A_SECRET}/")
        client.get(f"/welcome/MQ/{A_SECRET}/")
        client.get(f"/calendar.ics?token={A_SECRET}")
        keeps_secrets(installation)


def cold_start(web: Web, notes: list[str]) -> None:
    """The time from the start of the process to the first response, which reads database and templates.

    The limit applies to processor seconds, because elapsed time also depends on other programs.
    """
    began = time.monotonic()
    ready = web.start()
    with closing(http.client.HTTPConnection(HOST, web.port, timeout=30)) as line:
        line.request("GET", "/login/", headers={"Host": SITE, "X-Forwarded-Proto": "https"})
        answer = line.getresponse()
        holds(answer.status == 200 and b"<form" in answer.read(), answer.status)
    took = time.monotonic() - began
    assert web.process is not None
    first = psutil.Process(web.process.pid)
    spent = sum(sum(one.cpu_times()[:2]) for one in (first, *first.children()))
    notes.append(f"ready after {ready:.2f} s, first page after {took:.2f} s, {spent:.2f} s of a processor")
    holds(min(took, spent) < COLD_START, f"{took:.2f} s, of which {spent:.2f} s of a processor")


# --- visitors ---------------------------------------------------------------------------------------


def visitors(report: Report, installation: Installation) -> None:
    nginx, trusted = installation.nginx, installation.authority.certificate

    def visitor(address: str = HOST) -> Client:
        return Client(nginx.port, trusted, address)

    with report.check("a page over https: its headers"):
        headers = visitor().get("/login/").headers
        holds(headers["Strict-Transport-Security"].startswith("max-age=31536000"), dict(headers))
        holds("default-src 'self'" in headers["Content-Security-Policy"], dict(headers))
        holds("unsafe" not in headers["Content-Security-Policy"], dict(headers))
        holds(
            headers["X-Frame-Options"] == "DENY" and headers["X-Content-Type-Options"] == "nosniff",
            dict(headers),
        )
        holds(
            {"Secure", "HttpOnly", "SameSite=Lax"} <= set(headers["Set-Cookie"].split("; ")),
            headers["Set-Cookie"],
        )
        holds(headers["Server"] == "nginx", headers["Server"])

    with report.check("http redirects to https"):
        answer = plain(nginx.plain_port, SITE)
        holds(
            (answer.status, answer.headers["Location"]) == (301, f"{ORIGIN}/states/NOR/?q=1"), answer.headers
        )

    with report.check("only TLS 1.2 and 1.3"):
        old = ssl.create_default_context(cafile=str(trusted))
        with closing(handshake(nginx.port, SITE, old)) as line:
            holds(line.version() in ("TLSv1.2", "TLSv1.3"), line.version())
        ask = [*installation.programs.words("openssl"), "s_client", "-cipher", "DEFAULT@SECLEVEL=0"]
        ask += ["-servername", SITE, "-connect", f"{HOST}:{nginx.port}"]
        for version, works in (("-tls1_1", False), ("-tls1_2", True)):
            done = subprocess.run(
                [*ask, version], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
            )
            holds((done.returncode == 0) is works, done.stderr[-300:])

    with report.check("another host name is refused, in the handshake and after it"):
        trust = ssl.create_default_context(cafile=str(trusted))
        refused(lambda: handshake(nginx.port, "evil.example.org", trust), "unrecognized name")
        holds(visitor().get("/login/", Host="evil.example.org").status == 421, "an answer")
        holds(plain(nginx.plain_port, "evil.example.org").status == 421, "an answer")

    with report.check("health, with the broker over TLS; metrics only on the host itself"):
        answer = visitor().get("/healthz")
        holds(answer.status == 200 and answer.json()["broker"] == "ok", text(answer))
        holds(visitor().get("/metrics").status == 404, "an answer")
        with closing(http.client.HTTPConnection(HOST, nginx.figures_port, timeout=10)) as line:
            line.request("GET", "/metrics", headers={"Authorization": f"Bearer {SETTINGS['METRICS_TOKEN']}"})
            figures = line.getresponse().read()
        holds(b'tracker_requests_total{method="GET"' in figures, figures[:500])
        number = visitor().get("/healthz/ready").headers["X-Request-ID"]
        log = nginx.folder / "log" / "tracker.access.log"  # written after the response was sent
        wait_until(
            lambda: f'"request_id":"{number}"' in log.read_text(), f"the line of request {number}", patience=5
        )

    with report.check("a user signs in"):
        client = visitor("127.0.0.2")
        answer = client.sign_in("ada", installation.password)
        holds((answer.status, place(answer)) == (302, "/"), answer.status)
        holds("Secure" in answer.headers.getlist("Set-Cookie")[-1], answer.headers)
        holds(client.get("/obligations/").status == 200, "no list")

    with report.check("wrong passwords count for the client's address, whatever X-Forwarded-For it sends"):
        visitor("127.0.0.3").sign_in(
            "ada", "wrong", X_Forwarded_For="203.0.113.77", Forwarded="for=203.0.113.78"
        )
        holds(counted(installation) == {"127.0.0.3"}, counted(installation))

    with report.check("behind another proxy, wrong passwords count for the visitor's address"):
        visitor(OUTER_PROXY).sign_in("ada", "wrong", X_Forwarded_For="203.0.113.77, 203.0.113.9")
        holds("203.0.113.9" in counted(installation), counted(installation))

    with report.check("nginx limits a client that sends many passwords, and no others"):
        client = visitor("127.0.0.4")
        page = client.get("/login/")
        many = [client.ask("POST", "/login/", fields={"username": "x"}) for _ in range(30)]
        holds({answer.status for answer in many} == {403, 429}, {answer.status for answer in many})
        holds("Too many requests" in text(many[-1]), text(many[-1]))
        holds(page.status == 200 and visitor("127.0.0.5").get("/login/").status == 200, "no page")
        holds(client.get("/login/").status == 200, "no page")

    with report.check("static files: named by digest, cached for good, compressed, served by nginx"):
        page = text(visitor().get("/login/"))
        sheet = re.search(r'href="(/static/css/base\.[0-9a-f]{12}\.css)"', page)
        assert sheet is not None, page[:2000]
        answer = visitor().ask(
            "GET", sheet[1], headers={"Accept-Encoding": "gzip"}, decode_content=False, preload_content=False
        )
        body = answer.read(decode_content=False)
        holds(answer.headers["Content-Encoding"] == "gzip", answer.headers)
        holds("immutable" in answer.headers["Cache-Control"], answer.headers)
        original = (embedded.ROOT / "static/css/base.css").read_bytes()
        holds(gzip.decompress(body) == original and len(body) < len(original) / 2, len(body))
        plainly = visitor().get("/static/css/base.css").headers["Cache-Control"]
        holds(plainly == "public, max-age=60", plainly)
        whole = visitor().ask("GET", "/login/", headers={"Accept-Encoding": "gzip"}).headers
        holds(whole.get("Content-Encoding") == "gzip", whole)


def plain(port: int, host: str) -> Any:
    return urllib3.request(
        "GET", f"http://{HOST}:{port}/states/NOR/?q=1", headers={"Host": host}, redirect=False, retries=False
    )


def handshake(port: int, name: str, trust: ssl.SSLContext) -> ssl.SSLSocket:
    line = socket.create_connection((HOST, port), timeout=10)
    return trust.wrap_socket(line, server_hostname=name)


def refused(attempt: Callable[[], Any], words: str) -> None:
    """Checks that a connection is refused.

    Raises:
        Wrong: it was accepted, or refused for another reason.
    """
    try:
        attempt()
    except (OSError, psycopg.OperationalError, redis.RedisError, OperationalError) as error:
        if words.lower() not in str(error).lower().replace("_", " "):
            raise Wrong(f"refused, but: {error}") from None
    else:
        raise Wrong("not refused")


def query(installation: Installation, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(installation.first.environment["DATABASE_URL"]) as line:
        return line.execute(statement).fetchall()  # type: ignore[arg-type]


def counted(installation: Installation) -> set[str]:
    """The addresses for which wrong passwords are counted."""
    return {str(row[0]) for row in query(installation, "SELECT ip_address FROM axes_accessattempt")}


# --- secrets and uploads ------------------------------------------------------------------------------


def secrets_and_uploads(report: Report, installation: Installation) -> None:
    client = Client(installation.nginx.port, installation.authority.certificate, "127.0.0.6")
    client.sign_in("ada", installation.password)

    with report.check(
        "a file that is too large: refused by the tracker, and by nginx if it is much too large"
    ):
        for megabytes, status, words in ((5.5, 200, "at most"), (8, 413, "This file is too large")):
            file = ("states.csv", b"iso3,name\n" + b"x" * int(megabytes * 1_000_000), "text/csv")
            answer = client.post("/imports/upload/", {"table": "states", "file": file}, page="/imports/")
            holds(
                answer.status in (status, 422, 400) and words in text(answer),
                (answer.status, text(answer)[:3000]),
            )
            holds(megabytes < 6 or answer.status == status, answer.status)

    with report.check("no secret is in any log"):
        client.get(f"/answer/{A_SECRET}/?again={A_SECRET}")
        client.get(f"/confirm/{A_SECRET}/?again={A_SECRET}")
        client.get(f"/welcome/MQ/{A_SECRET}/")
        client.get(f"/calendar.ics?token={A_SECRET}")
        client.get(f"/static/none.css?x={A_SECRET}", Referer=f"{ORIGIN}/answer/{A_SECRET}/")
        for _ in range(35):
            client.get(f"/answer/{A_SECRET}/")  # until nginx refuses; it would log that elsewhere
        lines = (installation.nginx.folder / "log" / "tracker.access.log").read_text()
        for path in ("/answer/…", "/confirm/…", "/welcome/…", "/calendar.ics"):
            holds(f'"path":"{path}"' in lines, lines[-2000:])
        holds('"status":"429"' in lines, lines[-2000:])
        keeps_secrets(installation)


def keeps_secrets(installation: Installation) -> None:
    for log in (*installation.nginx.folder.glob("log/*"), *installation.folder.glob("first-*.log")):
        lines = [line for line in log.read_text(errors="replace").splitlines() if A_SECRET in line]
        holds(not lines, f"{log.name}: {lines[:1]}")


# --- access to the servers ----------------------------------------------------------------------------


def refusals(report: Report, installation: Installation) -> None:
    url = installation.first.environment["DATABASE_URL"]
    another = Authority(installation.folder / "stranger", installation.programs).certificate
    trusted = str(installation.authority.certificate)

    with report.check(
        "PostgreSQL: no password, a wrong one, no TLS, another authority, another name: all refused"
    ):
        quoted = url.split("@")[0].split(":")[-1]
        refused(lambda: psycopg.connect(url.replace(f":{quoted}@", "@")), "no password")
        refused(lambda: psycopg.connect(url.replace(quoted, "wrong")), "password authentication failed")
        refused(lambda: psycopg.connect(url.replace("verify-full", "disable")), "no encryption")
        refused(lambda: psycopg.connect(url.replace(trusted, str(another))), "certificate verify failed")
        refused(
            lambda: psycopg.connect(url.replace("@127.0.0.1", "@localhost")),
            'not match host name "localhost"',
        )
        found = query(installation, "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        holds(found == [("TLSv1.3",)], found)

    with report.check("Redis: no password, a wrong one, no TLS, another authority, no rights: all refused"):
        server = installation.redis
        refused(lambda: server.client(username=None, password=None).ping(), "authenticated")
        refused(lambda: server.client(password="wrong").ping(), "invalid username-password")  # noqa: S106
        refused(lambda: server.client(ssl=False, ssl_ca_certs=None, socket_timeout=0.5).ping(), "")
        refused(lambda: server.client(ssl_ca_certs=str(another)).ping(), "certificate verify failed")
        refused(lambda: server.client().config_get("requirepass"), "no permissions")
        refused(lambda: server.client().flushall(), "no permissions")

    with report.check("Celery trusts only the machine's authorities if no other is set"):
        address = environment.broker.value(
            "REDIS_URL", installation.first.environment["REDIS_URL"].partition("?")[0]
        )
        once = {"max_retries": 1, "interval_start": 0}
        refused(
            lambda: Connection(address, transport_options=once).default_channel, "certificate verify failed"
        )


# --- work ---------------------------------------------------------------------------------------------


def reminders(report: Report, installation: Installation) -> None:
    host = installation.first
    worker, beat = host.worker(), host.beat()
    with report.check(
        "worker and beat, started by their units: a scan over TLS, mail at the server"
    ) as notes:
        planned = installation.run(
            "make", database="ledger", states=STATES, contacts=CONTACTS, due=["2026-01-05"], on="2026-01-05"
        )
        for unit in (worker, beat):
            installation.keep(unit)
            unit.start()
        words = [sys.executable, "-m", "celery", "--app", "tracker", "call", "tracker.reminders.tasks.scan"]
        subprocess.run(words, cwd=embedded.ROOT, env=host.environment, check=True, capture_output=True)
        try:
            wait_until(lambda: len(installation.sink.ask()["accepted"]) >= planned, f"{planned} mails")
            wait_until(lambda: len(ended(installation)) > 0, "the end of the scan")
        except TimeoutError as error:
            raise Wrong(f"{error}; {host.log('worker').read_text()[-2000:]}") from None
        found = judge(
            installation.run("ledger", database="ledger"),
            installation.sink.ask()["accepted"],
            planned=planned,
        )
        holds(not found.wrong and planned == STATES * CONTACTS, found.wrong)
        holds(worker.runs and beat.runs, (worker.runs, beat.runs))
        notes.append(str(found))


def jobs(report: Report, installation: Installation) -> None:
    """The jobs that the timers start."""
    state, programs = installation.first.state, installation.programs
    path = f"{programs.path('pg_dump').parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**installation.first.environment, "PATH": path}
    if programs.libraries:
        environment["LD_LIBRARY_PATH"] = programs.libraries

    def started(unit: str) -> subprocess.CompletedProcess[str]:
        words, own = command(unit, state, environment)
        return subprocess.run(words, cwd=embedded.ROOT, env=own, check=False, capture_output=True, text=True)

    with report.check("the nightly backup, by its unit, twice"):
        (state / "backups").mkdir(mode=0o700)
        for _ in range(2):
            done = started("tracker-backup")
            holds(done.returncode == 0, done.stderr[-500:])
        files = list((state / "backups").iterdir())
        holds([file.suffix for file in files] == [".zip"] and files[0].stat().st_mode & 0o777 == 0o600, files)
        holds(zipfile.is_zipfile(files[0]), files)

    with report.check("watch, by its unit"):
        done = started("tracker-watch")
        holds(done.returncode == 0, done.stdout + done.stderr[-500:])

    with report.check("that backup is restored into a new database, by the role of the installation"):
        with psycopg.connect(
            installation.database.url.rsplit("/", 1)[0] + "/postgres", autocommit=True
        ) as line:
            line.execute("CREATE DATABASE restored OWNER clerk TEMPLATE template0")
        environment["DATABASE_URL"] = environment["DATABASE_URL"].replace("/ledger?", "/restored?")
        done = installation.first.manage("restore", str(files[0]), **environment)
        holds(done.returncode == 0 and "rows were restored" in done.stderr, done.stderr[-500:])


def pooled(report: Report, installation: Installation, web: Web) -> None:
    """A host whose database is behind pgBouncer in transaction mode."""
    with report.check("a host behind pgBouncer in transaction mode loads the shipped records"):
        host = installation.host("pooled", database=installation.open_pooler().port)
        done = host.manage("load_registry")
        holds(done.returncode == 0, done.stderr[-500:])
        other = host.web()
        installation.keep(other)
        other.start()

    with report.check(
        "behind pgBouncer: ten people export at once, and everybody gets each row once"
    ) as notes:
        holds(not installation.nginx.test([other.port]), "nginx -t fails")
        installation.nginx.reload()
        people = [Client(installation.nginx.port, installation.authority.certificate) for _ in range(PEOPLE)]
        wait_until(lambda: people[0].sign_in("ada", installation.password).status == 302, "a sign-in")
        for person in people:
            person.cookies = people[0].cookies
        expected = {path: exported(people[0], path) for path in EXPORTS}
        holds(min(map(len, expected.values())) > 100, {path: len(rows) for path, rows in expected.items()})
        with ThreadPoolExecutor(PEOPLE) as at_once:
            asked_for = list(EXPORTS) * PEOPLE
            found = list(at_once.map(exported, people * len(EXPORTS), asked_for))
        wrong = [path for path, rows in zip(asked_for, found, strict=True) if rows != expected[path]]
        holds(not wrong, f"{len(wrong)} of {len(found)} exports differ: {sorted(set(wrong))}")
        notes.append(f"{len(found)} exports")

    with report.check("behind pgBouncer: a backup is refused in one line"):
        done = host.manage("backup", str(host.state / "backup.zip"))
        holds(done.returncode and "address of PostgreSQL itself" in done.stderr, done.stderr[-500:])
        holds(len(done.stderr.strip().splitlines()) == 1, done.stderr[-500:])

    holds(not installation.nginx.test([web.port]), "nginx -t fails")
    installation.nginx.reload()


def exported(person: Client, path: str) -> list[str]:
    """The lines of an export.

    Raises:
        Wrong: it failed, or has a line twice.
    """
    answer = person.get(path)
    lines = text(answer).splitlines()
    holds(answer.status == 200, f"{answer.status} for {path}")
    holds(len(set(lines)) == len(lines), f"{len(lines)} lines of {path}, {len(set(lines))} different ones")
    return lines


def ended(installation: Installation) -> list[tuple[Any, ...]]:
    return query(installation, "SELECT 1 FROM reminders_scanrun WHERE finished_at IS NOT NULL")
