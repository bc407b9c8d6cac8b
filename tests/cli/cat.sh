#!/usr/bin/env bash
# Guards `cat`: each record once, in order, with the values that od finds; the same in both formats; and up to a fault,
# all that is in front of it.
. "$(dirname "$0")/lib.sh"

gen() { "$DBNBENCH" gen "$@"; }
member() { "$DBNBENCH" info --json "$2" | sed -n "s/^  \"$1\": \(.*[^,]\),\{0,1\}$/\1/p"; }

# values KEY <JSON-LINES: as they stand there, without quotes.
values() { sed -n "s/.*\"$1\": \(\"[^\"]*\"\|[-0-9]*\).*/\1/p" | tr -d '"'; }

# Sums wrap at 2^64, as those of `info` do.
sum()
{
    local total=0 value
    while read -r value; do total=$((total + value)); done
    printf '%u\n' $total
}

# found KEY: as member does, of what `info` said last.
found() { sed -n "s/^  \"$1\": \(.*[^,]\),\{0,1\}$/\1/p" found; }

# expect_sums FILE: those of the records printed are what `info` says.
expect_sums()
{
    local lines
    "$DBNBENCH" info --json "$1" >found
    run "$DBNBENCH" cat "$1"
    expect_status 0
    lines=$(out | wc -l)
    expect_equal "$1: $lines" "$1: $(found record_count)"
    expect_equal "$1: $(out | values ts_event | sum)" "$1: $(found ts_event_sum)"
    expect_equal "$1: $(out | values length | sum)" "$1: $(($(found record_bytes) / 4))"
    expect_equal "$1: $(out | values n | sum)" "$1: $((lines * (lines - 1) / 2))"
    expect_equal "$1: $(out | head -n 1 | values offset)" "$1: $(found first_record_offset)"
}

test_sums_of_all_kinds()
{
    local schema version
    for schema in trades mbo mbp-1 mbp-10 ohlcv-1s definition mixed all; do
        for version in 1 2 3; do
            gen --schema $schema --dbn-version $version --records 60 -o $schema.$version.dbn
            expect_sums $schema.$version.dbn
        done
        gen --schema $schema --records 60 --ts-out -o $schema.ts_out.dbn
        expect_sums $schema.ts_out.dbn
    done
}

test_lines_are_json()
{
    need jq
    gen --schema all --records 500 -o a.dbn
    run "$DBNBENCH" cat a.dbn
    expect_status 0
    out | jq -es 'length == 500 and (map(.n) == [range(500)]) and all(.length >= 4 and (.offset | type) == "number") and
        ([range(499) as $i | .[$i].offset + 4 * .[$i].length == .[$i + 1].offset] | all) and
        any(.struct == null and .body != null) and any(.extra != null)' >/dev/null || fail "not the expected objects"
}

# expect_field NAME N TYPE: in records of 48 bytes it is the Nth of that type of od's.
expect_field()
{
    expect_equal "$1 $(out | values "$1")" "$1 $(od -An -v -w48 -j "$first" "$3" a.dbn | awk -v n="$2" '{ print $n }')"
}

# 8 bytes of header, then ts_event, price, size, four single bytes, ts_recv, ts_in_delta and sequence.
test_values_are_the_bytes_of_the_file()
{
    local first
    gen --schema trades --records 64 -o a.dbn
    first=$(member first_record_offset a.dbn)
    run "$DBNBENCH" cat a.dbn
    expect_field ts_event 2 -tu8
    expect_field price 3 -td8
    expect_field ts_recv 5 -tu8
    expect_field instrument_id 2 -tu4
    expect_field size 7 -tu4
    expect_field ts_in_delta 11 -td4
    expect_field sequence 12 -tu4
    expect_field publisher_id 2 -tu2
    expect_field length 1 -tu1
    expect_field rtype 2 -tu1
    expect_field action 29 -ta
    expect_field side 30 -ta
    expect_field flags 31 -tu1
    expect_field depth 32 -tu1
}

# --- CSV ---

trade_columns=ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,sequence
level() { printf ',bid_px_%s,ask_px_%s,bid_sz_%s,ask_sz_%s,bid_ct_%s,ask_ct_%s' "$1" "$1" "$1" "$1" "$1" "$1"; }

