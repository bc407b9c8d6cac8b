#!/usr/bin/env bash
# Guards the sink `filter` from the command line on: what matches is counted, checked and told, and what cannot be asked
# for is refused with the reason.
. "$(dirname "$0")/lib.sh"

decode() { run "$DBNBENCH" decode "$@"; }

# In one piece, and in shards that threads take in any order.
test_matches_are_those_of_the_lines()
{
    local asked found expected
    need jq
    "$DBNBENCH" gen --schema mixed --records 3000 --symbols 5 -o a.dbn
    "$DBNBENCH" cat a.dbn >lines
    while read -r asked found; do
        [ "$asked" != : ] || asked=
        expected=$(jq -s "map(select($found)) | length" lines)
        [ "$expected" -gt 20 ] || fail "only $expected match $asked"
        decode -s "filter$asked" a.dbn
        expect_status 0
        expect_out "^$expected of 3000 records match, [0-9.]* %\$"
        decode -s "filter$asked" --json -t 2 --split 5 a.dbn
        expect_equal "$(jq .matched "$AROUND/out")" "$expected"
        run "$DBNBENCH" verify -s "filter$asked,filter$asked+frame" a.dbn
        expect_status 0
    done <<'END'
: true
:instrument=3960562 .instrument_id==3960562
:instrument=3960562:instrument=10368889:publisher=1 .publisher_id==1and(.instrument_id==3960562or.instrument_id==10368889)
:to=2024-01-02T14:30:00.5 .ts_event<1704205800500000000
END
    decode -s sum --json a.dbn
    expect_equal "$(jq .matched "$AROUND/out")" null
}

test_what_is_refused()
{
    decode -s filter:symbol=ES x.dbn
    expect_status 2
    expect_err "^dbnbench decode: --sink: a filter has no 'symbol' \\(instrument, publisher, from, to\\)\$"
    decode -s filter:instrument=ES x.dbn
    expect_status 2
    expect_err "'ES' is no value of instrument\$"
    decode -s sum:instrument=1 x.dbn
    expect_status 2
    expect_err "unknown sink 'sum:instrument=1'"
}

# Another filter is another case, and each is checked.
test_cases_of_a_run()
{
    need jq
    "$DBNBENCH" gen --schema trades --records 2000 --symbols 3 -o a.dbn
    run "$DBNBENCH" run -b mmap -s filter,filter:instrument=3960562,filter:publisher=2 --samples 1 --no-limits \
        -o runs.jsonl a.dbn
    expect_status 0
    expect_equal "$(jq -r 'select(.type == "sample") | [.sink, .tally_records, .tally_digest == "0000000000000000"] | @csv' runs.jsonl | sort)" \
        '"filter",2000,false
"filter:instrument=3960562",2000,false
"filter:publisher=2",2000,true'
}

run_cases "$@"
