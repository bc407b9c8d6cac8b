#!/usr/bin/env bash
# Guards how `gen` writes: a file appears whole or not at all, whatever comes in between, and nothing else is touched.
. "$(dirname "$0")/lib.sh"

gen() { "$DBNBENCH" gen "$@"; }
expect_no_files() { [ -z "$(ls -A "${1:-.}")" ] || depth=2 fail "left behind: $(ls -A "${1:-.}")"; }

test_says_nothing_where_all_is_well()
{
    run "$DBNBENCH" gen --schema trades --records 10 -o a.dbn
    expect_status 0
    expect_equal "$(out)$(err)" ""
    expect_equal "$(ls -A)" a.dbn
}

test_readable_by_all_but_for_the_umask()
{
    (umask 022 && gen --schema trades --records 10 -o a.dbn)
    (umask 077 && gen --schema trades --records 10 -o b.dbn)
    expect_equal "$(stat -c %a a.dbn) $(stat -c %a b.dbn)" "644 600"
}

test_existing_file_is_kept()
{
    echo old >a.dbn
    run "$DBNBENCH" gen --schema trades --records 10 -o a.dbn
    expect_status 5
    expect_err '^dbnbench: a.dbn: File exists \(--force replaces it\)$'
    expect_equal "$(cat a.dbn)" old
    expect_equal "$(ls -A)" a.dbn
}

test_force_replaces_it()
{
    gen --schema trades --records 10 -o a.dbn
    gen --schema trades --records 20 -o a.dbn --force
    expect_equal "$("$DBNBENCH" cat a.dbn | wc -l)" 20
    gen --schema trades --records 30 -o b.dbn --force # nothing to replace
    expect_equal "$("$DBNBENCH" cat b.dbn | wc -l)" 30
}

# not_a_file PATH: nothing is put in its place.
not_a_file()
{
    local before
    before=$(stat -c '%F %i' "$1")
    run timeout 20 "$DBNBENCH" gen --schema trades --records 10 -o "$1" --force
    [ "$status" -eq 5 ] || depth=2 fail "$1: exit status $status, expected 5"
    grep -q 'not a regular file' "$AROUND/err" || depth=2 fail "$1: no 'not a regular file' on standard error"
    expect_equal "$(stat -c '%F %i' "$1")" "$before"
}

test_targets_that_are_no_files()
{
    mkdir folder
    mkfifo fifo
    echo old >old
    ln -s old link
    ln -s nowhere dangling
    not_a_file folder
    not_a_file fifo
    not_a_file link
    not_a_file dangling
    not_a_file /dev/null
    not_a_file .
    expect_equal "$(cat old)" old
    expect_equal "$(find . -name '.dbnbench*')" ""
}

test_missing_folder()
{
    run "$DBNBENCH" gen --schema trades --records 10 -o missing/a.dbn
    expect_status 5
    expect_err '^dbnbench: missing/a.dbn: No such file or directory$'
    echo file >file
    run "$DBNBENCH" gen --schema trades --records 10 -o file/a.dbn
    expect_status 5
    expect_err 'Not a directory'
    run "$DBNBENCH" gen --schema trades --records 10 -o ''
    [ "$status" -eq 5 ] || [ "$status" -eq 2 ] || fail "exit status $status for a file without a name"
    expect_equal "$(ls -A)" file
}

# Root may write anywhere, unless that is taken away.
unprivileged()
{
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --bounding-set=-dac_override,-dac_read_search "$@"
    else
        "$@"
    fi
}

test_folder_that_cannot_be_written()
{
    [ "$(id -u)" -ne 0 ] || need setpriv
    mkdir closed
    chmod 555 closed
    run unprivileged "$DBNBENCH" gen --schema trades --records 10 -o closed/a.dbn
    expect_status 5
    expect_err '^dbnbench: closed/a.dbn: Permission denied$'
    expect_no_files closed
}

# stop SIGNAL CODE SIZE [OPTION...]: while the generator writes something that would take hours, and has written SIZE.
stop()
{
    local signal=$1 code=$2 size=$3 pid tries=0
    shift 3
    mkdir -p target
    stoppable "$DBNBENCH" gen --schema trades --records 10000000000 -o target/a.dbn "$@" 2>err &
    pid=$!
    until [ -n "$(find target -name '.dbnbench*' -size "$size")" ]; do
        sleep 0.05
        tries=$((tries + 1))
        [ $tries -lt 400 ] || fail "nothing is written"
    done
    kill -0 $pid
    kill "-$signal" $pid
    status=0
    wait $pid || status=$?
    expect_equal "$status $(cat err)" "$code dbnbench: target/a.dbn: stopped by a signal, nothing was written"
}

test_interrupted() { stop INT 130 +8k && expect_no_files target; }
test_terminated() { stop TERM 130 +8k && expect_no_files target; }
test_interrupted_while_compressing() { stop INT 130 +8k --zstd 1 && expect_no_files target; }
# Where frames end depends on how long the stream is, which is found out first.
test_interrupted_before_the_first_frame() { stop INT 130 -1k --zstd 1 --frames 1000 && expect_no_files target; }

test_interrupted_old_file_is_kept()
{
    mkdir target && echo old >target/a.dbn
    stop INT 130 +8k --force
    expect_equal "$(ls -A target) $(cat target/a.dbn)" "a.dbn old"
}

# limited OPTION...: with no more than 64 KiB for a file.
limited() { (ulimit -f 64 && exec "$DBNBENCH" gen --schema trades --records 100000 "$@"); }

test_file_size_limit()
{
    mkdir target
    run limited -o target/a.dbn
    expect_status 5
    expect_err '^dbnbench: target/a.dbn: File too large$'
    expect_no_files target
    run limited -o target/a.dbn --zstd 1
    expect_status 5
    expect_no_files target
    echo old >target/a.dbn
    run limited -o target/a.dbn --force
    expect_status 5
    expect_equal "$(ls -A target) $(cat target/a.dbn)" "a.dbn old"
}

test_full_disk()
{
    mkdir target
    mount -t tmpfs -o size=64k none target 2>/dev/null || skip "a small file system cannot be mounted here"
    echo old >target/a.dbn
    run "$DBNBENCH" gen --schema trades --records 100000 -o target/a.dbn --force
    local left
    left=$(ls -A target) && left+=" $(cat target/a.dbn)"
    umount target
    expect_status 5
    expect_err '^dbnbench: target/a.dbn: No space left on device$'
    expect_equal "$left" "a.dbn old"
}

run_cases "$@"
