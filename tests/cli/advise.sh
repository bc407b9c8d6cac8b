#!/usr/bin/env bash
# Guards `advise`: whatever is in a folder, it ends, names what cannot be read, and is about the rest.
. "$(dirname "$0")/lib.sh"

gen() { "$DBNBENCH" gen "$@"; }
advise() { run env COLUMNS=500 "$DBNBENCH" advise --time 0 "$@"; }
# member FILTER: of the last `advise --json`.
member() { jq -c "$plain_numbers | $1" "$AROUND/out"; }

test_mixed_folder()
{
    need jq
    mkdir -p a/deep/er
    gen --schema trades --records 2000 -o a/plain
    gen --schema mbo --records 2000 --zstd 3 -o a/deep/one.of.them
    gen --schema mbp-1 --records 3000 --zstd 1 --frames 5 -o a/deep/er/many.csv
    gen --schema mixed --records 3000 --zstd 1 -o a/live.dbn.zst
    echo 'ts_event,price' >a/table.csv
    touch a/empty.dbn
    ln -s deep a/link
    advise --json -t 2 a
    expect_status 0
    expect_equal "$(member '[.kinds[] | [.schema, .packing, .files, .frames_most, .level]] | sort')" \
        "$(jq -nc '["not stored in the file"] as $no | [["mbo", "one zstd frame", 1, 1] + $no, ["mbp-1", "many zstd frames", 1, 5] + $no,
            ["mixed", "one zstd frame", 1, 1] + $no, ["trades", "not compressed", 1, 0, null]]')"
    expect_equal "$(member '.bytes')" "$(cat a/plain a/deep/one.of.them a/deep/er/many.csv a/live.dbn.zst | wc -c)"
    expect_equal "$(member '[.others, .unseen, .cached, .threads]')" "[2,0,1,2]"
    expect_equal "$(member '[.ways[] | select(.seconds.median > 0 and .rounds == 3)] | length')" 10
    expect_equal "$(member '[.changes[] | [.change, .model]]')" \
        '[["not compressed",false],["4 MiB frames, level 3",false],["4 MiB frames, level 9",false],["4 threads and cores (model)",true]]'
    expect_equal "$(member '.best as $b | [.ways[] | select(.way == $b)] | length > 0')" true
    expect_equal "$(member '.no_cold')" '"not measured, which takes --cold"'
}

