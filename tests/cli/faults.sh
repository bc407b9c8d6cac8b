#!/usr/bin/env bash
# Guards what every command that reads files says of one that is faulty, or none at all: the file, the offset, the
# outcome by its name, and exit status 5; whatever the command, whatever the way of reading.
. "$(dirname "$0")/lib.sh"

gen() { "$DBNBENCH" gen "$@"; }
all=$(backends_here)
member() { "$DBNBENCH" info --json "$2" | sed -n "s/^  \"$1\": \(.*[^,]\),\{0,1\}$/\1/p"; }

# byte VALUE OFFSET: of bad.dbn, which begins as a copy of a.dbn.
byte() { cp a.dbn bad.dbn && printf "\\x$1" | dd of=bad.dbn bs=1 seek="$2" conv=notrunc 2>/dev/null; }

# fault FILE OUTCOME OFFSET STREAM RECORDS [OPTION...]: each command refuses the file like that. Sets $message.
fault()
{
    local file=$1 outcome=$2 offset=$3 stream=$4 records=$5
    shift 5
    run "$DBNBENCH" info --json "$@" -- "$file"
    expect_status 5
    expect_out "\"error\": \{\"outcome\": \"$outcome\", \"offset\": $offset, "
    message=$(err)
    run "$DBNBENCH" info "$@" -- "$file"
    expect_status 5
    expect_equal "$(err)" "$message"
    case $message in
    "dbnbench: $file: at byte $offset of the $stream: "*" ($outcome)") ;;
    *) fail "not as expected: $message" ;;
    esac
    run "$DBNBENCH" cat "$@" -- "$file"
    expect_status 5
    expect_equal "$(err)" "$message"
    expect_equal "$(out | wc -l)" "$records"
    for backend in $all; do
        run "$DBNBENCH" decode -b $backend --json "$@" -- "$file"
        expect_status 5
        expect_equal "$backend: $(err)" "$backend: $message"
        expect_out "\"outcome\": \"$outcome\", \"records\": $records, "
    done
    for backend in pipeline inflate; do
        run "$DBNBENCH" decode -t 4 -b $backend "$@" -- "$file"
        expect_status 5
        expect_equal "$(err)" "$message"
    done
    run "$DBNBENCH" verify "$@" -- "$file"
    expect_status 5
    expect_out "^$file: bad file: $outcome \(.*\) at byte $offset of the $stream, $records records before it, all of: .* agree$"
    run "$DBNBENCH" run --syscalls --samples 1 -b mmap -s sum -o results.jsonl "$@" -- "$file"
    expect_status 5
    expect_err "^dbnbench: $file: "
    [ ! -s results.jsonl ] || fail "$file: results of a faulty file"
}

test_empty() { : >bad.dbn && fault bad.dbn EMPTY 0 stream 0; }

test_cut_in_the_header()
{
    local n
    gen --schema trades --records 5 -o a.dbn
    for n in 1 3 7; do
        head -c $n a.dbn >bad.dbn
        fault bad.dbn TRUNCATED_HEADER $n stream 0
    done
}

test_cut_in_the_metadata()
{
    local n
    gen --schema trades --records 5 -o a.dbn
    for n in 8 100 $(($(member first_record_offset a.dbn) - 1)); do
        head -c "$n" a.dbn >bad.dbn
        fault bad.dbn TRUNCATED_METADATA "$n" stream 0
    done
}

# Down to a single byte of a record: others take that for a clean end.
test_cut_in_a_record()
{
    local n first
    gen --schema trades --records 5 -o a.dbn
    first=$(member first_record_offset a.dbn)
    for n in 1 15 16 47; do
        head -c $((first + 2 * 48 + n)) a.dbn >bad.dbn
        fault bad.dbn TRUNCATED_RECORD $((first + 2 * 48)) stream 2
    done
}

test_record_shorter_than_its_header()
{
    local n first
    gen --schema trades --records 5 -o a.dbn
    first=$(member first_record_offset a.dbn)
    for n in 00 01 03; do
        byte $n $((first + 3 * 48))
        fault bad.dbn BAD_RECORD_LENGTH $((first + 3 * 48)) stream 3
    done
}

test_unknown_version()
{
    local n
    gen --schema trades --records 5 -o a.dbn
    for n in 00 04 ff; do
        byte $n 3
        fault bad.dbn BAD_VERSION 3 stream 0
    done
}

test_not_dbn()
{
    gen --schema trades --records 5 -o a.dbn
    byte 00 0
    fault bad.dbn NOT_DBN 0 stream 0
    [[ $message == *--fragment* ]] || fail "no advice for fragments: $message"
    cp "$DBNBENCH" program && fault program NOT_DBN 0 stream 0
}

test_bad_metadata()
{
    gen --schema trades --records 5 -o a.dbn
    local at=$((8 + 100)) # the fixed part of metadata is as long; the number of symbols follows
    printf '\xff\xff\xff\xff' | dd of=a.dbn bs=1 seek=$at conv=notrunc 2>/dev/null
    expect_fault a.dbn BAD_METADATA stream
}

