#!/usr/bin/env bash
# Guards decode --drop-cache, compare and the way from hyperfine's times to a verdict, for files with names of all
# sorts. (slow)
. "$(dirname "$0")/lib.sh"

# resident FILE: pages of it in the page cache.
resident() { fincore -nb -o PAGES "$1" | tr -d ' '; }

test_drop()
{
    need fincore
    head -c 1000000 /dev/zero >"a b"
    run "$DBNBENCH" decode --drop-cache "a b"
    if [ "$status" -ne 0 ]; then
        expect_err 'dbnbench: a b: .*(page cache|posix_fadvise)'
        skip "this file system keeps its files in memory"
    fi
    expect_equal "$(resident "a b")" 0
    cat "a b" >/dev/null
    expect_equal "$(resident "a b")" 245
}

test_drop_refuses()
{
    echo x >file
    run "$DBNBENCH" decode --drop-cache
    expect_status 2
    run "$DBNBENCH" decode --drop-cache file nowhere .
    expect_status 5
    expect_err 'nowhere: No such file'
    expect_err '\.: not a regular file'
}

test_unreadable_json()
{
    "$DBNBENCH" gen --schema trades --records 1000 -o t.dbn >/dev/null
    "$DBNBENCH" run -b mmap,buffered -s sum --samples 1 -o run.jsonl t.dbn >/dev/null 2>&1
    printf '{"results": [' >cut.json
    run "$DBNBENCH" compare run.jsonl cut.json
    expect_status 5
    expect_err 'cut.json: '
    echo '{"results": [{"command": "mmap decode", "times": [1]}]}' >other.json
    run "$DBNBENCH" compare run.jsonl other.json
    expect_status 5
    expect_err '^dbnbench: other.json: "mmap decode" is not the name of a case of the run'
    run "$DBNBENCH" compare run.jsonl nowhere.json
    expect_status 5
    expect_err 'nowhere.json'
}

test_verdict()
{
    need jq
    "$DBNBENCH" gen --schema trades --records 20000 -o t.dbn >/dev/null
    "$DBNBENCH" run -b mmap,syscall -s sum --samples 7 -o taken.jsonl t.dbn >/dev/null 2>&1
    jq -c 'if .type != "sample" then . else .wall_ns = 1000 * .iterations * (.backend | length) end' \
        taken.jsonl >run.jsonl # mmap before syscall, whatever the machine does
    jq -n '{results: [["mmap", 9], ["syscall", 8]] |
        map({command: "t.dbn/\(.[0])/sum/threads:1", times: [range(7) * 0.001 + .[1]]})}' >other.json
    run "$DBNBENCH" compare run.jsonl other.json
    expect_status 0
    expect_out '^t.dbn +mmap +sum .* slower$'
    expect_out 'B timed whole processes. Pairs of backends: 0 in the same order in both, 1 in the opposite one, 0 too close'
    jq '.results[0].times[0] = 1' other.json >wide.json
    run "$DBNBENCH" compare run.jsonl wide.json
    expect_out 'Pairs of backends: 0 in the same order in both, 0 in the opposite one, 1 too close'
    jq '.results |= map(select(.command | contains("mmap")))' other.json >one.json
    run "$DBNBENCH" compare run.jsonl one.json
    expect_status 0
    expect_out 'Pairs of backends: 0 in the same order in both, 0 in the opposite one, 0 too close'
}

test_whole_way()
{
    need hyperfine jq
    local name="-it's a \"file\" \$x \\ {y}.dbn"
    "$DBNBENCH" gen --schema trades --records 20000 -o ./"$name" >/dev/null
    run "$TOP/harness/hyperfine.sh" "$DBNBENCH" "$name" frame mmap,syscall-record 6
    expect_status 0
    expect_out 'B timed whole processes. Pairs of backends: '
    expect_equal "$(jq -r '.results[0].command' results/hyperfine-*-warm.json)" "$name/mmap/frame/threads:1"
    expect_equal "$(jq -c '[.results[].times | length]' results/hyperfine-*-warm.json)" '[6,6]'
}

test_cold()
{
    need hyperfine jq
    "$DBNBENCH" gen --schema trades --records 20000 -o t.dbn >/dev/null
    "$DBNBENCH" decode --drop-cache t.dbn 2>/dev/null || skip "this file system keeps its files in memory"
    run "$TOP/harness/hyperfine.sh" "$DBNBENCH" t.dbn sum buffered,mmap 6
    expect_status 0
    expect_out '^t.dbn +buffered +sum +64K +cold '
    expect_equal "$(jq -r '.results[0].command' results/hyperfine-*-cold.json)" t.dbn/buffered/sum/threads:1/cold
}

# /dev/shm is in memory, where nothing can be dropped.
test_no_cold_file()
{
    need hyperfine
    memory=$(mktemp -d -p /dev/shm) || skip "no /dev/shm"
    trap 'rm -rf "$memory"' EXIT
    "$DBNBENCH" gen --schema trades --records 20000 -o "$memory/t.dbn" >/dev/null
    ! "$DBNBENCH" decode --drop-cache "$memory/t.dbn" 2>/dev/null || skip "/dev/shm is not in memory"
    run "$TOP/harness/hyperfine.sh" "$DBNBENCH" "$memory/t.dbn" sum mmap 6
    expect_status 0
    expect_out '^cold: n/a'
    expect_err 'stay in the page cache'
}

run_cases "$@"
