#!/usr/bin/env bash
# Guards `run`: every case gets its row and its samples, each of them with the right result. No time is judged. (slow)
. "$(dirname "$0")/lib.sh"

gen() { "$DBNBENCH" gen "$@"; }
small() { gen --schema trades --records 200 --symbols 2 -o small.dbn; }
backends=(syscall syscall-record buffered mmap pipeline inflate)

# lines FILTER [FILE]: what jq's filter makes of the lines of a results file, as one array.
lines() { jq -cs "$1" "${2:-results.jsonl}" || depth=2 fail "not JSON lines"; }
# expect_lines VALUE FILTER
expect_lines()
{
    local found
    found=$(lines "$2")
    [ "$found" = "$1" ] || depth=2 fail "$2 is $found, not $1"
}
# measure OPTION...: one sample of one case, or what the options say.
measure() { run "$DBNBENCH" run --samples 1 -b mmap -s sum -o results.jsonl "$@"; }

test_every_case()
{
    local backend sink
    need jq
    small
    run "$DBNBENCH" run --samples 2 -b "$(IFS=, && echo "${backends[*]}")" -o results.jsonl small.dbn
    expect_status 0
    expect_out '^stored: results.jsonl$'
    rows
    for backend in "${backends[@]}"; do
        for sink in touch sum; do
            expect_equal "$(out | grep -c "^$backend *$sink ")" 1
            expect_lines '["ok","ok"]' "map(select(.backend == \"$backend\" and .sink == \"$sink\").outcome)"
        done
    done
    expect_out '^backend +sink +.*ns/rec'
    # How each of them reads.
    expect_equal "$(head -n 1 results.jsonl | jq -r '.backends | to_entries[] | [.key, .value[]] | join(" ")')" \
        'syscall fields false false 0
syscall-record records false false 0
buffered blocks false false 0
mmap blocks false true 0
pipeline blocks true false 1
inflate blocks true true 0'
    expect_lines '["run",24,"end"]' '[.[0].type, (map(select(.type == "sample")) | length), .[-1].type]'
    expect_lines 1 'map(.run) | unique | length'
    expect_lines '[0,1]' 'map(select(.type == "sample").round) | unique'
    expect_lines '[0,1,2,3,4,5,6,7,8,9,10,11]' 'map(select(.type == "sample").index) | unique'
    expect_lines '{"interrupted":false,"cut":false}' '.[-1] | {interrupted, cut}'
    expect_lines true 'map(select(.type == "sample")) | all(.wall_ns > 0 and .iterations > 0 and .max_rss_bytes > 0)'
}

# Every sample is a test: what it found is what `decode` and `info` find.
test_tallies()
{
    local sink file tally expected
    need jq
    gen --schema mixed --records 500 -o plain.dbn
    gen --schema mixed --records 500 --zstd 1 --frames 3 -o packed.zst
    run "$DBNBENCH" run --samples 1 -b mmap,pipeline -s all -o results.jsonl plain.dbn packed.zst
    expect_status 0
    for sink in $("$DBNBENCH" list sinks | sed '/\[unavailable/d' | awk '{ print $1 }'); do
        for file in plain.dbn packed.zst; do
            run "$DBNBENCH" decode -b mmap -s "$sink" --json $file
            tally=$(out | jq -c '[.records, .bytes, .digest]')
            expected="[$tally,$tally]"
            [ "$sink $file" != "none plain.dbn" ] || expected="[$tally]" # mapping alone reads nothing
            expect_lines "$expected" "map(select(.sink == \"$sink\" and .dataset == \"$file\") |
                [.tally_records, .tally_bytes, .tally_digest])"
        done
    done
    run "$DBNBENCH" info --json plain.dbn
    expect_lines "$(out | jq -c '[[.record_count, .record_bytes]]')" \
        'map(select(.sink == "sum") | [.tally_records, .tally_bytes]) | unique'
    expect_lines "$(out | jq -c '[[.record_count, .file_size]]')" \
        'map(select(.dataset == "plain.dbn" and .sink == "sum") | [.records, .bytes]) | unique'
}

