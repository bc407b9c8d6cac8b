#!/usr/bin/env bash
# Guards `run --syscalls`: exact numbers, as root and as an ordinary user, whatever is withheld. (release only) (slow)
# Sanitizers would add calls of their own. What strace sees of the same decode confirms the counts.
. "$(dirname "$0")/lib.sh"

# trades RECORDS [OPTION...]: in t.dbn. Other users have no way into this folder, but from inside they can read it.
trades()
{
    need jq
    "$DBNBENCH" gen --schema trades --records "$1" -o t.dbn "${@:2}"
    chmod 755 . && chmod 644 t.dbn
}

# A command line, without the file, for each way of starting it.
count=("$DBNBENCH" run --samples 1 --no-limits -s sum --syscalls -o results.jsonl)
backends=syscall,syscall-record,buffered,mmap,pipeline,inflate

# counts BACKEND FILTER: of its line of counts.
counts()
{
    jq -rs --arg of "$1" "(map(select(.type == \"sample\" and .backend == \$of))[0].index) as \$i |
        map(select(.type == \"calls\" and .index == \$i))[0] | $2" results.jsonl
}

# called BACKEND: the names of its calls, but for those by which malloc gets memory.
called()
{
    counts "$1" '.calls_by_name | to_entries | sort_by(.key) |
        map(select(.key | IN("brk", "mmap", "munmap", "mremap") | not) | "\(.key) \(.value)") | join(" ")'
}

# expect_reads BACKEND N: by all three ways of counting.
expect_reads()
{
    expect_equal "$1 $(counts "$1" '"\(.reads) \(.kernel_reads) \(.proc_reads)"')" "$1 $2 $2 $2"
}

# A million trades, of which ptrace counts 10,000 where every record takes calls.
expect_traced_million()
{
    expect_status 0
    expect_equal "$(jq -r 'select(.type == "run").syscalls.method' results.jsonl)" ptrace
    expect_equal "$(counts syscall .records) $(counts buffered .records)" '10000 1000000'
    expect_reads syscall 130002
    expect_reads syscall-record 20002
    expect_reads buffered 733
    expect_reads mmap 0
    [ "$(counts mmap .minor_faults)" -gt 20 ] || fail "mmap has $(counts mmap .minor_faults) page faults"
    # C libraries differ in how they ask for a file's size.
    expect_equal "$(called syscall | sed 's/newfstatat/fstat/')" "close 1 fstat 2 openat 1 read 130002"
}

# in_own_mounts COMMANDS: by bash, which may mount what it likes.
in_own_mounts()
{
    local user=r
    [ "$(id -u)" != 0 ] || user=
    unshare "-${user}m" true 2>/dev/null || skip "no mount namespaces here"
    rm -f results.jsonl
    run unshare "-${user}m" bash -euc "$1" - "${count[@]}"
}

as_nobody()
{
    [ "$(id -u)" = 0 ] || skip "only root can become another user"
    need setpriv
    setpriv --reuid=65534 --regid=65534 --clear-groups "$DBNBENCH" --version >"$AROUND/out" 2>&1 ||
        skip "an ordinary user cannot run $DBNBENCH: $(out)"
    chmod 777 .
    run setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

test_million_trades()
{
    trades 1000000
    run "${count[@]}" -b "$backends" t.dbn
    expect_traced_million
}

test_million_trades_as_an_ordinary_user()
{
    only_in_all "half a minute, of what test_million_trades traces as root"
    trades 1000000
    as_nobody "${count[@]}" -b "$backends" t.dbn
    expect_traced_million
}

# traced_reads BACKEND: of t.dbn, by strace on the whole process.
traced_reads()
{
    strace -f -c -U calls,name -e trace=read,pread64 -P "$PWD/t.dbn" -o counts \
        "$DBNBENCH" decode -b "$1" t.dbn >/dev/null
    awk '$2 == "read" || $2 == "pread64" { n += $1 } END { print n + 0 }' counts
}

test_strace_confirms()
{
    need strace
    local backend
    trades 2000
    strace -o /dev/null true 2>/dev/null || skip "strace cannot trace here"
    run "${count[@]}" -b "$backends" t.dbn
    expect_status 0
    expect_reads syscall 26002
    for backend in ${backends//,/ }; do
        expect_equal "$backend $(counts "$backend" .kernel_reads)" "$backend $(traced_reads "$backend")"
    done
}

test_threads_and_compressed()
{
    trades 100000 --zstd 3
    run "${count[@]}" -t 3 -b pipeline t.dbn
    expect_status 0
    expect_equal "$(counts pipeline '[.calls_by_name | to_entries[] | select(.key | test("^clone3?$")).value] | add')" 3
    expect_equal "$(counts pipeline '.kernel_reads == .reads and .proc_reads == .reads')" true
    run "${count[@]}" -t 12 -b pipeline,buffered t.dbn
    expect_status 0
}

# Calls by name are all calls.
test_json()
{
    trades 1000
    run "${count[@]}" -b syscall,mmap --json t.dbn
    expect_status 0
    expect_equal "$(counts syscall '[.records, .reads, .calls - ([.calls_by_name[]] | add), .calls_by_name.read]' |
        jq -c .)" '[1000,13002,0,13002]'
    expect_equal "$(counts mmap '[.reads, .kernel_reads, .proc_reads, .calls_by_name.read]' | jq -c .)" \
        '[0,0,0,null]'
    out | jq -e . >/dev/null || fail "not JSON"
}

# A tracer is traced already, so it may not trace.
test_nobody_counts()
{
    need strace
    trades 1000
    strace -o /dev/null true 2>/dev/null || skip "strace cannot trace here"
    run strace -f -e trace=none -o /dev/null "${count[@]}" -b syscall t.dbn
    expect_status 0
    expect_equal "$(jq -c 'select(.type == "run").syscalls | [.method, (.missing | keys)]' results.jsonl)" \
        '["none",["ptrace"]]'
    jq -r 'select(.type == "run").syscalls.missing.ptrace' results.jsonl |
        grep -q 'PTRACE_SEIZE: Operation not permitted' || fail "not said why there is no ptrace"
    expect_equal "$(counts syscall '[.reads, .kernel_reads, .proc_reads, .calls, .calls_by_name]' | jq -c .)" \
        '[13002,null,13002,null,null]'
}

test_without_proc()
{
    trades 1000
    in_own_mounts 'mount -t tmpfs none /proc; "$@" -b syscall t.dbn'
    expect_status 0
    expect_equal "$(counts syscall '[.reads, .kernel_reads, .proc_reads]' | jq -c .)" '[13002,13002,null]'
    jq -r 'select(.type == "run").missing.syscr' results.jsonl |
        grep -q '/proc/self/io: No such file or directory' || fail "not said why the kernel's own count is missing"
}

test_disagreement_is_an_error()
{
    trades 1000
    in_own_mounts 'mount -t tmpfs none /proc; mkdir /proc/self
        printf "rchar: 9\nsyscr: 9\nread_bytes: 9\n" >/proc/self/io
        "$@" -b syscall,mmap t.dbn'
    expect_status 4
    expect_err '/syscall/.*: the counts of its reads disagree: 13002 by itself, 0 by /proc/self/io$'
    expect_equal "$(counts mmap .reads)" 0
}

CASE_SECONDS=240 # on a machine that may be busy
run_cases "$@"
