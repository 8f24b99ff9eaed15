"""Make build/arcane-function.zip: what Cloud Run functions builds and runs. The same sources give the same bytes.

It holds main.py, requirements.txt (every version and hash of deploy/requirements.lock) and the package arcane, with the
dashboard's pages: job and dashboard run the same image.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
TARGET: Final = ROOT / "build" / "arcane-function.zip"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def package(target: Path = TARGET) -> str:
    """Write the zip; returns its SHA-256."""
    files = {"main.py": ROOT / "deploy" / "main.py", "requirements.txt": ROOT / "deploy" / "requirements.lock"}
    sources = ROOT / "src"
    written = [path for path in sources.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    files |= {path.relative_to(sources).as_posix(): path for path in written}
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name].read_bytes(), zipfile.ZIP_DEFLATED, 9)
    return hashlib.sha256(target.read_bytes()).hexdigest()


if __name__ == "__main__":
    print(f"{package()}  {TARGET.relative_to(ROOT)} ({TARGET.stat().st_size / 1024:.0f} KiB)")
