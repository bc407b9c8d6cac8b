#!/usr/bin/env bash
# Guards `dbnbench syscalls`: exact numbers, as root and as an ordinary user, whatever is withheld. (release only)
# Sanitizers would add calls of their own. What strace sees of the same decode confirms the counts.
. "$(dirname "$0")/lib.sh"

# trades RECORDS [OPTION...]: in t.dbn. Other users have no way into this folder, but from inside they can read it.
trades()
{
    "$DBNBENCH" gen --schema trades --records "$1" -o t.dbn "${@:2}"
    chmod 755 . && chmod 644 t.dbn
}

# cell BACKEND COLUMN: of the first table; columns count from the right, where no cell has blanks.
cell() { out | awk -v backend="$1" -v column="$2" '$1 == backend && NF >= 8 { print $(NF - column + 1) }'; }

# called BACKEND: the names of its calls, but for those by which malloc gets memory.
called()
{
    out | awk -v of="$1" '$1 == "backend" { named = $2 == "call" }
        named && NF == 4 { backend = $1 }
        named && backend == of && NF >= 3 && $(NF - 2) !~ /^(brk|mmap|munmap|mremap)$/ { print $(NF - 2), $(NF - 1) }' |
        sort | xargs
}

# expect_reads BACKEND N RATIO: by all three ways of counting.
expect_reads()
{
    expect_equal "$1 $(cell "$1" 7) $(cell "$1" 6) $(cell "$1" 5) $(cell "$1" 4)" "$1 $3 $2 $2 $2"
}

# A million trades, of which ptrace counts 10,000 where every record takes calls.
expect_traced_million()
{
    expect_status 0
    expect_out '^System calls counted by ptrace\.$'
    expect_out '^kernel tracepoints cannot be used: .*(No such file|Permission denied|not permitted)'
    expect_out '^syscall +first 10000 '
    expect_out '^buffered +1000000 '
    expect_reads syscall 130002 13.000200
    expect_reads syscall-record 20002 2.000200
    expect_reads buffered 733 0.000733
    expect_reads mmap 0 0.000000
    [ "$(cell mmap 2)" -gt 50 ] || fail "mmap has $(cell mmap 2) page faults"
    expect_equal "$(called syscall)" "close 1 newfstatat 2 openat 1 read 130002"
}

# in_own_mounts COMMANDS: by bash, which may mount what it likes.
in_own_mounts()
{
    local user=r
    [ "$(id -u)" != 0 ] || user=
    unshare "-${user}m" true 2>/dev/null || skip "no mount namespaces here"
    run unshare "-${user}m" bash -euc "$1"
}

