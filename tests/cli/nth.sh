#!/usr/bin/env bash
# Guards every command against calls that fail: the Nth one, for ever or once, ends in a clean error, leaves no half of a
# file and changes no result. (release only) (slow)
. "$(dirname "$0")/lib.sh"
CASE_SECONDS=60

# What they work on, in files whose names are not new each time.
set_up()
{
    "$DBNBENCH" gen --schema mixed --records 300 -o a.dbn
    "$DBNBENCH" gen --schema trades --records 300 --zstd 1 --frames 3 -o b.zst
    cp "$TOP/results/example-scale.jsonl" old.jsonl
}

# good: what is left behind is whole.
check_files()
{
    local file
    for file in new.*; do
        case $file in
        *.dbn) [ ! -e "$file" ] || "$DBNBENCH" verify -b mmap -s sum "$file" >/dev/null || fail "$what: half a file" ;;
        *.jsonl)
            [ ! -e "$file" ] || "$DBNBENCH" report --text "$file" >/dev/null 2>report.err ||
                grep -q 'no run in it' report.err || fail "$what: $(cat report.err)"
            ;;
        *.csv) [ ! -e "$file" ] || cmp -s "$file" whole.csv || fail "$what: half a report" ;;
        esac
    done
}

# A shard may have been decoded again, and rightly.
results() { out | sed 's/, [0-9]* of them decoded again//'; }

# each_nth STRIDE KIND COMMAND...: has the Nth allocation or thread fail, N from 1 on by steps that grow.
each_nth()
{
    local n=1 count ever stride=$1 kind=$2 what whole
    shift 2
    rm -rf new.*
    LD_PRELOAD=$AROUND/failing.so FAIL=$kind FAIL_COUNT=$PWD/count run "$DBNBENCH" "$@"
    expect_status 0
    whole=$(results)
    count=$(cat count)
    [ "$count" -gt 0 ] || fail "$*: no call that could fail"
    for ((n = 1; n <= count; n += 1 + n / stride)); do
        for ever in '' 1; do
            what="$kind $n${ever:+ and later}: $*"
            rm -rf new.* mark
            run env LD_PRELOAD="$AROUND/failing.so" FAIL="$kind" FAIL_AT=$n ${ever:+FAIL_EVER=1} \
                FAIL_MARK="$PWD/mark" timeout 60 "$DBNBENCH" "$@"
            [ -e mark ] || continue # the work of processes is not shared out alike each time
            [ "$status" -ne 0 ] || [ "$(results)" != "$whole" ] || continue # a shard of it was decoded again
            [ "$status" -eq 5 ] || fail "$what: exit status $status"
            cat "$AROUND"/{out,err} | grep -qi 'out.of.memory\|another thread\|NO_THREAD' || fail "$what: the reason is not said"
            check_files
        done
    done
}

build_failing()
{
    need "${CC:-cc}"
    "${CC:-cc}" -O1 -shared -fPIC -o "$AROUND/failing.so" "$TOP/tests/cli/failing.c" -ldl
    set_up
}

test_memory_of_reading_commands()
{
    build_failing
    each_nth 5 memory list
    each_nth 2 memory list machine --json
    each_nth 20 memory info a.dbn b.zst
    each_nth 20 memory info --json --symbols a.dbn
    each_nth 20 memory cat --csv b.zst
    each_nth 20 memory gen --schema trades --records 100 --zstd 3 -o new.dbn
    each_nth 2 memory compare old.jsonl old.jsonl
    each_nth 2 memory report --text old.jsonl
}

test_memory_of_decodes()
{
    local sink
    build_failing
    for sink in sum touch copy strings columns rows rows+strings; do
        each_nth 3 memory decode -b buffered -s $sink a.dbn
    done
    each_nth 10 memory decode -b pipeline -t 2 b.zst a.dbn
    each_nth 10 memory decode --split 4 -t 2 b.zst a.dbn
    each_nth 2 memory verify a.dbn b.zst
}

test_memory_of_sessions()
{
    build_failing
    each_nth 1 memory run -b mmap,pipeline -s sum,rows --samples 1 -o new.jsonl a.dbn
    each_nth 1 memory scale -b mmap -s sum -t 1,2 --samples 1 -o new.jsonl a.dbn
}

test_threads()
{
    build_failing
    each_nth 9 thread decode -b pipeline -t 3 a.dbn
    each_nth 9 thread decode -b mmap -t 4 --split 4 a.dbn
    each_nth 1 thread verify a.dbn
}

# Too little memory for what a sink keeps is no fault of the file, and no wrong result.
test_little_memory()
{
    local sink
    "$DBNBENCH" gen --schema trades --records 200000 -o a.dbn
    for sink in copy columns rows strings+rows; do
        (
            ulimit -v 20000
            run "$DBNBENCH" decode -b buffered -s $sink a.dbn
            expect_status 5
            expect_err 'out of memory \(OUT_OF_MEMORY\)$'
            run "$DBNBENCH" verify -b buffered -s $sink a.dbn
            [ "$sink" = copy ] || expect_status 5
        )
    done
}

# --- at the border to the kernel: what the C library does is seen there too ---

# each_call "CALLS" ERROR COMMAND...: has the Nth of these calls fail, beginning behind those that start the program.
each_call()
{
    local calls=$1 error=$2 n=1 first what whole
    shift 2
    need strace
    strace -f -qq -o calls -e trace="$calls" "$DBNBENCH" --version >/dev/null
    first=$(grep -c "($\|(.*" calls) || true
    rm -rf new.*
    run "$DBNBENCH" "$@"
    whole=$(results)
    for ((n = first + 1; n < first + 400; n += 1 + (n - first) / 8)); do
        what="$calls $n $error: $*"
        rm -rf new.*
        run timeout 60 strace -f -qq -o calls -e trace="$calls" -e inject="$calls":error="$error":when="$n" \
            "$DBNBENCH" "$@"
        grep -q INJECTED calls || break
        case $status in
        0) [[ $* == run* ]] || expect_equal "$what: $(results)" "$what: $whole" ;;
        5) [ -s "$AROUND/err" ] || fail "$what: the reason is not said" ;;
        *) fail "$what: exit status $status" ;;
        esac
        check_files
    done
}

test_calls_of_reading_commands()
{
    local words
    set_up
    "$DBNBENCH" report -f csv old.jsonl >whole.csv
    for words in "info a.dbn b.zst" "cat a.dbn" "decode -b buffered a.dbn" "decode -b mmap -t 2 --split 3 a.dbn b.zst" \
        "decode -b pipeline b.zst" "gen --schema trades --records 9000 -o new.dbn" "compare old.jsonl old.jsonl" \
        "report -f csv -o new.csv old.jsonl"; do
        # shellcheck disable=SC2086 # several words are meant
        for calls in openat:EMFILE read:EIO pread64:EIO mmap:ENOMEM write:ENOSPC fsync:EIO rename:EIO clone3:EAGAIN; do
            each_call "${calls%:*}" "${calls#*:}" $words
        done
    done
}

test_calls_of_a_run()
{
    local calls
    set_up
    for calls in openat:EMFILE read:EIO mmap:ENOMEM write:ENOSPC fsync:EIO clone:EAGAIN clone3:EAGAIN; do
        each_call "${calls%:*}" "${calls#*:}" run -b mmap -s sum --samples 1 -o new.jsonl a.dbn
    done
}

run_cases "$@"
