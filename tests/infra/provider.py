"""A stand-in for Terraform's google provider: the true schema, no Google. It plans, and refuses to apply.

GOOGLE_SCHEMA names the file that schema.py wrote. Terraform itself finds unknown, missing and mistyped arguments; what
only the real provider knows (allowed values, arguments that exclude each other) is not found here.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
import threading
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import msgpack
from tf.gen import grpc_controller_pb2, grpc_controller_pb2_grpc, grpc_stdio_pb2_grpc
from tf.gen import tfplugin_pb2 as messages
from tf.gen import tfplugin_pb2_grpc as services
from tf.runner import _self_signed_cert

SCHEMA = json.loads(Path(os.environ["GOOGLE_SCHEMA"]).read_text())
_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
_KNOWN_AFTER_APPLY = msgpack.ExtType(0, b"\x00")
_SIZES = [("grpc.max_send_message_length", 1 << 28), ("grpc.max_receive_message_length", 1 << 28)]


def block(found: dict[str, Any]) -> Any:
    attributes = [
        messages.Schema.Attribute(
            name=name,
            type=json.dumps(one["type"]).encode(),
            **{flag: one.get(flag, False) for flag in ("required", "optional", "computed")},
        )
        for name, one in found["attributes"].items()
    ]
    nested = [
        messages.Schema.NestedBlock(
            type_name=name,
            block=block(one["block"]),
            nesting=_NESTING[one["nesting_mode"]],
            min_items=one.get("min_items", 0),
            max_items=one.get("max_items", 0),
        )
        for name, one in found["block_types"].items()
    ]
    return messages.Schema.Block(attributes=attributes, block_types=nested)


def schema(found: dict[str, Any]) -> Any:
    return messages.Schema(version=found["version"], block=block(found["block"]))


def with_unknown(value: Any, found: dict[str, Any]) -> Any:
    """What Google computes and the configuration leaves out is known after apply."""
    if not isinstance(value, dict):
        return value
    for name, one in found["attributes"].items():
        if one.get("computed") and value.get(name) is None:
            value[name] = _KNOWN_AFTER_APPLY
    for name, one in found["block_types"].items():
        inner = value.get(name)
        if isinstance(inner, list):
            value[name] = [with_unknown(item, one["block"]) for item in inner]
        elif isinstance(inner, dict):
            value[name] = with_unknown(inner, one["block"])
    return value


def unpacked(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, raw=False, strict_map_key=False, ext_hook=msgpack.ExtType)


def packed(value: Any) -> Any:
    return messages.DynamicValue(msgpack=msgpack.packb(value, use_bin_type=True))


class Provider(services.ProviderServicer):  # type: ignore[misc]
    def GetMetadata(self, _: Any, context: Any) -> None:  # noqa: N802 - the protocol's names
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "ask for the whole schema")

    def GetProviderSchema(self, *_: Any) -> Any:  # noqa: N802
        named = messages.Schema.Attribute(name="module_name", type=b'"string"', optional=True)
        return messages.GetProviderSchema.Response(
            provider=schema(SCHEMA["provider"]),
            provider_meta=messages.Schema(block=messages.Schema.Block(attributes=[named])),
            resource_schemas={name: schema(one) for name, one in SCHEMA["resource_schemas"].items()},
            data_source_schemas={name: schema(one) for name, one in SCHEMA["data_source_schemas"].items()},
        )

    def ReadResource(self, request: Any, _: Any) -> Any:  # noqa: N802
        return messages.ReadResource.Response(new_state=request.current_state)

    def ReadDataSource(self, request: Any, _: Any) -> Any:  # noqa: N802
        return messages.ReadDataSource.Response(state=request.config)

    def UpgradeResourceState(self, request: Any, _: Any) -> Any:  # noqa: N802
        state = messages.DynamicValue(json=request.raw_state.json)
        return messages.UpgradeResourceState.Response(upgraded_state=state)

    def PlanResourceChange(self, request: Any, _: Any) -> Any:  # noqa: N802
        planned = unpacked(request.proposed_new_state)
        if planned is not None and unpacked(request.prior_state) is None:
            planned = with_unknown(planned, SCHEMA["resource_schemas"][request.type_name]["block"])
        return messages.PlanResourceChange.Response(planned_state=packed(planned))

    def ApplyResourceChange(self, *_: Any) -> Any:  # noqa: N802
        told = messages.Diagnostic(severity=1, summary="this is a schema without Google behind it: nothing is applied")
        return messages.ApplyResourceChange.Response(diagnostics=[told])


def _empty(response: Any) -> Any:
    return lambda *_: response()


for call in ("ValidateProviderConfig", "ValidateResourceConfig", "ValidateDataResourceConfig", "ConfigureProvider",
             "GetFunctions", "StopProvider"):  # fmt: skip
    setattr(Provider, call, _empty(getattr(messages, call).Response))

ended = threading.Event()


class Controller(grpc_controller_pb2_grpc.GRPCControllerServicer):  # type: ignore[misc]
    def Shutdown(self, *_: Any) -> Any:  # noqa: N802
        ended.set()
        return grpc_controller_pb2.Empty()


class Stdio(grpc_stdio_pb2_grpc.GRPCStdioServicer):  # type: ignore[misc]
    def StreamStdio(self, *_: Any) -> Any:  # noqa: N802
        return iter(())


def main() -> None:
    server = grpc.server(futures.ThreadPoolExecutor(8), options=_SIZES)
    services.add_ProviderServicer_to_server(Provider(), server)
    grpc_controller_pb2_grpc.add_GRPCControllerServicer_to_server(Controller(), server)
    grpc_stdio_pb2_grpc.add_GRPCStdioServicer_to_server(Stdio(), server)
    with tempfile.TemporaryDirectory() as folder:
        chain, credentials = _self_signed_cert()
        server.add_secure_port(f"unix://{folder}/socket", credentials)
        server.start()
        # The handshake: core protocol, plugin protocol, network, address, wire protocol, our certificate.
        told = base64.b64encode(chain).decode().rstrip("=")
        print(f"1|6|unix|{folder}/socket|grpc|{told}", flush=True)
        ended.wait()
        server.stop(0.5).wait()


if __name__ == "__main__":
    main()
