"""The schema of Terraform's google provider, out of the JavaScript in the wheel of cdktn-provider-google.

    python schema.py OUT.json TYPE…      the resources and data sources named, and the provider itself

The bindings state, for every argument, its type and whether it is required, optional or computed. What comes out has
the shape of `terraform providers schema -json`.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import sys
import tarfile
from importlib import metadata
from pathlib import Path
from typing import Any

VERSION = "8.7.0"
_TYPE = re.compile(r'static tfResourceType = "(\w+)"')
_FLAGS = re.compile(
    r"^\s*// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)", re.MULTILINE
)
_ENTRY = re.compile(
    r"(\w+): \{\s*value: (.+?),\s*isBlock: (true|false),\s*type: \"(\w+)\",\s*storageClassType: \"(\w+)\"", re.DOTALL
)
_CLASS = re.compile(r"^class (\w+) extends cdktn\.(\w+) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
_TO_HCL = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
_NEW = re.compile(r"= new (\w+)\(this, \"\w+\"(?:, (true|false))?\)")
_PLAIN = {"string": "string", "boolean": "bool", "number": "number"}
_SECTIONS = {"TerraformResource": "resource_schemas", "TerraformDataSource": "data_source_schemas"}
# How a getter of a computed argument tells its type, the more particular first.
_GETTERS: list[tuple[str, Any]] = [
    ("cdktn.StringMapList", ["list", ["map", "string"]]),
    ("cdktn.StringMap(", ["map", "string"]),
    ("getStringMapAttribute", ["map", "string"]),
    ("Fn.tolist(this.getListAttribute", ["set", "string"]),
    ("Fn.tolist(this.getNumberListAttribute", ["set", "number"]),
    ("getNumberListAttribute", ["list", "number"]),
    ("getListAttribute", ["list", "string"]),
    ("getNumberAttribute", "number"),
    ("getBooleanAttribute", "bool"),
    ("getStringAttribute", "string"),
    ("getAnyMapAttribute", ["map", "string"]),
]


class Binding:
    """One resource's module: its classes, and what each of its structures becomes in HCL."""

    def __init__(self, text: str) -> None:
        self.classes = {found[1]: (found[2], found[3]) for found in _CLASS.finditer(text)}
        self.structures = {found[1].lower(): _entries(found[2]) for found in _TO_HCL.finditer(text)}

    def whole(self) -> tuple[str, str, dict[str, Any]]:
        """Kind of class, Terraform's name, and the block of the resource itself."""
        for name, (base, body) in self.classes.items():
            found = _TYPE.search(body)
            if found:
                return base, found[1], self.block(name, _entries(body.split("synthesizeHclAttributes()", 1)[1]))
        raise ValueError("no resource in this module")

    def block(self, name: str, entries: dict[str, tuple[str, ...]]) -> dict[str, Any]:
        attributes, blocks = {}, {}
        for argument, (flags, getter) in self.arguments(name, entries).items():
            entry = entries.get(argument)
            if entry is not None and entry[1] == "true":
                blocks[argument] = self.nested(entry, is_required="required" in flags)
            else:
                kind = self.entry_type(entry[2], entry[3]) if entry is not None else self.getter_type(getter)
                attributes[argument] = {"type": kind, **dict.fromkeys(flags, True)}
        return {"attributes": attributes, "block_types": blocks}

    def nested(self, entry: tuple[str, ...], *, is_required: bool) -> dict[str, Any]:
        value, _, kind, storage = entry
        structure = storage.removesuffix("List") if kind in {"list", "set"} else storage
        inner = self.block(f"{structure}OutputReference", self.structures[structure.lower()])
        found: dict[str, Any] = {"nesting_mode": "single" if kind == "struct" else kind, "block": inner}
        if kind != "struct":
            if "listMapper" not in value:
                found["max_items"] = 1
            if is_required:
                found["min_items"] = 1
        return found

    def arguments(self, name: str, entries: dict[str, Any]) -> dict[str, tuple[list[str], str]]:
        """Flags and source of the getter of each argument of a class; without a class all are optional."""
        if name not in self.classes:
            return {argument: (["optional"], "") for argument in entries}
        body = self.classes[name][1]
        places = list(_FLAGS.finditer(body))
        found = {}
        for place, after in itertools.zip_longest(places, places[1:]):
            flags = [word for word, is_set in zip(("computed", "optional", "required"), place.groups()[1:], strict=True) if is_set == "true"]  # fmt: skip
            found[place[1]] = flags, body[place.end() : after.start() if after else len(body)]
        return found

    def entry_type(self, kind: str, storage: str) -> Any:
        if kind == "simple":
            return _PLAIN[storage]
        if storage.removesuffix("Map") in _PLAIN:
            return ["map", _PLAIN[storage.removesuffix("Map")]]
        if storage.removesuffix("List") in _PLAIN:
            return ["set" if kind == "set" else "list", _PLAIN[storage.removesuffix("List")]]
        inner = self.object_type(
            f"{storage.removesuffix('List') if kind in {'list', 'set'} else storage}OutputReference"
        )
        return [kind, inner] if kind in {"list", "set", "map"} else inner

    def getter_type(self, source: str) -> Any:
        made = _NEW.search(source)
        if made:
            name = made[1]
            base = self.classes[name][0]
            if base in {"ComplexList", "ComplexMap"}:
                container = "map" if base == "ComplexMap" else "set" if made[2] == "true" else "list"
                return [container, self.object_type(f"{re.sub('(List|Map)$', '', name)}OutputReference")]
            return self.object_type(name)
        for sign, kind in _GETTERS:
            if sign in source:
                return kind
        raise ValueError(f"a getter of no known type: {source[:100]}")

    def object_type(self, name: str) -> Any:
        return ["object", {argument: self.getter_type(got) for argument, (_, got) in self.arguments(name, {}).items()}]


def _entries(text: str) -> dict[str, tuple[str, ...]]:
    return {found[1]: found.groups()[1:] for found in _ENTRY.finditer(text)}


def main(target: str, wanted: set[str]) -> None:
    package = metadata.distribution("cdktn-provider-google")
    (bundle,) = [file for file in package.files or () if file.name.endswith(".jsii.tgz")]
    whole: dict[str, Any] = {"provider": None, "resource_schemas": {}, "data_source_schemas": {}}
    with tarfile.open(fileobj=io.BytesIO(Path(str(bundle.locate())).read_bytes())) as archive:
        for member in archive:
            parts = member.name.split("/")
            if len(parts) != 4 or parts[1] != "lib" or parts[3] != "index.js":
                continue
            file = archive.extractfile(member)
            text = file.read().decode().split("//# sourceMappingURL")[0] if file else ""
            named = _TYPE.search(text)
            if not named or (named[1] not in wanted and parts[2] != "provider"):
                continue
            base, name, block = Binding(text).whole()
            found = {"version": 0, "block": block}
            if base == "TerraformProvider":
                whole["provider"] = found
            elif base in _SECTIONS:
                whole[_SECTIONS[base]][name] = found
    missing = wanted - {*whole["resource_schemas"], *whole["data_source_schemas"]}
    if missing:
        sys.exit(f"google {VERSION} has no {', '.join(sorted(missing))}")
    Path(target).write_text(json.dumps(whole, sort_keys=True))


if __name__ == "__main__":
    main(sys.argv[1], set(sys.argv[2:]))
