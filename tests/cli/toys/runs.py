"""Stored runs made by hand, for tests of what is shown of them. PYTHONPATH brings it to a script.

    write("run.jsonl", [case("t", "mmap", [100, 110, 90]), ...], id="one")
"""
import json


def case(dataset, backend, ns, sink="sum", records=1000, bytes=48000, reads=0, error=None, **more):
    """Samples of these ns for a decode; with an error the last one has failed."""
    return dict(dataset=dataset, backend=backend, ns=ns, sink=sink, records=records, bytes=bytes, reads=reads,
                error=error, more=more)


def sample(c, place, i):
    s = dict(dataset=c["dataset"], backend=c["backend"], sink=c["sink"], cache="warm", threads=1, prefix=0,
             records=c["records"], bytes=c["bytes"], place=place, round=i, inner=2, block=None, limit=None, outcome="ok")
    if c["error"] and i == len(c["ns"]) - 1:
        return dict(s, outcome="crashed", error=c["error"])
    s.update(wall_ns=2 * c["ns"][i], cpu_ns=2 * c["ns"][i], user_ns=0, system_ns=0, minor_faults=14, major_faults=0,
             voluntary_switches=0, involuntary_switches=0, max_rss_bytes=5000000, reads=2 * c["reads"], other_calls=8,
             bytes_read=0, tally_records=c["records"], tally_bytes=c["bytes"], copied=0, syscr=2 * c["reads"],
             disk_bytes=0, absent_pages=0, allocations=2, allocated_bytes=100, steal_ns=None, stall_us=None,
             counters={}, tally_digest="00000000000000aa")
    return dict(s, **c["more"])


def write(path, cases, id="one", ms=1700000000000, limits=(), end=True, mode="w", **more):
    """more: keys of the run line. limits: (dataset, limit, bytes/s) of every round."""
    names = dict((c["dataset"], c) for c in cases)
    run = dict(type="run", run=id, format=1, build=dict(version="1", compiler="cc", flags="-O2"),
               machine=dict(cpu="a processor", cores_online=4, kernel="Linux"), before=dict(unix_ms=ms),
               command=["dbnbench run", "t.dbn"], seed="0", rounds=max(len(c["ns"]) for c in cases),
               datasets=[dict(name=n, path=n, records=c["records"], bytes=c["bytes"]) for n, c in names.items()],
               unavailable={}, notes=[], missing={})
    run.update(more)
    with open(path, mode) as f:
        def line(o):
            f.write(json.dumps(dict(o, run=id)) + "\n")
        line(run)
        for place, c in enumerate(cases):
            for i in range(len(c["ns"])):
                line(dict(sample(c, place, i), type="sample"))
        for dataset, limit, rate in limits:
            for i in range(run["rounds"]):
                line(dict(type="limit", dataset=dataset, limit=limit, unit="bytes/s", round=i, value=rate,
                          wall_value=rate))
        if end:
            line(dict(type="end", after={}, interrupted=False, cut=False))


def number(value):
    """Three significant digits as the tables have them, worked out in another way."""
    if value == 0:
        return "0"
    digits = len(str(int(value))) if value >= 1 else 0
    decimals = max(0, 3 - digits) if value >= 1 else None
    if decimals is None:
        decimals, small = 3, value
        while small < 0.1 and decimals < 6:
            small, decimals = small * 10, decimals + 1
    return "%.*f" % (min(decimals, 6), value)
