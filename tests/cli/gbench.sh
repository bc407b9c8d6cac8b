#!/usr/bin/env bash
# Guards dbnbench-gbench: every case is there, its JSON is strict, and nothing that fails passes for a figure. (slow)
. "$(dirname "$0")/lib.sh"

gbench=$BUILD/dbnbench-gbench

need_gbench()
{
    [ ! -x "$gbench" ] || return 0
    NO_INSTALL=1 "$TOP/setup.sh" micro >/dev/null 2>&1 || skip "Google Benchmark is not installed"
    fail "it was not built, see build/$VARIANT.log"
}

# Small files under the names of datasets.
make_data()
{
    mkdir -p data
    "$DBNBENCH" gen --schema trades --records 30000 -o data/trades-quick.dbn >/dev/null
}

measure() { run "$gbench" --dbnbench_dir=data --benchmark_min_time=0.001 "$@"; }

# No figure may be what JSON does not know.
expect_strict()
{
    jq -e .benchmarks[0].name "$1" >/dev/null || fail "$1 is no JSON"
    ! grep -Ei '(nan|inf|infinity),?$' "$1" || fail "$1 is not strict"
}

test_every_case_is_there()
{
    need_gbench
    local backend dataset sink
    run "$gbench" --benchmark_list_tests
    expect_status 0
    for backend in $("$DBNBENCH" list backends | sed '/\[unavailable/d; /past the page cache/d' | awk '{ print $1 }'); do
        for dataset in trades-quick mbo-quick mixed-quick trades-quick-zst; do
            for sink in $("$DBNBENCH" list sinks | awk '{ print $1 }'); do
                grep -Fq "decode/$backend/$dataset/$sink/" "$AROUND/out" || fail "no $backend, $dataset, $sink"
            done
        done
    done
    run "$gbench" --benchmark_list_tests --dbnbench_dataset=trades
    expect_out '^decode/mmap/trades/sum/'
    expect_equal "$(grep -c '^decode/mmap/' "$AROUND/out")" "$("$DBNBENCH" list sinks | wc -l)"
}

test_parts_of_files_are_named()
{
    need_gbench && make_data
    measure --benchmark_filter=decode/syscall/trades-quick/frame --benchmark_format=json
    expect_status 0
    expect_equal "$(jq -r '.benchmarks[0].name | split("/")[4]' "$AROUND/out")" first:20000
}

test_json_is_strict()
{
    need_gbench && need jq && make_data
    # Under a limit of CPU time, which tests have, the kernel tells it in ticks: cases shorter than these would have
    # none.
    measure --benchmark_filter='(mmap|buffered|pipeline)/trades-quick/(none|sum)' \
        --benchmark_repetitions=2 --benchmark_min_time=0.05 --benchmark_out=file.json --benchmark_format=json
    expect_status 0
    cp "$AROUND/out" out.json
    expect_strict file.json
    expect_strict out.json
    jq -e '.benchmarks | map(select(.run_type == "iteration") | .items_per_second > 0) | all' out.json
}

test_compare_tool_reads_it()
{
    local compare=/usr/share/benchmark/compare.py
    need_gbench && make_data
    [ -e $compare ] || skip "libbenchmark-tools is not installed"
    /usr/bin/python3 -c 'import scipy' 2>/dev/null || skip "scipy is not installed for the system's python3"
    measure --benchmark_filter='trades-quick/sum' --benchmark_out=one.json
    measure --benchmark_filter='trades-quick/sum' --benchmark_out=two.json
    run /usr/bin/python3 $compare benchmarks one.json two.json
    expect_status 0
    expect_out 'decode/mmap/trades-quick/sum.*[+-][0-9.]+'
}

test_missing_file_fails()
{
    need_gbench && need jq && make_data
    measure --benchmark_filter='mmap/(trades|mbo)-quick/sum' --benchmark_out=file.json
    expect_status 5
    expect_strict file.json
    expect_equal "$(jq -r '.benchmarks[] | select(.error_message) | .error_message' file.json)" \
        "data/mbo-quick.dbn: not generated yet; run: dbnbench gen --dataset mbo-quick --dir data"
    expect_equal "$(jq '[.benchmarks[] | select(.items_per_second > 0)] | length' file.json)" 1
}

