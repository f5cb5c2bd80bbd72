#!/usr/bin/env python3
"""Connector-level benchmark against fakecom (standard library only in this driver).

  (A) page through 20,000 contacts, 50 a page, and count by role (400 GETs, sequential)
  (B) create 5,000 contacts, 16 in flight
  (C) a single GET from a cold process

Each peer is peers/NAME_a.EXT, NAME_b.EXT, NAME_c.EXT run with BASE in the environment.

  conn_bench.py [--runs 5] [--delay 0] [--python PY] [--add "ics=.build/release/ics run {file}" --dir Tests/Benchmarks/connector]
  conn_bench.py --ceiling        wrk figures of the server itself

Reported medians: wall seconds, CPU seconds (user+sys of the process and its waited-for
children), peak RSS of the largest process."""
import argparse, json, os, shutil, statistics, subprocess, sys, tempfile, time, urllib.request
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import bench

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--runs", type=int, default=5)
ap.add_argument("--delay", default="0")
ap.add_argument("--port", default="8097")
ap.add_argument("--python", default=sys.executable, help="a Python with python-intercom, httpx, aiohttp")
ap.add_argument("--only", help="peers, comma separated")
ap.add_argument("--jobs", default="a,b,c")
ap.add_argument("--add", action="append", default=[])
ap.add_argument("--ext", default="ics")
ap.add_argument("--dir", default=os.path.join(HERE, "peers"))
ap.add_argument("--ceiling", action="store_true")
ap.add_argument("--json")
a = ap.parse_args()

tmp = tempfile.mkdtemp(prefix="fakecom-")
server = os.path.join(tmp, "fakecom")
subprocess.run(["cc", "-O2", "-o", server, os.path.join(HERE, "fakecom.c")], check=True)
p = subprocess.Popen([server, "--port", a.port, "--delay", a.delay], stderr=subprocess.DEVNULL)
base = "http://127.0.0.1:" + a.port
os.environ["BASE"] = base
for _ in range(100):
    try:
        urllib.request.urlopen(base + "/me").read()
        break
    except OSError:
        time.sleep(0.05)

def server_cpu():
    f = open("/proc/%d/stat" % p.pid).read().rsplit(")", 1)[1].split()
    return (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")

try:
    if a.ceiling:
        for off in range(0, 20000, 50):  # render every page once
            urllib.request.urlopen("%s/contacts?per_page=50&starting_after=c%d" % (base, off)).read()
        lua = os.path.join(tmp, "post.lua")
        open(lua, "w").write('wrk.method = "POST"\nwrk.body = \'{"role":"user","email":"new1@example.com","name":"New 1"}\'\n'
                             'wrk.headers["Content-Type"] = "application/json"\n')
        for label, args in [("GET page of 50, 1 connection", ["-t1", "-c1", base + "/contacts?per_page=50"]),
                            ("GET page of 50, 16 connections", ["-t1", "-c16", base + "/contacts?per_page=50"]),
                            ("GET one contact, 1 connection", ["-t1", "-c1", base + "/contacts/000000000000000065000003"]),
                            ("POST /contacts, 1 connection", ["-t1", "-c1", "-s", lua, base + "/contacts"]),
                            ("POST /contacts, 16 connections", ["-t1", "-c16", "-s", lua, base + "/contacts"])]:
            o = subprocess.run(["wrk", "-d3s", "--latency"] + args, capture_output=True, text=True).stdout
            rps = [l.split()[-1] for l in o.splitlines() if "Requests/sec" in l]
            p50 = [l.split()[-1] for l in o.splitlines() if l.strip().startswith("50%")]
            print("%-34s %s requests/s, median latency %s" % (label, rps, p50))
        sys.exit()
    peers = [("sdk 5.0.1", "sdk", "py", a.python + " {file}"), ("httpx", "httpx", "py", a.python + " {file}"),
             ("aiohttp", "aiohttp", "py", a.python + " {file}"), ("python stdlib", "stdlib", "py", a.python + " {file}"),
             ("node fetch", "node", "mjs", "node {file}"), ("curl+jq", "curl", "sh", "bash {file}")]
    peers = [x + (os.path.join(HERE, "peers"),) for x in peers]
    if a.only is not None:
        peers = [x for x in peers if x[1] in a.only.split(",")]
    for s in a.add:
        n, _, c = s.partition("=")
        parts = c.split()
        if "/" in parts[0]: parts[0] = os.path.abspath(parts[0])
        peers.append((n, n, a.ext, " ".join(parts), os.path.abspath(a.dir)))
    os.environ.setdefault("INTERCOM_BASE_URL", base)
    os.environ.setdefault("INTERCOM_ACCESS_TOKEN", "bench")
    launcher = bench.build_launcher()
    res = {}
    for job in a.jobs.split(","):
        samples = {}
        for k in range(a.runs):
            for name, stem, ext, cmd, d in peers:
                f = os.path.join(d, "%s_%s.%s" % (stem, job, ext))
                if not os.path.exists(f): continue
                s0 = server_cpu()
                r = bench.run_once(launcher, [x.replace("{file}", f) for x in cmd.split()], 180)
                r["server_cpu"] = server_cpu() - s0
                if r["status"] != 0:
                    print(job, name, "status", r["status"], r.get("err", "")[-500:], file=sys.stderr)
                    continue
                samples.setdefault(name, []).append(r)
        print("(%s)  %-16s %9s %9s %9s %10s   output" % (job.upper(), "peer", "wall s", "CPU s", "RSS MiB", "server CPU"))
        for name, s in samples.items():
            med = {k: statistics.median(x[k] for x in s) for k in ("wall", "cpu", "rss_kb", "server_cpu")}
            med["out"] = s[-1]["out"]
            res.setdefault(job, {})[name] = med
            print("     %-16s %9.3f %9.3f %9.1f %10.2f   %s" % (name, med["wall"], med["cpu"], med["rss_kb"] / 1024, med["server_cpu"], med["out"]))
    if a.json:
        json.dump({"runs": a.runs, "delay_ms": float(a.delay), "results": res}, open(a.json, "w"), indent=1)
finally:
    p.terminate()
