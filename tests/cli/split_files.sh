#!/usr/bin/env bash
# Guards `split`: each record is counted, and written, where it belongs and in its order; the files are good ones; and
# their folder appears whole or not at all.
. "$(dirname "$0")/lib.sh"

gen() { "$DBNBENCH" gen "$@"; }
split() { run "$DBNBENCH" split "$@"; }
expect_only() { expect_equal "$(ls -A)" "$1"; }
# records FILE FILTER: as lines, without where they stand.
records() { "$DBNBENCH" cat "$1" | jq -c "select($2) | del(.n, .offset)"; }

test_files_have_the_records_in_order()
{
    local version id rest
    need jq
    for version in 1 2 3; do
        gen --schema mixed --dbn-version $version --records 500 --symbols 5 --zstd 1 -o a.zst
        split -o out a.zst
        expect_status 0
        expect_out "^a.zst: 500 records in $(ls out | wc -l) files in out\$"
        split --csv a.zst
        out | tail -n +2 >counts
        expect_equal "$(cut -d, -f1 counts)" "$(ls out | sed 's/\.dbn//' | sort -n)"
        while IFS=, read -r id rest; do
            run "$DBNBENCH" verify -b buffered "out/$id.dbn"
            expect_status 0
            records "out/$id.dbn" true >found
            cmp found <(records a.zst ".instrument_id == $id")
            expect_equal "$rest" "$(wc -l <found),$(jq -s 'map(.length * 4) | add' found)"
        done <counts
        rm -r out a.zst
    done
}

# Of more than any table has places for at first.
test_many_instruments()
{
    need jq
    gen --schema trades --records 3000 --symbols 700 -o a.dbn
    split --csv a.dbn
    expect_status 0
    out | tail -n +2 | cut -d, -f 1,2 >counts
    cmp counts <("$DBNBENCH" cat a.dbn | jq -s -r 'group_by(.instrument_id)[] | "\(.[0].instrument_id),\(length)"')
}

# Of the metadata only what leads to the instrument; all of it if that is what there is.
test_metadata()
{
    need jq
    gen --schema trades --records 2000 --symbols 7 -o a.dbn
    split -o out a.dbn
    "$DBNBENCH" info --json --symbols out/10368889.dbn >of_one
    "$DBNBENCH" info --json --symbols a.dbn >of_all
    expect_equal "$(jq -c '[.symbols, [.mappings[].raw_symbol]]' of_one)" '[["ESH4"],["ESH4"]]'
    expect_equal "$(jq -c '[.schema, .start, .end, .stype_in, .dataset, .version]' of_one)" \
        "$(jq -c '[.schema, .start, .end, .stype_in, .dataset, .version]' of_all)"
}

# More than is held back at a time, so files are written in pieces; and by day, where all of the metadata stays.
test_one_key_gives_the_same_file()
{
    local version
    gen --schema trades --records 1500000 --symbols 1 -o a.dbn
    split -o out a.dbn
    expect_status 0
    cmp a.dbn out/10368889.dbn
    for version in 1 2 3; do
        rm -r out
        gen --schema mbo --dbn-version $version --records 200 --symbols 3 -o b$version.dbn
        split --by day -o out b$version.dbn
        expect_status 0
        cmp b$version.dbn out/2024-01-02.dbn
    done
}

test_fragment()
{
    gen --schema trades --records 300 --symbols 1 -o a.dbn
    tail -c $((300 * 48)) a.dbn >a.frag
    split -o out a.frag
    expect_status 0
    cmp a.frag out/10368889.dbn.frag
}

test_all_or_nothing()
{
    gen --schema trades --records 20000 --symbols 5 -o a.dbn
    head -c 900000 a.dbn >cut.dbn
    split -o out cut.dbn
    expect_status 5
    expect_err '^dbnbench: cut.dbn: .*TRUNCATED_RECORD'
    split cut.dbn
    expect_status 5
    expect_equal "$(out)" ''
    run bash -c 'ulimit -f 100; exec "$0" split -o out a.dbn' "$DBNBENCH"
    expect_status 5
    expect_err '^dbnbench: out: File too large$'
    expect_only $'a.dbn\ncut.dbn'
    mkdir out
    split -o out a.dbn
    expect_status 5
    expect_err '^dbnbench: out: File exists$'
    rmdir out
    split -o no/out a.dbn
    expect_status 5
    expect_err '^dbnbench: no/out: No such file or directory$'
    expect_only $'a.dbn\ncut.dbn'
}

# Once the new folder is there.
test_signal_leaves_nothing()
{
    need strace
    gen --schema trades --records 20000 -o a.dbn
    run strace -qq -o /dev/null -e inject=mkdir:signal=INT:when=2 "$DBNBENCH" split -o out a.dbn
    expect_status 130
    expect_equal "$(cat "$AROUND/err")" "dbnbench: a.dbn: stopped by a signal, nothing was written"
    expect_only a.dbn
}

run_cases "$@"
