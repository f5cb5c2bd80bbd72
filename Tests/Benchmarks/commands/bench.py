"""How fast the command answers: the prompt's start, Ctrl-C, and the lines a second of fmt and check. For scripts/bench.

Usage: bench.py BINARY

The prompt and Ctrl-C are measured through a pseudo-terminal, as a person meets them. fmt and check are measured in CPU
seconds over 100,000 lines, less those of a run over an empty file. Ends with 1 when a limit is missed.
"""
import os
import pathlib
import pty
import resource
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

LINES = 100_000
STARTS = 41
# What is wanted: the prompt within 60 ms, a stop within 50 ms, 100,000 lines a second.
LIMITS = {"prompt": 60, "stop": 50, "lines": 100_000}
FUNCTION = '''
/// A report about contacts, number %d.
export fn report_%d(items, {limit = 10, label = "x"}) {
  let total = items.map(c => c.price * 2).filter(n => n > 3).take(limit)
  for c in items where c.role == "lead" && c.name != null {
    // A comment of its own.
    if c.age > 18 { print("{{c.name}} is {{c.age}}") } else { log.info("young", {id: c.id}) }
    let order = {number: 7, customer: {email: "a@b.c", tags: ["a", "b"]}, lines: [{price: 3}, {price: 4}]}
    match c.kind {
      "a" | "b" => print(order.number)
      _ => {
        print(order["number"], total.length)
      }
    }
  }
  try { return total } catch e { throw error("no", kind: "E_MINE") } finally { print(label) }
}
'''


class Terminal:
    """ics on a pseudo-terminal."""

    def __init__(self, binary, folder, **variables):
        self.began = time.perf_counter()
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            # Without the accounts and the settings of whoever measures.
            kept = {k: v for k, v in os.environ.items() if not k.startswith(("INTERCOM_", "ICS_"))}
            os.execve(binary, [binary], {**kept, "ICS_HOME": folder, "TERM": "xterm", "HOME": folder, **variables})
        self.text = b""

    def expect(self, wanted):
        """Waits for bytes; gives the time at which they were there."""
        while wanted not in self.text:
            if not select.select([self.descriptor], [], [], 30)[0]:
                sys.exit(f"bench: {wanted!r} did not come: {self.text!r}")
            self.text += os.read(self.descriptor, 65536)
        self.text = self.text.partition(wanted)[2]
        return time.perf_counter()

    def send(self, text):
        os.write(self.descriptor, text)

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.close(self.descriptor)
        os.waitpid(self.process, 0)


def milliseconds(values):
    ordered = sorted(values)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000, ordered[-1] * 1000


def prompt(binary, folder):
    # A history as somebody has after some weeks.
    pathlib.Path(folder, "history").write_text("".join(f"#17000{n:05}\ncontacts.list().take({n})\n" for n in range(5000)))
    times = []
    for _ in range(STARTS):
        terminal = Terminal(binary, folder)
        times.append(terminal.expect(b"ics> ") - terminal.began)
        terminal.close()
    median, high, worst = milliseconds(times)
    print(f"prompt: {median:.1f} ms after the start (p95 {high:.1f}, worst of {STARTS} {worst:.1f}; limit {LIMITS['prompt']})")
    return median <= LIMITS["prompt"]


class Silence:
    """A server that takes requests and never answers."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.asked = threading.Event()
        self.open = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.open.append(connection)
            threading.Thread(target=self.read, args=(connection,), daemon=True).start()

    def read(self, connection):
        try:
            while connection.recv(65536):
                self.asked.set()
        except OSError:
            return


def stops(binary, folder):
    silence = Silence()
    terminal = Terminal(
        binary, folder, INTERCOM_ACCESS_TOKEN="token-of-a-bench",
        INTERCOM_BASE_URL=f"http://127.0.0.1:{silence.listener.getsockname()[1]}")
    terminal.expect(b"ics> ")
    kinds = {
        "a loop": b'print("g" + "o"); while true { }\r',
        "a built-in": b'print("g" + "o"); (0..<1_000_000_000).map(n => n * 2).sort()\r',
        "a large text": b'print("g" + "o"); while true { "x".repeat(10_000_000).split("").length }\r',
        "a wait": b'print("g" + "o"); sleep(1000)\r',
        "a request": b'print("g" + "o"); contacts.list().count()\r',
    }
    fine = True
    for name, entry in kinds.items():
        times = []
        for _ in range(15):
            silence.asked.clear()
            terminal.send(entry)
            terminal.expect(b"go\r\n")
            if name == "a request":
                silence.asked.wait(20)
            time.sleep(0.02)  # It has begun, and is in the middle of something.
            began = time.perf_counter()
            terminal.send(b"\x03")
            terminal.expect(b"interrupted")
            times.append(terminal.expect(b"ics> ") - began)
        median, _, worst = milliseconds(times)
        print(f"Ctrl-C stops {name}: {median:.1f} ms (worst of 15 {worst:.1f}; limit {LIMITS['stop']})")
        fine = fine and median <= LIMITS["stop"]
    terminal.close()
    return fine


def cpu_seconds(command, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def lines(binary, folder):
    count = FUNCTION.count("\n")
    text = "".join(FUNCTION % (n, n) for n in range(LINES // count + 1))
    big, empty, ugly = (pathlib.Path(folder, name) for name in ("big.ics", "empty.ics", "ugly.ics"))
    big.write_text(text)
    empty.write_text("")
    ugly.write_text(text.replace("  ", " ").replace(" = ", "="))
    number = text.count("\n")
    fine = True
    for name, arguments, file in (
            ("check", ["check"], big), ("fmt, of what is formatted", ["fmt"], big), ("fmt --check", ["fmt", "--check"], big),
            ("fmt, of what is not", ["fmt"], ugly)):
        times = []
        for _ in range(5):
            copy = pathlib.Path(folder, "copy.ics")
            shutil.copy(file, copy)
            status_command = [binary, *arguments, str(copy)]
            times.append(cpu_seconds(["/bin/sh", "-c", '"$@" || test $? = 1', "sh", *status_command], folder))
        start = statistics.median(cpu_seconds([binary, *arguments, str(empty)], folder) for _ in range(5))
        rate = number / max(1e-6, statistics.median(times) - start)
        print(f"{name}: {rate:,.0f} lines a second (limit {LIMITS['lines']:,})")
        fine = fine and rate >= LIMITS["lines"]
    return fine


def main():
    binary = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        results = [measure(binary, folder) for measure in (prompt, stops, lines)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
