#!/usr/bin/env bash
# Guards `decode --split` from outside: the same results and the same errors in any number of shards, and what it says
# of them.
. "$(dirname "$0")/lib.sh"

gen() { "$DBNBENCH" gen "$@"; }
digest() { "$DBNBENCH" decode "$@" | sed -n 's/.*digest \([0-9a-f]*\).*/\1/p'; }

test_same_results()
{
    local backend split whole
    gen --schema mixed --records 3000 -o a.dbn
    whole=$(digest -s fields a.dbn)
    [ -n "$whole" ] || fail "no digest"
    for backend in syscall buffered mmap pipeline; do
        for split in 1 2 7 1024; do
            expect_equal "$backend $split $(digest -s fields -b $backend -t 3 --split $split a.dbn)" \
                "$backend $split $whole"
        done
    done
}

test_shards_are_counted()
{
    gen --schema trades --records 1000 -o a.dbn
    run "$DBNBENCH" decode --split 4 a.dbn
    expect_status 0
    expect_out '^1000 records, 48000 bytes, digest [0-9a-f]{16}, 4 shards, 0 of them decoded again$'
    run "$DBNBENCH" decode --split 4 --json a.dbn a.dbn
    expect_status 0
    expect_out '"shards": 8, "redone": 0'
    run "$DBNBENCH" decode a.dbn
    expect_out '^1000 records, 48000 bytes, digest [0-9a-f]{16}$'
    run "$DBNBENCH" decode --split 4 -b pipeline --json a.dbn
    expect_out '"shards": 1, "redone": 0'
    gen --schema trades --records 2 -o small.dbn
    run "$DBNBENCH" decode --split 4 --json small.dbn
    expect_out '"shards": 2, "redone": 0'
}

test_same_errors()
{
    local split
    gen --schema trades --records 1000 -o a.dbn
    head -c -5 a.dbn >cut.dbn
    for split in 1 2 7; do
        run "$DBNBENCH" decode -t 2 --split $split cut.dbn
        expect_status 5
        expect_err "^dbnbench: cut.dbn: at byte $(($(wc -c <a.dbn) - 48)) of the stream: .*\(TRUNCATED_RECORD\)$"
        expect_out '^999 records, '
        run "$DBNBENCH" decode -t 2 --split $split missing.dbn
        expect_status 5
        expect_err '^dbnbench: missing.dbn: .*No such file'
    done
}

test_refused_numbers()
{
    local number
    gen --schema trades --records 10 -o a.dbn
    for number in 0 1025 -1 x '' 2x; do
        run "$DBNBENCH" decode --split="$number" a.dbn
        expect_status 2
        expect_err '--split: .*is not a number from 1 to 1024'
    done
}

# What is wrong with a later file counts when those before it have been decoded, split or not.
test_a_file_that_cannot_be_looked_into()
{
    local backend how
    "$DBNBENCH" gen --schema mixed --records 3000 -o a.dbn
    head -c -7 a.dbn >cut.dbn
    for backend in buffered mmap pipeline; do
        for how in "" "--split 3" "--split 3 -t 3"; do
            # shellcheck disable=SC2086 # several words are meant
            run "$DBNBENCH" decode -b $backend $how cut.dbn missing
            expect_status 5
            expect_err '^dbnbench: cut.dbn: at byte [0-9]* of the stream: .* \(TRUNCATED_RECORD\)$'
            # shellcheck disable=SC2086 # several words are meant
            run "$DBNBENCH" decode -b $backend $how a.dbn missing cut.dbn
            expect_status 5
            expect_out '^3000 records, '
            expect_err '^dbnbench: missing: No such file or directory'
        done
    done
}

run_cases "$@"
