#!/usr/bin/env bash
# Guards `verify`: every backend agrees on every kind of file, whole or faulty, and who gets a byte wrong is told on. (slow)
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/toys/toys.sh"

gen() { "$DBNBENCH" gen "$@"; }
member() { "$DBNBENCH" info --json "$2" | sed -n "s/^  \"$1\": \(.*[^,]\),\{0,1\}$/\1/p"; }
all=$(backends_here)

test_all_kinds_of_files()
{
    local schema version
    for schema in trades mbo mbp-1 mbp-10 ohlcv-1s definition mixed all; do
        for version in 1 2 3; do
            gen --schema $schema --dbn-version $version --records 200 -o $schema.$version.dbn
            gen --schema $schema --dbn-version $version --records 200 --ts-out -o $schema.$version.ts_out.dbn
            gen --schema $schema --dbn-version $version --records 200 --zstd 1 --frames 3 -o $schema.$version.zst
        done
    done
    run "$DBNBENCH" verify ./*
    expect_status 0
    expect_equal "$(err)" ""
    expect_equal "$(out | grep -c ": ok, 200 records, all of: $all agree$")" 72
}

# Records of every size meet the end of a block of every size.
test_block_sizes()
{
    local block
    gen --schema all --records 2000 -o a.dbn
    gen --schema all --records 2000 --zstd 1 --frames 20 -o a.zst
    for block in 13 4095 65537 1M; do
        run "$DBNBENCH" verify --block $block a.dbn a.zst
        expect_status 0
        expect_equal "$(out | grep -c ': ok, 2000 records')" 2
    done
}

test_advice_changes_nothing()
{
    local word
    gen --schema mixed --records 2000 -o a.dbn
    for word in nothing sequential willneed populate prefault readahead; do
        run "$DBNBENCH" verify --advise $word a.dbn
        expect_status 0
    done
}

test_larger_than_every_buffer()
{
    gen --schema mixed --records 30000 -o a.dbn
    gen --schema mixed --records 30000 --zstd 1 --frames 2 -o a.zst
    run "$DBNBENCH" verify -b buffered,mmap,pipeline a.dbn a.zst
    expect_status 0
    expect_equal "$(out | grep -c ': ok, 30000 records, all of: buffered mmap pipeline agree$')" 2
}

test_only_some_backends()
{
    gen --schema trades --records 20 -o a.dbn
    run "$DBNBENCH" verify -b pipeline,mmap a.dbn
    expect_status 0
    expect_equal "$(out)" "a.dbn: ok, 20 records, all of: pipeline mmap agree"
}

# Readers without a buffer read a prefix of a long file, and say so; not of a compressed one, or with --full.
test_prefix()
{
    local all='syscall buffered'
    gen --schema trades --records 20000 -o a.dbn
    gen --schema trades --records 20000 --zstd 1 -o a.zst
    run "$DBNBENCH" verify -b syscall,buffered -s sum a.dbn a.zst
    expect_status 0
    expect_equal "$(out)" "a.dbn: ok, 20000 records, all of: syscall (first 10000 records) buffered agree
a.zst: ok, 20000 records, all of: $all agree"
    run "$DBNBENCH" verify -b syscall,buffered -s sum --full a.dbn
    expect_status 0
    expect_equal "$(out)" "a.dbn: ok, 20000 records, all of: $all agree"
}

# Twice the 13 fields of 10000 records and the metadata, once in shards: whatever the length of the file.
test_prefix_bounds_the_reads()
{
    need strace
    gen --schema trades --records 200000 -o a.dbn
    run strace -f -qq -o calls -P "$PWD/a.dbn" -e trace=read "$DBNBENCH" verify -b syscall -s sum a.dbn
    expect_status 0
    local reads
    reads=$(grep -c 'read(' calls)
    [ "$reads" -gt 250000 ] && [ "$reads" -lt 300000 ] || fail "$reads reads"
}

test_vectors()
{
    run "$DBNBENCH" verify "$TOP"/tests/golden/vectors/generated.*
    expect_status 0
    expect_equal "$(out | grep -c ': ok, ')" 6
}

test_truncated_file()
{
    gen --schema trades --records 20 -o a.dbn
    local first
    first=$(member first_record_offset a.dbn)
    truncate -s -1 a.dbn
    run "$DBNBENCH" verify a.dbn
    expect_status 5
    expect_equal "$(out)" "a.dbn: bad file: TRUNCATED_RECORD (the file ends inside a record) at byte $((first + 19 * 48)) \
of the stream, 19 records before it, all of: $all agree"
    expect_equal "$(err)" ""
}

# Whatever is cut off, at the end of plain and compressed files: all agree on what is wrong, and only whole ones pass.
test_every_length_near_the_end()
{
    local n name fine
    gen --schema all --records 3 --symbols 1 -o a.dbn
    gen --schema all --records 3 --symbols 1 --zstd 3 -o a.zst
    for n in 1 2 3 4 5 8 13 16 17 40 100; do
        for name in a.dbn a.zst; do head -c -$n $name >$name.$n; done
    done
    run "$DBNBENCH" verify a.*
    expect_status 5
    expect_equal "$(out | grep -c ' agree$')" 24
    fine=$(out | grep ': ok,' | cut -d : -f 1 | tr '\n' ' ')
    expect_equal "$fine" "a.dbn a.zst "
}

# Faults do not hide behind files that are fine, or the other way round.
test_several_files()
{
    gen --schema trades --records 20 -o a.dbn
    head -c -1 a.dbn >b.dbn
    run "$DBNBENCH" verify a.dbn b.dbn a.dbn
    expect_status 5
    expect_equal "$(out | cut -d ' ' -f 1,2)" "$(printf '%s\n' 'a.dbn: ok,' 'b.dbn: bad' 'a.dbn: ok,')"
}

# --- backends that go wrong ---

# lie SETTING...: has the liar read a.dbn, which are 50 trades. $first is where records begin.
lie()
{
    with_toys
    gen --schema trades --records 50 -o a.dbn --force
    first=$(member first_record_offset a.dbn)
    run env "$@" "$DBNBENCH" verify -b liar,mmap a.dbn
}

expect_liar()
{
    expect_status 4
    expect_equal "$(out)" "a.dbn: wrong, not all agree"
    expect_err '^dbnbench: a.dbn: backend liar, sink [a-z]+, 1 threads: .*; the reference decoder: OK, 50 records, '
    expect_err "^dbnbench: a.dbn: backend liar: $1"
    ! grep -q 'backend mmap' "$AROUND/err" || fail "mmap is told on"
}

test_honest_toy()
{
    lie TOY_NOTHING=
    expect_status 0
    expect_equal "$(out)" "a.dbn: ok, 50 records, all of: liar mmap agree"
}

test_wrong_value_is_named()
{
    local price
    gen --schema trades --records 50 -o a.dbn
    price=$("$DBNBENCH" cat a.dbn | sed -n '8s/.*"price": \([-0-9]*\),.*/\1/p')
    lie TOY_FLIP=$(($(member first_record_offset a.dbn) + 7 * 48 + 16))
    expect_liar "the record at byte $((first + 7 * 48)) of the stream has price $((price ^ 1)) instead of $price$"
}

