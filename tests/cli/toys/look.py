"""What a page looks like in a browser, for page.sh: copies of it report from frames, so that one browser shows all. A copy
may do what the page's policy forbids the page; what was planted is then seen, not prevented."""
import html
import json
import re
import statistics

REPORT = """<script>addEventListener('load', function () {
    var faults = [], texts = {}, tables = [], wide = document.documentElement.clientWidth;
    var name = function (e) { return e.tagName + ' ' + (e.id || (e.closest('[id]') || e).id) + ' ' + e.textContent.slice(0, 40); };
    var look = function (root) {
        root.querySelectorAll('svg, table, pre, dl, p, ul, summary').forEach(function (e) {
            var r = e.getBoundingClientRect();
            if (r.width && (r.left < 0 || r.right > wide + 0.5 || e.scrollWidth > e.clientWidth + 1 && e.clientWidth))
                faults.push(name(e) + ' overflows');
        });
        root.querySelectorAll('svg text').forEach(function (t) {
            var r = t.getBoundingClientRect(), s = t.closest('svg').getBoundingClientRect();
            if (r.width && (r.left < s.left - 1 || r.right > s.right + 1 || r.top < s.top - 1 || r.bottom > s.bottom + 1))
                faults.push(name(t) + ' is cut off');
        });
    };
    document.querySelectorAll('details').forEach(function (d) { d.open = true; });
    look(document);
    document.querySelectorAll('input[type=radio]').forEach(function (i) {
        i.checked = true;
        look(i.nextElementSibling.nextElementSibling);
    });
    if (document.documentElement.scrollWidth > wide)
        faults.push('the page overflows');
    performance.getEntriesByType('resource').forEach(function (r) { faults.push(r.name + ' is fetched'); });
    document.querySelectorAll('figure').forEach(function (f) {
        texts[f.id] = Array.from(f.querySelectorAll('svg text, p')).map(function (t) { return t.textContent.trim(); });
    });
    document.querySelectorAll('table').forEach(function (t) {
        tables.push({id: t.id, rows: Array.from(t.rows).map(function (r) {
            return Array.from(r.cells).map(function (c) { return c.textContent; }); })});
    });
    var button = document.querySelector('th.n button'), body = button && button.closest('table').tBodies[0];
    if (button)
        button.click();
    var column = button && Array.from(body.rows).map(function (r) {
        return parseFloat(r.cells[button.parentNode.cellIndex].textContent); }).filter(function (n) { return !isNaN(n); });
    if (!column || column.some(function (n, i) { return i && n > column[i - 1]; }))
        faults.push('a table cannot be sorted');
    parent.postMessage({name: window.name, faults: faults, texts: texts, tables: tables}, '*');
});</script>"""

made = []


def frame(name, page, width):
    """A copy to be looked at in a frame of that width."""
    page = re.sub(r"<meta http-equiv[^>]*>", "", page, count=1)
    with open(name + ".html", "w", encoding="utf-8") as f:
        f.write(page.replace("</body>", REPORT + "</body>"))
    made.append(f'<iframe name="{name}" src="{name}.html" width="{width}" height="900"></iframe>')


def write_frames():
    with open("frames.html", "w", encoding="utf-8") as f:
        f.write("<!DOCTYPE html><meta charset=utf-8>" + "".join(made) + """<pre id="all"></pre><script>var all = {};
            addEventListener('message', function (m) {
                all[m.data.name] = m.data;
                document.getElementById('all').textContent = JSON.stringify(all);
            });</script>""")


def changed(page, pattern):
    """The page with the second group of the first match, a digit, one higher."""
    assert re.search(pattern, page), pattern
    return re.sub(pattern, lambda m: m.group(1) + str((int(m.group(2)) + 1) % 10), page, count=1)


# --- what is stored, worked out in another way ---

def number(value):
    """Three significant digits, as the tables have them."""
    decimals = 2 - (len("%d" % value) - 1 if value >= 1 else -len(re.match(r"0\.(0*)", "%.12f" % value).group(1)) - 1)
    return "%.*f" % (min(max(decimals, 0), 6), value)