test_only_some_cases()
{
    need jq
    small
    run "$DBNBENCH" run --samples 3 -b pipeline,buffered -s frame,none -o results.jsonl small.dbn
    expect_status 0
    expect_lines '[["buffered","frame"],["buffered","none"],["pipeline","frame"],["pipeline","none"]]' \
        'map(select(.type == "sample") | [.backend, .sink]) | unique'
    expect_lines 12 'map(select(.type == "sample")) | length'
    rows
    expect_equal "$(out | grep -Ec '^(buffered|pipeline) +(frame|none) ')" 4
}

# Where further threads would only idle, there is no case, and that is said.
test_threads()
{
    need jq
    small
    run "$DBNBENCH" run --samples 1 -b mmap,pipeline -s sum -t 1,3 -o results.jsonl small.dbn
    expect_status 0
    expect_lines '[["mmap",1],["pipeline",1],["pipeline",3]]' \
        'map(select(.type == "sample") | [.backend, .threads]) | sort'
    expect_out '^note: what has a thread for each file.* only with 1$'
    rows
    expect_equal "$(out | grep -Ec '^(mmap|pipeline) +[13] ')" 3
    run "$DBNBENCH" run --samples 1 -b mmap -s sum -t 2 -o other.jsonl small.dbn
    expect_status 5
    expect_err '^dbnbench: backend mmap: decodes a file with 1 thread only$'
}

test_several_files_of_one_name()
{
    need jq
    mkdir a b
    gen --schema trades --records 50 -o a/same.dbn
    gen --schema trades --records 60 -o b/same.dbn
    measure a/same.dbn b/same.dbn a/same.dbn
    expect_status 0
    expect_lines '[["a/same.dbn",50],["b/same.dbn",60]]' \
        'map(select(.type == "sample") | [.dataset, .tally_records]) | sort'
    expect_lines '["a/same.dbn","b/same.dbn"]' '.[0].datasets | map(.path)'
}

# Names that would be shown alike are no names.
test_names_of_different_files_differ()
{
    need jq
    gen --schema trades --records 50 -o $'a\001.dbn'
    gen --schema trades --records 60 -o $'a\002.dbn'
    measure a*.dbn
    expect_status 0
    expect_lines '[["a\\x01.dbn",50],["a\\x02.dbn",60]]' \
        'map(select(.type == "sample") | [.dataset, .tally_records]) | sort'
}

test_no_records()
{
    need jq
    gen --schema trades --records 0 -o none.dbn
    measure none.dbn
    expect_status 0
    expect_lines '[0]' 'map(select(.type == "sample").tally_records)'
    expect_out '^none.dbn +nothing has a time +n/a'
    ! grep -Eqi '\b(nan|inf)\b' "$AROUND/out" || fail "no number, and not said to be none"
}

test_json()
{
    need jq
    small
    run "$DBNBENCH" run --samples 7 -b mmap,buffered -s sum --json -o results.jsonl small.dbn
    expect_status 0
    out | jq -e '.complete and .stored == "results.jsonl" and (.rows | length == 2) and
        (.noise.verdict | IN("quiet", "noisy")) and
        (.rows | all(.dataset == "small.dbn" and .records == 200 and .outcome == "ok" and .decode_ns.samples == 7 and
            .decode_ns.low <= .decode_ns.median and .decode_ns.median <= .decode_ns.high))' >/dev/null ||
        fail "not as expected"
    expect_equal "$(out | jq -r .run)" "$(lines '.[0].run' | tr -d '"')"
}

# The middle of an odd number of samples is one of them.
test_median_is_that_of_the_samples()
{
    need jq
    small
    run "$DBNBENCH" run --samples 3 -b mmap -s sum --json -o results.jsonl small.dbn
    expect_equal "$(out | jq '.rows[0].decode_ns.median * 1000 | round')" \
        "$(lines 'map(select(.type == "sample") | .wall_ns / .iterations) | sort | .[1] * 1000 | round')"
}

test_order_is_that_of_the_seed()
{
    local n
    need jq
    small
    for n in 1 2 3; do
        run "$DBNBENCH" run --samples 2 -b buffered,mmap -s frame,touch,sum --seed $((n / 2)) -o $n.jsonl small.dbn
        expect_status 0
        lines 'map(select(.type == "sample") | [.backend, .sink])' $n.jsonl >$n.order
    done
    cmp 2.order 3.order
    ! cmp -s 1.order 2.order || fail "another seed, the same order"
}

