"""The file of a backup: a zip with a copy of the database and a manifest signed with SECRET_KEY."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.core import signing

VERSION = 2
MANIFEST, DATABASE = "manifest", "database"
OLD_MANIFEST = "manifest.json"  # of the format before this one
SIGNER = signing.Signer(salt="tracker.ops.backups")
FAST = 1  # level of compression
# The data of these tables is left out: sessions end with a restore, and failed sign-ins are counted for minutes.
LEFT_OUT = (
    "django_session",
    "axes_accessattempt",
    "axes_accessattemptexpiration",
    "axes_accessfailurelog",
    "axes_accesslog",
)
Node = tuple[str, str]


class BackupError(Exception):
    """A backup cannot be made or restored. The text is shown to the person who runs the command."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says about itself.

    Attributes:
        engine: the database that it was made from: "sqlite" or "postgresql".
        taken_at: the time of the backup; what was sent later is not in it.
        program: the version of the tracker that made it.
        migrations: those that the database had seen, as (app, name).
        tables: the number of rows of each table.
    """

    engine: str
    taken_at: datetime
    program: str
    migrations: frozenset[Node]
    tables: dict[str, int]


def write(path: Path, manifest: Manifest, database: Path) -> None:
    """Writes a backup that only its owner may read."""
    with database.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    content = {
        "version": VERSION,
        "engine": manifest.engine,
        "taken_at": manifest.taken_at.astimezone(UTC).isoformat(timespec="seconds"),
        "program": manifest.program,
        "migrations": sorted(manifest.migrations),
        "tables": manifest.tables,
        "sha256": digest,
    }
    path.touch(mode=0o600)
    with path.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as archive:
            archive.writestr(MANIFEST, SIGNER.sign(json.dumps(content, indent=1)))
            archive.write(database, DATABASE)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def unpacked(path: Path, *, other_key: bool) -> Iterator[tuple[Manifest, Path]]:
    """The manifest of a backup and the copy of the database in it, which is removed at the end.

    Args:
        other_key: whether a file signed with another SECRET_KEY is accepted.

    Raises:
        BackupError: the file is no backup, is damaged, was changed, or has another format.
        OSError: it cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="tracker-restore-") as folder:
        with path.open("rb") as file:
            try:
                with zipfile.ZipFile(file) as archive:
                    manifest, digest = _read_manifest(archive, path, other_key=other_key)
                    copy = Path(archive.extract(DATABASE, folder))
            # The last two: encrypted, packed by an unknown method, or no text where the manifest should be.
            except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, ValueError) as error:
                raise BackupError(f"{path} is not a backup, or it is damaged: {error}.") from error
        with copy.open("rb") as database:
            if hashlib.file_digest(database, "sha256").hexdigest() != digest:
                raise BackupError(
                    f"{path}: the copy of the database is not the one that the manifest describes."
                )
        yield manifest, copy


def _read_manifest(archive: zipfile.ZipFile, path: Path, *, other_key: bool) -> tuple[Manifest, str]:
    """The manifest, and the SHA-256 of the copy of the database."""
    if OLD_MANIFEST in archive.namelist():
        raise BackupError(
            f"{path} has the format of earlier releases. Restore it with the release of the tracker that made it, then "
            f"upgrade as docs/backups.md says."
        )
    text = archive.read(MANIFEST).decode()
    try:
        SIGNER.unsign(text)
    except signing.BadSignature:
        if not other_key:
            raise BackupError(
                f"{path} was changed, or it was made with another SECRET_KEY. If it comes from a person you trust, set "
                f"that SECRET_KEY, or add --other-key."
            ) from None
    try:
        content = json.loads(text.rpartition(SIGNER.sep)[0])
        if content["version"] != VERSION:
            raise BackupError(
                f"{path} has version {content['version']} of the format; this program reads version {VERSION}."
            )
        manifest = Manifest(
            content["engine"],
            datetime.fromisoformat(content["taken_at"]),
            content["program"],
            frozenset((app, name) for app, name in content["migrations"]),
            {str(name): int(rows) for name, rows in content["tables"].items()},
        )
        return manifest, content["sha256"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BackupError(f"{path}: the manifest is damaged.") from error