as_nobody()
{
    [ "$(id -u)" = 0 ] || skip "only root can become another user"
    need setpriv
    setpriv --reuid=65534 --regid=65534 --clear-groups "$DBNBENCH" --version >"$AROUND/out" 2>&1 ||
        skip "an ordinary user cannot run $DBNBENCH: $(out)"
    run setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

test_million_trades()
{
    trades 1000000
    in_own_mounts 'mount -t tmpfs none /sys; "$DBNBENCH" syscalls t.dbn'
    expect_traced_million
}

test_million_trades_as_an_ordinary_user()
{
    trades 1000000
    as_nobody "$DBNBENCH" syscalls t.dbn
    expect_traced_million
}

test_million_trades_by_tracepoints()
{
    [ "$(id -u)" = 0 ] || skip "tracepoints are for root"
    trades 1000000
    in_own_mounts 'mount -t tracefs none /sys/kernel/tracing 2>/dev/null || exit 77; "$DBNBENCH" syscalls t.dbn'
    [ "$status" != 77 ] || skip "tracefs cannot be mounted"
    expect_status 0
    expect_out '^System calls counted by kernel tracepoints\.$'
    expect_out '^syscall +1000000 '
    expect_reads syscall 13000002 13.000002
    expect_reads syscall-record 2000002 2.000002
    expect_reads buffered 733 0.000733
    expect_reads mmap 0 0.000000
    expect_equal "$(called syscall)" "close 1 newfstatat 2 openat 1 read 13000002"
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
    run "$DBNBENCH" syscalls --method ptrace --records 0 t.dbn
    expect_status 0
    expect_reads syscall 26002 13.001000
    for backend in syscall syscall-record buffered mmap pipeline; do
        expect_equal "$backend $(cell $backend 6)" "$backend $(traced_reads $backend)"
    done
}

test_threads_and_compressed()
{
    trades 100000 --zstd 3
    run "$DBNBENCH" syscalls -t 3 t.dbn
    expect_status 0
    expect_out '^t.dbn, 3 threads$'
    expect_out '^ +clone3? +3 '
    expect_equal "$(out | awk '/ n\/a /')" ""
    run "$DBNBENCH" syscalls -t 12 -b pipeline,buffered t.dbn
    expect_status 0
}

test_records_and_methods()
{
    trades 5000
    run "$DBNBENCH" syscalls --method ptrace --records 100 -b syscall,mmap t.dbn
    expect_status 0
    expect_out '^syscall +first 100 '
    expect_reads syscall 1302 13.020000
    run "$DBNBENCH" syscalls --method ptrace --records 0 -b syscall t.dbn
    expect_reads syscall 65002 13.000400
    in_own_mounts 'mount -t tmpfs none /sys; "$DBNBENCH" syscalls --method tracepoint t.dbn'
    expect_status 5
    expect_err 'method tracepoint cannot be used here: .*No such file'
    run "$DBNBENCH" syscalls --method clock t.dbn && expect_status 2
    run "$DBNBENCH" syscalls --records many t.dbn && expect_status 2
    run "$DBNBENCH" syscalls && expect_status 2
}

test_json()
{
    need jq
    trades 1000
    run "$DBNBENCH" syscalls --method ptrace -b syscall,mmap --json t.dbn
    expect_status 0
    expect_equal "$(out | jq -c '[.method, (.cases[] | .backend, .records, .reads.backend, .reads.kernel, .reads.proc,
        .calls - ([.calls_by_name[]] | add), .calls_by_name.read)]')" \
        '["ptrace","syscall",1000,13002,13002,13002,0,13002,"mmap",1000,0,0,0,0,null]'
}

# A tracer is traced already, so it may not trace, and tracepoints are out of reach as well.
test_nobody_counts()
{
    need strace jq
    trades 1000
    strace -o /dev/null true 2>/dev/null || skip "strace cannot trace here"
    in_own_mounts 'mount -t tmpfs none /sys; strace -f -e trace=none -o /dev/null "$DBNBENCH" syscalls -b syscall t.dbn'
    expect_status 0
    expect_out '^kernel tracepoints cannot be used: '
    expect_out '^ptrace cannot be used: PTRACE_SEIZE: Operation not permitted\.$'
    expect_equal "$(cell syscall 6) $(cell syscall 5) $(cell syscall 4)" "13002 n/a 13002"
    in_own_mounts 'mount -t tmpfs none /sys
        strace -f -e trace=none -o /dev/null "$DBNBENCH" syscalls -j -b syscall t.dbn'
    expect_equal "$(out | jq -c '[.method, (.missing | keys[]), (.cases[] | .reads.kernel, .calls, .calls_by_name)]')" \
        '["none","ptrace","tracepoint",null,null,null]'
}

test_without_proc()
{
    trades 1000
    in_own_mounts 'mount -t tmpfs none /proc; "$DBNBENCH" syscalls --method ptrace -b syscall t.dbn'
    expect_status 0
    expect_out "^The kernel's own count of reads is missing: /proc/self/io: No such file or directory\.\$"
    expect_equal "$(cell syscall 6) $(cell syscall 5) $(cell syscall 4)" "13002 13002 n/a"
}

test_disagreement_is_an_error()
{
    trades 1000
    in_own_mounts 'mount -t tmpfs none /proc; mkdir /proc/self
        printf "rchar: 9\nsyscr: 9\nread_bytes: 9\n" >/proc/self/io
        "$DBNBENCH" syscalls --method ptrace -b syscall,mmap t.dbn'
    expect_status 4
    expect_err 'syscall: the counts of its reads disagree: 13002 by itself, 13002 by ptrace, 0 by /proc/self/io$'
    expect_out '^mmap '
}

test_bad_files()
{
    trades 1000
    run "$DBNBENCH" syscalls no-such-file && expect_status 5 && expect_err 'no-such-file: .*No such file'
    truncate -s -7 t.dbn
    run "$DBNBENCH" syscalls t.dbn && expect_status 5 && expect_err 't.dbn: .*TRUNCATED_RECORD'
}

run_cases "$@"