def ranked(path):
    """{dataset: [(name, rate, ratio, ns)]} by CPU time, the least first, and {dataset: share of the limit}."""
    lines = [json.loads(line) for line in open(path)]
    cases, limits, ranks, shares = {}, {}, {}, {}
    for s in lines:
        if s["type"] == "sample" and s["threads"] == 1: # CPU time ranks those alone
            of = cases.setdefault(s["dataset"], {}).setdefault(s.get("decoder") or s["backend"], {})
            of[s["round"]] = s if s["outcome"] == "ok" else None
        elif s["type"] == "limit":
            limits[s["dataset"], s["limit"], s["round"]] = s["value"]
    def cpu(s):
        return s["cpu_ns"] / s["iterations"] / s["records"]
    for dataset, of in cases.items():
        known = {name: rounds for name, rounds in of.items() if all(rounds.values())}
        middle = {name: statistics.median(map(cpu, rounds.values())) for name, rounds in known.items()}
        best = min(middle, key=middle.get)
        ratios = {name: statistics.median(cpu(s) / cpu(known[best][i]) for i, s in rounds.items() if i in known[best])
                  for name, rounds in known.items()}
        ranks[dataset] = sorted(((name, 1e3 / middle[name], ratios[name], middle[name]) for name in known),
                                key=lambda row: row[2])
        shares[dataset] = statistics.median(s["bytes"] / limits[dataset, s["limit"], i] * 1e9 / (cpu(s) * s["records"])
                                            for i, s in known[best].items())
    return ranks, shares


def markdown_tables(path):
    text = re.sub(r"<!-- -->", "", open(path, encoding="utf-8").read())
    cell = lambda c: html.unescape(re.sub(r"\\(.)", r"\1", c)).strip()
    blocks = [b.strip().split("\n") for b in text.split("\n\n") if b.startswith("|")]
    return [[[cell(c) for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in [b[0]] + b[2:]] for b in blocks]


def numbers(text):
    return re.findall(r"\d[\d.,]*\d|\d", text)


def times_in(part, whole):
    return sum(whole[i:i + len(part)] == part for i in range(len(whole)))


def wrong_figures(f, stored="example-decoders.jsonl", summary="out/summary.md"):
    """What is not as it is stored: first in tables, then in pictures and sentences."""
    wrong = []
    tables = [t["rows"] for t in f["tables"] if t["id"]]
    for page, of in zip(tables, markdown_tables(summary)):
        wrong += [f"table {page[0]}: {a} {b}" for a, b in zip(page, of) if a != b]
    if len(tables) != len(markdown_tables(summary)):
        wrong.append("other tables")
    cases = next(t["rows"] for t in f["tables"] if t["id"] == "cases")
    of = json.load(open("cases.json"))["rows"]
    at = cases[0].index
    for title, key, scale in ("Mrec/s", "records_per_second", 1e-6), ("GB/s", "bytes_per_second", 1e-9):
        expected = [number(row[key] * scale) if row[key] else "n/a" for row in of]
        if title in cases[0] and sorted(row[at(title)] for row in cases[1:]) != sorted(expected):
            wrong.append(title)
    ranks, shares = ranked(stored)
    for k, (dataset, rows) in enumerate(ranks.items(), 1):
        near = [r for r in rows if r[2] <= 20]
        bars, dots = f["texts"][f"figure-speed-{k}"], f["texts"][f"figure-samples-{k}"]
        for what in [number(r[1]) for r in near], ["×1" if r[2] == 1 else "×" + number(r[2]) for r in near]:
            wrong += [] if times_in(what, bars) == 2 else [f"{dataset}: {what}"] # on wide pages and on narrow ones
        middles = [number(r[3]) for r in near]
        wrong += [] if times_in(middles, [t for t in dots if t in middles]) == 1 else [f"samples of {dataset}"]
        known = {number(r[1]) for r in rows} | {number(r[2]) for r in rows} | {number(100 * shares[dataset])}
        for sentence in [t for t in bars if t.startswith(("On ", "Too slow"))]:
            sentence = re.sub(r"\(.*?\)", "", sentence) # the sink, and what the limit is
            for name in sorted([dataset] + [r[0] for r in rows], key=len, reverse=True):
                sentence = sentence.replace(name, "")
            wrong += [f"{dataset}: {n} in {sentence}" for n in numbers(sentence) if n not in known]
    cells = {n for t in tables for row in t for c in row for n in numbers(c)}
    for figure, texts in f["texts"].items():
        if not figure.startswith(("figure-speed", "figure-samples")):
            wrong += [f"{figure}: {t}" for t in texts if re.match(r"×|.*\d ?%$|.* ns a record$", t)
                      and not re.match(r"\d+ %|95", t) and numbers(t)[-1] not in cells]
    return [w + " is not what is stored" for w in wrong]


def faults(f):
    return f["faults"] + wrong_figures(f)


def frames():
    text = re.search(r'<pre id="all">(.*?)</pre>', open("dom.html", encoding="utf-8").read(), re.S).group(1)
    return json.loads(html.unescape(text))