# The answer comes first, and not much behind it.
test_text()
{
    mkdir a
    gen --schema trades --records 2000 -o a/plain
    gen --schema mbo --records 2000 --zstd 3 -o a/one
    advise -t 2 a
    expect_status 0
    expect_equal "$(out | sed -n '1s/-b .* -s sum/WAY/p')" "Fastest: dbnbench decode WAY FILE..."
    expect_out '^It takes [0-9.]+ \[[0-9.]+ to [0-9.]+\] s for 2 files of '
    expect_out 'From the disk \(.*\): n/a, not measured'
    expect_out '1 x mbo, one zstd frame, small, .*level not stored in the file; ratio [0-9.]+\)'
    ! grep -q '^Warning' "$AROUND/out" || fail "a warning without files that it is about"
    [ "$(out | wc -l)" -le 16 ] || fail "$(out | wc -l) lines"
    recommended=$(out | sed -n '1s/^Fastest: dbnbench \(.*\) FILE...$/\1/p')
    # shellcheck disable=SC2086 # several words are meant
    run "$DBNBENCH" $recommended a/*
    expect_status 0
    gen --schema mbp-1 --records 3000 --zstd 1 --frames 5 -o a/many
    advise a
    expect_out '^Warning: .* before 0.48.0, and databento-python before 0.57, read the first one only'
}

# The size of what would be packed otherwise is that which recompress gives.
test_sizes()
{
    need jq
    mkdir a
    gen --schema mbo --records 3000 --zstd 1 -o a/a.zst
    advise --json a
    expect_status 0
    "$DBNBENCH" recompress -l 9 -o nine a/a.zst >"$AROUND/recompressed"
    expect_equal "$(member '.changes[2].size | round')" "$(stat -c %s nine)"
    expect_equal "$(member '.changes[0].size | round')" "$(zstd -dc a/a.zst | wc -c)"
}

# A large file is not read as a whole: its beginning is, up to a record's end.
test_samples_of_large_files()
{
    need jq
    mkdir a
    gen --schema trades --records 800000 -o a/plain
    gen --schema mbo --records 200000 --zstd 1 -o a/one
    gen --schema mbo --records 200000 --zstd 1 --frames 30 -o a/many
    advise --json a -t 2
    expect_status 0
    expect_equal "$(member '.whole')" false
    expect_equal "$(member '.sampled_bytes * 2 < .bytes')" true
    expect_equal "$(member '[.ways[] | select(.rounds == 3)] | length')" 10
}

test_nothing_to_read()
{
    mkdir a
    advise a
    expect_status 5
    expect_err '^dbnbench: a: no DBN files were found$'
    echo text >a/text
    advise a/text a
    expect_status 5
    expect_err '^dbnbench: a/text, ...: no DBN files were found$'
    advise missing
    expect_status 5
    expect_err '^dbnbench: missing: No such file or directory$'
    advise -
    expect_status 2
    expect_err 'standard input is no file or folder'
    advise
    expect_status 2
}

# What is wrong is named, and the rest counts.
test_bad_files()
{
    need jq
    mkdir a
    gen --schema trades --records 500 -o a/good
    gen --schema mbo --records 2000 --zstd 1 -o a/good.zst
    head -c -1 a/good >a/cut
    head -c 300 a/good >a/cut.metadata
    head -c -5 a/good.zst >a/cut.zst
    mkfifo a/fifo
    advise --json a missing
    expect_status 5
    expect_err '^dbnbench: a/cut: at byte [0-9]* of the stream: .* \(TRUNCATED_RECORD\)$'
    expect_err '^dbnbench: a/cut.metadata: .* \(TRUNCATED_METADATA\)$'
    expect_err '^dbnbench: a/cut.zst: .* \(ZSTD_TRUNCATED\)$'
    expect_err '^dbnbench: missing: No such file or directory$'
    expect_equal "$(grep -c '^dbnbench: ' "$AROUND/err")" 4
    expect_equal "$(member '[.bytes, .others, ([.kinds[].files] | add)]')" "[$(cat a/good a/good.zst | wc -c),1,2]"
    rm a/good a/good.zst
    advise a
    expect_status 5
    expect_err 'a: no DBN files were found$'
}

# A sample may hold nothing but bad ones.
test_mostly_bad_files()
{
    need jq
    local i
    mkdir a
    gen --schema mbo --records 100000 --zstd 1 -o a/large
    gen --schema trades --records 500 -o a/good
    for i in {1..9}; do head -c -1 a/good >"a/cut$i"; done
    advise --json a
    expect_status 5
    expect_equal "$(member '[.whole, .ways[0].rounds, (.kinds[] | select(.schema == "mbo").files)]')" "[false,3,1]"
}

test_no_permission()
{
    mkdir -p a/closed
    gen --schema trades --records 500 -o a/good
    cp a/good a/secret
    cp a/good a/closed/other
    chmod 0 a/secret a/closed
    ! cat a/secret 2>/dev/null >&2 || skip "this user may read everything"
    advise a
    expect_status 5
    expect_err '^dbnbench: a/secret: Permission denied'
    expect_err '^dbnbench: a/closed: Permission denied$'
    expect_out 'for 1 file of '
}

test_links()
{
    need jq
    mkdir -p real a/b
    gen --schema trades --records 500 -o real/good
    ln -s .. a/b/up
    ln -s ../real a/aside
    ln -s nowhere a/dangling
    ln -s real link
    advise --json a link
    expect_status 0
    expect_equal "$(member '[.bytes, .others]')" "[$(stat -c %s real/good),0]"
}

test_names()
{
    local name=$'a\e[31m\nb\xff'
    mkdir "$name"
    gen --schema trades --records 500 -o "$name/$name"
    head -c -1 "$name/$name" >"$name/cut$name"
    advise "$name"
    expect_status 5
    expect_err '^dbnbench: a\\x1b\[31m\\x0ab\\xff/cuta\\x1b\[31m\\x0ab\\xff: at byte [0-9]* of the stream: .*TRUNCATED_RECORD\)$'
    expect_equal "$(grep -c '^dbnbench: ' "$AROUND/err")" 1
    ! LC_ALL=C grep -q $'\e\\|\xff' "$AROUND/out" || fail "the name as it is"
}

test_many_files()
{
    need jq
    mkdir a
    gen --schema trades --records 10 -o a/0
    for i in {1..100}; do ln a/0 "a/$i"; done
    for i in {1..99}; do mkdir "a/d$i" && ln a/* -t "a/d$i" 2>/dev/null || true; done
    advise --json --time 1 a
    expect_status 0
    expect_equal "$(member '[.unseen + ([.kinds[].files] | add), .whole]')" "[10100,false]"
}

test_interrupted()
{
    local pid
    mkdir a
    gen --schema mbo --records 100000 --zstd 1 -o a/a
    stoppable "$DBNBENCH" advise --time 600 a >out 2>err &
    pid=$!
    sleep 1
    kill -INT $pid
    status=0
    wait $pid || status=$?
    expect_status 130
    expect_equal "$(cat out && grep -v '^[a-z ]*: .*of' err)" "dbnbench: stopped by a signal"
}

test_little_memory()
{
    mkdir a
    gen --schema trades --records 20000 -o a/a
    for limit in 40000 60000; do
        run bash -c "ulimit -v $limit"' && exec "$@"' - "$DBNBENCH" advise --time 0 -s rows a
        [ "$status" -eq 0 ] || expect_status 5
        [ "$status" -eq 0 ] || expect_err '[Oo]ut of memory|OUT_OF_MEMORY|NO_THREAD|another thread'
    done
}

# Only what may be dropped is.
test_cold()
{
    need jq
    mkdir a
    gen --schema trades --records 20000 -o a/a
    advise --json --cold a
    [ "$(member '.no_cold')" = null ] || skip "cold files cannot be had here: $(member '.no_cold')"
    expect_equal "$(member '[.ways[] | select(.group == "bytes from the device only" and .seconds.median > 0)] | length')" 1
    advise --cold a
    expect_out '^From the disk \(.*\): [0-9.]+ \[.*\] s for the bytes alone; with the reading [0-9.]+ to [0-9.]+ s, .*model'
}

run_cases "$@"
