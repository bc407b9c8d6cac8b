#!/usr/bin/env bash
# Guards history: the trend over files of runs, in text and for programs; it is a note, and no verdict.
. "$(dirname "$0")/lib.sh"

# runs FIRST LAST [FILTER]: a line for each line of these runs. From run 13 on `slow` takes half as long again.
runs()
{
    need jq
    jq -cn --argjson first "$1" --argjson last "$2" '
        range($first; $last + 1) as $i | "r\($i)" as $id |
        {type: "run", run: $id, format: 1, build: {version: "v\($i)"},
         before: {unix_ms: (1e12 + $i * 86400000 | floor)},
         machine: {cpu: "some cpu", cores_online: 2, memory_bytes: 25276514304}},
        ({type: "sample", run: $id, dataset: "d", sink: "sum", cache: "warm", threads: 1, prefix: 0, records: 1000,
          bytes: 48000, inner: 1, outcome: "ok", tally_records: 1000, tally_bytes: 48000,
          tally_digest: "0000000000000007", user_ns: 1, system_ns: 1, minor_faults: 0, major_faults: 0,
          voluntary_switches: 0, involuntary_switches: 0, max_rss_bytes: 0, reads: 3, other_calls: 0,
          bytes_read: 48000} as $sample
         | range(7) as $round | ["same", 1], ["slow", (if $i < 13 then 1 else 1.5 end)]
         | ((100000 + 500 * ($i * 7 % 5) + 100 * $round) * .[1] | floor) as $ns
         | $sample + {round: $round, backend: .[0], place: (.[0] | length), wall_ns: $ns, cpu_ns: $ns}
           | .place = (if .backend == "same" then 0 else 1 end)),
        {type: "end", run: $id, interrupted: false} '"${3:+| $3}"
}

# json FILTER: of what was printed.
json() { jq -c "($1) | $plain_numbers" "$AROUND/out"; }

# A folder of files of several runs, the later ones first.
folder()
{
    mkdir results
    runs 13 24 >results/a.jsonl
    runs 1 12 >results/b.jsonl
    echo 'no results' >results/notes.txt
}

test_a_change()
{
    folder
    run "$DBNBENCH" compare --trend results/*.jsonl
    expect_status 0
    expect_equal "$(err)" ""
    expect_out '^some cpu, 2 cores, 24 GiB$'
    expect_out '^d/same/sum/threads:1 +24 +101 +102 ns/record no change seen$'
    expect_out '^d/slow/sum/threads:1 +24 +101 +153 ns/record 1 change$'
    expect_out '^d/slow/sum/threads:1: \+50.0 % in time from 2001-09-22T01:46:40Z on: run r13, v13 \(before it v12\)$'
    expect_out '^24 runs\. '
}

test_for_programs()
{
    folder
    run "$DBNBENCH" compare --trend --json results/b.jsonl results/a.jsonl
    expect_status 0
    expect_equal "$(json 'group_by(.case)[] | [.[0].case, length]')" '["d/same/sum/threads:1",24]
["d/slow/sum/threads:1",24]'
    expect_equal "$(json '[.[] | select(.factor) | [.case, .run, (.factor * 100 | round)]]')" \
        '[["d/slow/sum/threads:1","r13",150]]'
    expect_equal "$(json '[.[] | select(.case | contains("slow")) | .run] == [range(1; 25) | "r\(.)"]')" true
    expect_equal "$(json '.[] | select(.run == "r1" and (.case | contains("same"))) |
        [.median, .low, .high | . * 10 | round]')" '[1013,1010,1016]'
    cp "$AROUND/out" first
    run "$DBNBENCH" compare --trend --json results/*.jsonl
    cmp first "$AROUND/out"
}

test_too_few_runs()
{
    runs 8 15 >few.jsonl
    run "$DBNBENCH" compare --trend few.jsonl
    expect_status 0
    expect_out '^d/slow/sum/threads:1 +8 .* 1 more run is needed to see a change$'
    run "$DBNBENCH" compare --trend --json few.jsonl
    expect_equal "$(json '[.[].factor] | unique')" '[null]'
}

# Another machine or other data make no change: they are other series.
test_what_cannot_be_compared()
{
    runs 1 12 >runs.jsonl
    runs 13 24 'if .type == "run" then .machine.cpu = "other cpu" else . end' >>runs.jsonl
    runs 25 36 'if .type == "sample" then .tally_digest = "0000000000000008" else . end' >>runs.jsonl
    run "$DBNBENCH" compare --trend runs.jsonl
    expect_status 0
    expect_equal "$(out | grep -c ' no change seen')" 6
    expect_out '^other cpu, 2 cores, 24 GiB$'
    expect_out ' no change seen +1000 records, 48000 bytes, digest 0000000000000007$'
    expect_out ' no change seen +1000 records, 48000 bytes, digest 0000000000000008$'
}

# What can be read is shown, and the rest is said.
test_damaged_results()
{
    folder
    printf '{"type":"run","run":"r2' >>results/b.jsonl
    cp results/b.jsonl results/copy.jsonl
    : >results/empty.jsonl
    runs 30 30 'if .type == "sample" then .outcome = "crashed" | .error = "x" else . end' >results/failed.jsonl
    run "$DBNBENCH" compare --trend results/*.jsonl
    expect_status 0
    expect_err '^dbnbench: results/copy.jsonl: run r1: it was read before, and counts once$'
    expect_err '^dbnbench: results/empty.jsonl: no run in it$'
    expect_err '^dbnbench: results/failed.jsonl: run r30: 2 cases without figures$'
    expect_out '^d/slow/sum/threads:1 +24 .* 1 change$'
    runs 31 31 'if .type == "run" then .format = 999 else . end' >results/newer.jsonl
    runs 32 32 'if .type == "run" then del(.before) else . end' >results/timeless.jsonl
    run "$DBNBENCH" compare --trend results/*.jsonl missing.jsonl
    expect_status 5
    expect_err '^dbnbench: results/newer.jsonl: run r31: written by a newer version'
    expect_err '^dbnbench: results/timeless.jsonl: run r32: it does not say when it was$'
    expect_err '^dbnbench: missing.jsonl: No such file or directory$'
    expect_out '^d/slow/sum/threads:1 +24 .* 1 change$'
}

test_nothing_to_show()
{
    : >none
    run "$DBNBENCH" compare --trend none
    expect_err 'none: no run in it'
    expect_err 'no run has figures'
    expect_status 5
    expect_equal "$(out)" ""
    run "$DBNBENCH" compare --trend
    expect_status 2
    run "$DBNBENCH" compare --trend --json --markdown none
    expect_status 2
}

run_cases "$@"
