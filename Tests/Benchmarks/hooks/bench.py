"""Measures `ics serve` (run by `scripts/bench hooks`): how fast signed notifications are stored and acknowledged, how fast
runs of three steps end and how late they start, and what waiting runs cost.

Notifications come from wrk, whose share of the processors is small; the times of single ones from Python.
"""
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
SECRET = b"bench-secret"
QUIET = 'on "none.at.all" as x { }\n'
STEPS = 'on contact.created "three" as c { let a = step "a" { 1 }\n let b = step "b" { a + 1 }\n step "c" { b + 1 } }\n'
FIRST = 'on contact.created "first" as c { print(c.id) }\n'
FAIR = ('on contact.created "fair" as c { if c.role == "lead" { print(c.id) }\n'
        ' step "a" { 1 }\n step "b" { 2 }\n step "c" { 3 } }\n')
WAIT = 'on contact.created "wait" as c { step "a" { 1 }\n wait 2d\n step "b" { 2 } }\n'


def notification(number, role="user", account="bench"):
    """A body of about 1 kB with its headers. All have the same size."""
    item = {"type": "contact", "id": f"{number:08}", "role": role, "custom_attributes": {"note": "x" * 700}}
    body = json.dumps({"type": "notification_event", "id": f"notif_{number:08}", "topic": f"contact.{role}.created",
                       "app_id": account, "created_at": 1767600000, "data": {"item": item}}).encode()
    signature = hmac.new(SECRET, body, hashlib.sha1).hexdigest()
    return body, {"Content-Type": "application/json", "X-Hub-Signature": "sha1=" + signature}


def prepare(folder, first, count):
    """Writes requests that wrk sends as they are; gives the size of one."""
    made = []
    for number in range(first, first + count):
        body, headers = notification(number)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        made.append(f"POST /webhooks/intercom HTTP/1.1\r\nHost: bench\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    (pathlib.Path(folder) / "requests.0").write_bytes(b"".join(made))
    return len(made[0])


def wrk(server, folder, first, count, connections, seconds):
    """wrk's command line for so many notifications; it goes on until its time is over, even when all are sent."""
    size = prepare(folder, first, count)
    return ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(HERE / "send.lua"),
            server.url + "/webhooks/intercom", "--", folder + "/requests", str(size)]


def flood(server, first, count, connections, seconds):
    """Sends for some seconds: wrk's summary as a dictionary of numbers."""
    with tempfile.TemporaryDirectory() as folder:
        command = wrk(server, folder, first, count, connections, seconds)
        result = subprocess.run(command, capture_output=True, text=True, check=True)
    words = re.search(r"answers .*", result.stdout)[0].split()
    summary = {name: float(value) for name, value in zip(words[::2], words[1::2])}
    if summary["refused"] or summary["broken"]:
        sys.exit(f"bench: {words}")
    return summary


def run_all(server, first, count, connections, state):
    """Sends notifications, each once, and waits until their runs are in a state; gives the seconds of both."""
    goal = server.states.get(state, 0) + count
    with tempfile.TemporaryDirectory() as folder:
        # wrk stops in front of the last one.
        command = wrk(server, folder, first, count + 1, connections, 600)
        began = time.perf_counter()
        sender = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            server.wait(lambda: server.states.get(state, 0) >= goal)
            return time.perf_counter() - began
        finally:
            sender.kill()
            sender.wait()


