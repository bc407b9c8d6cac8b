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
    cat >chain <<'END'
{"name": "own", "steps": [{"name": "a", "backend": "mmap", "sink": "sum"},
                          {"name": "b", "backend": "buffered", "sink": "sum"}]}
END
    mkdir own
    echo '{"name": "own", "build": [["true"]], "start": ["cat"], "modes": [{"name": "a"}, {"name": "b"}]}' >own/decoder.json
}

# Sessions of one sample, and a gate of this build and itself.
profile=(profile -b mmap -s fields --samples 1 -o new.jsonl a.dbn)
phases=(phases --chain chain --samples 1 -o new.jsonl a.dbn)
limits=(limits --only read_16_ns --samples 1 -o new.jsonl a.dbn)
advise=(advise --time 0 -t 2 a.dbn b.zst)
gate=(gate --exact --no-instructions -f a.dbn -b mmap --markdown new.md "$DBNBENCH" "$DBNBENCH")

# good: what is left behind is whole.
check_files()
{
    local file
    for file in new.*; do
        case $file in
        *.dbn | *.zst) [ ! -e "$file" ] || "$DBNBENCH" verify -b mmap -s sum "$file" >/dev/null || fail "$what: half a file" ;;
        *.jsonl)
            [ ! -e "$file" ] || "$DBNBENCH" report --text "$file" >/dev/null 2>report.err ||
                grep -q 'no run in it' report.err || fail "$what: $(cat report.err)"
            ;;
        *.csv) [ ! -e "$file" ] || cmp -s "$file" whole.csv || fail "$what: half a report" ;;
        *.decoder) [ ! -e "$file" ] || expect_equal "$(ls "$file")" "$(printf 'decoder.%s\n' json py)" ;;
        *.page) [ ! -e "$file" ] || expect_equal "$(ls "$file")" "$(ls whole.page)" ;;
        *.md) # that it was not told on standard output is no matter of the gate's
            [ "$status" -eq 0 ] || ! grep -q 'gate: ok' "$file" || grep -q 'standard output' "$AROUND/err" ||
                fail "$what: a report that all is well"
            ;;
        esac
    done
}

# A shard may have been decoded again, and a picture not drawn, rightly.
results() { out | sed 's/, [0-9]* of them decoded again//; /^no picture of /d'; }

# each_nth GROWTH KIND COMMAND...: has the Nth allocation or thread fail, N from 1 on by steps that grow by so many %;
# by a third of that in `make test-all`.
each_nth()
{
    local n=1 count ever growth=$(($1 * 3 / (${TEST_ALL:+2} + 1))) kind=$2 what whole
    shift 2
    rm -rf new.*
    LD_PRELOAD=$AROUND/failing.so FAIL=$kind FAIL_COUNT=$PWD/count run "$DBNBENCH" "$@"
    expect_status 0
    whole=$(results)
    count=$(cat count)
    [ "$count" -gt 0 ] || fail "$*: no call that could fail"
    for ((n = 1; n <= count; n += 1 + n * growth / 100)); do
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
    each_nth 20 memory list
    each_nth 50 memory list machine --json
    each_nth 5 memory info a.dbn b.zst
    each_nth 5 memory info --json --symbols a.dbn
    each_nth 5 memory cat --csv b.zst
    each_nth 5 memory gen --schema trades --records 100 --zstd 3 -o new.dbn
    rm -f .dbnbench-*
    each_nth 20 memory recompress -l 1 --frame-size 8K -o new.zst a.dbn
    [ -z "$(find . -name '.dbnbench-*')" ] || fail "left behind: $(ls -A)"
    each_nth 50 memory compare old.jsonl old.jsonl
    each_nth 50 memory report --text old.jsonl
    each_nth 5 memory list decoders
    each_nth 5 memory decoders build ./own
    each_nth 5 memory decoders init python new.decoder
}

test_memory_of_decodes()
{
    local sink
    build_failing
    for sink in sum touch copy split strings columns rows rows+strings; do
        each_nth 33 memory decode -b buffered -s $sink a.dbn
    done
    each_nth 10 memory decode -b pipeline -t 2 b.zst a.dbn
    each_nth 50 memory decode -b direct a.dbn
    [[ " $(backends_here) " != *' uring '* ]] || each_nth 50 memory decode -b uring a.dbn
    each_nth 10 memory decode -b inflate -t 2 b.zst a.dbn
    each_nth 10 memory decode --split 4 -t 2 b.zst a.dbn
    each_nth 50 memory verify a.dbn b.zst
}

test_memory_of_sessions()
{
    build_failing
    each_nth 100 memory run -b mmap,pipeline -s sum,rows --samples 1 -o new.jsonl a.dbn
    each_nth 100 memory scale -b mmap -s sum -t 1,2 --samples 1 -o new.jsonl a.dbn
    each_nth 200 memory "${profile[@]}"
    each_nth 200 memory "${phases[@]}"
    each_nth 50 memory "${limits[@]}"
    each_nth 200 memory "${advise[@]}"
    each_nth 50 memory "${gate[@]}"
}

