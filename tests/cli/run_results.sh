#!/usr/bin/env bash
# Guards where `run` puts its results: nothing that is there is lost, and what cannot be written is an error.
. "$(dirname "$0")/lib.sh"

gen() { "$DBNBENCH" gen "$@"; }
small() { gen --schema trades --records 200 --symbols 2 -o small.dbn; }

# lines FILTER [FILE]: what jq's filter makes of the lines of a results file, as one array.
lines() { jq -cs "$1" "${2:-results.jsonl}" || depth=2 fail "not JSON lines"; }
# Of the lines that every run has; there may be others in between.
types='map(.type | select(IN("run", "sample", "end")))'
# expect_lines VALUE FILTER
expect_lines()
{
    local found
    found=$(lines "$2")
    [ "$found" = "$1" ] || depth=2 fail "$2 is $found, not $1"
}
# measure OPTION...: one sample of one case, or what the options say.
measure() { run "$DBNBENCH" run --samples 1 -b mmap -s sum -o results.jsonl "$@"; }

test_standard_output()
{
    need jq
    small
    run "$DBNBENCH" run --samples 2 -b mmap -s sum -o - small.dbn
    expect_status 0
    expect_equal "$(lines "$types" "$AROUND/out")" '["run","sample","sample","end"]'
    expect_err '^small.dbn +mmap '
    expect_err '^stored: standard output$'
    expect_equal "$(ls -A)" small.dbn
}

test_default_file()
{
    need jq
    small
    run "$DBNBENCH" run --samples 1 -b mmap -s sum small.dbn
    expect_status 0
    expect_equal "$(find results -type f)" "$(out | sed -n 's/^stored: //p')"
    expect_out '^stored: results/run-[0-9]{8}T[0-9]{6}Z-[0-9]+\.jsonl$'
    run "$DBNBENCH" run --samples 1 -b mmap -s sum small.dbn
    expect_equal "$(find results -type f -printf x)" xx
}

test_a_folder_without_permission()
{
    need setpriv
    small
    chmod 555 .
    run setpriv --bounding-set=-dac_override,-dac_read_search "$DBNBENCH" run --samples 1 -b mmap -s sum small.dbn
    expect_status 5
    expect_err '^dbnbench: results: Permission denied; -o FILE stores elsewhere$'
}

test_appending()
{
    need jq
    small
    measure small.dbn
    measure small.dbn
    expect_lines '["run","sample","end","run","sample","end"]' "$types"
    expect_lines 2 'map(.run) | unique | length'
}

# A line that a crash cut off swallows no other.
test_appending_behind_a_torn_line()
{
    need jq
    small
    printf '{"type":"sample","run":"torn' >results.jsonl
    measure small.dbn
    expect_status 0
    expect_equal "$(head -n 1 results.jsonl)" '{"type":"sample","run":"torn'
    expect_equal "$(tail -n +2 results.jsonl | jq -cs "$types")" '["run","sample","end"]'
}

test_somebody_elses_file_is_left_alone()
{
    small
    echo precious >results.jsonl
    measure small.dbn
    expect_status 5
    expect_err '^dbnbench: results.jsonl: holds something else'
    expect_equal "$(cat results.jsonl)" precious
    cp small.dbn copy.dbn
    run "$DBNBENCH" run --samples 1 -b mmap -s sum -o copy.dbn small.dbn
    expect_status 5
    cmp small.dbn copy.dbn
}

# unwritable REASON OPTION...: soon, and nothing but that is said.
unwritable()
{
    local reason=$1
    shift
    run timeout 20 "${as[@]}" "$DBNBENCH" run --samples 1 -b mmap -s sum "$@" small.dbn
    [ "$status" -eq 5 ] || fail "$*: exit status $status, expected 5"
    err | grep -qF "$reason" || fail "$*: not said: $reason"
}
as=()

test_results_that_cannot_be_written()
{
    small
    unwritable 'dbnbench: /dev/full: No space left on device' -o /dev/full
    unwritable 'dbnbench: missing/results.jsonl: No such file or directory' -o missing/results.jsonl
    unwritable 'dbnbench: .: Is a directory' -o .
    unwritable 'No such file or directory' -o ''
    echo file >results
    unwritable 'dbnbench: results' # there is no such folder, and none can be made
    expect_equal "$(cat results)" file
}

test_results_folder_without_permission()
{
    small
    if [ "$(id -u)" -eq 0 ]; then # root may write anywhere, unless that is taken away
        need setpriv
        as=(setpriv "--bounding-set=-dac_override,-dac_read_search")
    fi
    mkdir results
    chmod 555 results
    unwritable 'Permission denied'
    expect_equal "$(ls -A results)" ""
    chmod 555 .
    rmdir results 2>/dev/null || true
    unwritable 'Permission denied' -o results.jsonl
    chmod 755 .
}

test_results_reach_the_file_size_limit()
{
    small
    as=(bash -c 'trap "" XFSZ; ulimit -f 4; exec "$@"' -)
    unwritable 'dbnbench: results.jsonl: File too large' --samples 100 -o results.jsonl
    expect_equal "$(head -n 1 results.jsonl | cut -c 1-13)" '{"type":"run"'
}

run_cases "$@"