test_time_limit()
{
    need jq
    small
    run "$DBNBENCH" run --samples 10000 --time 1 -b mmap -s sum -o results.jsonl small.dbn
    expect_status 0
    expect_lines true '.[-1].cut and (map(select(.type == "sample")) | length | . >= 3 and . < 10000)'
    rows
    expect_out '^samples: [0-9]+ of each case: the time was up$'
    # A case that takes a hundred times as long gets fewer samples, but 3.
    rm results.jsonl
    gen --schema trades --records 20000 -o long.dbn
    run "$DBNBENCH" run --samples 200 --time 2 -b mmap,syscall -s sum --no-limits -o results.jsonl long.dbn
    expect_status 0
    expect_lines true 'map(select(.type == "sample").backend) | group_by(.) | map(length) |
        .[1] >= 3 and .[0] >= .[1] and .[0] < 200'
}

test_cold()
{
    need jq
    small
    measure --cold small.dbn
    [ "$(lines 'map(select(.type == "sample").outcome)')" != '["unavailable"]' ] || skip "no file can be had cold here"
    expect_status 0
    expect_lines '["cold"]' 'map(select(.type == "sample").cache)'
    rows
    expect_out '^cold: '
}

# faults WORD: a MiB, of a file held in such folios, in hundredths.
faults()
{
    measure --no-limits --folios "$1" t.dbn
    expect_status 0
    expect_lines "[\"$1\"]" '[.[0].datasets[].folios]'
    lines '.[0].datasets[0].faults_per_mib * 100 | floor'
    rm results.jsonl
}

test_folios()
{
    local large small
    need jq
    gen --schema trades --records 100000 -o t.dbn
    "$DBNBENCH" decode --drop-cache t.dbn 2>/dev/null || skip "no file can be dropped from the page cache here"
    large=$(faults large) small=$(faults small)
    [ "$small" -ge 100 ] || fail "$small page faults for 100 MiB of single pages"
    [ "$large" -lt "$small" ] || skip "this kernel or file system holds files in single pages only"
    measure --no-limits --folios small t.dbn
    run "$DBNBENCH" report --text results.jsonl
    expect_out '^folios: small: touching a MiB of a cached file takes [0-9.]+ to [0-9.]+ page faults$'
}

# As much as the records have, and only for who keeps them.
test_memory_is_touched_first()
{
    need jq
    small
    measure -s sum,rows,columns+strings small.dbn
    expect_lines '[["columns+strings",true],["rows",true],["sum",null]]' \
        'map(select(.type == "sample") | [.sink, if .touched_bytes then .touched_bytes == .bytes else null end]) | sort'
    rm results.jsonl
    measure -s rows --memory-limit 1 small.dbn
    expect_lines '[null]' 'map(select(.type == "sample").touched_bytes) | unique'
}

# What cannot be counted is null, never 0.
test_readings()
{
    need jq
    small
    run "$DBNBENCH" run --samples 1 -b syscall,buffered,mmap -s sum -o results.jsonl small.dbn
    expect_lines true 'map(select(.type == "sample") | .syscr, .disk_bytes, .absent_pages) | all(. == null or . >= 0)'
    expect_lines true 'map(select(.type == "sample" and .syscr != null)) | all(.syscr == .reads)'
    expect_lines '[0]' 'map(select(.backend == "mmap").reads)'
    expect_lines true 'map(select(.backend == "syscall")) | all(.reads / .iterations > 200 * 5)'
}

# --- datasets ---

# The command that is named makes it.
test_missing_dataset()
{
    need jq
    run "$DBNBENCH" run --samples 1 -b mmap -s sum -d trades-quick-zst --dir here -o results.jsonl
    expect_status 5
    expect_equal "$(err)" "dbnbench: here/trades-quick-zst.dbn.zst: not generated yet; run: \
dbnbench gen --dataset trades-quick-zst --dir here"
    [ ! -e results.jsonl ] || fail "results of nothing"
    gen --dataset trades-quick-zst --dir here
    run "$DBNBENCH" run --samples 1 -b mmap -s sum -d trades-quick-zst --dir here -o results.jsonl
    expect_status 0
    expect_lines '[["trades-quick-zst",500000]]' 'map(select(.type == "sample") | [.dataset, .tally_records])'
}

