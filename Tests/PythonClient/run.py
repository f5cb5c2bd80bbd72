#!/usr/bin/env python3
"""Runs driver.py, with the python-intercom package as PyPI has it, against `ics sandbox`.

    python3 run.py

The binary is the one that the variable ICS_BINARY names, else .build/debug/ics. The package goes into a virtual
environment in .build, which is made once. Exits 1 when the package cannot be had: what was not tried did not work."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = os.environ.get("ICS_BINARY") or str(ROOT / ".build" / "debug" / "ics")
PACKAGE = "python-intercom==5.0.1"
ENVIRONMENT = ROOT / ".build" / "python-client"
# Written last: an environment without it was not finished.
DONE = ENVIRONMENT / PACKAGE


def package_python():
    """The Python that has the package; makes the environment when there is none."""
    python = ENVIRONMENT / "bin" / "python"
    if DONE.exists() and subprocess.run([python, "-c", "import intercom"], capture_output=True).returncode == 0:
        return python
    print(f"installing {PACKAGE} in {ENVIRONMENT.relative_to(ROOT)}", flush=True)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    for command in ([sys.executable, "-m", "venv", ENVIRONMENT],
                    [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]):
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode != 0:
            print(result.stdout[-1000:] + result.stderr[-1000:], file=sys.stderr)
            sys.exit(f"python: {PACKAGE} cannot be installed from PyPI, so nothing was checked (above is why)")
    DONE.touch()
    return python


def drive(python, faults, *options):
    """Runs the driver against a sandbox of its own; gives its exit status."""
    with tempfile.TemporaryDirectory() as home:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("INTERCOM_", "ICS_"))}
        sandbox = subprocess.Popen(
            [BINARY, "sandbox", "--port", "0", "--db", ":memory:", "--faults", faults, "--json"],
            stdout=subprocess.PIPE, text=True, cwd=home, env={**kept, "ICS_HOME": home})
        try:
            line = sandbox.stdout.readline()
            if not line:
                print("ics sandbox did not start", file=sys.stderr)
                return 1
            ready = json.loads(line)
            driver = pathlib.Path(__file__).with_name("driver.py")
            # Generous: the slowest machine that runs this takes a minute.
            return subprocess.run(
                [python, "-B", driver, ready["url"], ready["token"], *options], env=kept, timeout=600).returncode
        finally:
            sandbox.send_signal(signal.SIGTERM)
            sandbox.wait(timeout=60)


def main():
    python = package_python()
    statuses = [drive(python, "rate:off"), drive(python, "rate:600", "--rate-limit")]
    return 1 if any(statuses) else 0


if __name__ == "__main__":
    sys.exit(main())
