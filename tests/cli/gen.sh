#!/usr/bin/env bash
# Guards what `gen` generates: the same words give the same bytes, and what was asked for is in the file. (slow)
. "$(dirname "$0")/lib.sh"

gen() { "$DBNBENCH" gen "$@"; }
# member KEY FILE: of what `info` finds there; numbers beyond 2^53 would not survive jq.
member() { "$DBNBENCH" info --json "$2" | sed -n "s/^  \"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p"; }

test_same_words_same_bytes()
{
    local schema
    for schema in trades mbo mbp-1 mbp-10 ohlcv-1s definition mixed all; do
        gen --schema $schema --records 500 --seed 7 -o one.dbn
        (mkdir -p elsewhere && cd elsewhere && umask 077 &&
            env -i TZ=Asia/Tokyo "$DBNBENCH" gen --schema $schema --records 500 --seed 7 -o ../two.dbn)
        gen --schema $schema --records 500 --seed 8 -o three.dbn
        cmp one.dbn two.dbn
        ! cmp -s one.dbn three.dbn || fail "$schema: another seed gives the same data"
        rm ./*.dbn
    done
}

# Results that were measured with a dataset would mean something else if it changed: this is to be a decision.
test_bytes_of_today_are_those_of_tomorrow()
{
    local schema version crc
    while read -r schema version crc; do
        gen --schema "$schema" --dbn-version "$version" --records 1000 -o today.dbn --force
        expect_equal "$schema $version $(cksum <today.dbn)" "$schema $version $crc"
    done <<'END'
trades 3 1788294766 70632
mbo 3 2433266813 78632
mbp-1 3 472617118 102632
mbp-10 3 262007732 390632
ohlcv-1s 3 2990257987 78632
definition 1 2548892059 367928
definition 3 3206957931 542632
mixed 3 3180364407 77448
all 1 1321536042 119018
all 3 3600254318 164092
END
}

# The compressed stream is the plain one, whatever the level, and however it is cut into frames.
test_compressed_is_the_same_stream()
{
    local frames level
    need zstd
    gen --schema mixed --records 3000 -o plain.dbn
    for frames in 1 2 7 100; do
        for level in 1 3 19; do
            gen --schema mixed --records 3000 --zstd $level --frames $frames -o packed.dbn.zst --force
            zstd -dcq packed.dbn.zst | cmp - plain.dbn
            expect_equal "$(member zstd_frames packed.dbn.zst)" $frames
            expect_equal "$(member decompressed_size packed.dbn.zst)" "$(stat -c %s plain.dbn)"
        done
    done
}

# As many frames as there is hardly anything to put into: each is one all the same.
test_frames_of_a_tiny_stream()
{
    gen --schema trades --records 0 --symbols 1 --zstd 1 --frames 50 -o tiny.dbn.zst
    expect_equal "$(member zstd_frames tiny.dbn.zst)" 50
    expect_equal "$(member record_count tiny.dbn.zst)" 0
    run "$DBNBENCH" verify tiny.dbn.zst
    expect_status 0
}

# every SCHEMA: with each version, with and without ts_out; read back by the reference decoder and by all backends.
every()
{
    local version ts_out file
    for version in 1 2 3; do
        for ts_out in '' --ts-out; do
            file=$1.v$version${ts_out:+.ts_out}.dbn
            gen --schema "$1" --dbn-version $version $ts_out --records 333 --symbols 17 -o "$file"
            expect_equal "$file: $(member record_count "$file")" "$file: 333"
            expect_equal "$file: $(member version "$file")" "$file: $version"
            expect_equal "$file: $(member ts_out "$file")" "$file: $([ -n "$ts_out" ] && echo true || echo false)"
            expect_equal "$file: $(member trailing_bytes "$file")" "$file: 0"
        done
    done
    run "$DBNBENCH" verify "$1".v*.dbn
    expect_status 0
    expect_equal "$(out | grep -c ': ok, 333 records, all of: syscall .* agree$')" 6
}

# named SCHEMA: the files' metadata say so.
named() { expect_equal "$(member schema "$1.v3.dbn")" "$1"; }

# usual SCHEMA: no records of unknown types or unusual lengths.
usual() { expect_equal "$(member unknown_rtype_count "$1.v3.dbn") $(member size_mismatch_count "$1.v3.dbn")" "0 0"; }

# types FILE: the known record types in it, one a line.
types() { "$DBNBENCH" info "$1" | grep '^    [0-9a-f][0-9a-f] ' | grep -v ' unknown ' | cut -c 5-6; }

test_trades() { every trades && named trades && usual trades; }
test_mbo() { every mbo && named mbo && usual mbo; }
test_mbp_1() { every mbp-1 && named mbp-1 && usual mbp-1; }
test_mbp_10() { every mbp-10 && named mbp-10 && usual mbp-10; }
test_ohlcv_1s() { every ohlcv-1s && named ohlcv-1s && usual ohlcv-1s; }
test_definition() { every definition && named definition && usual definition; }

test_mixed()
{
    every mixed && usual mixed
    expect_equal "$(member schema mixed.v3.dbn)" null
    [ "$(types mixed.v3.dbn | wc -l)" -ge 4 ] || fail "hardly mixed"
}

test_all()
{
    every all
    [ "$(member unknown_rtype_count all.v3.dbn)" -gt 0 ] || fail "no record of an unknown type"
    [ "$(member size_mismatch_count all.v3.dbn)" -gt 0 ] || fail "no record longer than its type"
    expect_equal "$(types all.v3.dbn)" "$(sed -n 's/^RTYPE(0x\(..\),.*/\L\1/p' "$TOP/dbn/records.def" | sort -u)"
}

