#!/usr/bin/env bash
# Guards `dbnbench gate` from outside (release only): what is exact is equal for this build and itself, a program with a
# fault that is known is found out, and nothing that is missing passes. (slow)
. "$(dirname "$0")/lib.sh"

data() { "$DBNBENCH" gen --schema "${2:-trades}" --records 2000 -o "$1" "${@:3}"; }

# exact [OPTION...]: this build against itself, counts only, on the files that are there.
exact()
{
    local file options=()
    for file in *.dbn*; do options+=(--file "$file"); done
    run "$DBNBENCH" gate --exact --no-instructions "${options[@]}" "$@" "${base:-$DBNBENCH}" "${head:-$DBNBENCH}"
}

# program NAME: a program of these lines of bash, which can call the true one.
program()
{
    { echo '#!/bin/bash' && echo "dbnbench=${DBNBENCH@Q}" && cat; } >"$1"
    chmod +x "$1"
}

can_trace() { strace -o /dev/null true 2>/dev/null || ! command -v strace >/dev/null; }

test_against_itself()
{
    can_trace || skip "nobody can trace here"
    data t.dbn
    data m.dbn mixed
    data z.dbn.zst trades --zstd 3 --frames 2
    exact --strict
    expect_status 0
    expect_out '^ok +t.dbn/syscall/sum/threads:1 *$'
    expect_out '^ok +z.dbn.zst/pipeline/sum/threads:1 *$'
    expect_out "^gate: ok \\($((3 * $("$DBNBENCH" list backends | grep -vc 'past the page cache'))) cases, [0-9]+ counts, "
}

# What CI gates each change by, in a fresh clone. A revision may well count otherwise than the one before, but must find
# the same; and `make gate` is that script.
test_against_the_revision_before()
{
    only_in_all "two builds of the whole tree"
    git clone -q --no-checkout "$TOP" tree 2>/dev/null || skip "there is no history here"
    git -C tree rev-parse --quiet --verify 'HEAD~1^{commit}' >/dev/null || skip "there is no history here"
    tar -C "$TOP" --exclude=./build --exclude=./.git --exclude=./datasets/data --exclude='./results/*.jsonl' -cf - . |
        tar -C tree -xf -
    data t.dbn
    export CFLAGS=-O0 NO_INSTALL=1
    cd tree
    run harness/gate.sh make HEAD~1 --exact --no-instructions --file ../t.dbn
    [ "$status" = 0 ] || [ "$status" = 1 ] || fail "exit status $status"
    expect_out '^[a-z ]+ t.dbn/mmap/sum/threads:1 '
}

test_revision_that_is_not_there()
{
    git -C "$TOP" rev-parse -q --verify HEAD >/dev/null || skip "there is no history here"
    echo fine | tee j.xml >m.md
    run make -C "$TOP" NO_INSTALL=1 gate BASE=no-such-revision GATE="--exact --junit=$PWD/j.xml --markdown $PWD/m.md"
    expect_err 'gate: no-such-revision: no such revision here'
    expect_err 'Error 5$'
    [ ! -s j.xml ] && [ ! -s m.md ] || fail "reports of an earlier gate are left"
}

test_counts()
{
    need jq
    can_trace || skip "nobody can trace here"
    data t.dbn
    exact --backend syscall,buffered --json
    expect_status 0
    expect_equal "$(out | jq -c '.cases[] | [.backend] + [.counts[]
        | select(.name | test("^(read calls|calls of read|what )")) | .base == .head, .base]')" \
        '["syscall",true,1000,true,13002,true,1000,true,13002]
["buffered",true,2000,true,2,true,2000,true,2]'
}

# The program without a fault, to compare with: what it takes to start bash is in both.
none() { program none <<<'exec "$dbnbench" "$@"'; }

