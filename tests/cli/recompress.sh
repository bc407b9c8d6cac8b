#!/usr/bin/env bash
# Guards `recompress`: the new file has the content of the old one, in frames that end where a record does; it appears
# whole or not at all; and the old one is never lost.
. "$(dirname "$0")/lib.sh"

gen() { "$DBNBENCH" gen "$@"; }
recompress() { run "$DBNBENCH" recompress "$@"; }
# What a file holds, but for how it is packed.
facts() { "$DBNBENCH" info --json "$1" | grep -v '"\(file\|file_size\|container\|zstd_frames\|decompressed_size\)"'; }
expect_only() { expect_equal "$(ls -A "${2:-.}")" "$1"; }

test_vectors()
{
    local file name
    need zstd
    for file in "$TOP"/tests/golden/vectors/generated.*; do
        name=${file##*/}
        recompress --frame-size 1K -l 1 -o "$name.new" "$file"
        expect_status 0
        if [ "$name" = "${name%.zst}" ]; then cat "$file"; else zstd -dc "$file"; fi >content
        zstd -dc "$name.new" >new
        cmp content new
        expect_equal "$(facts "$name.new")" "$(facts "$file")"
        run "$DBNBENCH" verify "$name.new"
        expect_status 0
    done
}

# numbers FILE FROM COUNT: little-endian ones of 4 bytes.
numbers() { od -An -v -t u4 -w4 -j "$2" -N $((4 * $3)) "$1"; }

# The table at the end: its frame's head, two numbers a frame, their count, a byte, and a magic number.
test_frames_end_where_records_do()
{
    local size frames at=0 packed=0 begin of_frame of_stream
    gen --schema all --records 5000 -o a.dbn
    recompress --frame-size 20K --seek-table a.dbn
    expect_status 0
    size=$(stat -c %s a.dbn.zst)
    frames=$("$DBNBENCH" info --json a.dbn.zst | sed -n 's/.*"zstd_frames": \([0-9]*\),/\1/p')
    expect_equal "$(out)" "a.dbn: $(stat -c %s a.dbn) bytes, the same in a.dbn.zst: $size bytes, $frames frames"
    expect_equal "$(tail -c 4 a.dbn.zst | od -An -t x4)" " 8f92eab1"
    expect_equal "$(($(numbers a.dbn.zst $((size - 9)) 1)))" "$frames"
    begin=$((size - 17 - 8 * frames))
    expect_equal "$(od -An -t x4 -j $begin -N 4 a.dbn.zst)" " 184d2a5e"
    "$DBNBENCH" cat a.dbn | sed 's/.*"offset": \([0-9]*\),.*/\1/' >ends
    stat -c %s a.dbn >>ends
    while read -r of_frame && read -r of_stream; do
        at=$((at + of_stream)) packed=$((packed + of_frame))
        grep -qx $at ends || fail "no record ends at $at"
        [ $at -eq "$(stat -c %s a.dbn)" ] || [ $of_stream -ge 20480 ] || fail "a frame of $of_stream bytes"
        [ $of_stream -lt 50000 ] || fail "a frame of $of_stream bytes"
    done < <(numbers a.dbn.zst $((begin + 8)) $((2 * frames)))
    expect_equal "$at $packed" "$(stat -c %s a.dbn) $begin"
}

test_shards_begin_with_frames()
{
    gen --schema mixed --records 20000 --zstd 1 -o one.zst
    recompress --frame-size 64K -o a.zst one.zst
    expect_status 0
    expect_equal "$("$DBNBENCH" decode -s fields -t 2 --split 4 a.zst)" \
        "$("$DBNBENCH" decode -s fields one.zst), 4 shards, 0 of them decoded again"
    expect_equal "$(facts a.zst)" "$(facts one.zst)"
}

test_fragment()
{
    gen --schema trades --records 2000 -o a.dbn
    tail -c 96000 a.dbn >a.frag
    recompress --frame-size 1K a.frag
    expect_status 0
    expect_equal "$("$DBNBENCH" decode -s fields a.frag.zst)" "$("$DBNBENCH" decode -s fields a.frag)"
    cp a.frag unnamed
    recompress unnamed
    expect_status 5
    expect_err 'NOT_DBN'
    recompress --fragment unnamed
    expect_status 0
}

test_no_records()
{
    gen --schema trades --records 0 -o a.dbn
    recompress --seek-table a.dbn
    expect_status 0
    expect_equal "$(facts a.dbn.zst)" "$(facts a.dbn)"
}

test_names()
{
    gen --schema trades --records 100 -o a.dbn
    gen --schema trades --records 100 --zstd 1 -o b.dbn.zst
    mkdir -p in out
    cp a.dbn in
    recompress in/a.dbn b.dbn.zst --dir out
    expect_status 0
    expect_only "$(printf 'a.dbn.zst\nb.dbn.zst')" out
    recompress b.dbn.zst
    expect_status 5
    expect_err "^dbnbench: b.dbn.zst: it has the new file's name already: give --output, --dir or --replace$"
    echo kept >a.dbn.zst
    recompress a.dbn
    expect_status 5
    expect_err '^dbnbench: a.dbn.zst: File exists$'
    expect_equal "$(cat a.dbn.zst)" kept
    recompress -o c.zst a.dbn b.dbn.zst
    expect_status 2
    recompress --replace -o c.zst a.dbn
    expect_status 2
    expect_only "$(printf '%s\n' a.dbn a.dbn.zst b.dbn.zst in out)"
}

# Faults of one file do not keep another from being written.
test_bad_files()
{
    gen --schema trades --records 100 -o a.dbn
    head -c -1 a.dbn >cut.dbn
    mkdir out
    recompress --dir out cut.dbn missing a.dbn
    expect_status 5
    expect_err '^dbnbench: cut.dbn: at byte [0-9]* of the stream: .* \(TRUNCATED_RECORD\)$'
    expect_err '^dbnbench: missing: No such file'
    expect_only a.dbn.zst out
}

test_replace()
{
    gen --schema trades --records 100 -o a.dbn
    gen --schema trades --records 100 --zstd 1 -o b.zst
    chmod 640 a.dbn
    chmod 404 b.zst
    facts a.dbn >expected
    recompress --replace a.dbn b.zst --frame-size 2K
    expect_status 0
    expect_only "$(printf '%s\n' a.dbn.zst b.zst expected)"
    expect_equal "$(stat -c %a a.dbn.zst b.zst)" "$(printf '640\n404')"
    expect_equal "$(facts a.dbn.zst)" "$(cat expected)"
    expect_equal "$(facts b.zst)" "$(cat expected)"
    expect_equal "$("$DBNBENCH" info b.zst | sed -n 's/.*zstd frames *//p')" 4
}

test_symbolic_links()
{
    gen --schema trades --records 100 -o a.dbn
    chmod 600 a.dbn
    ln -s a.dbn link.dbn
    recompress link.dbn
    expect_status 0
    expect_equal "$(stat -c '%F %a' link.dbn.zst)" "regular file 600"
    recompress --replace link.dbn
    expect_status 5
    expect_err '^dbnbench: link.dbn: --replace is not for symbolic links: name the file itself$'
    ln -s nowhere dangling
    recompress -o dangling a.dbn
    expect_status 5
    expect_only "$(printf '%s\n' a.dbn dangling link.dbn link.dbn.zst)"
}

# A write that says more than it did.
test_other_content_is_found()
{
    need strace
    gen --schema trades --records 1000 --zstd 1 -o a.zst
    cp a.zst before
    run strace -qq -o /dev/null -e inject=write:retval=100:when=1 "$DBNBENCH" recompress --replace a.zst
    expect_status 4
    expect_err '^dbnbench: a.zst: what was written for a.zst does not have its content, and was removed$'
    cmp a.zst before
    expect_only "$(printf 'a.zst\nbefore')"
}

# --- what comes in between ---

# begin: starts $pid, and comes back while it writes a file beside the old one, which it is to replace.
begin()
{
    local tries=0
    mkdir target
    gen --schema mixed --records 100000 --zstd 1 -o target/a.zst
    cp target/a.zst before
    stoppable "$DBNBENCH" recompress --replace -l 19 --frame-size 256K target/a.zst 2>err &
    pid=$!
    until [ -n "$(find target -name '.dbnbench*' -size +8k)" ]; do
        sleep 0.05
        tries=$((tries + 1))
        [ $tries -lt 400 ] || fail "nothing is written"
    done
    kill -0 $pid
}

# stop SIGNAL: in the midst of it.
stop()
{
    local pid
    begin
    kill "-$1" $pid
    status=0
    wait $pid || status=$?
    cmp target/a.zst before
}

test_interrupted()
{
    stop INT
    expect_status 130
    expect_equal "$(cat err)" "dbnbench: target/a.zst: stopped by a signal, target/a.zst was not written"
    expect_only a.zst target
}

# Of the same content, which comes too late to be seen by that.
test_another_file_in_its_place()
{
    local pid
    begin
    kill -STOP $pid
    cp before another
    mv another target/a.zst
    kill -CONT $pid
    status=0
    wait $pid || status=$?
    expect_status 5
    expect_equal "$(cat err)" "dbnbench: target/a.zst: the file changed while it was read (FILE_CHANGED)"
    expect_only a.zst target
    cmp target/a.zst before
}

test_killed()
{
    stop KILL
    expect_status 137
    rm target/.dbnbench-??????
    expect_only a.zst target
    recompress --replace target/a.zst
    expect_status 0
    expect_equal "$(facts target/a.zst)" "$(facts before)"
}

test_file_size_limit()
{
    gen --schema trades --records 20000 -o a.dbn
    run bash -c 'ulimit -f 64; exec "$@"' - "$DBNBENCH" recompress --replace --frame-size 32K a.dbn
    expect_status 5
    expect_err '^dbnbench: a.dbn.zst: File too large$'
    expect_only a.dbn
}

test_full_disk()
{
    local left
    mkdir target
    mount -t tmpfs -o size=128k none target 2>/dev/null || skip "a small file system cannot be mounted here"
    gen --schema trades --records 2000 --symbols 1 -o target/a.dbn
    cp target/a.dbn before
    recompress --replace -l 1 --frame-size 1K target/a.dbn
    left=$(ls -A target) && cmp target/a.dbn before && umount target
    expect_status 5
    expect_err '^dbnbench: target/a.dbn.zst: No space left on device$'
    expect_equal "$left" a.dbn
}

test_failing_calls()
{
    local call
    need strace
    gen --schema trades --records 1000 -o a.dbn
    cp a.dbn before
    for call in write:when=1 fsync:when=1 fchmod:when=1 renameat2:when=1; do
        run strace -qq -o /dev/null -e "inject=${call%:*}:error=EIO:${call#*:}" \
            "$DBNBENCH" recompress --replace a.dbn
        expect_status 5
        expect_err 'Input/output error'
        cmp a.dbn before
        expect_only "$(printf 'a.dbn\nbefore')"
    done
}

run_cases "$@"
