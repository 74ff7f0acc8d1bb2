"""Checks of the files in `deploy/` that need no running servers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from rehearsal.programs import Programs
from rehearsal.report import Report, Wrong, holds
from rehearsal.servers import DEPLOY
from rehearsal.units import UNITS, placed

TOOLS = Path(sys.executable).parent
YAML = "{extends: default, rules: {line-length: {max: 140}}}"
# The limit for systemd's exposure score of the main units, from 0 to 100 (unprotected).
MOST_EXPOSED = 2.0


def check(report: Report, folder: Path, programs: Programs) -> None:
    with report.check("Containerfile: hadolint"):
        said(str(TOOLS / "hadolint"), str(DEPLOY / "Containerfile"))
    with report.check("compose.yaml: yamllint and compose-lint"):
        said(str(TOOLS / "yamllint"), "--strict", "-d", YAML, str(DEPLOY / "compose.yaml"))
        said(str(TOOLS / "compose-lint"), "check", str(DEPLOY / "compose.yaml"))
    with report.check("prometheus/rules.yml: yamllint, promtool, and each alarm tried"):
        said(str(TOOLS / "yamllint"), "--strict", "-d", YAML, str(DEPLOY / "prometheus" / "rules.yml"))
        said(*programs.words("promtool"), "test", "rules", str(Path(__file__).with_name("prometheus.yml")))
    units = unpacked_units(folder)
    within = {"SYSTEMD_UNIT_PATH": f"{units}:{programs.file('/usr/lib/systemd/system')}"}
    names = sorted(path.name for path in units.glob("*.*") if path.is_file())
    names = [name.replace("@.", "@8001.") for name in names]
    analyze = programs.words("systemd-analyze")
    with report.check("units: systemd-analyze verify") as notes:
        told = said(*analyze, "verify", "--man=no", *names, **within)
        holds(not told, told)
        notes.append(", ".join(names))
    with report.check("units: systemd-analyze security") as notes:
        for name in names:
            if name.endswith(".service"):
                told = said(*analyze, "security", "--offline=yes", "--no-pager", name, **within)
                exposed = re.search(r"exposure level for \S+: ([\d.]+)", told)
                holds(exposed and float(exposed[1]) <= MOST_EXPOSED, told[-200:])
                notes.append(f"{name} {exposed[1] if exposed else '?'}")


def said(*words: str, **environment: str) -> str:
    """The output of a program that finds no error.

    Raises:
        Wrong: it found one.
    """
    done = subprocess.run(
        list(words), check=False, capture_output=True, text=True, env=dict(os.environ) | environment
    )
    if done.returncode:
        raise Wrong(f"{words[0].rpartition('/')[2]}: {(done.stdout + done.stderr).strip()[-2000:]}")
    return (done.stdout + done.stderr).strip()


def unpacked_units(folder: Path) -> Path:
    """The units with the folders of this machine, so that the programs that they start exist."""
    target = folder / "units"
    for path in UNITS.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(UNITS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(placed(path.read_text(), folder / "first"))
    return target