# calling NAME CALLS: a program that makes so many system calls more for each file (2000 records).
calling()
{
    program "$1" <<<"case \$1 in decode) while [ \"\${1:-}\" != -- ]; do a+=(\"\$1\"); shift; done; shift
        for ((i = 0; i < \$# * $2; i++)); do [ -e / ] || :; done; set -- \"\${a[@]}\" -- \"\$@\" ;; esac
        exec \"\$dbnbench\" \"\$@\""
}

# counts OPTION... BASE HEAD: counts only, on t.dbn.
counts() { run "$DBNBENCH" gate --exact --no-instructions -f t.dbn "$@"; }

test_one_system_call_more()
{
    can_trace || skip "nobody can trace here"
    data t.dbn
    none
    calling more 2
    calling as_many 0
    counts --backend syscall,mmap ./none ./more
    expect_status 1
    expect_out '^regressed +t.dbn/syscall/sum/threads:1 +calls of '
    expect_out '^t.dbn/mmap/sum/threads:1: regressed: calls of (newfstatat|faccessat2?|fstat): [0-9] -> [0-9]$'
    expect_out '^gate: regressed '
    counts --backend mmap --allow calls ./none ./more
    expect_status 0
    expect_out 'calls of [a-z0-9]+: [0-9] -> [0-9], as allowed$'
    counts --backend mmap ./none ./as_many
    expect_status 0
}

# Calls that count, whatever the decoder makes of them, and calls that are made as others run.
counting='read pread64 readv preadv preadv2 write pwrite64 lseek openat fstat close ioctl fcntl dup fadvise64 readahead
    mmap munmap mprotect madvise mincore getpid gettid getrandom io_uring_enter'
not_counting='futex sched_yield brk'

# What makes each of these calls once, with arguments that are refused.
test_each_kind_of_call()
{
    local name more
    need "${CC:-cc}" jq
    can_trace || skip "nobody can trace here"
    data t.dbn
    {
        echo '#include <sys/syscall.h>'
        echo '#include <unistd.h>'
        echo 'static const long calls[] = {'
        for name in $counting $not_counting; do echo "SYS_$name,"; done
        echo '}; int main(int argc, char **argv) { (void)argv;
            for (unsigned i = 0; argc > 1 && i < sizeof calls / sizeof calls[0]; i++) syscall(calls[i], -1, 0, 0, 0, 0);
            return 0; }'
    } >calls.c
    "${CC:-cc}" -o calls calls.c
    for more in '' more; do
        program "with_$more" <<<"case \$1 in decode) while [ \"\${1:-}\" != -- ]; do a+=(\"\$1\"); shift; done; shift
            for file; do ./calls $more; done; set -- \"\${a[@]}\" -- \"\$@\" ;; esac
            exec \"\$dbnbench\" \"\$@\""
    done
    counts --backend mmap ./with_ ./with_
    expect_status 0
    counts --backend mmap --json ./with_ ./with_more
    expect_status 1
    for name in $counting; do
        out | jq -e --arg name "calls of $name" '.cases[0].counts[] | select(.name == $name) |
            .head == .base + 1 and .verdict == "regressed"' >/dev/null || fail "$name: one call more passes"
    done
    for name in $not_counting; do
        ! out | grep -q "calls of $name" || fail "$name counts"
    done
}

# altered NAME BYTE: a program that reads another file instead, where the lowest bit of a byte is flipped.
altered()
{
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 t.dbn)
    cp t.dbn "$1.dbn"
    # shellcheck disable=SC2059
    printf "\\x$(printf %x $((byte ^ 1)))" | dd of="$1.dbn" bs=1 seek="$2" conv=notrunc status=none
    program "$1" <<<"exec \"\$dbnbench\" \"\${@/%*t.dbn/$PWD/$1.dbn}\""
}

# The last record of 48 bytes of trades: length at 0, price at 16, sequence at 44; it is counted from the end.
test_one_bit()
{
    local size
    data t.dbn
    size=$(stat -c %s t.dbn)
    altered price $((size - 1300 * 48 + 16))
    counts --backend mmap,pipeline "$DBNBENCH" ./price
    expect_status 4
    expect_out '^gate: wrong result '
    altered sequence $((size - 48 + 44))
    counts --backend buffered "$DBNBENCH" ./sequence
    expect_status 4
    expect_out 'head finds something else with fields: 2000 records, 96000 bytes, digest '
    counts --backend buffered ./sequence "$DBNBENCH" && expect_status 4 && expect_out 'base finds something else with fields'
    counts --backend buffered ./sequence ./sequence && expect_status 4 && expect_out 'both find something else with fields'
    altered length $((size - 2000 * 48))
    counts --backend mmap "$DBNBENCH" ./length
    expect_status 4
    expect_out 'head: the decode ended with '
}

test_who_is_not_there()
{
    local head
    data t.dbn
    exact --backend mmap,nobody && expect_status 5
    expect_out '^could not run t.dbn/nobody/sum/threads:1 neither program has this backend$'
    program fewer <<<'[ "$1" = list ] && { "$dbnbench" "$@" | grep -v mmap; exit; }; exec "$dbnbench" "$@"'
    head=./fewer exact --backend mmap
    expect_status 5
    expect_out 'it vanished: base has this backend, and head does not'
    head=./fewer exact
    expect_status 5
    expect_out '^could not run t.dbn/mmap/sum/threads:1 +it vanished'
    run "$DBNBENCH" gate --exact --no-instructions -b mmap -f t.dbn ./fewer "$DBNBENCH"
    expect_status 0
    expect_out '^inconclusive +t.dbn/mmap/sum/threads:1 +it is new: '
    expect_out '^gate: inconclusive .* which passes without --strict$'
    run "$DBNBENCH" gate --exact --no-instructions --strict -b mmap -f t.dbn ./fewer "$DBNBENCH"
    expect_status 3
}

