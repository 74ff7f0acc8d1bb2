"""Where the addresses of style sheets, scripts and pictures come from."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedFiles(CompressedManifestStaticFilesStorage):
    """Files as `collectstatic` has gathered them: a digest in the name, so that browsers may keep them for good.

    What was not gathered keeps its plain name: all of it where the command never ran, as on a developer's machine,
    and a new file after an upgrade that left the command out. Whitenoise then serves it from the folders of the
    product; a page without a style sheet would be worse than one that is asked for anew.
    """

    def stored_name(self, name: str) -> str:
        gathered: str = self.hashed_files.get(self.hash_key(self.clean_name(name)), name)
        return gathered