# A header that claims 4 GiB is not believed.
test_metadata_larger_than_allowed()
{
    printf 'DBN\x03\xff\xff\xff\xff' >bad.dbn
    fault bad.dbn METADATA_TOO_LARGE 4 stream 0
    [[ $message == *--metadata-limit* ]] || fail "no advice: $message"
    printf 'DBN\x03\x00\x00\x00\x03' >bad.dbn
    [ "$VARIANT" = asan ] || ulimit -v 2000000 # ASan takes terabytes
    fault bad.dbn TRUNCATED_METADATA 8 stream 0
    gen --schema trades --records 5 -o a.dbn
    fault a.dbn METADATA_TOO_LARGE 4 stream 0 --metadata-limit 1K
    run "$DBNBENCH" verify --metadata-limit 1M a.dbn
    expect_status 0
}

# --- compressed ---

# expect_fault FILE OUTCOME STREAM [OPTION...]: as fault does, where offset and records are for the program to say.
expect_fault()
{
    local file=$1 outcome=$2 stream=$3 offset records
    shift 3
    run "$DBNBENCH" info --json "$@" "$file"
    offset=$(out | sed -n 's/^  "error": .*"offset": \([0-9]*\).*/\1/p')
    records=$(out | sed -n 's/^  "record_count": \([0-9]*\),$/\1/p')
    fault "$file" "$outcome" "$offset" "$stream" "${records:-0}" "$@"
}

test_compressed_and_cut()
{
    local n size
    gen --schema trades --records 2000 --zstd 3 --frames 3 -o a.zst
    size=$(stat -c %s a.zst)
    for n in $((size - 1)) $((size - 4)) $((size / 2)) 20; do
        head -c $n a.zst >bad.zst
        fault bad.zst ZSTD_TRUNCATED $n file "$("$DBNBENCH" cat bad.zst 2>/dev/null | wc -l)"
    done
}

test_compressed_and_corrupt()
{
    gen --schema trades --records 2000 --zstd 3 -o a.zst
    local middle=$(($(stat -c %s a.zst) / 2))
    printf '\xaa\x55\xaa\x55\xaa\x55\xaa\x55' | dd of=a.zst bs=1 seek=$middle conv=notrunc 2>/dev/null
    expect_fault a.zst ZSTD_CORRUPT file
}

test_garbage_behind_the_last_frame()
{
    gen --schema trades --records 50 --zstd 3 -o a.zst
    local size
    size=$(stat -c %s a.zst)
    printf 'garbage!' >>a.zst
    fault a.zst ZSTD_TRAILING_GARBAGE "$size" file 50
}

test_window_larger_than_allowed()
{
    need zstd
    gen --schema trades --records 50000 -o a.dbn # more than the window: else zstd takes a smaller one
    zstd -q --long=21 -1 a.dbn -o a.zst
    expect_fault a.zst ZSTD_WINDOW_TOO_LARGE file --window-log 20
    [[ $message == *'--window-log, '*': it needs 21 '* ]] || fail "no advice: $message"
    run "$DBNBENCH" verify --window-log 21 a.zst
    expect_status 0
    expect_out ': ok, 50000 records'
}

# What the usual tools read by default is read, and takes memory for what it holds only.
test_large_windows()
{
    need zstd
    local k
    gen --schema trades --records 50000 -o a.dbn
    zstd -q --long=27 -1 <a.dbn >a.27.zst
    zstd -q --ultra -22 <a.dbn >a.22.zst
    [ "$VARIANT" = asan ] || ulimit -v 400000
    for k in 22 27; do
        run "$DBNBENCH" verify a.$k.zst
        expect_status 0
        expect_out ': ok, 50000 records'
    done
    [ "$VARIANT" = asan ] || [ ! -x /usr/bin/time ] || {
        run /usr/bin/time -f %M "$DBNBENCH" decode -b buffered a.27.zst
        [ "$(err)" -lt 40000 ] || fail "$(err) KiB for what is 2.4 MB"
    }
    zstd -q --long=28 -1 <a.dbn >a.28.zst
    run "$DBNBENCH" decode a.28.zst
    expect_status 5
    expect_err ': it needs 28 \(ZSTD_WINDOW_TOO_LARGE\)$'
    run "$DBNBENCH" decode --window-log 28 a.28.zst
    expect_status 0
    run "$DBNBENCH" decode -t 16 a.27.zst # 64 MiB each
    expect_status 5
    expect_err 'share of 1 GiB: it needs 27 \(ZSTD_WINDOW_TOO_LARGE\)$'
}

test_compressed_twice()
{
    need zstd
    gen --schema trades --records 50 --zstd 3 -o a.zst
    zstd -q a.zst -o b.zst
    fault b.zst NOT_DBN 0 stream 0
}

