#!/usr/bin/env bash
# Guards `run` against all that can end a sample or itself too early: the others keep their numbers, what is stored can
# be read, and no process is left. (slow)
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/toys/toys.sh"

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

# Those of the program's processes that run in this folder.
processes()
{
    local process
    for process in /proc/[0-9]*; do
        if [ "$process/exe" -ef "$DBNBENCH" ] && [ "$process/cwd" -ef . ]; then echo "$process"; fi
    done
}

# None is left. A killed process takes a moment to be gone.
expect_no_process()
{
    local tries
    for tries in {1..15}; do
        [ -n "$(processes)" ] || return 0
        sleep 0.1
    done
    depth=2 fail "left behind after $tries looks: $(processes)"
}

# --- backends that go wrong ---

test_toys()
{
    local toy
    need jq
    with_toys
    gen --schema trades --records 200 -o a.dbn
    run env TOY_FLIP=25000 "$DBNBENCH" run --samples 2 --timeout 3 \
        -b liar,mmap,crash,quit,hang,buffered,refuse,absent -s sum \
        -o results.jsonl a.dbn
    expect_status 4 # a wrong result is the most severe
    for toy in liar crash quit hang refuse; do
        expect_lines 1 "map(select(.backend == \"$toy\")) | length"
        expect_lines '[null,null]' "map(select(.backend == \"$toy\") | .wall_ns, .tally_records)"
        expect_lines true "map(select(.backend == \"$toy\")) | all(.error | length > 0)"
    done
    for toy in mmap buffered; do expect_lines '["ok","ok"]' "map(select(.backend == \"$toy\").outcome)"; done
    expect_lines '"mismatch"' '.[] | select(.backend == "liar").outcome'
    expect_lines '"crashed"' '.[] | select(.backend == "crash").outcome'
    expect_lines '"failed"' '.[] | select(.backend == "quit").outcome'
    expect_lines '"timed-out"' '.[] | select(.backend == "hang").outcome'
    expect_lines '"failed"' '.[] | select(.backend == "refuse").outcome'
    expect_lines 0 'map(select(.backend == "absent")) | length'
    expect_lines '{"absent":"it is a toy"}' '.[0].unavailable'
    expect_out '^mismatch: a.dbn liar sum: 200 records, 9600 bytes, digest [0-9a-f]+ instead of 200, 9600, [0-9a-f]+$'
    expect_out '^crashed: a.dbn crash sum: Aborted \(SIGABRT\)$'
    expect_out '^failed: a.dbn quit sum: no result: the process just ended$'
    expect_out '^timed-out: a.dbn hang sum: no result within 3 s$'
    expect_out '^failed: a.dbn refuse sum: a.dbn: .*Operation not permitted'
    expect_out '^unavailable: absent: it is a toy$'
    rows
    expect_out '^mmap +- +ok +[0-9]'
    expect_out '^crash +- +crashed +n/a'
    expect_no_process
}

test_what_goes_wrong_is_in_the_json_as_well()
{
    need jq
    with_toys
    small
    run "$DBNBENCH" run --samples 2 -b crash,mmap,absent -s sum --json -o results.jsonl small.dbn
    expect_status 5
    out | jq -e '.unavailable == {"absent": "it is a toy"} and
        (.rows | map([.backend, .outcome]) | sort) == [["crash", "crashed"], ["mmap", "ok"]] and
        (.rows[] | select(.backend == "crash") | .error != null and .decode_ns == null)' >/dev/null ||
        fail "not as expected"
}

# toy BACKEND STATUS: by itself.
toy()
{
    rm -f results.jsonl
    run "$DBNBENCH" run --samples 1 -b "$1" -s sum -o results.jsonl small.dbn
    [ "$status" -eq "$2" ] || fail "$1: exit status $status, expected $2"
}

test_exit_codes_of_toys()
{
    with_toys
    small
    toy crash 5
    toy quit 5
    toy refuse 5
    TOY_FLIP=$(($(stat -c %s small.dbn) - 48 + 16)) toy liar 4 # the last price
    toy liar 0
    toy absent 5
    expect_err '^dbnbench: backend absent: it is a toy$'
    toy absent,mmap 0
    expect_out '^unavailable: absent: it is a toy$'
}

# --- interrupted ---

# interrupt SIGNAL [COMMAND [OPTION...]]: once there are three samples of very many.
interrupt()
{
    local signal=$1 pid tries=0
    stoppable "$DBNBENCH" "${2:-run}" --samples 10000 -b mmap,buffered -o results.jsonl "${@:3}" \
        small.dbn >"$AROUND/out" 2>"$AROUND/err" &
    pid=$!
    until [ "$(grep -c '^{"type":"sample"' results.jsonl 2>/dev/null)" -ge 3 ] 2>/dev/null; do
        sleep 0.05
        tries=$((tries + 1))
        [ $tries -lt 600 ] || fail "no samples"
    done
    kill -0 $pid
    kill "-$signal" $pid
    status=0
    wait $pid || status=$?
    expect_no_process
}

# interrupted COMMAND [OPTION...]: by each signal.
interrupted()
{
    local signal
    need jq
    small
    for signal in INT TERM HUP; do
        rm -f results.jsonl
        interrupt $signal "$@"
        expect_status 130
        expect_lines true 'map(select(.type == "sample" and .outcome == "ok")) | length >= 3'
        expect_lines '["end",true]' '.[-1] | [.type, .interrupted]'
        expect_out '^stored: results.jsonl$'
    done
}

test_interrupted()
{
    interrupted run -s sum
    expect_out '^Interrupted; measured in '
    rows
    expect_out '^small.dbn +mmap +sum +- +[0-9]'
    expect_out '^samples: [0-9 to]+ of each case: the run was interrupted$'
}
test_interrupted_scale() { interrupted scale -s sum; }
test_interrupted_profile() { interrupted profile; }

test_interrupted_with_json()
{
    need jq
    small
    interrupt INT run -s sum --json
    expect_status 130
    out | jq -e '.complete == false and (.rows | length == 2)' >/dev/null || fail "not as expected"
}

# Who is being measured does not outlive the one that measures.
test_killed_while_a_sample_hangs()
{
    local pid tries=0
    with_toys
    small
    "$DBNBENCH" run --samples 1 --no-limits -b hang -s sum -o results.jsonl small.dbn >/dev/null 2>&1 &
    pid=$!
    until grep -qs '"type":"run"' results.jsonl && [ "$(processes | wc -l)" -eq 2 ]; do
        sleep 0.05
        tries=$((tries + 1))
        [ $tries -lt 50 ] || fail "no sample hangs"
    done
    kill -KILL $pid
    wait $pid || true
    expect_no_process
}

# Nothing is lost but the line that was being written, and the next run can go on in the same file.
test_killed()
{
    need jq
    small
    interrupt KILL run -s sum
    expect_status 137
    whole() { jq -R 'fromjson?' results.jsonl | jq -cs "$1"; }
    [ "$(whole 'map(select(.outcome == "ok")) | length')" -ge 3 ] || fail "samples are lost"
    local before
    before=$(whole "$types | length")
    measure small.dbn
    expect_status 0
    expect_equal "$(whole "$types | .[$before:]")" '["run","sample","end"]'
}

run_cases "$@"
