#!/usr/bin/env bash
# Guards standard input as a file: pipes of any pieces give what the file gives, and who needs a file says so.
. "$(dirname "$0")/lib.sh"

files()
{
    "$DBNBENCH" gen --schema all --records 300 -o a.dbn
    "$DBNBENCH" gen --schema all --records 300 --zstd 1 --frames 3 -o a.zst
    "$DBNBENCH" gen --schema trades --records 300 --ts-out -o t.dbn
}

# pipe FILE COMMAND...: in pieces that cut every record somewhere.
# shellcheck disable=SC2016 # the words are arguments
pipe() { run bash -c 'dd if="$0" bs=509 status=none | "$@"' "$@"; }
# shellcheck disable=SC2016
redirect() { run bash -c 'exec "$@" <"$0"' "$@"; }

# alike ARGUMENT... FILE: the command on a pipe gives what it gives on the file.
alike()
{
    local file=${*: -1}
    "$DBNBENCH" "$@" >expected
    pipe "$file" "$DBNBENCH" "${@:1:$#-1}" -
    expect_status 0
    expect_equal "$* -: $(out | sed "s/standard input/$file/")" "$* -: $(cat expected)"
}

test_pipes_are_read_like_files()
{
    local file backend
    files
    for file in a.dbn a.zst t.dbn; do
        alike info "$file"
        alike info --json --symbols "$file"
        alike cat "$file"
        for backend in syscall syscall-record buffered; do
            alike decode -b $backend -s fields "$file"
            alike decode -b $backend -s rows-exact -t 2 "$file"
        done
    done
    alike cat --csv t.dbn
    alike cat -n 7 t.dbn
}

test_redirected_file()
{
    files
    redirect a.zst "$DBNBENCH" info --json -
    expect_status 0
    expect_equal "$(out | sed 's/standard input/a.zst/')" "$("$DBNBENCH" info --json a.zst)"
}

test_fragment()
{
    "$DBNBENCH" gen --schema trades --records 20 -o a.dbn
    tail -c $((20 * 48)) a.dbn >a.frag
    pipe a.frag "$DBNBENCH" decode -b buffered -s fields --fragment -
    expect_status 0
    expect_equal "$(out)" "$("$DBNBENCH" decode -b buffered -s fields a.frag)"
}

test_among_files()
{
    files
    pipe a.zst "$DBNBENCH" info t.dbn - a.dbn
    expect_status 0
    expect_equal "$(out | sed 's/standard input/a.zst/')" "$("$DBNBENCH" info t.dbn a.zst a.dbn)"
    pipe a.zst "$DBNBENCH" decode -b buffered - a.dbn
    expect_status 0
    expect_equal "$(out)" "$("$DBNBENCH" decode -b buffered a.zst a.dbn)"
}

test_csv_up_to_another_type()
{
    "$DBNBENCH" gen --schema mixed --records 300 -o m.dbn
    pipe m.dbn "$DBNBENCH" cat --csv -
    expect_status 2
    expect_err '^dbnbench: standard input: no CSV for records of several or unknown types'
    [ "$(out | wc -l)" -ge 2 ] || fail "no record before it"
    "$DBNBENCH" gen --schema trades --records 0 -o e.dbn
    pipe e.dbn "$DBNBENCH" cat --csv -
    expect_status 0
    expect_equal "$(out)" "$("$DBNBENCH" cat --csv e.dbn)"
}

test_faults()
{
    local command
    files
    head -c -1 t.dbn >short.dbn
    for command in info cat 'decode -b buffered'; do
        # shellcheck disable=SC2086 # words
        "$DBNBENCH" $command short.dbn 2>expected >nothing || true
        # shellcheck disable=SC2086
        pipe short.dbn "$DBNBENCH" $command -
        expect_status 5
        expect_equal "$(err | sed 's/standard input/short.dbn/')" "$(cat expected)"
        # shellcheck disable=SC2086,SC2016
        run bash -c 'exec "$@" <&-' bash "$DBNBENCH" $command -
        expect_status 5
        expect_equal "$(err)" "dbnbench: standard input: Bad file descriptor (IO_ERROR)"
    done
}

# A size is not made up: of what was not read to its end there is none.
test_size_that_is_not_known()
{
    files
    { cat t.dbn && printf '\1%100000s' ''; } >bad
    pipe bad "$DBNBENCH" info --json -
    expect_status 5
    expect_err 'at byte 39432 of the stream: .* \(BAD_RECORD_LENGTH\)'
    expect_out '"file_size": 139433'
    printf 'DBN\3%100000s' '' >bad
    pipe bad "$DBNBENCH" info --json -
    expect_status 5
    expect_out '"container": "raw"'
    ! grep file_size "$AROUND/out" || fail "it has a size"
}

test_who_needs_a_file_says_so()
{
    files
    local backend
    for backend in mmap pipeline; do
        redirect a.dbn "$DBNBENCH" decode -b $backend -
        expect_status 2
        expect_equal "$(err)" "dbnbench decode: $backend needs a file; standard input can be read by: syscall, \
syscall-record, buffered"
    done
    redirect a.dbn "$DBNBENCH" decode -b buffered --split 2 a.dbn -
    expect_status 2
    expect_err 'standard input cannot be cut into shards'
    redirect a.dbn "$DBNBENCH" decode --drop-cache -
    expect_status 2
    expect_err 'standard input cannot be dropped from the page cache'
}

run_cases "$@"
