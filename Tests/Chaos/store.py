"""Kills a process that works on durable runs, without HTTP and scripts, again and again, and looks at what is left.

Tests/DurableChaos (debug: a release build has no fail points) accepts events and does three things to the outside for
each. Every second life is ended by SIGKILL at a random moment, every other one at a named fail point, each of them in
turn; one life in fifteen is stopped for longer than its leases last, and goes on (SIGSTOP, SIGCONT). Lives follow each
other until there were enough kills and everything is done. Then: every event was accepted, every run is done, every
effect happened once, none twice, no run of a key began before an older one of it, and SQLite's integrity check passes.
"""
import argparse
import collections
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Those are in parts that this process does not have.
ELSEWHERE = ("receive.", "hook.", "write.", "look-up.", "schedule.after-event")


def main(arguments):
    parser = argparse.ArgumentParser(prog="scripts/chaos --store-only", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", help="a folder in which the store and the effects stay")
    parser.add_argument("--program", help="a built DurableChaos, in place of building it")
    options = parser.parse_args(arguments)
    program = options.program or build()
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(options.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        findings = chaos(program, folder, options)
    for finding in findings:
        print(finding)
    print(f"chaos: {len(findings)} findings")
    return 1 if findings else 0


def build():
    subprocess.run(["swift", "build", "--product", "DurableChaos"], cwd=ROOT, check=True, stdout=sys.stderr)
    return str(ROOT / ".build/debug/DurableChaos")


def chaos(program, folder, options):
    store, effects = folder / "store.db", folder / "effects"
    chance = random.Random(options.seed)
    listed = subprocess.run([program, store, effects, "1", "?"], capture_output=True, text=True, check=False)
    points = [point for point in listed.stdout.split() if not point.startswith(ELSEWHERE)]
    kills, stops, lives, reached = 0, 0, 0, collections.Counter()
    # The events are dealt out over the lives, so that there is work in all of them.
    total = options.events
    while True:
        lives += 1
        allowed = total if kills >= options.kills else max(1, total * (kills + 1) // (options.kills + 1))
        command = [program, str(store), str(effects), str(allowed)]
        point = None
        if kills < options.kills and lives % 2 == 0:
            point = points[lives // 2 % len(points)]
            command.append(f"{point}:{chance.choice([1, 1, 2, 5, 20])}")
        process = subprocess.Popen(command, env=dict(os.environ, SWIFT_BACKTRACE="enable=no"))
        if lives % 15 == 7:
            stops += stop(process, chance.uniform(0.1, 0.4))
        limit = 20 if point else chance.uniform(0.02, 0.6)
        try:
            code = process.wait(timeout=300 if kills >= options.kills else limit)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            code = process.wait()
        if code == -signal.SIGKILL:
            kills += 1
            if point:
                reached[point] += 1
        elif code != 0:
            return [f"a life ended with {code} after {kills} kills (fail point {point})"]
        elif allowed == total and kills >= options.kills:
            break
        if lives > options.kills * 6 + 50:
            break
    print(f"{kills} kills in {lives} lives, {sum(reached.values())} of them at {len(reached)} of {len(points)} fail points")
    print(f"{stops} stops for longer than a lease")
    return list(look(store, effects, total))


def stop(process, after):
    """Lets a process sleep for longer than its leases (1.5 s) last; 0 when it had ended before."""
    try:
        process.wait(timeout=after)
        return 0
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGSTOP)
        time.sleep(2)
        process.send_signal(signal.SIGCONT)
        return 1


def look(store, effects, total):
    """What is wrong with what is left."""
    database = sqlite3.connect(store)
    (integrity,) = database.execute("PRAGMA integrity_check").fetchone()
    if integrity != "ok":
        yield f"the integrity check says: {integrity}"
    (events,) = database.execute("SELECT count(*) FROM event").fetchone()
    if events != total:
        yield f"{events} events of {total} were accepted"
    for state, count in database.execute("SELECT state, count(*) FROM run GROUP BY state"):
        if state != 3:
            yield f"{count} runs are in state {state}, not done"
    happened = collections.Counter(effects.read_text().split())
    twice = [effect for effect, count in happened.items() if count > 1]
    if twice:
        yield f"{len(twice)} effects happened more than once, as in {twice[:3]}"
    keys = dict(database.execute("SELECT id, ord_key FROM run"))
    missing = [f"{run}/{step}" for run in keys for step in (1, 2, 3) if f"{run}/{step}" not in happened]
    if missing:
        yield f"{len(missing)} effects never happened, as in {missing[:3]}"
    last = {}
    for effect in effects.read_text().split():
        run, step = map(int, effect.split("/"))
        if step != 1:
            continue
        key = keys.get(run)
        if last.get(key, 0) > run:
            yield f"run {run} began after run {last[key]} of its key {key}"
        last[key] = run
    (open_steps,) = database.execute("SELECT count(*) FROM step WHERE state NOT IN (2, 4)").fetchone()
    if open_steps:
        yield f"{open_steps} steps are not recorded as done"
