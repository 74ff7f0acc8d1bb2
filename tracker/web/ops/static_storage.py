"""Addresses of style sheets, scripts and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

FILES, FOLDERS = 0o644, 0o755  # permissions


class CollectedFiles(CompressedManifestStaticFilesStorage):
    """Files as collected by `collectstatic`, with a digest in the name so that browsers can cache them for good.

    A file that was not collected keeps its plain name: on a developer's machine, or after an upgrade without
    `collectstatic`. Whitenoise then serves it from the source folders, so that no page lacks its style sheet.

    Everybody may read them, because nginx serves them; the umask of the tracker is for all else that it writes.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        for_all = {"file_permissions_mode": FILES, "directory_permissions_mode": FOLDERS}
        super().__init__(*args, **for_all | options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        for name, compressed in super().compress_files(paths):
            Path(self.path(compressed)).chmod(FILES)
            yield name, compressed

    def stored_name(self, name: str) -> str:
        gathered: str = self.hashed_files.get(self.hash_key(self.clean_name(name)), name)
        return gathered