test_programs_that_are_none()
{
    local head base
    data t.dbn
    base=no-such-program exact && expect_status 5 && expect_err 'no-such-program: No such file'
    head=no-such-program exact && expect_status 5 && expect_err 'no-such-program: No such file'
    head=./t.dbn exact && expect_status 5 && expect_err 't.dbn: Permission denied'
    head=/bin/true exact && expect_status 5 && expect_err 'head, .*true: it has no backends'
    program crashes <<<'[ "$1" = list ] && exec "$dbnbench" "$@"; kill -SEGV $$'
    head=./crashes exact -b mmap && expect_status 5 && expect_out 'head: Segmentation fault'
    base=./crashes exact -b mmap && expect_status 5 && expect_out 'base: Segmentation fault'
    program fails <<<'[ "$1" = list ] && exec "$dbnbench" "$@"; echo it is broken >&2; exit 7'
    head=./fails exact -b mmap && expect_status 5 && expect_out 'head: it is broken$'
    program lies <<<'[ "$1" = list ] && exec "$dbnbench" "$@"; "$dbnbench" "$@"; exit 5'
    head=./lies exact -b mmap && expect_status 5 && expect_out 'head: exit status 5 after a good decode$'
    program talks <<<'[ "$1" = list ] && exec "$dbnbench" "$@"; yes | head -c 10000000; "$dbnbench" "$@"'
    head=./talks exact -b mmap && expect_status 5 && expect_out 'head: what it printed is no JSON'
    program twice <<<'[ "$1" = list ] && exec "$dbnbench" "$@"; "$dbnbench" "$@"; "$dbnbench" "$@"'
    head=./twice exact -b mmap && expect_status 5 && expect_out 'head: what it printed is no JSON'
}

# uncounted WHAT WHY COMMAND...: a gate of counts that is called by the command: an error, unless allowed.
uncounted()
{
    local what=$1 why=$2 gate=("$DBNBENCH" gate --exact -b mmap -f t.dbn "$DBNBENCH" "$DBNBENCH")
    data t.dbn
    run "${@:3}" "${gate[@]}"
    expect_status 5
    expect_out "^could not run +t.dbn/mmap/sum/threads:1 +$what: could not be counted: $why \("
    run "${@:3}" "${gate[@]}" --allow "${what#* }"
    expect_status 0
    expect_out "^t.dbn/mmap/sum/threads:1: ok: $what: could not be counted: $why \(as allowed\)$"
}

test_calls_that_cannot_be_counted()
{
    need strace valgrind # under a tracer there can be no other
    can_trace || skip "nobody can trace here"
    uncounted "system calls" "PTRACE_SEIZE: Operation not permitted" strace -f -o /dev/null
}

test_instructions_that_cannot_be_counted()
{
    can_trace || skip "nobody can trace here"
    uncounted instructions "valgrind: it is not installed" env PATH=/nowhere
}

# expect_reports VERDICT WHY: both reports are of this gate, and the JUnit has an error.
expect_reports()
{
    grep -q "^### dbnbench gate: $1\$" m.md && grep -q "$2" m.md || depth=2 fail "m.md: $(cat m.md)"
    grep -q "^ *<testcase .*<error message=\"$1: $2" j.xml && ! grep -q 'errors="0"' j.xml ||
        depth=2 fail "j.xml: $(cat j.xml)"
}
# reported OPTION...: a gate with both reports, where those of an earlier one stand, which was fine.
reported()
{
    cp fine.md m.md && cp fine.xml j.xml
    run "$DBNBENCH" gate --exact --no-instructions -b mmap --markdown m.md --junit j.xml "$@"
}
fine()
{
    data t.dbn
    run "$DBNBENCH" gate --exact --no-instructions -b mmap -f t.dbn --markdown fine.md --junit fine.xml --allow calls \
        "$DBNBENCH" "$DBNBENCH"
    expect_status 0
    grep -q 'tests="1" failures="0" errors="0" skipped="0"' fine.xml || fail "fine.xml: $(cat fine.xml)"
}

test_reports_of_a_gate_that_could_not_run()
{
    fine
    reported -f t.dbn --json "$DBNBENCH" /bin/true && expect_status 5
    expect_reports 'could not run' 'head, .*: it has no backends'
    expect_out '"verdict": "could not run"'
    reported -f t.dbn "$DBNBENCH" ./nowhere && expect_status 5
    expect_reports 'could not run' './nowhere: No such file or directory'
    reported -f nowhere.dbn "$DBNBENCH" "$DBNBENCH" && expect_status 5
    expect_reports 'could not run' 'a file cannot be read'
    reported -d nowhere "$DBNBENCH" "$DBNBENCH" && expect_status 2
    expect_reports 'could not run' 'a file cannot be read'
    reported "$DBNBENCH" && expect_status 2
    expect_reports 'could not run' 'BASE HEAD .* is missing'
    reported --exakt "$DBNBENCH" "$DBNBENCH" --sink nothing && expect_status 2 && expect_err "'--exakt'; did you mean"
    expect_reports 'could not run' 'unknown option .*exakt'
    altered price 30000
    reported -f t.dbn "$DBNBENCH" ./price && expect_status 4
    expect_reports 'wrong result' 'what sum finds: head finds something else'
}

