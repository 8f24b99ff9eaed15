"""Runs VBA functions under LibreOffice's VBA support. For the Python that has ``uno`` (Debian: python3-uno).

Arguments: paths of .bas files. Each line of standard input: JSON with ``calls`` ([module, function, arguments]) and
``cells`` (rows to put into a sheet, formulas begin with =), done in a new document. Each line of standard output: JSON
with ``results`` of the calls, in order, an error as {"error": its text}, and ``texts`` of the cells as shown.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="office-") as profile:
        pipe = f"arcane{os.getpid()}"
        office = subprocess.Popen(
            [
                "soffice", "--headless", "--norestore", "--nologo", f"-env:UserInstallation=file://{profile}",
                f"--accept=pipe,name={pipe};urp;",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            desktop = connected(pipe, office)
            for line in sys.stdin:
                print(json.dumps(run(desktop, sys.argv[1:], json.loads(line))), flush=True)
        finally:
            office.terminate()
            office.wait(20)


def connected(pipe: str, office: subprocess.Popen[bytes]) -> Any:
    """The desktop of the office that was started, once it listens."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(240):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except Exception:
            if office.poll() is not None:
                break
            time.sleep(0.25)
    raise SystemExit("LibreOffice did not start")


def run(desktop: Any, modules: list[str], asked: dict[str, Any]) -> dict[str, Any]:
    document = desktop.loadComponentFromURL(
        "private:factory/scalc", "_blank", 0, (said("Hidden", True), said("MacroExecutionMode", 4))
    )
    libraries = document.BasicLibraries
    libraries.VBACompatibilityMode = True
    library = (
        libraries.getByName("Standard") if libraries.hasByName("Standard") else libraries.createLibrary("Standard")
    )
    for name in modules:
        source = Path(name).read_bytes().decode("cp1252").replace("\r\n", "\n")
        source = re.sub(r"^Attribute .*\n", "", source, flags=re.M)
        library.insertByName(Path(name).stem, "Option VBASupport 1\n" + source)
    provider = document.getScriptProvider()

    def called(module: str, function: str, arguments: list[Any]) -> Any:
        script = provider.getScript(
            f"vnd.sun.star.script:Standard.{module}.{function}?language=Basic&location=document"
        )
        try:
            result, _, out = script.invoke(tuple(tupled(one) for one in arguments), (), ())
        except Exception as refused:
            return {"error": str(getattr(refused, "Message", refused))}
        return {"result": plain(result), "out": [plain(one) for one in out]} if out else plain(result)

    results = [called(*one) for one in asked["calls"]]
    sheet = document.Sheets.getByIndex(0)
    for r, row in enumerate(asked.get("cells", [])):
        for c, value in enumerate(row):
            cell = sheet.getCellByPosition(c, r)
            if isinstance(value, str) and value.startswith("="):
                cell.Formula = value
            elif isinstance(value, str):
                cell.String = value
            elif value is not None:
                cell.Value = value
    document.calculateAll()
    texts = [
        [sheet.getCellByPosition(c, r).String for c in range(len(row))] for r, row in enumerate(asked.get("cells", []))
    ]
    document.close(True)
    return {"results": results, "texts": texts}


def said(name: str, value: Any) -> Any:
    one = PropertyValue()
    one.Name, one.Value = name, value
    return one


def tupled(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(tupled(one) for one in value)
    return float(value) if type(value) is int else value  # VBA takes a whole number from UNO for 0


def plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool | type(None)) else repr(value)


main()