test_dictionary_is_missing()
{
    need zstd
    local n
    for n in 1 2 3 4 5 6 7 8 9; do gen --schema trades --records 400 --symbols 1 --seed $n -o $n.dbn; done
    zstd -q --train -B1000 ./?.dbn -o dictionary 2>/dev/null || skip "zstd cannot make a dictionary of this"
    zstd -q -D dictionary 1.dbn -o a.zst
    expect_fault a.zst ZSTD_DICTIONARY file
}

test_legacy_dbz()
{
    { printf 'P*M\x18\x90\0\0\0DBZ\x01GLBX.MDP3' && head -c 200 /dev/zero; } >legacy.dbz
    fault legacy.dbz LEGACY_DBZ 0 file 0
    [[ $message == *convert* ]] || fail "no advice: $message"
}

# --- what is no file, or cannot be opened ---

# refused PATH OUTCOME 'WHY': by each command, soon.
refused()
{
    local words
    for words in info "info --json" cat "cat --csv" "decode -b syscall" "decode -b syscall-record" \
        "decode -b buffered" "decode -b mmap" "decode -b pipeline" "decode -b direct" "decode -t 3" verify \
        "run --syscalls --samples 1 -o results.jsonl"; do
        # shellcheck disable=SC2086 # several words are meant
        run timeout 20 "${as[@]}" "$DBNBENCH" $words -- "$1"
        [ "$status" -eq 5 ] || fail "$words $1: exit status $status, expected 5"
        cat "$AROUND/out" "$AROUND/err" | grep -qF "$3" || fail "$words $1: not said: $3"
        case $words in
        info | cat | decode*) expect_equal "$words: $(err)" "$words: dbnbench: $1: $3 ($2)" ;;
        verify) expect_equal "$(err)" "dbnbench: $1: $3 ($2)" ;;
        esac
    done
    [ ! -s results.jsonl ] || fail "$1: results of what cannot be read"
}
as=()

test_missing_file() { refused missing IO_ERROR 'No such file or directory'; }
test_missing_folder() { refused missing/a.dbn IO_ERROR 'No such file or directory'; }
test_empty_name() { run "$DBNBENCH" info '' && expect_status 5 && expect_err 'No such file or directory'; }
test_file_taken_for_a_folder() { echo a >a && refused a/b IO_ERROR 'Not a directory'; }
test_folder() { mkdir folder && refused folder UNSUPPORTED_FILE 'not a regular file with a size'; }
test_fifo_does_not_hang() { mkfifo fifo && refused fifo UNSUPPORTED_FILE 'not a regular file with a size'; }
test_device() { refused /dev/zero UNSUPPORTED_FILE 'not a regular file with a size'; }
test_file_of_proc() { refused /proc/self/status UNSUPPORTED_FILE 'not a regular file with a size'; }
# It says that it is a page long, and is not; each way of reading notices.
test_file_of_sys()
{
    local file=/sys/kernel/mm/transparent_hugepage/enabled
    [ -e $file ] || skip "no $file here"
    refused $file FILE_CHANGED 'the file changed while it was read'
}

# An error in the first bytes read is not "not compressed".
test_error_while_peeking()
{
    local words
    need strace
    gen --schema trades --records 3000 --zstd 3 -o a.zst
    for words in info "info --json" cat "decode -b pipeline" "decode -b pipeline -t 3" verify; do
        # shellcheck disable=SC2086 # several words are meant
        run strace -f -qq -o /dev/null -P "$PWD/a.zst" -e inject=pread64,read:error=EIO:when=1 \
            "$DBNBENCH" $words a.zst
        expect_status 5
        expect_err '^dbnbench: a.zst: Input/output error \(IO_ERROR\)$'
        ! grep -q container "$AROUND/out" || fail "$words: a container is named"
    done
}

# What came before an error is looked at, whoever reads.
test_no_dbn_in_zstd_that_is_cut_off()
{
    printf '\x28\xb5\x2f\xfd\x04\x58\x99\0\0XYZ, not DBN at all\x3a\x87\xae' >bad.zst # a byte is missing
    fault bad.zst NOT_DBN 0 stream 0
}

test_dangling_link() { ln -s nowhere link && refused link IO_ERROR 'No such file or directory'; }
test_links_in_a_circle() { ln -s a b && ln -s b a && refused a IO_ERROR 'Too many levels of symbolic links'; }
test_name_that_is_too_long() { refused "$(printf %0256d 0)" IO_ERROR 'File name too long'; }

test_no_permission()
{
    gen --schema trades --records 5 -o a.dbn
    chmod 000 a.dbn
    if [ "$(id -u)" -eq 0 ]; then # root may read anything, unless that is taken away
        need setpriv
        as=(setpriv "--bounding-set=-dac_override,-dac_read_search")
    fi
    refused a.dbn IO_ERROR 'Permission denied'
}

# What is read is what a link leads to.
test_link_to_a_file()
{
    gen --schema trades --records 5 -o a.dbn
    ln -s a.dbn link
    run "$DBNBENCH" verify link
    expect_status 0
    expect_out '^link: ok, 5 records'
}

run_cases "$@"
