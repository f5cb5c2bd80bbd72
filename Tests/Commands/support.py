"""What the tests of the command share: running the binary, a home of its own for each test, a fake Intercom.

The binary is the one that the variable ICS_BINARY names; scripts/test sets it.
"""
import contextlib
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = os.environ.get("ICS_BINARY") or str(ROOT / ".build" / "debug" / "ics")
# What a Swift program prints when it traps. None of it may ever reach a user.
CRASH = re.compile(r"Fatal error|Illegal instruction|Segmentation fault|Stack dump|crashed at|Swift/\w+\.swift")
TIMEOUT = 60


def environment(home, **more):
    """The variables of a run: no account and no settings of whoever runs the tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("INTERCOM_", "ICS_")) and k != "FORCE_COLOR"}
    return {**kept, "ICS_HOME": str(home), "NO_COLOR": "1", "SWIFT_BACKTRACE": "enable=no", **more}


class CommandTest(unittest.TestCase):
    """A test with a fresh folder as home of ics and as current folder."""

    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.home = self.folder / "home"

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def ics(self, *arguments, stdin="", cwd=None, binary=False, timeout=TIMEOUT, **variables):
        """Runs ics to its end. Fails when it prints what a Swift crash prints."""
        result = subprocess.run(
            [BINARY, *map(str, arguments)], input=stdin.encode(), capture_output=True, timeout=timeout,
            cwd=cwd or self.folder, env=environment(self.home, **variables), check=False)
        if not binary:
            result.stdout = result.stdout.decode()
        result.stderr = result.stderr.decode()
        self.assertNoCrash(result.stderr, result.returncode)
        return result

    def start(self, *arguments, **variables):
        """Starts ics and leaves it running; it is ended with the test."""
        process = subprocess.Popen(
            [BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=self.folder, env=environment(self.home, **variables), text=True)
        # Who reads from it does not wait for ever.
        watchdog = threading.Timer(3 * TIMEOUT, process.kill)
        watchdog.daemon = True
        watchdog.start()
        self.addCleanup(watchdog.cancel)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def sandbox(self, *arguments):
        """Starts `ics sandbox` on a free port: the process, and what its ready line says."""
        process = self.start("sandbox", "--port", "0", "--json", *arguments)
        line = process.stdout.readline()
        if not line:
            self.fail("ics sandbox ended: " + process.communicate()[1])
        return process, json.loads(line)

    def wait_for(self, condition, seconds=20):
        """Looks until a condition holds."""
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(FileNotFoundError):
                if condition():
                    return
            self.assertLess(time.monotonic(), deadline, "it did not happen in time")
            time.sleep(0.005)

    def stop(self, process):
        """Ends a server as a service manager does; it ends with 0."""
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=TIMEOUT)
        self.assertNoCrash(errors, process.returncode)
        self.assertEqual(process.returncode, 0, errors)

    def assertNoCrash(self, errors, status):
        self.assertIsNone(CRASH.search(errors), errors)
        self.assertGreaterEqual(status, 0, f"ended by signal {-status}: {errors}")

    def assertFails(self, result, status, *patterns):
        """One error, on standard error, with this status; nothing on standard output."""
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(re.findall(r"^error", result.stderr, re.M)), 1, result.stderr)
        for pattern in patterns:
            self.assertRegex(result.stderr, pattern)

    def assertPrints(self, result, output):
        self.assertEqual((result.stdout, result.returncode), (output, 0), result.stderr)


class FakeIntercom(http.server.ThreadingHTTPServer):
    """Answers every request with one status and body, and remembers what was asked."""

    daemon_threads = True

    def __init__(self, status, body):
        self.status, self.body = status, json.dumps(body).encode()
        self.requests = []
        self.asked = threading.Event()
        super().__init__(("127.0.0.1", 0), FakeHandler)

    def handle_error(self, request, client_address):
        """A client that was killed has nothing to say here."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class FakeHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)
        self.server.asked.set()

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def fake_intercom(status, body):
    server = FakeIntercom(status, body)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def closed_port():
    """A port of this machine on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
