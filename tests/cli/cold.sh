#!/usr/bin/env bash
# Guards reading cold files and past the page cache: that it is said where it is denied, refused or of no use, and that
# cold rows have a limit.
. "$(dirname "$0")/lib.sh"

small() { "$DBNBENCH" gen --schema trades --records 20000 -o t.dbn; }
has_uring() { [[ " $(backends_here) " == *' uring '* ]] || skip "no io_uring here"; }
# rows [JQ]: of the run's samples.
rows() { jq -cs "map(select(.type == \"sample\")) | $1" results.jsonl; }

test_denied_io_uring_is_unavailable()
{
    local error
    need strace jq
    has_uring
    small
    for error in EPERM ENOSYS; do
        denied=(strace -f -qq -o /dev/null -e trace=io_uring_setup -e "inject=io_uring_setup:error=$error" "$DBNBENCH")
        run "${denied[@]}" list backends
        expect_out "^ *uring .*\[unavailable: .*io_uring.*\($error\)\]$"
        run "${denied[@]}" decode -b uring t.dbn
        expect_status 5
        expect_err "^dbnbench: uring cannot run here: .*io_uring"
        run "${denied[@]}" verify -s sum t.dbn
        expect_status 0
        run "${denied[@]}" run --no-limits --samples 1 -b uring,mmap -s sum -o results.jsonl t.dbn
        expect_status 0
        expect_out '^unavailable: uring: .*io_uring'
        expect_equal "$(rows 'map([.backend, .tally_records]) | unique')" '[["mmap",20000]]'
        rm results.jsonl
    done
}

# injected CALL:ERROR:WHEN BACKEND: the decode of t.dbn is as ever.
injected()
{
    run strace -f -qq -o calls -P "$PWD/t.dbn" -e "trace=${1%%:*}" -e "inject=${1%%:*}:error=${1#*:}" "$DBNBENCH" decode -b "$2" t.dbn
    expect_status 0
    grep -q INJECTED calls || fail "$1: nothing was injected"
    expect_equal "$2, $1: $(out)" "$2, $1: $expected"
}

test_file_systems_may_refuse()
{
    local expected backend
    need strace
    small
    expected=$("$DBNBENCH" decode t.dbn)
    for backend in direct uring; do
        [[ " $(backends_here) " == *" $backend "* ]] || continue
        injected fcntl:EINVAL:when=1 $backend
    done
    injected pread64:EINVAL:when=1 direct
    injected pread64:EINTR:when=1+2 direct
}

test_what_refuses_is_noted()
{
    need strace jq
    small
    run strace -f -qq -o calls -P "$PWD/t.dbn" -e trace=fcntl -e inject=fcntl:error=EINVAL "$DBNBENCH" run --no-limits \
        --samples 1 -b direct -s sum -o results.jsonl t.dbn
    expect_status 0
    run "$DBNBENCH" report --text results.jsonl
    expect_out '^not direct: the file system refuses O_DIRECT, .*: t.dbn direct sum'
    expect_equal "$(rows '.[0].direct_bytes')" 0
}

test_in_memory()
{
    local backend
    [ -w /dev/shm ] || skip "no /dev/shm here"
    small
    in_memory=$(mktemp /dev/shm/dbnbench-test.XXXXXX)
    cp t.dbn "$in_memory"
    run "$DBNBENCH" verify "$in_memory"
    rm "$in_memory"
    expect_status 0
    expect_out ": ok, 20000 records, all of: .* direct"
}

# Neither RLIMIT_MEMLOCK nor a depth beyond the file's blocks is an obstacle.
test_depths_and_little_memory_to_lock()
{
    has_uring
    small
    expected=$("$DBNBENCH" decode t.dbn)
    for depth in 1 2 1024; do
        expect_equal "$("$DBNBENCH" decode -b uring --block 5K --depth $depth t.dbn)" "$expected"
    done
    ulimit -l 0
    expect_equal "$("$DBNBENCH" decode -b uring t.dbn)" "$expected"
}

