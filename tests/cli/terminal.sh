#!/usr/bin/env bash
# Guards what people see on a terminal: colours, the line that changes, and words for one and for many.
. "$(dirname "$0")/lib.sh"

# terminal COMMAND...: runs it on one, 80 columns wide; what it prints is in $AROUND/out.
terminal()
{
    need script
    local command
    printf -v command '%q ' "$@"
    unset COLUMNS
    run script -qec "stty cols 80; $command" /dev/null
}

test_colours()
{
    local setting example=$TOP/results/example.jsonl
    TERM=xterm terminal "$DBNBENCH" report --text "$example"
    expect_status 0
    grep -q $'\e\\[1mmmap' "$AROUND/out" || fail "the fastest is not bold"
    ! sed 's/\x1b\[[0-9;]*m//g' "$AROUND/out" | tr -d '\r' | grep -E '^.{81}' || fail "a row is wider than the terminal"
    TERM=xterm terminal "$DBNBENCH" compare "$example" "$TOP/results/example-ratios.jsonl"
    grep -q $'\e\\[1;33mslower' "$AROUND/out" || fail "a verdict has no colour"
    for setting in NO_COLOR=1 TERM=dumb TERM=; do
        terminal env TERM=xterm "$setting" "$DBNBENCH" report --text "$example"
        ! grep -q $'\e' "$AROUND/out" || fail "$setting: colours"
    done
    TERM=xterm run "$DBNBENCH" report --text "$example"
    ! grep -q $'\e' "$AROUND/out" || fail "colours in a pipe"
}

# live COMMAND...: it says how far it is, in one line that is wiped at the end; and in a pipe nothing of that.
live()
{
    TERM=xterm CI='' terminal "$@"
    grep -Eq $'\r\e\\[K[^\r]*[0-9]+ of [0-9]+' "$AROUND/out" || fail "$2: it does not say how far it is"
    grep -Eq $'\r\e\\[K[^\r\e]+\r?$' "$AROUND/out" || fail "$2: the line is not wiped"
    run "$@"
    ! grep -q $'[\r\e]' "$AROUND/out" "$AROUND/err" || fail "$2: control characters in a pipe"
}

test_live_lines()
{
    "$DBNBENCH" gen --schema trades --records 100 -o t.dbn
    live "$DBNBENCH" verify -b mmap,buffered -s sum t.dbn
    live "$DBNBENCH" gate --exact --no-instructions -b mmap -f t.dbn "$DBNBENCH" "$DBNBENCH"
}

test_one_and_many()
{
    "$DBNBENCH" gen --schema trades --records 100 -o t.dbn
    run "$DBNBENCH" run --samples 1 -b mmap -s sum -o r.jsonl t.dbn
    expect_out '^Measured in [0-9]+ s: 1 data set, 1 round, '
    expect_err '^1 file, for 110 s at most'
    [ "$(out | wc -l)" -le 7 ] || fail "the answer has more lines than 6 and one for each data set"
    rows r.jsonl
    expect_out '; 1 sample of each case\.$'
    run "$DBNBENCH" run --samples 2 -b mmap,buffered -s sum -o s.jsonl t.dbn
    expect_out '^Measured in [0-9]+ s: 1 data set, 2 rounds, '
    expect_out ' 2 samples, 6 needed '
}

run_cases "$@"
