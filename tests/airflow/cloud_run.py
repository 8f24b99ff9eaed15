"""A stand-in for Google's Cloud Run Admin API v2 that really runs what it is asked to: gRPC behind TLS, on 127.0.0.1.

Google's client is sent here by no change of it or of the DAG: ``grpc_proxy`` names this process as a proxy, whose
CONNECT to run.googleapis.com ends here, and GRPC_DEFAULT_SSL_ROOTS_FILE_PATH the certificate. Any other host is
refused. Other than Google it starts a failed container once only, so that Airflow's own retries are seen.

    python cloud_run.py FOLDER PROGRAM…   the container's command; FOLDER gets root.pem, port and executions.jsonl
"""

from __future__ import annotations

import contextlib
import datetime
import json
import socket
import subprocess
import sys
import threading
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.cloud.run_v2.types import Execution, GetJobRequest, Job, RunJobRequest
from google.longrunning import operations_pb2
from google.protobuf import any_pb2

HOST = "run.googleapis.com"
PATIENCE_S = 30  # an operation is asked for once and answers when it is over, so that nobody waits between polls
TYPE = "type.googleapis.com/google.cloud.run.v2.Execution"


class CloudRun:
    """Executions of one job."""

    def __init__(self, folder: Path, program: list[str]) -> None:
        self._folder = folder
        self._program = program
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._has_refresh = self._run(["refresh", "--help"]).wait() == 0

    def run_job(self, request: RunJobRequest, _: grpc.ServicerContext) -> operations_pb2.Operation:
        (container,) = request.overrides.container_overrides
        arguments = list(container.args)
        if arguments[0] == "refresh" and not self._has_refresh:
            arguments = ["--version"]  # a command that this version of Arcane lacks: success, and nothing done
        with self._lock:
            name = f"{request.name}/executions/arcane-{len(self._processes)}"
            self._processes[name] = self._run(arguments)
            asked = {
                "job": request.name,
                "args": list(container.args),
                "task_count": request.overrides.task_count,
                "timeout_s": request.overrides.timeout.total_seconds(),
            }
            with (self._folder / "executions.jsonl").open("a") as file:
                file.write(json.dumps(asked) + "\n")
        return self._operation(name)

    def get_operation(
        self, request: operations_pb2.GetOperationRequest, _: grpc.ServicerContext
    ) -> operations_pb2.Operation:
        name = request.name.removeprefix("operations/")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._processes[name].wait(PATIENCE_S)
        return self._operation(name)

    def get_job(self, request: GetJobRequest, _: grpc.ServicerContext) -> Job:
        return Job(name=request.name)

    def _run(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen([*self._program, *arguments], cwd=self._folder, stdout=log, stderr=log)

    def _operation(self, name: str) -> operations_pb2.Operation:
        exit_code = self._processes[name].poll()
        execution = Execution(name=name, job=name.partition("/executions/")[0], task_count=1)
        operation = operations_pb2.Operation(name=f"operations/{name}", done=exit_code is not None)
        if exit_code is None:
            execution.running_count = 1
        elif exit_code:
            execution.failed_count = 1
            operation.error.code = grpc.StatusCode.UNKNOWN.value[0]
            operation.error.message = f"the container exited with {exit_code}"
        else:
            execution.succeeded_count = 1
            operation.response.CopyFrom(any_pb2.Any(type_url=TYPE, value=Execution.serialize(execution)))
        operation.metadata.CopyFrom(any_pb2.Any(type_url=TYPE, value=Execution.serialize(execution)))
        return operation


def certificate() -> tuple[bytes, bytes]:
    """A key and a certificate for Google's name that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, made.public_bytes(serialization.Encoding.PEM)


def served(cloud: CloudRun, key: bytes, chain: bytes) -> tuple[grpc.Server, int]:
    """The methods that the operator calls, as a running server, and its port."""

    def method(call: Any, request: Any, answer: Any) -> grpc.RpcMethodHandler:
        return grpc.unary_unary_rpc_method_handler(call, request_deserializer=request, response_serializer=answer)

    operation = operations_pb2.Operation.SerializeToString
    asked = operations_pb2.GetOperationRequest.FromString
    jobs = {
        "RunJob": method(cloud.run_job, RunJobRequest.deserialize, operation),
        "GetJob": method(cloud.get_job, GetJobRequest.deserialize, Job.serialize),
    }
    operations = {"GetOperation": method(cloud.get_operation, asked, operation)}
    server = grpc.server(futures.ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers(
        [
            grpc.method_handlers_generic_handler("google.cloud.run.v2.Jobs", jobs),
            grpc.method_handlers_generic_handler("google.longrunning.Operations", operations),
        ]
    )
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, chain)]))
    server.start()
    return server, port


def connect(client: socket.socket, port: int) -> None:
    """One CONNECT of a proxy's client: bytes both ways between it and the server."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(4096)
    if not head.startswith(f"CONNECT {HOST}:443 ".encode()):
        client.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        client.close()
        return
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    server = socket.create_connection(("127.0.0.1", port))
    for source, target in ((client, server), (server, client)):
        threading.Thread(target=pipe, args=(source, target), daemon=True).start()


def pipe(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def main() -> None:
    folder, program = Path(sys.argv[1]), sys.argv[2:]
    key, chain = certificate()
    (folder / "root.pem").write_bytes(chain)
    _server, port = served(CloudRun(folder, program), key, chain)
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        half = folder / "port.new"
        half.write_text(str(proxy.getsockname()[1]))
        half.replace(folder / "port")
        while True:
            client, _ = proxy.accept()
            threading.Thread(target=connect, args=(client, port), daemon=True).start()


if __name__ == "__main__":
    main()