test_every_missing_dataset_is_named()
{
    run "$DBNBENCH" run -d quick
    expect_status 5
    expect_equal "$(err | grep -c ': not generated yet; run: dbnbench gen --dataset ')" \
        "$(grep -c '^DATASET.*"quick")$' "$TOP/datasets/manifest.def")"
    expect_equal "$(ls -A)" ""
}

test_faulty_input()
{
    small
    truncate -s -1 small.dbn
    measure small.dbn
    expect_status 5
    expect_err '^dbnbench: small.dbn: at byte [0-9]+ of the stream: .* \(TRUNCATED_RECORD\)$'
    [ ! -e results.jsonl ] || fail "results of a faulty file"
}

# --- how it looks ---

# terminal COMMAND...: runs it on one; what it prints is in $AROUND/out.
terminal()
{
    need script
    local command
    printf -v command '%q ' "$@"
    run script -qec "$command" /dev/null
}

test_progress_on_a_terminal()
{
    small
    run true
    TERM=xterm CI='' terminal "$DBNBENCH" run --samples 2 -b mmap -s sum -o results.jsonl small.dbn
    expect_status 0
    grep -Eq $'\r\e\\[K.*round 1/2, [0-9]+ s left: small.dbn' "$AROUND/out" || fail "no progress on a terminal"
    expect_out '^small.dbn .*mmap'
    grep -q $'\r\e\\[KMeasured in ' "$AROUND/out" ||
        fail "the progress is not wiped before the answer is printed"
}

test_no_progress_line_in_ci()
{
    local setting
    small
    for setting in CI=1 CI=true TERM=dumb TERM=; do
        terminal env TERM=xterm "$setting" "$DBNBENCH" run --samples 2 -b mmap -s sum -o results.jsonl small.dbn
        expect_status 0
        ! grep -q $'\e' "$AROUND/out" || fail "$setting: escapes"
        expect_out '^small.dbn +mmap '
    done
}

# Columns are left out, rows are not broken.
test_width()
{
    local width
    small
    measure small.dbn
    for width in 80 110 200; do
        COLUMNS=$width rows
        expect_status 0
        expect_out '^dataset .*backend .*sink .*Mrec/s .*ns/rec'
        [ "$(out | wc -L)" -le $width ] || fail "wider than $width"
    done
    expect_out 'GB/s.*reads/rec.*peak MB'
}

# Of records alone, two parts of a file told apart; and of the same reading, which a fragment cannot say itself.
test_instructions()
{
    local begin few many found same=(--fragment --dbn-version 1 --ts-out --block 1024 --advise sequential)
    need jq valgrind
    gen --schema definition --records 400 --dbn-version 1 --ts-out -o whole.dbn
    begin=$((8 + $(od -An -tu4 -j4 -N4 whole.dbn)))
    tail -c +$((begin + 1)) whole.dbn >part.dbn
    measure --no-limits --instructions -b buffered "${same[@]}" part.dbn
    expect_status 0
    found=$(lines 'map(select(.type == "instructions"))[0] | if .records == 200 then .instructions else . end')
    few=$(count_instructions $(($(stat -c %s part.dbn) / 2))) many=$(count_instructions "$(stat -c %s part.dbn)")
    [ $(((found - many + few) * 50 / found)) -eq 0 ] || fail "$found instructions, not $many - $few"
    expect_out '^part.dbn +buffered +sum +1K +sequential +[0-9.]+$'
}
count_instructions()
{
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$DBNBENCH" decode -b buffered -s sum "--end=$1" \
        "${same[@]}" part.dbn 2>&1 | sed -n 's/.*Collected : //p'
}

test_instructions_that_cannot_be_counted()
{
    need jq
    gen --schema trades --records 15 -o few.dbn
    gen --schema trades --records 100 --zstd 1 -o packed.zst
    small
    mkdir nothing
    PATH=$PWD/nothing measure --no-limits --instructions few.dbn packed.zst small.dbn
    expect_status 0
    expect_lines '["a compressed file cannot be read in part","there are too few records","valgrind: it is not installed"]' \
        'map(select(.type == "instructions").missing) | sort'
}

run_cases "$@"