# Whatever ends it. The program waits to be interrupted.
test_reports_of_a_gate_that_was_ended()
{
    local pid
    fine
    program waits <<<'[ "$1" = list ] && exec "$dbnbench" "$@"; touch begun; exec sleep 1000'
    for signal in TERM KILL; do
        rm -f begun
        cp fine.md m.md && cp fine.xml j.xml
        "$DBNBENCH" gate -f t.dbn -b mmap --markdown m.md --junit j.xml ./waits ./waits >/dev/null 2>&1 &
        pid=$!
        until [ -e begun ]; do sleep 0.05; done
        expect_reports 'could not run' 'it did not finish'
        kill -$signal $pid
        wait $pid || true
        [ $signal = KILL ] || grep -q 'errors="2"' j.xml || fail "j.xml: $(cat j.xml)"
        [ $signal = TERM ] || expect_reports 'could not run' 'it did not finish'
    done
}

# Each verdict has its element.
test_junit()
{
    need python3
    can_trace || skip "nobody can trace here"
    data t.dbn
    none
    calling more 2
    run "$DBNBENCH" gate --exact --no-instructions -f t.dbn -b mmap,nobody --junit j.xml ./none ./more
    expect_status 5
    python3 - j.xml <<'END'
import sys, xml.etree.ElementTree as e
suite = e.parse(sys.argv[1]).getroot()
assert [suite.get(k) for k in ('tests', 'failures', 'errors', 'skipped')] == ['2', '1', '1', '0'], suite.attrib
assert [(t.get('name').split('/')[1], [c.tag for c in t]) for t in suite] == [('mmap', ['failure']), ('nobody', ['error'])]
assert suite[0][0].get('message').startswith('regressed: calls of '), suite[0][0].attrib
END
    program fewer <<<'[ "$1" = list ] && { "$dbnbench" "$@" | grep -v mmap; exit; }; exec "$dbnbench" "$@"'
    run "$DBNBENCH" gate --exact --no-instructions -f t.dbn -b mmap --junit j.xml ./fewer "$DBNBENCH"
    expect_status 0
    grep -q 'skipped="1"' j.xml && grep -q '<skipped message="inconclusive: it is new' j.xml || fail "$(cat j.xml)"
    run "$DBNBENCH" gate --exact --no-instructions --strict -f t.dbn -b mmap --junit j.xml ./fewer "$DBNBENCH"
    expect_status 3
    grep -q '<failure message="inconclusive: it is new' j.xml || fail "$(cat j.xml)"
}

test_usage()
{
    data t.dbn
    run "$DBNBENCH" gate && expect_status 2 && expect_err 'BASE HEAD .* is missing'
    run "$DBNBENCH" gate "$DBNBENCH" && expect_status 2
    run "$DBNBENCH" gate a b c && expect_status 2 && expect_err 'two programs are needed'
    run "$DBNBENCH" gate a b c d e && expect_status 2
    exact --allow everything && expect_status 2
    exact --sink nothing && expect_status 2 && expect_err 'nothing'
    exact --threads 0 && expect_status 2
    exact -d nowhere && expect_status 2
    exact --backend , && expect_status 5 && expect_out '^gate: nothing compared '
    run "$DBNBENCH" gate --exact --dir nowhere "$DBNBENCH" "$DBNBENCH" && expect_status 5
    run "$DBNBENCH" gate --exact -f nowhere.dbn "$DBNBENCH" "$DBNBENCH" && expect_status 5
    truncate -s -7 t.dbn
    exact && expect_status 5 && expect_out 'TRUNCATED_RECORD'
}

test_names_stay_names()
{
    local name
    for name in '-x $(touch sentinel) `touch sentinel`;&.dbn' $'two\nlines<b>.dbn'; do
        rm -f ./*.dbn
        data "./$name"
        run "$DBNBENCH" gate --exact --no-instructions -b mmap --markdown m.md --junit j.xml --file="./$name" \
            "$DBNBENCH" "$DBNBENCH"
        expect_status 0
        [ ! -e sentinel ] || fail "a name was carried out"
        ! grep -q '<b>' m.md j.xml || fail "a name became markup"
    done
}

test_two_reports_in_one_file()
{
    run "$DBNBENCH" gate --junit same --markdown same "$DBNBENCH" "$DBNBENCH"
    expect_status 2
    expect_err 'name the same file$'
}

run_cases "$@"
