"""Kills `ics serve` again and again while it takes signed webhooks and works on a sandbox, and looks at what is left."""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import look
import sender

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SECRET = "chaos-secret"
LEASE = 4
# What a fail point needs to be reached: a write whose answer was not recorded, in the life before.
NEEDS = {"look-up.begin": "write.after-answer", "look-up.found": "write.after-answer"}


def main(arguments):
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--contacts", type=int, default=500)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--stops", type=int, default=8, help="lives that are stopped for longer than their leases")
    parser.add_argument("--faults", default="drop:0.2%,lost:0.2%", help="what else goes wrong in the sandbox")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", help="a folder in which the store and the sandbox stay")
    parser.add_argument("--program", help="a built ics (debug, or with -DICS_CHAOS), in place of building it")
    options = parser.parse_args(arguments)
    program = options.program or build()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(options.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        findings = Chaos(program, folder, options).run()
    for finding in findings:
        print(finding)
    print(f"chaos: {len(findings)} findings")
    return 1 if findings else 0


def build():
    subprocess.run(["swift", "build", "--product", "ics"], cwd=ROOT, check=True)
    return str(ROOT / ".build/debug/ics")


class Life:
    """One `ics serve`."""

    def __init__(self, chaos, number, point=None, take_over=False):
        self.output = chaos.folder / f"life-{number}.out"
        self.errors = chaos.folder / f"life-{number}.err"
        self.began = int(time.time() * 1000)
        # When it was put to sleep to be taken over. Blocks that it begins later do nothing to the outside.
        self.slept = float("inf")
        variables = dict(chaos.variables)
        if point:
            variables["ICS_FAIL_POINT"] = point
        with open(self.output, "wb") as output, open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [chaos.program, "serve", str(HERE / "hooks.ics"), "--port", "0", "--json", "--store", str(chaos.store)]
                + (["--take-over"] if take_over else []),
                env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)

    def ready(self):
        """Where it takes webhooks; None when it ended before."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            # An event that somebody sends at once may be told of before.
            for line in self.output.read_bytes().split(b"\n")[:-1]:
                if "webhook_url" in (told := json.loads(line)):
                    return told["webhook_url"]
            if self.process.poll() is not None:
                return None
            time.sleep(0.01)
        return None

    def wait(self, seconds):
        """How it ended; None when it has not."""
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.send_signal(signal.SIGCONT)
        return self.process.wait()


class Chaos:
    def __init__(self, program, folder, options):
        self.program, self.folder, self.options = program, folder, options
        self.store, self.world = folder / "store.db", folder / "sandbox.db"
        self.chance = random.Random(options.seed)
        self.kept = {k: v for k, v in os.environ.items() if not k.startswith(("INTERCOM_", "ICS_"))}
        self.kept.update(ICS_HOME=str(folder / "home"), SWIFT_BACKTRACE="enable=no", NO_COLOR="1")
        self.reached = collections.Counter()
        self.lives, self.kills, self.stops, self.taken_over, self.asked = [], 0, 0, 0, set()
        self.findings, self.suspects = [], set()

    def run(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        sandbox = subprocess.Popen(
            [self.program, "sandbox", "--db", str(self.world), "--json", "--seed", str(self.options.contacts),
             "--faults", ",".join(filter(None, ["rate:off", self.options.faults]))],
            env=self.kept, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            ready = json.loads(sandbox.stdout.readline())
            self.variables = dict(
                self.kept, INTERCOM_BASE_URL=ready["url"], INTERCOM_ACCESS_TOKEN=ready["token"],
                INTERCOM_CLIENT_SECRET=SECRET, ICS_LEASE_SECONDS=str(LEASE), ICS_SETTLE_SECONDS="0.6")
            return self.live()
        finally:
            for life in self.lives:
                if life.process.poll() is None:
                    life.kill()
            sandbox.terminate()
            sandbox.wait()

    def live(self):
        began = time.monotonic()
        events = self.events()
        self.sender = sender.Sender(events, SECRET, threads=12)
        points = self.points()
        plan = self.plan(points)
        # The events are dealt out over the lives, so that there is work in all of them.
        kills = max(self.options.kills, len(plan))
        last_said, again = 0, True
        while plan and not self.findings:
            self.sender.allow(min(len(events), len(events) * (self.kills + 1) // (kills + 1) + 1))
            step = plan.pop(0)
            self.stopped_life() if step == "stop" else self.killed_life(step)
            if self.kills % 5 == 0:
                self.see_to_parked()
            if time.monotonic() - last_said > 30:
                last_said = time.monotonic()
                print(f"{len(self.sender.acknowledged)} events, {self.kills} kills, {len(self.reached)} fail points",
                      flush=True)
            if not plan and self.kills < self.options.kills:
                plan = self.plan(points)[:self.options.kills - self.kills]
            if not plan and again:
                # Some points come up now and then only: another try.
                again = False
                plan = [step for point in points if point not in self.reached
                        for step in ([NEEDS[point], point] if point in NEEDS else [point])]
        killed = time.monotonic() - began
        if not self.findings:
            self.sender.allow(len(events))
            self.last_life(events)
        self.sender.stop()
        print(f"{self.kills} kills in {len(self.lives)} lives, {sum(self.reached.values())} of them at {len(self.reached)} "
              f"of {len(points)} fail points")
        print(f"{self.stops} stops for longer than a lease, {self.taken_over} of them taken over")
        print(f"{len(self.sender.acknowledged)} events acknowledged, {self.sender.repeated} deliveries were duplicates, "
              f"{len(self.asked)} messages of unknown outcome were asked about, {len(self.suspects)} runs were parked as "
              "what may cause the crashes")
        print(f"{killed:.0f} s of kills, {time.monotonic() - began:.0f} s in all")
        if self.findings:
            return self.findings
        if missed := set(points) - set(self.reached):
            print("not reached: " + " ".join(sorted(missed)))
        if len(self.reached) < 25 <= self.options.kills:
            self.findings.append(f"only {len(self.reached)} fail points were reached")
        printed = [(key, max(at, life.began)) for life in self.lives for key, at in look.printed_steps(life.output)
                   if at < life.slept]
        self.findings += [f"{i} was answered {status}" for i, status in self.sender.refused[:5]]
        self.findings += look.look(self.store, self.world, events, self.sender.acknowledged, printed, self.suspects)
        return self.findings

    def events(self):
        """The notifications, dealt out over the contacts: the numbers of one contact grow."""
        with look.database(self.world) as world:
            contacts = [i for (i,) in world.execute("SELECT id FROM contacts ORDER BY seq")]
            (admin,) = world.execute("SELECT id FROM admins LIMIT 1").fetchone()
        world.close()
        return [
            {"type": "notification_event", "id": f"notif_{number}", "topic": "contact.user.created", "app_id": "chaos",
             "created_at": 1767600000, "data": {"type": "notification_event_data", "item": {
                 "type": "contact", "role": "user", "id": contacts[number % len(contacts)], "number": number,
                 "admin": admin}}}
            for number in range(1, self.options.events + 1)]

    def points(self):
        asked = subprocess.run(
            [self.program, "serve", str(HERE / "hooks.ics"), "--port", "0", "--store", str(self.folder / "none.db")],
            env=dict(self.kept, ICS_FAIL_POINT="?"), capture_output=True, text=True, check=False)
        names = re.search(r"ICS_FAIL_POINT names none of: (.*)", asked.stderr)
        if not names:
            raise SystemExit("this ics has no fail points: build it in debug, or with -Xswiftc -DICS_CHAOS")
        return names[1].split()

    def plan(self, points):
        """Lives to come: every second kill at a random moment (None), the others at each point in turn."""
        plan = []
        for point in self.chance.sample(points, len(points)):
            if len(points) * 2 <= self.options.kills:
                plan.append(None)
            if point in NEEDS:
                plan.append(NEEDS[point])
            often = self.options.kills >= len(points) * 2 and point not in NEEDS
            plan.append(f"{point}:{self.chance.choice([1, 1, 2, 5, 20]) if often else 1}")
        plan += [None] * max(0, min(self.options.kills, 8) - plan.count(None))
        if not self.lives:
            for _ in range(self.options.stops):
                plan.insert(self.chance.randrange(len(plan)), "stop")
        return plan

    # Lives

    def begin(self, point=None, take_over=False):
        life = Life(self, len(self.lives) + 1, point, take_over)
        self.lives.append(life)
        self.sender.set_url(life.ready())
        return life

    def end(self, life, code, point=None):
        self.sender.set_url(None)
        if code != -signal.SIGKILL:
            self.findings.append(f"a life ended with {code} (fail point {point}): {life.errors.read_text()[-500:]}")
            return
        self.kills += 1
        if point:
            self.reached[point.split(":")[0]] += 1

    def killed_life(self, point):
        life = self.begin(point)
        code = life.wait(6 if point else self.chance.uniform(0.05, 2))
        if code is None:
            point, code = None, life.kill()
        self.end(life, code, point)

    def stopped_life(self):
        """Stopped beyond its leases and woken again; every second time another one has taken over meanwhile."""
        life = self.begin()
        if life.wait(self.chance.uniform(0.3, 1)) is not None:
            return self.end(life, life.process.returncode)
        self.stops += 1
        takes_over = self.stops % 2 == 0
        self.sleep(life, unlocked=takes_over)
        self.sender.set_url(None)
        if not takes_over:
            time.sleep(LEASE + 1)
            life.process.send_signal(signal.SIGCONT)
            self.sender.set_url(life.ready())
            life.wait(2)
            return self.end(life, life.kill())
        self.taken_over += 1
        life.slept = int(time.time() * 1000)
        time.sleep(1)
        heir = self.begin(take_over=True)
        heir.wait(LEASE + 2)
        life.process.send_signal(signal.SIGCONT)
        code = life.wait(20)
        if code != 1:
            self.findings.append(f"a process whose store was taken over ended with {code}")
        self.end(heir, heir.kill())

    def sleep(self, life, unlocked):
        """Stops a life; on request not in the midst of a transaction: nobody takes over what nobody can write to."""
        for _ in range(200):
            life.process.send_signal(signal.SIGSTOP)
            stat = pathlib.Path(f"/proc/{life.process.pid}/stat")
            while stat.read_text().rpartition(")")[2].split()[0] != "T":
                time.sleep(0.001)
            if not unlocked:
                return
            opened = sqlite3.connect(self.store, timeout=0, isolation_level=None)
            try:
                opened.execute("BEGIN IMMEDIATE")
                opened.execute("ROLLBACK")
                return
            except sqlite3.OperationalError:
                life.process.send_signal(signal.SIGCONT)
                time.sleep(self.chance.uniform(0, 0.02))
            finally:
                opened.close()
        self.findings.append("the store was locked whenever the process was stopped")

    def last_life(self, events):
        """Lets everything end, and sees to what is parked as a person would."""
        life = self.begin()
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline and life.process.poll() is None:
            self.see_to_parked()
            with look.database(self.store) as opened:
                (done,) = opened.execute("SELECT count(*) FROM run WHERE hook = 'effects' AND state = 3").fetchone()
            opened.close()
            if done >= len(events) and len(self.sender.acknowledged) == len(events):
                break
            time.sleep(0.2)
        else:
            self.findings.append("not everything ended")
        life.process.send_signal(signal.SIGTERM)
        if (code := life.wait(60)) != 0:
            self.findings.append(f"the last life ended with {code}: {life.errors.read_text()[-500:]}")

    # The person

    def see_to_parked(self):
        """Looks into the workspace for writes of unknown outcome, and says what it found."""
        if not self.store.exists():
            return
        with look.database(self.store) as opened:
            parked = opened.execute(
                "SELECT run.id, run.parked, event.payload FROM run JOIN event ON event.id = run.event_id "
                "WHERE run.state = 6").fetchall()
        opened.close()
        if not parked:
            return
        _, _, messages = look.effects_in(self.world)
        answers = {"--sent": [], "--not-sent": [], None: []}
        for run, reason, payload in parked:
            kind = json.loads(reason)["kind"]
            if kind == "uncertain":
                # Only the message is something that no look-up tells.
                if "/messages" not in reason:
                    self.findings.append(f"run {run} is parked: {reason}")
                number = json.loads(payload)["data"]["item"]["number"]
                answers["--sent" if number in messages else "--not-sent"].append(run)
                self.asked.add(run)
            elif kind == "leaseLosses":
                # One that was there in more than twenty crashes; it lets later events of its contact pass.
                answers[None].append(run)
                self.suspects.add(json.loads(payload)["data"]["item"]["number"])
            else:
                self.findings.append(f"run {run} is parked: {reason}")
        for answer, runs in answers.items():
            if runs:
                # What does not succeed, because the server is too busy, is tried again with the next look.
                subprocess.run(
                    [self.program, "runs", "retry", *map(str, runs), *([answer] if answer else []), "--store",
                     str(self.store)], env=self.kept, check=False, stdout=subprocess.DEVNULL)
