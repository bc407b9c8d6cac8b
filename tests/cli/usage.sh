#!/usr/bin/env bash
# Guards the ways of being called: commands and options that do not exist, numbers that are none, missing operands.
. "$(dirname "$0")/lib.sh"

mapfile -t commands < <(sed -n 's/^COMMAND(\([a-z_]*\),.*/\1/p' "$TOP/harness/cli/commands.h")

# A small file to work on.
small() { "$DBNBENCH" gen --schema trades --records 20 --symbols 2 -o small.dbn; }

# refuse 'PATTERN' ARGUMENT...: a usage error, and a message with that in it.
refuse()
{
    local pattern=$1
    shift
    run "$DBNBENCH" "$@"
    [ "$status" -eq 2 ] || depth=2 fail "$*: exit status $status, expected 2"
    [ ! -s "$AROUND/out" ] || depth=2 fail "$*: a usage error prints on standard output"
    grep -Eqe "$pattern" "$AROUND/err" || depth=2 fail "$*: no '$pattern' on standard error"
}

test_no_command()
{
    refuse '^Usage: dbnbench COMMAND'
}

test_unknown_command()
{
    local name
    for name in nonsense LIST 'list ' --nonsense -x '' '%s%n'; do refuse 'Usage: dbnbench' "$name"; done
    refuse '^dbnbench: nonsense: no such command$' nonsense
}

test_help_of_the_program()
{
    local word name
    for word in --help -h help; do
        run "$DBNBENCH" $word
        expect_status 0
        expect_equal "$(err)" ""
        for name in "${commands[@]}"; do expect_out "^  $name +[a-z]"; done
        expect_out '^Exit status: 0 fine, 1 .*, 2 usage, 3 .*, 4 .*, 5 .*, 130 '
    done
}

test_version()
{
    run "$DBNBENCH" --version
    expect_status 0
    expect_out '^dbnbench [0-9]+\.[0-9]+\.[0-9]+'
    expect_equal "$(out | wc -l)" 1
    expect_equal "$(err)" ""
}