test_threads()
{
    build_failing
    each_nth 11 thread decode -b pipeline -t 3 a.dbn
    each_nth 11 thread decode -b inflate -t 3 b.zst
    each_nth 11 thread decode -b direct a.dbn
    each_nth 11 thread decode -b mmap -t 4 --split 4 a.dbn
    each_nth 100 thread verify a.dbn
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

# Of a gate none of its programs: they are traced already.
follow() { [ "$1" = gate ] || echo -f; }

# each_call GROWTH CALL ERROR COMMAND...: has the Nth of these calls fail in each process, beginning behind those that
# start the program.
each_call()
{
    local growth=$1 call=$2 error=$3 n=1 first what whole
    shift 3
    need strace
    strace -qq -o calls -e trace="$call" "$DBNBENCH" --version >/dev/null
    first=$(grep -c "($\|(.*" calls) || true
    rm -rf new.*
    run "$DBNBENCH" "$@"
    whole=$(results)
    for ((n = first + 1; n < first + 400; n += 1 + (n - first) * growth / 100)); do
        what="$call $n $error: $*"
        rm -rf new.*
        # shellcheck disable=SC2046 # no word, or one
        run timeout 60 strace $(follow "$1") -qq -o calls -e trace="$call" -e inject="$call":error="$error":when="$n" \
            "$DBNBENCH" "$@"
        grep -q INJECTED calls || break
        case $status in
        0) [[ $* == *new.jsonl* || $1 == gate || $1 == advise ]] || expect_equal "$what: $(results)" "$what: $whole" ;;
        5) [ -s "$AROUND/err" ] || grep -q '^could not run ' "$AROUND/out" || fail "$what: the reason is not said" ;;
        2) grep -q '^dbnbench: \./own/decoder.json: ' "$AROUND/err" || fail "$what: a mistake in how it is called" ;;
        *) fail "$what: exit status $status" ;;
        esac
        check_files
    done
}

# each_kind GROWTH COMMAND...: of call.
each_kind()
{
    local call
    for call in openat:EMFILE read:EIO pread64:EIO mmap:ENOMEM write:ENOSPC fsync:EIO rename:EIO clone:EAGAIN \
        clone3:EAGAIN; do
        each_call "$1" "${call%:*}" "${call#*:}" "${@:2}"
    done
}

test_calls_of_reading_commands()
{
    local words
    set_up
    "$DBNBENCH" report -f csv old.jsonl >whole.csv
    for words in "info a.dbn b.zst" "cat a.dbn" "decode -b buffered a.dbn" "decode -b mmap -t 2 --split 3 a.dbn b.zst" \
        "decode -b pipeline b.zst" "gen --schema trades --records 9000 -o new.dbn" "compare old.jsonl old.jsonl" \
        "recompress -l 1 --frame-size 8K -o new.zst a.dbn" "verify -b buffered -s sum a.dbn" "report -f csv -o new.csv old.jsonl" \
        "decoders build ./own" "decoders init python new.decoder"; do
        # shellcheck disable=SC2086 # several words are meant
        each_kind 12 $words
    done
}

test_calls_past_the_page_cache()
{
    set_up
    each_call 12 pread64 EIO decode -b direct a.dbn
    [[ " $(backends_here) " == *' uring '* ]] || skip "no io_uring here"
    each_call 12 mmap ENOMEM decode -b uring a.dbn
    each_call 12 io_uring_setup EMFILE decode -b uring a.dbn
    each_call 12 io_uring_register ENOMEM decode -b uring a.dbn
    each_call 12 io_uring_enter EINTR decode -b uring a.dbn
    each_call 12 io_uring_enter EIO decode -b uring a.dbn
}

test_calls_of_a_report()
{
    set_up
    mkdir bin && ln -s /bin/false bin/gnuplot && PATH=$PWD/bin:$PATH
    "$DBNBENCH" run --no-limits --samples 1 -b mmap -s sum -o one.jsonl a.dbn >/dev/null
    "$DBNBENCH" report -o whole.page one.jsonl >/dev/null
    each_kind 30 report -o new.page one.jsonl
}

test_calls_of_sessions()
{
    local call
    set_up
    each_kind 60 run -b mmap -s sum --samples 1 -o new.jsonl a.dbn
    each_kind 50 "${limits[@]}"
    for call in openat:EMFILE mmap:ENOMEM write:ENOSPC clone:EAGAIN; do # for the rest they do what run does
        each_call 700 "${call%:*}" "${call#*:}" "${profile[@]}"
        each_call 700 "${call%:*}" "${call#*:}" "${phases[@]}"
        each_call 700 "${call%:*}" "${call#*:}" "${advise[@]}"
    done
}

test_calls_of_a_gate()
{
    set_up
    each_kind 30 "${gate[@]}"
}

run_cases "$@"
