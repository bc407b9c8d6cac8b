#!/usr/bin/env bash
# Guards report --format: each format is read by its own reader, or by a strict one, and says what the run itself says.
. "$(dirname "$0")/lib.sh"

# results: two runs, and a torn line; in the first one everything takes twice as long. One case failed.
results()
{
    need jq
    local id factor
    for id in one two; do
        factor=$([ $id = one ] && echo 2 || echo 1)
        jq -cn --arg id $id --argjson factor "$factor" '
            {type: "run", run: $id, format: 1},
            ({type: "sample", run: $id, dataset: "it'"'"'s, \"a\" |file|", sink: "sum", cache: "warm", threads: 1,
              prefix: 0, records: 1000, bytes: 48000, inner: 1, outcome: "ok", tally_records: 1000, tally_bytes: 48000,
              tally_digest: "0000000000000007", user_ns: 1, system_ns: 1, minor_faults: 0, major_faults: 0,
              voluntary_switches: 0, involuntary_switches: 0, max_rss_bytes: 0, reads: 3, other_calls: 0,
              bytes_read: 48000} as $sample
             | (range(9) as $round | ["=fast", 100], ["slow", 400]
                | ((1000 * .[1] + 1000 * $round) * $factor) as $ns
                | $sample + {round: $round, backend: .[0], place: .[1], wall_ns: $ns, cpu_ns: ($ns / 2)}),
               ({backend: "bad", place: 7, round: 0, outcome: "crashed", error: "Segmentation fault"} as $bad
                | $sample + $bad | with_entries(select(.key | test("_|^reads$") | not)))),
            {type: "end", run: $id, interrupted: false}'
    done >results.jsonl
    printf '{"type":"sam' >>results.jsonl
}
fast="it's, \"a\" |file|/=fast/sum/threads:1"
export_as() { run "$DBNBENCH" report --format "$@"; }
# json FILTER: of what was exported.
json() { jq -c --arg fast "$fast" "($1) | $plain_numbers" "$AROUND/out"; }

test_failed_cases_are_said()
{
    results
    export_as gbench results.jsonl
    expect_status 0
    expect_err '/bad/sum/threads:1: no figures: crashed: Segmentation fault$'
    expect_err 'results.jsonl: 1 line could not be used, the first is line 43: premature end of input near'
    expect_equal "$(jq -r '[.benchmarks[].name | select(test("/bad/"))] | length' "$AROUND/out")" 0
}

test_google_benchmarks_own_tool()
{
    local tool=/usr/share/benchmark/compare.py
    [ -e $tool ] || skip "compare.py of libbenchmark-tools is not installed"
    /usr/bin/python3 -c 'import scipy' 2>/dev/null || skip "compare.py needs scipy"
    results
    "$DBNBENCH" report -f gbench -o one.json results.jsonl#one 2>/dev/null
    "$DBNBENCH" report -f gbench -o two.json results.jsonl#two 2>/dev/null
    run /usr/bin/python3 $tool --no-color benchmarks one.json two.json
    expect_status 0
    expect_out '=fast/sum/threads:1_median +-0.5000 +-0.5000 +208000 +104000 +104000 +52000'
    expect_out '=fast/sum/threads:1_pvalue .* U Test, Repetitions: 9 vs 9'
    expect_out 'slow/sum/threads:1_mean +-0.5000'
}

test_github_action_benchmark()
{
    results
    export_as github-action-benchmark results.jsonl
    expect_equal "$(json '[.[] | [.unit, .value, (.name | type), (.range | type), (.extra | type)]]')" \
        '[["ns/record",104,"string","string","string"],["ns/record",404,"string","string","string"]]'
}

test_csv()
{
    need python3
    results
    export_as csv -o cases.csv results.jsonl
    expect_status 0
    python3 - "'=fast" <<'END'
import csv, sys
rows = list(csv.DictReader(open("cases.csv", newline="", encoding="utf-8"), strict=True))
assert [row["backend"] for row in rows] == ["bad", sys.argv[1], "slow"], rows
assert rows[1]["dataset"] == "it's, \"a\" |file|", rows[1]
assert float(rows[1]["decode_ns"]) == 104000 and rows[1]["samples"] == "9", rows[1]
assert rows[0]["outcome"] == "crashed" and rows[0]["decode_ns"] == "" and rows[0]["samples"] == "", rows[0]
END
    export_as csv-samples -o samples.csv results.jsonl
    expect_status 0
    python3 - <<'END'
import csv
rows = list(csv.DictReader(open("samples.csv", newline="", encoding="utf-8"), strict=True))
assert len(rows) == 19 and not [row for row in rows if None in row or None in row.values()], rows
assert sum(int(row["wall_ns"] or 0) for row in rows) == 9 * (100 + 400) * 1000 + 2 * 36000
END
}

test_markdown()
{
    results
    export_as markdown results.jsonl
    expect_status 0
    expect_out '^\| =fast \| ok \| 1.00 \| 9.62 \| 0.462 \| 104 \| 2.9% \|'
    expect_out '^crashed: it.* bad sum: Segmentation fault$'
    expect_equal "$(out | grep '^|' | sed 's/\\|//g' | tr -cd '|\n' | sort -u)" '||||||||||'
}

# What the run said when it was taken is what is exported.
test_a_real_run()
{
    need jq
    "$DBNBENCH" gen --schema trades --records 200 -o t.dbn
    "$DBNBENCH" run -b mmap,buffered -s sum --samples 7 --no-limits --json -o r.jsonl t.dbn >table.json 2>/dev/null
    export_as github-action-benchmark r.jsonl
    expect_status 0
    expect_equal "$(json '[.[].value]')" "$(jq -c "[.rows[].record_ns.median] | $plain_numbers" table.json)"
    export_as gbench r.jsonl
    expect_equal "$(json '[.benchmarks[] | select(.aggregate_name == "median") | .real_time]')" \
        "$(jq -c "[.rows[].decode_ns.median] | $plain_numbers" table.json)"
    export_as csv-samples r.jsonl
    expect_equal "$(out | sed 1d | wc -l)" 14
}

test_what_makes_no_sense()
{
    local words
    for words in "" "a" "-f gbench --text a" "-f nonsense a" "-f gbench a b" "-f csv -t a"; do
        # shellcheck disable=SC2086 # several words are meant
        run "$DBNBENCH" report $words
        expect_status 2
        expect_equal "$(out)" ""
    done
}

test_what_cannot_be_read_or_written()
{
    results
    export_as csv missing.jsonl
    expect_status 5
    expect_err '^dbnbench: missing.jsonl: No such file or directory$'
    export_as csv results.jsonl#three
    expect_status 5
    expect_err 'no run three in it'
    export_as csv -o missing/x results.jsonl
    expect_status 5
    expect_err '^dbnbench: missing/x: No such file or directory$'
    export_as csv -o /dev/full results.jsonl
    expect_status 5
    run bash -c '"$@" >/dev/full' - "$DBNBENCH" report -f csv results.jsonl
    expect_status 5
    jq -c '.format |= (if . then 999 else . end)' <(sed '$d' results.jsonl) >newer.jsonl
    export_as csv newer.jsonl
    expect_status 5
    expect_err 'newer version'
    grep -v '"ok"' results.jsonl >failed.jsonl
    echo precious >out.csv
    export_as csv -o out.csv failed.jsonl
    expect_status 5
    expect_err 'no case has figures'
    expect_equal "$(cat out.csv)" precious
}

run_cases "$@"