test_help_of_every_command()
{
    local name
    [ ${#commands[@]} -ge 7 ] || fail "only ${#commands[@]} commands in harness/cli/commands.h"
    for name in "${commands[@]}"; do
        run "$DBNBENCH" "$name" --help
        expect_status 0
        expect_equal "$(err)" ""
        expect_out "^Usage: dbnbench $name"
        expect_out '^  -\?, --help '
        run "$DBNBENCH" "$name" --usage
        expect_status 0
        expect_out "^Usage: dbnbench $name"
    done
}

test_unknown_options()
{
    local name
    for name in "${commands[@]}"; do
        refuse "^dbnbench $name: unrecognized option '--nonsense'" "$name" --nonsense
        refuse "^dbnbench $name: invalid option -- 'Z'" "$name" -Z
        refuse "^Try .dbnbench $name --help'" "$name" --nonsense
        refuse "^dbnbench $name: " "$name" --version # of the program, not of a command
    done
}

test_operands_that_are_missing_or_too_many()
{
    local name
    for name in info cat decode verify syscalls; do refuse "^dbnbench $name: .*file" "$name"; done
    for name in info cat decode verify; do refuse "^dbnbench $name: .*file" "$name" --; done
    refuse 'one file at a time' cat a b
    refuse 'one file' limits a b
    refuse 'a: unexpected' gen --schema trades --records 1 -o b a
    refuse 'one kind at a time' list sinks datasets
    refuse 'not one of backends, sinks, datasets' list nonsense
    refuse 'not one of' list ''
}

test_arguments_that_are_missing()
{
    refuse 'requires an argument' gen --schema
    refuse 'requires an argument' cat a -n
    refuse 'requires an argument' decode a -b
    refuse 'requires an argument' run a --samples
    refuse 'requires an argument' info a --block
    refuse "doesn't allow an argument" info --json=1 a
}

test_names_that_do_not_exist()
{
    local name
    for name in nonsense '' ',' 'mmap,' ',mmap' MMAP 'mmap ' 'mmap sum'; do
        refuse 'backend' verify -b "$name" a
        refuse 'backend' decode -b "$name" a
        refuse 'backend' run -b "$name" a
        refuse 'backend' syscalls -b "$name" a
    done
    for name in nonsense '' ',' 'sum,' ',sum' SUM mmap; do
        refuse 'sink' decode -s "$name" a
        refuse 'sink' run -s "$name" a
    done
    for name in nonsense '' ',' 'trades,' TRADES trades.dbn; do
        refuse 'dataset' gen --dataset "$name"
        mkdir -p none
        run "$DBNBENCH" run -d "$name" --dir none
        expect_status 2
        expect_err 'no dataset is named'
    done
    for name in nonsense '' TRADES trade; do refuse "--schema $name: " gen --schema "$name" --records 1 -o b; done
    refuse 'nonsense' info --advise nonsense a
    refuse 'nonsense' limits --only nonsense
    refuse 'nonsense' syscalls --method nonsense a
    expect_equal "$(find . -type f)" ""
}

# What no option takes for a number.
bad_numbers=("" " " x 1x 1.5 1e3 0x10 -1 +1 " 1" 18446744073709551616 ١)

test_numbers_that_are_none()
{
    local n option
    for n in "${bad_numbers[@]}"; do
        for option in --records --symbols --seed --dbn-version --zstd --frames; do
            refuse "$option" gen --schema trades --records 1 --zstd 1 -o b "$option=$n"
        done
        refuse '^dbnbench cat: -n' cat a "--records=$n"
        refuse '^dbnbench decode: -t' decode a "--threads=$n"
        for option in --samples --time --seed --threads; do refuse "^dbnbench run: $option" run a "$option=$n"; done
        for option in --block --window-log --metadata-limit; do
            refuse "^dbnbench info: $option" info a "$option=$n"
        done
        refuse '^dbnbench info: --dbn-version' info a --fragment "--dbn-version=$n"
        refuse '^dbnbench limits: --samples' limits "--samples=$n"
        for option in --threads --records; do refuse '^dbnbench syscalls: ' syscalls a "$option=$n"; done
    done
    expect_equal "$(find . -type f)" ""
}

test_numbers_out_of_range()
{
    refuse 'from 1 to 3' gen --schema trades --records 1 -o b --dbn-version 0
    refuse 'from 1 to 3' gen --schema trades --records 1 -o b --dbn-version 4
    refuse 'from 0 to' gen --schema trades --records 18446744073709551615 -o b
    refuse 'from 1 to' gen --schema trades --records 1 -o b --symbols 0
    refuse 'from 1 to' gen --schema trades --records 1 -o b --symbols 4294967296
    refuse 'from 1 to 22' gen --schema trades --records 1 -o b --zstd 23
    refuse 'from 1 to' gen --schema trades --records 1 -o b --zstd 1 --frames 0
    refuse 'from 1 to' gen --schema trades --records 1 -o b --zstd 1 --frames 4294967297
    refuse 'from 1 to' decode a -t 0
    refuse 'from 1 to' decode a -t 4294967297
    refuse 'from 1 to' run a -t 0
    refuse 'from 1 to' run a -t 1,0
    refuse 'from 1 to' run a -t 1,
    refuse 'from 1 to' run a -t 1,2,99999999999
    refuse 'from 1 to' run a --samples 0
    refuse 'from 1 to' run a --samples 18446744073709551615
    refuse 'from 1 to' run a --time 0
    refuse 'from 1 to' run a --time 18446744073709551615
    refuse 'from 10 to 31' info a --window-log 9
    refuse 'from 10 to 31' info a --window-log 32
    refuse 'size up to' info a --block 0
    refuse 'size up to' info a --block 17179869184G
    refuse 'size up to' info a --block 2G
    refuse 'size up to' info a --block 1T
    refuse 'size up to' info a --metadata-limit 4G
    refuse '1, 2 or 3' info a --fragment --dbn-version 4
    expect_equal "$(find . -type f)" ""
}

test_options_that_contradict_each_other()
{
    refuse 'are needed' gen
    refuse 'are needed' gen --schema trades --records 1
    refuse 'are needed' gen --records 1 -o b
    refuse 'are needed' gen --schema trades -o b
    refuse '--dataset' gen --dataset trades --schema trades
    refuse '--dataset' gen --dataset trades -o b
    refuse '--dir goes with' gen --schema trades --records 1 -o b --dir .
    refuse '--frames goes with' gen --schema trades --records 1 -o b --frames 2
    refuse '-o -' gen --schema trades --records 1 -o -
    refuse '--fragment' info a --dbn-version 1
    refuse '--fragment' cat a --ts-out
    refuse 'cannot share standard output' run a --json -o -
    expect_equal "$(find . -type f)" ""
}

test_last_of_repeated_options_counts()
{
    small
    run "$DBNBENCH" cat -n 3 -n 5 small.dbn
    expect_equal "$(out | wc -l)" 5
    run "$DBNBENCH" cat --csv --json -n 1 small.dbn
    expect_out '^\{"n": 0, '
    run "$DBNBENCH" decode -b buffered -b mmap --json small.dbn
    expect_out '"backend": "mmap"'
}

test_sizes_have_units()
{
    local size
    small
    for size in 1 48 64K 1M 1G; do
        run "$DBNBENCH" decode -b buffered --block $size small.dbn
        expect_status 0
        expect_out '^20 records'
    done
}

run_cases "$@"