# tabulate COLUMNS LINES: the values of JSON lines as CSV. A character that is not set stands there as \x00.
tabulate()
{
    awk -v quote='"' '
        FNR == NR { name[++n] = quote $0 quote ": "; next }
        {
            for (i = 1; i <= n; i++) {
                value = substr($0, index($0, name[i]) + length(name[i]))
                sub(/^"/, "", value)
                sub(/["},].*/, "", value)
                printf "%s%s", value == "\\\\x00" ? "" : value, i < n ? "," : "\n"
            }
        }' "$1" "$2"
}

# csv SCHEMA: each version, with and without ts_out. The header is the first line; below it are the values of the JSON
# lines, column by column.
csv()
{
    local version ts_out
    for version in 1 2 3; do
        for ts_out in '' --ts-out; do
            gen --schema "$1" --dbn-version $version $ts_out --records 50 -o a.dbn --force
            "$DBNBENCH" cat a.dbn >lines
            run "$DBNBENCH" cat --csv a.dbn
            expect_status 0
            expect_equal "$(out | wc -l)" 51
            out | head -n 1 | tr , '\n' >columns
            [ -z "$ts_out" ] || expect_equal "$(tail -n 1 columns)" ts_out
            ! grep -q reserved columns || fail "padding is no column"
            out | awk -F , 'NR == 1 { n = NF } NF != n { exit 1 }' || fail "lines of different lengths"
            out | tail -n +2 | diff - <(tabulate columns lines) ||
                fail "$1, version $version: not what the JSON lines say"
        done
    done
}

# expect_header COLUMNS: of the last file.
expect_header() { expect_equal "$(head -n 1 "$AROUND/out")" "$1,ts_out"; }

test_csv_of_trades() { csv trades && expect_header "$trade_columns"; }
test_csv_of_mbp_1() { csv mbp-1 && expect_header "$trade_columns$(level 00)"; }
test_csv_of_definition() { csv definition; }

test_csv_of_mbp_10()
{
    local n levels=''
    for n in 00 01 02 03 04 05 06 07 08 09; do levels+=$(level $n); done
    csv mbp-10
    expect_header "$trade_columns$levels"
}

test_csv_of_mbo()
{
    csv mbo
    expect_header "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,price,size,channel_id,order_id,flags,\
ts_in_delta,sequence"
}

test_csv_of_ohlcv()
{
    csv ohlcv-1s
    expect_header ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume
}

test_no_csv_of_several_types()
{
    local schema
    for schema in mixed all; do
        gen --schema $schema --records 200 -o a.dbn --force
        run "$DBNBENCH" cat --csv a.dbn
        expect_status 2
        expect_equal "$(out)" ""
        expect_err '^dbnbench: a.dbn: no CSV for records of several or unknown types, use --json: the record at byte '
        expect_err ' byte [0-9]+ of the stream, rtype 0x[0-9a-f]{2}, is [A-Za-z0-9]+, the first one [A-Za-z0-9]+$'
    done
}

test_csv_of_no_records()
{
    local schema
    for schema in trades mbp-10 definition ohlcv-1s; do # those of the schema, as from one record
        gen --schema $schema --ts-out --records 0 -o $schema.0
        gen --schema $schema --ts-out --records 1 -o $schema.1
        run "$DBNBENCH" cat --csv $schema.0
        expect_status 0
        expect_equal "$(out)" "$("$DBNBENCH" cat --csv $schema.1 | head -n 1)"
    done
    gen --schema mixed --records 0 -o a.dbn
    run "$DBNBENCH" cat --csv a.dbn
    expect_status 0
    expect_equal "$(out)" ""
}

# --- how much ---

test_only_the_first_records()
{
    local n
    gen --schema trades --records 50 -o a.dbn
    "$DBNBENCH" cat a.dbn >all
    "$DBNBENCH" cat --csv a.dbn >all.csv
    for n in 0 1 49 50 51 18446744073709551615; do
        "$DBNBENCH" cat -n $n a.dbn | cmp - <(head -n "$((n < 0 ? 51 : n))" all)
        [ $n = 0 ] || "$DBNBENCH" cat --records $n --csv a.dbn | cmp - <(head -n "$((n < 0 ? 51 : n + 1))" all.csv)
    done
}

test_first_records_of_several_types_as_csv()
{
    gen --schema mixed --records 50 -o a.dbn
    run "$DBNBENCH" cat --csv -n 1 a.dbn
    expect_status 0
    expect_equal "$(out | wc -l)" 2
}

test_compressed()
{
    gen --schema mixed --records 500 -o a.dbn
    gen --schema mixed --records 500 --zstd 3 --frames 9 -o a.zst
    "$DBNBENCH" cat a.dbn >plain
    "$DBNBENCH" cat a.zst | cmp - plain
}

test_block_sizes_change_nothing()
{
    local block
    gen --schema all --records 100 -o a.dbn
    "$DBNBENCH" cat a.dbn >plain
    for block in 1 7 4095 65537; do "$DBNBENCH" cat --block $block a.dbn | cmp - plain; done
}

test_fragment()
{
    gen --schema all --records 100 --ts-out -o a.dbn
    local first
    first=$(member first_record_offset a.dbn)
    tail -c +$((first + 1)) a.dbn >fragment
    "$DBNBENCH" cat a.dbn | sed 's/"offset": [0-9]*, //' >whole
    "$DBNBENCH" cat --fragment --dbn-version 3 --ts-out fragment | sed 's/"offset": [0-9]*, //' | cmp - whole
}

# --- up to a fault ---

test_all_in_front_of_a_fault()
{
    gen --schema trades --records 30 -o a.dbn
    "$DBNBENCH" cat a.dbn >all
    local first
    first=$(member first_record_offset a.dbn)
    head -c -10 a.dbn >cut.dbn
    run "$DBNBENCH" cat cut.dbn
    expect_status 5
    out | cmp - <(head -n 29 all)
    expect_err "^dbnbench: cut.dbn: at byte $((first + 29 * 48)) of the stream: .* \(TRUNCATED_RECORD\)$"
    cp a.dbn bad.dbn
    printf '\003' | dd of=bad.dbn bs=1 seek=$((first + 7 * 48)) conv=notrunc 2>/dev/null
    run "$DBNBENCH" cat bad.dbn
    expect_status 5
    out | cmp - <(head -n 7 all)
    expect_err "^dbnbench: bad.dbn: at byte $((first + 7 * 48)) of the stream: .* \(BAD_RECORD_LENGTH\)$"
}

test_fault_behind_what_was_asked_for()
{
    gen --schema trades --records 30 -o a.dbn
    truncate -s -10 a.dbn
    run "$DBNBENCH" cat -n 29 a.dbn
    expect_status 0
    run "$DBNBENCH" cat -n 30 a.dbn
    expect_status 5
}

# A table with a fault in it is printed as far as it goes as well, since all that is there is of one type.
test_csv_up_to_a_fault()
{
    gen --schema trades --records 30 -o a.dbn
    truncate -s -10 a.dbn
    run "$DBNBENCH" cat --csv a.dbn
    expect_status 5
    expect_equal "$(out | wc -l)" 30
    expect_err 'TRUNCATED_RECORD'
}

test_hostile_text_is_escaped()
{
    need jq
    gen --schema definition --records 1 -o a.dbn
    local at
    at=$(grep -obaF "$("$DBNBENCH" cat a.dbn | jq -r .raw_symbol)" a.dbn | cut -d : -f 1 |
        awk -v first="$(member first_record_offset a.dbn)" '$1 > first { print; exit }')
    printf '\e]0;\n"\\,' | dd of=a.dbn bs=1 seek="$at" conv=notrunc 2>/dev/null
    run "$DBNBENCH" cat a.dbn
    expect_status 0
    expect_equal "$(out | wc -l)" 1
    ! grep -q $'\e' "$AROUND/out" || fail "an escape byte"
    expect_equal "$(out | jq -r .raw_symbol)" $'\e]0;\n"\\\\,' # the backslash of a text is two
    run "$DBNBENCH" cat --csv a.dbn
    expect_equal "$(out | wc -l)" 2
    ! grep -q $'\e' "$AROUND/out" || fail "an escape byte"
    expect_out ',"\\x1b\]0;\\x0a""\\\\,",'
}

run_cases "$@"
