# SPDX-License-Identifier: Apache-2.0
"""One HTTP exchange over a unix socket, byte by byte: for requests that no client library would
send, and for looking at how an answer is framed."""

import json
import socket
import types


def request_bytes(request, keep):
    body = request.get("body")
    lines = [f"{request['method']} {request['path']} HTTP/{request.get('http', '1.1')}"]
    if request.get("host", True):
        lines.append("Host: localhost")
    if not keep:
        lines.append("Connection: close")
    if body is not None:
        if request.get("type", "application/json") is not None:
            lines.append(f"Content-Type: {request.get('type', 'application/json')}")
        lines.append(f"Content-Length: {len(body.encode())}")
    return "\r\n".join([*lines, "", body or ""]).encode()


def receive(connection):
    """Everything until the other side closes, as it was asked to."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def join_chunks(data):
    whole = b""
    while True:
        size, data = data.split(b"\r\n", 1)
        size = int(size, 16)
        if size == 0:
            return whole
        assert data[size:size + 2] == b"\r\n"
        whole, data = whole + data[:size], data[size + 2:]


def take_apart(data):
    head, body = data.split(b"\r\n\r\n", 1)
    status, *headers = head.decode().split("\r\n")
    headers = dict(header.split(": ", 1) for header in headers)
    framing = "end"
    if headers.get("Transfer-Encoding") == "chunked":
        framing, body = "chunked", join_chunks(body)
    elif "Content-Length" in headers:
        framing = "length"
        assert len(body) == int(headers["Content-Length"])
    body = body.decode()
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    return types.SimpleNamespace(failure="", status=int(status.split()[1]), body=body, json=parsed,
                                 type=headers.get("Content-Type"), framing=framing)


def failed(what):
    return types.SimpleNamespace(failure=what, status=0, body="", json=None)


def ask(path, request, limit=20, meanwhile=None):
    """Waits LIMIT seconds at most for bytes; with 0 it hangs up at once. MEANWHILE is called
    between the request and its answer. A request that is to go "twice" over one connection gives
    its second answer, and the first one has the same body."""
    twice = request.get("twice", False)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(limit or None)
        try:
            connection.connect(path)
        except (ConnectionRefusedError, FileNotFoundError) as error:
            refused = isinstance(error, ConnectionRefusedError)
            return failed("connect ECONNREFUSED" if refused else "connect ENOENT")
        connection.sendall(request_bytes(request, True) * twice + request_bytes(request, False))
        if limit == 0:
            return failed("not waited for")
        if meanwhile:
            meanwhile()
        try:
            data = receive(connection)
        except TimeoutError:
            return failed("recv timed out")
        except ConnectionResetError:
            return failed("recv ECONNRESET")
    if not data:
        return failed("recv EOF")
    if not twice:
        return take_apart(data)
    first, second = data[:data.rindex(b"HTTP/1.1 ")], data[data.rindex(b"HTTP/1.1 "):]
    answer = take_apart(second)
    assert take_apart(first).body == answer.body
    return answer
