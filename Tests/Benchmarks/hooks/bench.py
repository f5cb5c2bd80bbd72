"""Measures `ics serve`: how fast signed notifications are stored and acknowledged, and three-step runs ended.

Run by `scripts/bench hooks`. Sends from processes of its own over kept connections, so the figures include the sender's
share of the processors.
"""
import hashlib
import hmac
import json
import multiprocessing
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import tempfile
import time

SECRET = b"bench-secret"
QUIET = 'on "none.at.all" as x { }\n'
STEPS = 'on contact.created "three" as c { let a = step "a" { 1 }\n let b = step "b" { a + 1 }\n step "c" { b + 1 } }\n'


def requests(first, count):
    """Signed notifications of about 1 kB, ready to be sent."""
    made = []
    for number in range(first, first + count):
        item = {"type": "contact", "id": str(number), "role": "user", "custom_attributes": {"note": "x" * 700}}
        body = json.dumps({"type": "notification_event", "id": f"n{number}", "topic": "contact.user.created",
                           "app_id": "bench", "created_at": 1767600000, "data": {"item": item}}).encode()
        signature = hmac.new(SECRET, body, hashlib.sha1).hexdigest()
        made.append(b"POST /webhooks/intercom HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
                    b"X-Hub-Signature: sha1=%s\r\nContent-Length: %d\r\n\r\n%s" % (signature.encode(), len(body), body))
    return made


def send(port, made, connections, pause, times):
    """Sends over several connections in turn, one request on its way on each; reports each one's seconds."""
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    taken = []
    for start in range(0, len(made), connections):
        batch = made[start:start + connections]
        began = time.perf_counter()
        for connection, request in zip(sockets, batch):
            connection.sendall(request)
        for connection, _ in zip(sockets, batch):
            answer = connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
            taken.append(time.perf_counter() - began)
        if pause:
            time.sleep(pause)
    times.put(taken)


def load(port, first, count, processes, connections, pause=0.0):
    """(notifications a second, the seconds of each)"""
    share = count // processes
    made = [requests(first + index * share, share) for index in range(processes)]
    times = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=send, args=(port, part, connections, pause, times)) for part in made]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    taken = [t for _ in workers for t in times.get()]
    elapsed = time.perf_counter() - began
    for worker in workers:
        worker.join()
    return share * processes / elapsed, taken


def serve(binary, folder, script, *options):
    path = pathlib.Path(folder) / "bench.ics"
    path.write_text(script, encoding="utf-8")
    process = subprocess.Popen(
        [binary, "serve", str(path), "--port", "0", "--json", "--quiet", *options], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "ICS_HOME": str(folder), "INTERCOM_CLIENT_SECRET": SECRET.decode()})
    return process, json.loads(process.stdout.readline())


def main(binary, count):
    with tempfile.TemporaryDirectory() as folder:
        process, ready = serve(binary, folder, QUIET)
        port = int(ready["url"].rsplit(":", 1)[1])
        subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        rate, _ = load(port, 0, count, 2, 64)
        print(f"notifications stored and acknowledged  {rate:10.0f} /s")
        _, taken = load(port, count, 400, 1, 1, pause=0.005)
        print(f"p99 of the acknowledgement below 200/s {statistics.quantiles(taken, n=100)[98] * 1000:10.1f} ms")
        process.send_signal(signal.SIGTERM)
        process.wait()
    with tempfile.TemporaryDirectory() as folder:
        process, ready = serve(binary, folder, STEPS, "--workers", "128")
        port = int(ready["url"].rsplit(":", 1)[1])
        began = time.perf_counter()
        runs = count // 4
        # In a process of its own: what the server says has to be read meanwhile.
        sender = multiprocessing.Process(target=load, args=(port, 0, runs, 1, 64))
        sender.start()
        ended = 0
        while ended < runs:
            ended += json.loads(process.stdout.readline()).get("state") == "done"
        print(f"three-step runs, 128 in flight         {runs / (time.perf_counter() - began):10.0f} /s")
        sender.join()
        process.send_signal(signal.SIGTERM)
        process.wait()


if __name__ == "__main__":
    import sys
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 40_000)