test_no_records()
{
    local schema
    for schema in trades all mixed; do
        gen --schema $schema --records 0 -o none.dbn --force
        expect_equal "$(member record_count none.dbn)" 0
        run "$DBNBENCH" verify none.dbn
        expect_status 0
        run "$DBNBENCH" cat none.dbn
        expect_status 0
        expect_equal "$(out)" ""
    done
}

test_symbols()
{
    local n
    for n in 1 17 5000; do
        gen --schema trades --records 1 --symbols $n -o symbols.dbn --force
        expect_equal "$(member record_count symbols.dbn) $(member symbols_count symbols.dbn)" "1 $n"
        expect_equal "$("$DBNBENCH" info --json --symbols symbols.dbn | grep -c '{"raw_symbol": "')" $n
    done
}

# --- datasets ---

test_dataset_is_what_the_manifest_says()
{
    run "$DBNBENCH" gen --dataset trades-quick-zst --dir data
    expect_status 0
    expect_out '^trades-quick-zst +[0-9]+ bytes written to data/trades-quick-zst.dbn.zst$'
    expect_equal "$(ls -A data)" trades-quick-zst.dbn.zst
    gen --schema trades --records 500000 --zstd 3 -o same.dbn.zst
    cmp same.dbn.zst data/trades-quick-zst.dbn.zst
}

test_dataset_that_is_there_is_kept()
{
    mkdir data && echo old >data/trades-quick-zst.dbn.zst
    run "$DBNBENCH" gen --dataset trades-quick-zst --dir data
    expect_status 0
    expect_out '^trades-quick-zst +4 bytes kept in data/trades-quick-zst.dbn.zst$'
    run "$DBNBENCH" gen --dataset trades-quick-zst --dir data --force
    expect_status 0
    expect_out 'written to'
    expect_equal "$(member record_count data/trades-quick-zst.dbn.zst)" 500000
}

# Those of the set, and no other.
test_sets_of_datasets()
{
    local file word
    mkdir data
    sed -n 's/^DATASET("\([^"]*\)", "\([^"]*\)".*"\([^"]*\)")$/\1 \2 \3/p' "$TOP/datasets/manifest.def" >manifest
    [ "$(wc -l <manifest)" -ge 9 ] || fail "the manifest is not read"
    while read -r _ file _; do : >"data/$file"; done <manifest
    for word in bench quick all; do
        run "$DBNBENCH" gen --dataset $word --dir data
        expect_status 0
        expect_equal "$(out | cut -d ' ' -f 1)" \
            "$(awk -v word=$word 'word == "all" || $3 == word { print $1 }' manifest)"
    done
}

test_unknown_dataset_makes_no_folder()
{
    run "$DBNBENCH" gen --dataset nonsense --dir data
    expect_status 2
    expect_err "unknown dataset 'nonsense'"
    expect_equal "$(ls -A)" ""
}

test_dataset_folder_that_cannot_be_made()
{
    echo file >file
    run "$DBNBENCH" gen --dataset trades-quick-zst --dir file
    expect_status 5
    run "$DBNBENCH" gen --dataset trades-quick-zst --dir missing/data
    expect_status 5
    expect_err '^dbnbench: missing/data: No such file or directory$'
}

run_cases "$@"