class Server:
    """`ics serve` with a store in a folder."""

    def __init__(self, binary, folder, script, *options):
        path = pathlib.Path(folder) / "bench.ics"
        path.write_text(script, encoding="utf-8")
        self.store = pathlib.Path(folder) / "store.sqlite"
        self.process = subprocess.Popen(
            [binary, "serve", str(path), "--port", "0", "--json", *options], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "ICS_HOME": str(folder), "INTERCOM_CLIENT_SECRET": SECRET.decode()})
        self.url = json.loads(self.process.stdout.readline())["url"]
        self.lines = []
        self.states = {}
        self.printed = {}
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        """Takes what the server says, so that nothing is dropped, with the times of what scripts print."""
        for text in self.process.stdout:
            now = time.perf_counter()
            line = json.loads(text)
            with self.changed:
                if line["event"] == "print":
                    self.printed[line["text"]] = now
                elif line["event"] == "run":
                    self.states[line["state"]] = self.states.get(line["state"], 0) + 1
                elif line["event"] == "dropped":
                    sys.exit("bench: the server's lines were not read fast enough")
                self.changed.notify_all()

    def wait(self, condition, seconds=120):
        with self.changed:
            if not self.changed.wait_for(condition, seconds):
                raise TimeoutError(f"{self.states}")

    def cpu(self):
        """Seconds of the processors, so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Resident memory in bytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(60) != 0:
            sys.exit("bench: the server failed")


@contextlib.contextmanager
def served(binary, script, *options):
    with tempfile.TemporaryDirectory() as folder:
        server = Server(binary, folder, script, *options)
        try:
            yield server
            if server.process.poll() is None:
                server.stop()
        finally:
            server.process.kill()
            server.process.wait()


def report(what, value, unit, note=""):
    print(f"{what:44}{value:10.1f} {unit:5} {note}".rstrip(), flush=True)


def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))]


def flushes():
    """How long the disk takes to keep 4 kB, in milliseconds: the median and the 99th percentile."""
    times = []
    with tempfile.TemporaryFile() as file:
        file.write(b"x" * (1 << 20))
        os.fsync(file.fileno())
        for _ in range(200):
            os.pwrite(file.fileno(), b"y" * 4096, 0)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), percentile(times, 99)


def throughput(binary):
    """Notifications a second, and the processor time of one."""
    with served(binary, QUIET) as server:
        flood(server, 0, 50_000, 128, 2)
        before = server.cpu()
        summary = flood(server, 50_000, 150_000, 128, 8)
        cpu = (server.cpu() - before) / summary["answers"] * 1e6
    report("notifications stored and acknowledged", summary["answers"] / summary["seconds"], "/s",
           f"128 connections, p50 {summary['p50']:.1f} ms, p99 {summary['p99']:.1f} ms, {cpu:.0f} us of the server's processors each")


def acknowledgement(binary, rate=200, count=2000, connections=16):
    """The time from when a notification is due to its answer, at a rate that waits for nothing."""
    taken = []
    with served(binary, QUIET) as server:
        start = time.perf_counter() + 0.5

        def send(index):
            connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
            for number in range(index, count, connections):
                body, headers = notification(number)
                due = start + number / rate
                time.sleep(max(0, due - time.perf_counter()))
                connection.request("POST", "/webhooks/intercom", body, headers)
                if connection.getresponse().read() and number >= rate:
                    taken.append((time.perf_counter() - due) * 1000)
            connection.close()

        threads = [threading.Thread(target=send, args=(index,)) for index in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    report(f"acknowledgement at {rate}/s, p99", percentile(taken, 99), "ms", f"median {statistics.median(taken):.1f} ms")


def three_steps(binary, count=10_000):
    with served(binary, STEPS, "--workers", "128") as server:
        run_all(server, 0, 1000, 64, "done")
        before = server.cpu()
        seconds = run_all(server, 2000, count, 64, "done")
        cpu = (server.cpu() - before) / count * 1e6
    report("runs of three steps, 128 in flight", count / seconds, "/s",
           f"from sending to the end, {cpu:.0f} us of the server's processors each")


def first_statement(binary, count=300):
    sent, answered = [], []
    with served(binary, FIRST) as server:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
        for number in range(count):
            body, headers = notification(number)
            began = time.perf_counter()
            connection.request("POST", "/webhooks/intercom", body, headers)
            connection.getresponse().read()
            stored = time.perf_counter()
            name = f"{number:08}"
            server.wait(lambda name=name: name in server.printed)
            sent.append((server.printed[name] - began) * 1000)
            answered.append((server.printed[name] - stored) * 1000)
            time.sleep(0.01)
        connection.close()
    report("event to the hook's first statement, idle", statistics.median(sent), "ms", f"p99 {percentile(sent, 99):.1f} ms")
    report("  of it after the acknowledgement", statistics.median(answered), "ms", f"p99 {percentile(answered, 99):.1f} ms")


def fairness(binary, backlog=60_000, count=100):
    """How late a run of one account starts while another account has a long backlog."""
    late = []
    with served(binary, FAIR) as server:
        flood(server, 0, backlog, 128, 6)
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
        for number in range(count):
            body, headers = notification(backlog + number, "lead", "other")
            began = time.perf_counter()
            connection.request("POST", "/webhooks/intercom", body, headers)
            connection.getresponse().read()
            name = f"{backlog + number:08}"
            server.wait(lambda name=name: name in server.printed)
            late.append((server.printed[name] - began) * 1000)
            time.sleep(0.1)
        connection.request("GET", "/healthz")
        left = json.loads(connection.getresponse().read())["backlog"]
        connection.close()
        server.process.kill()  # Nobody waits for the end of the backlog.
        server.process.wait()
    report("event to start beside another's backlog", percentile(late, 99), "ms",
           f"p99, median {statistics.median(late):.1f} ms, {left} of the backlog left in the end")


def waiting(binary, count=10_000):
    with served(binary, WAIT, "--workers", "64") as server:
        empty = server.memory()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(binary, folder, WAIT, "--workers", "64")
        run_all(server, 0, count, 64, "waiting")
        busy = server.memory()
        server.stop()
        files = sum(path.stat().st_size for path in server.store.parent.glob("store.sqlite*"))
        server = Server(binary, folder, WAIT, "--workers", "64")
        again = server.memory()
        server.stop()
    report(f"{count} runs in 'wait 2d': disk, each", files / count / 1000, "kB", "with a body of 1 kB")
    report("  memory after a start with them", again / 1e6, "MB",
           f"without any {empty / 1e6:.1f} MB, after making them {busy / 1e6:.1f} MB")


def main(binary, dbos_python):
    middle, slow = flushes()
    report("the disk's fdatasync of 4 kB, median", middle, "ms", f"p99 {slow:.1f} ms: no commit is faster")
    throughput(binary)
    acknowledgement(binary)
    three_steps(binary)
    if dbos_python:
        with tempfile.TemporaryDirectory() as folder:
            result = subprocess.run(
                [dbos_python, str(HERE / "dbos_steps.py"), folder], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            sys.exit(result.stdout + result.stderr)
        rate, version = result.stdout.split()[-2:]
        report("  DBOS, the same steps on SQLite", float(rate), "/s", f"dbos {version}, 128 threads")
    first_statement(binary)
    fairness(binary)
    waiting(binary)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
