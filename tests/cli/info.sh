#!/usr/bin/env bash
# Guards `info`: what it says of a file is compared with od, gzip and a walk in this script, which know nothing of the
# program.
. "$(dirname "$0")/lib.sh"

gen() { "$DBNBENCH" gen "$@"; }
# member KEY: of the last `info --json`, as it stands there: numbers beyond 2^53 would not survive jq.
member() { sed -n "s/^  \"$1\": \(.*[^,]\),\{0,1\}$/\1/p" "$AROUND/out"; }
expect_member() { [ "$(member "$1")" = "$2" ] || depth=2 fail "$1 is $(member "$1"), not $2"; }

# little_endian BYTE...: the number they make; like all of bash's, it wraps at 2^64.
little_endian()
{
    local i
    number=0
    for ((i = $#; i > 0; i--)); do number=$((number << 8 | ${!i})); done
}

# walk FILE: every record, by its length. Sets first, records, bytes, sum and count[type].
walk()
{
    local byte at
    mapfile -t byte < <(od -An -v -w1 -tu1 "$1" | tr -d ' ')
    little_endian "${byte[@]:4:4}"
    first=$((number + 8)) records=0 sum=0
    count=()
    for ((at = first; at < ${#byte[@]}; at += 4 * byte[at])); do
        little_endian "${byte[@]:at + 8:8}"
        sum=$((sum + number)) records=$((records + 1))
        count[byte[at + 1]]=$((${count[byte[at + 1]]:-0} + 1))
    done
    bytes=$((at - first))
}

# CRC-32 of the standard input: gzip puts it behind what it compressed.
crc32() { gzip -c | tail -c 8 | od -An -N4 -tx4 | tr -d ' '; }

expect_as_walked()
{
    local type counts='' separator='{'
    walk "$1"
    run "$DBNBENCH" info --json "$1"
    expect_status 0
    for type in "${!count[@]}"; do
        counts+=$(printf '%s"%02x": %d' "$separator" "$type" "${count[type]}")
        separator=', '
    done
    expect_member file_size "$(stat -c %s "$1")"
    expect_member first_record_offset "$first"
    expect_member record_count "$records"
    expect_member record_bytes "$bytes"
    expect_member ts_event_sum "$(printf %u "$sum")"
    expect_member rtype_counts "$counts}"
    expect_member crc32 "\"$(tail -c +$((first + 1)) "$1" | crc32)\""
    expect_member trailing_bytes 0
}

test_walk_by_hand()
{
    local version
    for version in 1 2 3; do
        gen --schema all --dbn-version $version --records 150 --symbols 3 -o a.dbn --force
        expect_as_walked a.dbn
        expect_equal "$records" 150
        gen --schema all --dbn-version $version --records 50 --symbols 3 --ts-out -o a.dbn --force
        expect_as_walked a.dbn
    done
}

# Of trades, where every record has 48 bytes: the price in the third 8 of them, the size in half of the fourth.
test_sums_of_price_and_size()
{
    local price_sum=0 size_sum=0 price size first
    gen --schema trades --records 700 --symbols 5 -o a.dbn
    run "$DBNBENCH" info --json a.dbn
    first=$(member first_record_offset)
    while read -r _ _ price size _; do
        price_sum=$((price_sum + price)) size_sum=$((size_sum + (size & 0xFFFFFFFF)))
    done < <(od -An -v -w48 -tu8 -j "$first" a.dbn)
    expect_member price_sum "$(printf %u $price_sum)"
    expect_member size_sum $size_sum
}

# The vectors that an independent decoder has looked into, if they are at hand.
test_vectors()
{
    need jq
    local folder=$TOP/tests/golden/vectors name looked_at=0
    jq -r 'keys[]' "$folder/expected.json" | grep '^generated' >names
    while read -r name; do
        run "$DBNBENCH" info --json "$folder/$name"
        jq -S --arg name "$name" '.[$name] | del(.error)' "$folder/expected.json" >expected
        out | jq -S --slurpfile expected expected 'with_entries(.key as $key | select($expected[0] | has($key)))' >found
        diff expected found || fail "$name"
        looked_at=$((looked_at + 1))
    done <names
    [ $looked_at -eq 6 ] || fail "only $looked_at vectors"
}

test_compressed()
{
    gen --schema trades --records 100 -o a.dbn
    gen --schema trades --records 100 --zstd 3 --frames 5 -o a.zst
    run "$DBNBENCH" info --json a.dbn
    out | grep -v '"file' >plain
    expect_member container '"raw"'
    run "$DBNBENCH" info --json a.zst
    expect_member container '"zstd"'
    expect_member zstd_frames 5
    expect_member decompressed_size "$(stat -c %s a.dbn)"
    out | grep -v '"file' | sed '/"zstd_frames"/d; /"decompressed_size"/d; s/"zstd"/"raw"/' | diff plain -
}

# Only what is in a file counts, never its name.
test_names_say_nothing()
{
    gen --schema trades --records 100 -o a.zst
    gen --schema trades --records 100 --zstd 1 -o b.dbn
    run "$DBNBENCH" info --json a.zst
    expect_status 0
    expect_member container '"raw"'
    run "$DBNBENCH" info --json b.dbn
    expect_status 0
    expect_member container '"zstd"'
}

test_text_says_the_same()
{
    local key
    gen --schema trades --records 100 --ts-out -o a.dbn
    run "$DBNBENCH" info --json a.dbn
    mkdir members
    for key in file_size record_count record_bytes ts_event_sum price_sum size_sum crc32; do
        member $key | tr -d '"' >members/$key
    done
    run "$DBNBENCH" info a.dbn
    expect_status 0
    expect_out '^a.dbn$'
    for key in file_size record_count record_bytes ts_event_sum price_sum size_sum crc32; do
        expect_out "^  ${key//_/ } +$(cat members/$key)$"
    done
    expect_out '^  schema +trades$'
    expect_out '^  version +3$'
    expect_out '^  ts out +true$'
    expect_out '^    00 .* 100$'
}

test_symbols()
{
    need jq
    gen --schema trades --records 10 --symbols 40 -o a.dbn
    run "$DBNBENCH" info --json --symbols a.dbn
    expect_status 0
    out | jq -e '(.symbols | length) == 40 and (.mappings | length) == 40 and .mappings_count == 40 and
        ([.mappings[].intervals | length] | add) == .intervals_count and
        ([.mappings[].raw_symbol] | sort) == (.symbols | sort) and (.symbols | unique | length) == 40' >/dev/null
    out | jq -r '.symbols[]' >symbols
    run "$DBNBENCH" info --symbols a.dbn
    local symbol
    while read -r symbol; do grep -qF " $symbol" "$AROUND/out" || fail "no $symbol in the text"; done <symbols
}

test_fragment()
{
    gen --schema trades --records 100 -o a.dbn
    run "$DBNBENCH" info --json a.dbn
    local first crc
    first=$(member first_record_offset) crc=$(member crc32)
    tail -c +$((first + 1)) a.dbn >a.dbn.frag
    cp a.dbn.frag other
    run "$DBNBENCH" info --json a.dbn.frag
    expect_status 0
    expect_member is_fragment true
    expect_member record_count 100
    expect_member crc32 "$crc"
    expect_member version null
    run "$DBNBENCH" info --json --fragment --dbn-version 2 other
    expect_status 0
    expect_member version 2
    expect_member crc32 "$crc"
    run "$DBNBENCH" info --json other
    expect_status 5
    expect_err 'NOT_DBN'
}

test_several_files()
{
    need jq
    gen --schema trades --records 10 -o a.dbn
    gen --schema mbo --records 20 -o b.dbn
    head -c -1 b.dbn >cut.dbn
    run "$DBNBENCH" info --json a.dbn missing cut.dbn b.dbn
    expect_status 5
    expect_equal "$(out | jq -c 'map([.file, .record_count, .error.outcome])')" \
        '[["a.dbn",10,null],["missing",null,"IO_ERROR"],["cut.dbn",19,"TRUNCATED_RECORD"],["b.dbn",20,null]]'
    expect_err '^dbnbench: missing: .*No such file or directory'
    expect_err '^dbnbench: cut.dbn: at byte [0-9]+ of the stream: .* \(TRUNCATED_RECORD\)$'
    run "$DBNBENCH" info a.dbn missing b.dbn
    expect_status 5
    expect_equal "$(out | grep -c '^  record count ')" 2
    run "$DBNBENCH" info --json a.dbn b.dbn
    expect_status 0
    expect_equal "$(out | jq length)" 2
}

# Text from a file can neither move the cursor nor end a string.
test_hostile_text_is_escaped()
{
    need jq
    gen --schema trades --records 1 --symbols 1 -o a.dbn
    printf '\e[2J"\\\n\xff' | dd of=a.dbn bs=1 seek=8 conv=notrunc 2>/dev/null # the dataset
    run "$DBNBENCH" info a.dbn
    expect_status 0
    ! grep -q $'\e' "$AROUND/out" || fail "an escape byte"
    expect_out '^  dataset +\\x1b\[2J"\\\\x0a\\xff'
    run "$DBNBENCH" info --json a.dbn
    ! grep -q $'\e' "$AROUND/out" || fail "an escape byte"
    expect_equal "$(out | jq -r '.dataset[0:6]')" $'\e[2J"\\'
}

run_cases "$@"
