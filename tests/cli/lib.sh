#!/usr/bin/env bash
# The frame of the scripts in this folder, which try the program from outside. A script looks like this:
#
#   #!/usr/bin/env bash
#   # What it guards. ("release only" in this line keeps it out of the asan variant.)
#   . "$(dirname "$0")/lib.sh"
#   test_unknown_command()
#   {
#       run "$DBNBENCH" nonsense
#       expect_status 2
#       expect_err 'no such command'
#   }
#   run_cases "$@"
#
# Each test_ function is a case and gets a process, a time-out and an empty current folder of its own. It fails when
# an expectation does, or any other command of it.
#
#   $DBNBENCH, $VARIANT, $BUILD   the program under test, what it is built as, and where
#   $TOP, $AROUND                 the top of the tree, and a folder around the case's own
#   CASE_SECONDS=20               CPU time that each process of a case may use, to be set before run_cases; a hang uses
#                                 none and is ended after TEST_PATIENCE (20) times that on the clock
set -u
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VARIANT=${VARIANT:-release}
BUILD=${BUILD:-$TOP/build}
DBNBENCH=${DBNBENCH:-$BUILD/dbnbench}
CASE_SECONDS=20
PATIENCE=${TEST_PATIENCE:-20}
# For jq, which from 1.7 on prints numbers as they stood in its input.
# shellcheck disable=SC2034 # by scripts
plain_numbers='(.. | numbers) |= . + 0'
export LC_ALL=C ASAN_OPTIONS="${ASAN_OPTIONS:-exitcode=99}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-exitcode=99}"
unset MAKEFLAGS MFLAGS MAKELEVEL V # of the make that runs the tests
unset NO_COLOR
export COLUMNS=400 # so that a line that is looked for is on one line

# Ends the case. The last line is the reason.
fail()
{
    local stream
    trap - ERR
    for stream in out err; do
        [ ! -s "$AROUND/$stream" ] || { echo "std$stream:" && head -n 20 "$AROUND/$stream"; }
    done
    echo "${BASH_SOURCE[${depth:-1}]##*/}:${BASH_LINENO[${depth:-1} - 1]}: $*"
    exit 1
}
skip() { trap - ERR; echo "$*"; exit 77; }

# Leaves the case to `make test-all`: it takes long, or needs much.
only_in_all() { [ -n "${TEST_ALL:-}" ] || skip "only in make test-all: $*"; }

# need TOOL...: skips the case where one is missing.
need()
{
    local tool
    for tool; do command -v "$tool" >/dev/null || skip "$tool is not installed"; done
}

# run COMMAND...: its exit status is in $status, its output in the files $AROUND/out and $AROUND/err.
run()
{
    status=0
    "$@" >"$AROUND/out" 2>"$AROUND/err" </dev/null || status=$?
}
# Of the last run in FILE, every row.
rows() { run "$DBNBENCH" report --text "${1:-results.jsonl}"; }
out() { cat "$AROUND/out"; }
err() { cat "$AROUND/err"; }

# The names of the backends that can run here, in their order.
backends_here() { "$DBNBENCH" list backends | sed '/\[unavailable: /d; s/^ *\([^ ]*\).*/\1/' | paste -sd ' ' -; }

expect_status() { [ "$status" -eq "$1" ] || depth=2 fail "exit status $status, expected $1"; }
# Extended regular expressions, line by line.
expect_out() { grep -Eqe "$1" "$AROUND/out" || depth=2 fail "no '$1' on standard output"; }
expect_err() { grep -Eqe "$1" "$AROUND/err" || depth=2 fail "no '$1' on standard error"; }
expect_equal() { [ "$1" = "$2" ] || depth=2 fail "'$1' is not '$2'"; }

# stoppable COMMAND... &: bash starts what is in the background with signals ignored, and who runs the tests may have
# ignored others. This is as in a terminal.
stoppable() { exec env --default-signal=INT,TERM,HUP "$@"; }

# One case in this process, begun by run_cases.
run_case()
{
    set -eE
    trap 'echo "${BASH_SOURCE[0]##*/}:$LINENO: failed: $BASH_COMMAND"' ERR
    AROUND=$2
    mkdir "$2/here"
    cd "$2/here"
    ulimit -t "$CASE_SECONDS"
    "$1"
}

# run_cases [--list | --skip REASON] [CASE...]
run_cases()
{
    local script passed=0 failed=0 skipped=0 name names=() status
    script=$(realpath "$0")
    [ "${1:-}" != --case ] || { run_case "$2" "$3"; exit; }
    mapfile -t names < <(sed -n 's/^test_\([a-z0-9_]*\)().*/\1/p' "$script")
    [ "${1:-}" != --list ] || { printf '%s\n' "${names[@]}"; exit; }
    scratch=$(mktemp -d) running=none
    trap 'kill -KILL -- "-$running" 2>/dev/null; chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT
    trap 'exit 1' INT TERM
    if [ "${1:-}" = --skip ]; then
        for name in "${names[@]}"; do echo "skip $name: $2"; done
        skipped=${#names[@]} names=()
    elif [ $# -gt 0 ]; then
        names=("$@")
    fi
    for name in "${names[@]}"; do
        mkdir "$scratch/$name"
        status=0
        stoppable timeout -k 1 "$((CASE_SECONDS * PATIENCE))" bash "$script" --case "test_$name" "$scratch/$name" \
            >"$scratch/log" 2>&1 </dev/null &
        running=$!
        wait "$running" || status=$?
        kill -KILL -- "-$running" 2>/dev/null # what it started: timeout leads a process group
        running=none
        [ -z "${TEST_V:-}" ] || times >"$scratch/times" # of all cases so far
        case $status in
        0) passed=$((passed + 1)) && echo "ok $name${TEST_V:+ ($(tail -n 1 "$scratch/times") so far)}" ;;
        77) skipped=$((skipped + 1)) && echo "skip $name: $(tail -n 1 "$scratch/log")" ;;
        124 | 137) failed=$((failed + 1)) && echo "FAIL $name: no end within $((CASE_SECONDS * PATIENCE)) s" ;;
        *)
            failed=$((failed + 1))
            echo "FAIL $name: $(tail -n 1 "$scratch/log")"
            head -n -1 "$scratch/log" | sed 's/^/    /'
            ;;
        esac
    done
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
}