# On a kernel and a file system that can do that.
test_what_was_read_does_not_stay_cached()
{
    local backend
    need fincore
    small
    "$DBNBENCH" decode --drop-cache t.dbn 2>/dev/null || skip "no file can be had cold here"
    expected=$("$DBNBENCH" decode -b direct t.dbn)
    run "$DBNBENCH" decode -b buffered --advise dontcache t.dbn
    [ "$status" != 5 ] || { expect_err 'Operation not supported: .* --advise dontcache .*\(IO_ERROR\)$' && skip "$(err)"; }
    expect_equal "$(out)" "$expected"
    [ "$(fincore -bnro RES t.dbn)" -lt 100000 ] || fail "$(fincore -bnro RES t.dbn) bytes stay cached"
    for backend in mmap inflate; do
        run "$DBNBENCH" decode -b $backend --advise dontcache t.dbn
        expect_status 5
        expect_err '^dbnbench: t.dbn: Operation not supported: .* --advise dontcache .*\(IO_ERROR\)$'
    done
}

test_dontcache_may_be_refused()
{
    need strace
    small
    run strace -f -qq -o calls -e trace=preadv2 -e inject=preadv2:error=EOPNOTSUPP "$DBNBENCH" decode -b buffered \
        --advise dontcache t.dbn
    expect_status 5
    expect_err '^dbnbench: t.dbn: Operation not supported: .* --advise dontcache .*\(IO_ERROR\)$'
}

# It is asked for in windows ahead, and nothing else changes.
test_windows_ahead()
{
    local backend
    need strace
    "$DBNBENCH" gen --schema mixed --records 100000 -o t.dbn
    expected=$("$DBNBENCH" decode -b buffered t.dbn)
    for backend in mmap buffered; do
        run strace -f -qq -o calls -e trace=readahead "$DBNBENCH" decode -b $backend --advise readahead t.dbn
        expect_equal "$(out)" "$expected"
        expect_equal "$(grep -c 'readahead(' calls)" $((($(stat -c %s t.dbn) + 1048575) / 1048576))
    done
    run strace -f -qq -o calls -e trace=madvise "$DBNBENCH" decode -b mmap --advise prefault t.dbn
    expect_equal "$(out)" "$expected"
    expect_equal "$(grep -c 'MADV_POPULATE_READ\|0x16' calls)" $((($(stat -c %s t.dbn) + 1048575) / 1048576))
}

# Of cached files only on demand.
test_who_takes_part()
{
    need jq
    small
    run "$DBNBENCH" run --samples 1 -s sum -o results.jsonl t.dbn
    expect_status 0
    expect_equal "$(rows 'map(.backend) | map(select(. == "direct" or . == "uring"))')" '[]'
    rm results.jsonl
    run "$DBNBENCH" run --samples 1 -s sum -b mmap,direct -o results.jsonl t.dbn
    expect_status 0
    expect_equal "$(rows 'map([.backend, .limit]) | sort')" '[["direct","device"],["mmap","map_touch"]]'
    ! grep -q '^not quite warm' "$AROUND/out" || fail "what is read from the disk on purpose is noted"
}

test_cold_rows_have_a_limit()
{
    need jq
    small
    "$DBNBENCH" gen --schema trades --records 20000 --zstd 1 -o t.zst
    "$DBNBENCH" decode --drop-cache t.dbn 2>/dev/null || skip "no file can be had cold here"
    run "$DBNBENCH" run --cold --samples 2 -s sum -o results.jsonl t.dbn t.zst
    expect_status 0
    # With one thread inflate would read as mmap does.
    expect_equal "$(rows 'map(.backend) | unique | join(" ")')" \
        "\"$(backends_here | tr ' ' '\n' | grep -vx inflate | sort | paste -sd ' ' -)\""
    expect_equal "$(rows 'map(.limit) | unique')" '["device"]'
    [ "$(jq -s 'map(select(.type == "limit" and .value > 0)) | length' results.jsonl)" = 4 ] ||
        skip "no limit: $(jq -rs 'map(select(.type == "limit").missing) | unique | join(", ")' results.jsonl)"
    run "$DBNBENCH" report -f csv results.jsonl
    expect_equal "$(out | grep -c ',device,')" "$(out | grep -c ',cold,')"
    # What the device gives is bytes of the file: a compressed one is decoded at a larger rate.
    expect_equal "$(rows 'map(select(.backend == "direct") | .direct_bytes > 0 and .direct_bytes == .bytes_read) | unique')" '[true]'
}

run_cases "$@"
