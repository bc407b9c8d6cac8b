#!/usr/bin/env bash
# Guards results on disk against what happens to real runs: a full disk, a file that reached its limit, a run that is
# killed, several runs into one file.
. "$(dirname "$0")/lib.sh"

small() { "$DBNBENCH" gen --schema trades --records 200 --symbols 2 -o small.dbn; }
measure=(run --no-limits -b mmap -s sum -o results.jsonl)
# whole TYPE: how many lines of that type there are that can be read.
whole() { jq -cR "fromjson? | select(.type == \"$1\") | 1" results.jsonl | wc -l; }
# torn: how many lines cannot.
torn() { jq -cR '(try fromjson catch null) | select(. == null) | 1' results.jsonl | wc -l; }

test_full_disk()
{
    local inside
    need jq unshare mount
    small
    # shellcheck disable=SC2016 # for the other shell
    inside='mkdir disk && mount -t tmpfs -o size=16k none disk || exit 77
        cd disk && "$0" "${@:1:$# - 1}" --samples 50 "${@: -1}"
        code=$?
        cp results.jsonl ../full.jsonl
        mount -o remount,size=10M . && "$0" "${@:1:$# - 1}" --samples 3 "${@: -1}" >../again.log || exit 1
        cp results.jsonl .. && exit $code'
    run unshare -m bash -c "$inside" "$DBNBENCH" "${measure[@]}" "$PWD/small.dbn"
    [ -e full.jsonl ] || skip "no file system can be mounted here"
    expect_status 5
    expect_err '^dbnbench: results.jsonl: No space left on device$'
    cmp -n "$(stat -c %s full.jsonl)" full.jsonl results.jsonl # nothing that was written was touched
    expect_equal "$(torn)" 1
    expect_equal "$(whole run) $(whole end)" '2 1'
    [ "$(whole sample)" -ge 5 ] || fail "only $(whole sample) samples"
}

# Who does not know of the limit would be killed by it without a word.
test_file_size_limit()
{
    small
    run bash -c 'ulimit -f 4; exec "$@"' - "$DBNBENCH" "${measure[@]}" --samples 100 small.dbn
    expect_status 5
    expect_err '^dbnbench: results.jsonl: File too large$'
}

# A file of its own without a run would only be in the way.
test_nothing_can_be_written()
{
    small
    # shellcheck disable=SC2016 # for the other shell
    run bash -c '(ulimit -f 0; exec "$0" run --samples 1 -b mmap -s sum small.dbn) 2>&1 | cat; exit "${PIPESTATUS[0]}"' \
        "$DBNBENCH"
    expect_status 5
    expect_out '^dbnbench: results/run-.*: File too large$'
    expect_equal "$(ls -A results)" ""
}

test_a_killed_run()
{
    local pid samples
    need jq
    small
    "$DBNBENCH" "${measure[@]}" --samples 10000 small.dbn >/dev/null 2>&1 &
    pid=$!
    for _ in {1..300}; do
        [ "$(whole sample 2>/dev/null)" -lt 3 ] || break
        sleep 0.1
    done
    kill -0 $pid || fail "it ended by itself"
    samples=$(whole sample)
    kill -KILL $pid
    wait $pid || true
    [ "$(whole sample)" -ge "$samples" ] || fail "samples were lost"
    run "$DBNBENCH" "${measure[@]}" --samples 2 small.dbn
    expect_status 0
    expect_equal "$(whole run) $(whole end)" '2 1'
    [ "$(torn)" -le 1 ] || fail "$(torn) lines were torn"
    expect_equal "$(tail -n 3 results.jsonl | jq -r .type | xargs)" 'sample sample end'
}

test_runs_at_the_same_time()
{
    local i pids=()
    need jq
    small
    for i in 1 2 3; do
        "$DBNBENCH" "${measure[@]}" --samples 5 small.dbn >/dev/null 2>&1 &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
    expect_equal "$(torn) $(whole run) $(whole sample) $(whole end)" '0 3 15 3'
    expect_equal "$(jq -cs 'map(select(.type == "sample")) | group_by(.run) | map(length)' results.jsonl)" '[5,5,5]'
}

# Nobody reads from it, and a run would wait for its own reader.
test_a_pipe_without_a_reader()
{
    "$DBNBENCH" gen --schema trades --records 100 -o a.dbn
    mkfifo pipe
    run timeout 20 "$DBNBENCH" run -b mmap -s sum --samples 1 --no-limits -o pipe a.dbn
    expect_status 5
    expect_err '^dbnbench: pipe: No such device or address$'
}

test_json_of_another_kind()
{
    "$DBNBENCH" gen --schema trades --records 100 -o a.dbn
    cp "$TOP/docs/claims/dbn-jl.json" other.json
    run "$DBNBENCH" run -b mmap -s sum --samples 1 --no-limits -o other.json a.dbn
    expect_status 5
    expect_err '^dbnbench: other.json: holds something else than results'
    cmp other.json "$TOP/docs/claims/dbn-jl.json"
}

run_cases "$@"