test_broken_file_fails()
{
    need_gbench && need jq && make_data
    local dir=$'it\'s "odd"\377\e'
    mkdir "$dir"
    head -c 100000 data/trades-quick.dbn >"$dir/trades-quick.dbn"
    run "$gbench" --dbnbench_dir="$dir" --benchmark_filter=mmap/trades-quick/ --benchmark_out=file.json
    expect_status 5
    expect_strict file.json
    expect_equal "$(jq -r '.benchmarks[].error_message' file.json | sed 's/.*(//' | sort -u)" \
        'TRUNCATED_RECORD)'
    iconv -f UTF-8 -t UTF-8 file.json >/dev/null
}

# The reference decode is done in a child; what this changes is what the cases themselves read.
test_wrong_result_fails()
{
    need_gbench && need jq && need cc && make_data
    [ "$VARIANT" = release ] || skip "nothing can be loaded before the sanitizer"
    cat >wrong.c <<'END'
#define _GNU_SOURCE
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
static pid_t self;
__attribute__((constructor)) static void begin(void) { self = getpid(); }
ssize_t read(int fd, void *to, size_t n)
{
    ssize_t got = syscall(SYS_read, fd, to, n);
    struct stat st;
    if (got == 65536 && getpid() == self && fstat(fd, &st) == 0 && st.st_size > 1000000 && *(char *)to != 'D')
        *(char *)to ^= 1;
    return got;
}
ssize_t __read_chk(int fd, void *to, size_t n, size_t size) { (void)size; return read(fd, to, n); }
END
    cc -shared -fPIC -o wrong.so wrong.c
    LD_PRELOAD=$PWD/wrong.so measure --benchmark_filter='(buffered|mmap)/trades-quick/touch' \
        --benchmark_out=file.json
    expect_status 4
    expect_strict file.json
    expect_equal "$(jq -r '.benchmarks[] | select(.error_message).name | split("/")[1]' file.json)" buffered
    jq -r '.benchmarks[].error_message' file.json | grep -q '^wrong result: .* instead of '
}

test_usage()
{
    need_gbench
    run "$gbench" --benchmark_filter=nonsense
    expect_status 2
    run "$gbench" --nonsense
    expect_status 2
    run "$gbench" --dbnbench_dataset=nonsense
    expect_status 2
    expect_err 'nonsense: no such dataset'
    run "$gbench" --help
    expect_status 0
    expect_out '--dbnbench_dir='
    expect_out '--benchmark_filter='
}

test_no_colours_in_a_pipe()
{
    need_gbench && make_data
    measure --benchmark_filter=mmap/trades-quick/sum
    expect_status 0
    ! grep -q $'\e' "$AROUND/out" || fail "an escape sequence"
}

# The C face by itself: whatever a case does, the library neither aborts nor shows a figure.
test_cases_that_go_wrong()
{
    need_gbench && need c++ && need jq
    [ "$VARIANT" = release ] || skip "built with other flags"
    cat >cases.c <<'END'
#include "harness/gbench/shim.h"
static void good(struct gbench_state *s, void *arg)
{
    (void)arg;
    while (gbench_keep_running(s));
    gbench_set_work(s, 1, 0);
}
static void before(struct gbench_state *s, void *arg) { gbench_fail(s, arg); while (gbench_keep_running(s)); }
static void within(struct gbench_state *s, void *arg) { while (gbench_keep_running(s)) gbench_fail(s, arg); }
int main(int argc, char **argv)
{
    if (gbench_begin(&argc, argv, gbench_help))
        return 100;
    gbench_register("good", good, 0);
    gbench_register("before", before, "no \"way\"");
    gbench_register("within", within, "no");
    return (int)gbench_run();
}
END
    cc -I"$TOP" -c cases.c
    c++ cases.o "$BUILD/harness/gbench/shim.o" -o cases -lbenchmark -pthread
    run ./cases --benchmark_min_time=0.001 --benchmark_format=json
    expect_status 3
    expect_strict "$AROUND/out"
    expect_equal "$(jq -r '.benchmarks[].error_message // empty' "$AROUND/out" | paste -sd, -)" \
        'no "way",no'
    expect_equal "$(jq -c '.benchmarks[0] | [.bytes_per_second, .items_per_second > 0]' "$AROUND/out")" '[null,true]'
}

test_what_is_missing_is_named()
{
    run env NO_INSTALL=1 CXX=no-such-compiler "$TOP/setup.sh" micro
    expect_status 1
    expect_err '^cannot go on, missing: c\+\+ benchmark'
    expect_err 'apt-get install .*libbenchmark-dev'
}

run_cases "$@"