# Each byte of a record of trades belongs to a field, and each counts; where a length is altered, a record is lost.
test_every_byte_counts()
{
    local n
    gen --schema trades --records 50 -o a.dbn
    for n in 0 1 2 4 8 15 16 23 24 28 29 30 31 32 40 44 47; do
        lie TOY_FLIP=$(($(member first_record_offset a.dbn) + 20 * 48 + n))
        expect_status 4
        expect_err "^dbnbench: a.dbn: backend liar: .* record at byte $((first + 20 * 48)) of the stream"
    done
}

test_missing_records_are_named()
{
    gen --schema trades --records 50 -o a.dbn
    lie TOY_END=$(($(member first_record_offset a.dbn) + 49 * 48))
    expect_liar "the record at byte $((first + 49 * 48)) of the stream is missing"
    lie TOY_END=$((first + 49 * 48 + 5))
    expect_liar "the record at byte $((first + 49 * 48)) of the stream is missing \(TRUNCATED_RECORD at byte "
}

test_fault_that_one_does_not_see()
{
    with_toys
    gen --schema trades --records 50 -o a.dbn
    local end=$(($(member first_record_offset a.dbn) + 50 * 48))
    printf x >>a.dbn
    run env TOY_END=$end "$DBNBENCH" verify -b liar,mmap a.dbn
    expect_status 4
    expect_err "backend liar, .*: OK, 50 records, .*; the reference decoder: TRUNCATED_RECORD at byte $end, 50 records,"
}

test_wrong_result_is_more_severe_than_bad_input()
{
    with_toys
    gen --schema trades --records 50 -o a.dbn
    head -c -1 a.dbn >cut.dbn
    run env TOY_FLIP=1 "$DBNBENCH" verify -b mmap,liar a.dbn cut.dbn
    expect_status 4
    run env TOY_FLIP=1 "$DBNBENCH" verify -b mmap,buffered a.dbn cut.dbn
    expect_status 5
}

test_unavailable_backend_is_left_out()
{
    with_toys
    gen --schema trades --records 50 -o a.dbn
    run "$DBNBENCH" verify -b mmap,absent a.dbn
    expect_status 0
    expect_equal "$(out)" "a.dbn: ok, 50 records, all of: mmap agree"
    expect_equal "$(err)" "dbnbench: backend absent is left out: it is a toy"
    run "$DBNBENCH" verify -b absent a.dbn
    expect_status 5
    expect_err 'no backend is left to verify'
    expect_equal "$(out)" ""
    run "$DBNBENCH" decode -b absent a.dbn
    expect_status 5
    expect_equal "$(err)" "dbnbench: absent cannot run here: it is a toy"
    run "$DBNBENCH" list backends
    expect_out '^  absent +a toy \[unavailable: it is a toy\]$'
}

run_cases "$@"
