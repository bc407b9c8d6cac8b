#!/usr/bin/env bash
# Guards the ways of being called: commands and options that do not exist, numbers that are none, missing operands.
. "$(dirname "$0")/lib.sh"

mapfile -t commands < <(sed -n 's/^COMMAND(\([a-z_]*\))/\1/p' "$TOP/harness/cli/commands.h")

# A small file to work on.
small() { "$DBNBENCH" gen --schema trades --records 20 --symbols 2 -o small.dbn; }

# refuse 'PATTERN' ARGUMENT...: a usage error, and a message of one line with that in it.
refuse()
{
    local pattern=$1
    shift
    run "$DBNBENCH" "$@"
    [ "$status" -eq 2 ] || depth=2 fail "$*: exit status $status, expected 2"
    [ ! -s "$AROUND/out" ] || depth=2 fail "$*: a usage error prints on standard output"
    grep -Eqe "$pattern" "$AROUND/err" || depth=2 fail "$*: no '$pattern' on standard error"
    [ "$(err | wc -l)" -eq 1 ] || depth=2 fail "$*: not one line on standard error"
}

test_no_command()
{
    refuse '^dbnbench: which command\? See dbnbench help$'
}

test_unknown_command()
{
    local name
    for name in nonsense LIST 'list ' --nonsense -x '' '%s%n'; do refuse '^dbnbench: unknown command ' "$name"; done
    refuse "^dbnbench: unknown command 'nonsense'; see dbnbench help$" nonsense
    refuse "^dbnbench: unknown command 'reprot'; did you mean report\?$" reprot
    refuse "^dbnbench: unknown command 'reprot'; did you mean report\?$" help reprot
    refuse "'LIST'; did you mean list\?$" LIST
    refuse "'gne'; did you mean gen\?$" gne
}

# The nearest right ones, and where all of them are.
test_what_was_meant()
{
    refuse "^dbnbench decode: --sink: unknown sink 'sumx'; did you mean sum\? \(none, .*sum, .*\)$" \
        decode -s sumx a
    refuse "unknown backend 'Mmap'; did you mean mmap\?" verify -b buffered,Mmap a
    refuse "unknown dataset 'trade'; did you mean trades\?" gen --dataset trade
    refuse "unknown word 'trdaes'; did you mean trades\? \(trades, .*all\)$" gen --schema trdaes --records 1 -o b
    refuse "unknown option '--sinks'; did you mean --sink\?$" decode --sinks=sum a
    refuse "unknown option '--version'; did you mean --dbn-version\?$" info --version 1 a
    refuse "unknown kind 'sink'; did you mean sinks\?" list sink
    refuse "unknown sink 'xyzzy' \(none, " decode -s xyzzy a
}

# One that nobody knows is refused; one that this machine refuses is n/a.
test_counters()
{
    refuse "^dbnbench run: --counters: unknown counter 'nonsense' \(.*libpfm4.*; list: dbnbench list counters\)$" \
        run --counters page-faults,nonsense a
    refuse "unknown counter 'page-fault'; did you mean page-faults\? \(" run --counters page-fault a
    refuse "unknown counter 'cycles:nonsense'" run --counters cycles:nonsense a
    refuse "a name in the list is empty" run --counters cycles, a
    small
    run "$DBNBENCH" run --no-limits --samples 1 -b mmap -s sum -o results.jsonl --counters cycles,page-faults small.dbn
    expect_status 0
    expect_out cycles
}

test_help_of_the_program()
{
    local words name
    for words in --help -h help; do
        run "$DBNBENCH" $words
        expect_status 0
        expect_equal "$(err)" ""
        for name in "${commands[@]}"; do expect_out "^  $name +[a-z]"; done
        expect_out '^Exit status: 0 fine, 1 .*, 2 usage, 3 .*, 4 .*, 5 .*, 130 '
    done
}

test_version()
{
    local word
    for word in --version -V; do
        run "$DBNBENCH" $word
        expect_status 0
        expect_out '^dbnbench [0-9]+\.[0-9]+\.[0-9]+'
        expect_equal "$(out | wc -l)" 1
        expect_equal "$(err)" ""
    done
}

test_help_of_every_command()
{
    local name words
    [ ${#commands[@]} -eq 18 ] || fail "${#commands[@]} commands in harness/cli/commands.h"
    for name in "${commands[@]}"; do
        run "$DBNBENCH" help "$name"
        out >"$AROUND/help"
        for words in "help $name" "$name --help" "$name -h"; do
            run "$DBNBENCH" $words
            expect_status 0
            expect_equal "$(err)" ""
            expect_out "^Usage: dbnbench $name"
            expect_out '^  -h, --help '
            expect_out '^Examples:$'
            out | cmp - "$AROUND/help" || fail "$words: not what help $name says"
            [ -z "$(out | tail -n +2 | grep -E '^.{80}')" ] || fail "$words: lines longer than 79"
        done
    done
}

# plain: words of help, or of a manual page, with one blank between them.
plain() { sed 's/^\.[A-Z]* *//; s/\\f[A-Z]//g; s/\\-/-/g; s/"//g' | tr -s ' \n' ' '; }

# What help says of each command and option; and no option that no command has.
test_the_manual_says_what_help_says()
{
    local name manual text option
    manual=$(plain <"$TOP/docs/dbnbench.1")
    for name in "${commands[@]}"; do
        "$DBNBENCH" help "$name" | tee -a helps | awk '
            NR == 1 { next }
            /^  *--?[a-z]/ && !/ --help / || /^$/ { print text; text = "" }
            !/ --help / && !/^  dbnbench / && (before || !/:$/) { text = text " " $0 }
            { before = $0 != "" }' >help
        while read -r text; do
            text=$(plain <<<"$text")
            [[ $manual == *"${text% }"* ]] || fail "docs/dbnbench.1, $name: there is no '$text'"
        done <help
    done
    for option in $(grep -oe '--[a-z][a-z-]*' <<<"$manual" | sort -u); do
        [ "$option" = --version ] || grep -qe "$option\b" helps || fail "docs/dbnbench.1: no command has $option"
    done
}

# Whatever stands before or behind it.
test_help_wherever_it_stands()
{
    run "$DBNBENCH" decode a -b mmap --help --nonsense
    expect_status 0
    expect_out '^Usage: dbnbench decode '
    refuse 'unknown backend' decode -b nonsense --help
    run "$DBNBENCH" cat -- --help
    expect_status 5
}

test_unknown_options()
{
    local name
    for name in "${commands[@]}"; do
        refuse "^dbnbench $name: unknown option '--nonsense'" "$name" --nonsense
        refuse "^dbnbench $name: unknown option '-Z'; see dbnbench help $name$" "$name" -Z
        refuse "^dbnbench $name: unknown option '--version'" "$name" --version # of the program, not of a command
    done
}

test_ways_to_write_an_option()
{
    local words
    small
    for words in "--records 3" "--records=3" "-n 3" "-n3"; do
        run "$DBNBENCH" cat $words small.dbn
        expect_equal "$(out | wc -l)" 3
        run "$DBNBENCH" cat small.dbn $words
        expect_equal "$(out | wc -l)" 3
    done
    run "$DBNBENCH" decode -jt2 small.dbn
    expect_out '"threads": 2'
    refuse "unknown option '--record'; did you mean --records\?" cat --record 3 small.dbn
}

test_operands_that_are_missing_or_too_many()
{
    local name
    for name in info cat decode verify; do refuse "^dbnbench $name: FILE(\.\.\.)? is missing$" "$name"; done
    for name in info cat decode verify; do refuse "^dbnbench $name: FILE(\.\.\.)? is missing$" "$name" --; done
    refuse "unexpected 'b'" cat a b
    refuse "unexpected 'a'" gen --schema trades --records 1 -o b a
    refuse 'json is for machine' list --json
    refuse "unexpected 'a'" list machine a
    refuse "unknown kind 'nonsense'" list nonsense
    refuse "unknown kind ''" list ''
}

test_arguments_that_are_missing()
{
    refuse 'needs a value: NAME$' gen --schema
    refuse '--records needs a value: N$' cat a -n
    refuse '--backend needs a value' decode a -b
    refuse '--samples needs a value' run a --samples
    refuse '--block needs a value' info a --block
    refuse "--json takes no value, and has '1'" info --json=1 a
}

test_names_that_do_not_exist()
{
    local name
    for name in nonsense '' ',' 'mmap,' ',mmap' MMAP 'mmap ' 'mmap sum'; do
        refuse 'backend' verify -b "$name" a
        refuse 'backend' decode -b "$name" a
        refuse 'backend' run -b "$name" a
        refuse 'backend' scale -b "$name" a
    done
    for name in nonsense '' ',' 'sum,' ',sum' SUM mmap; do
        refuse 'sink' decode -s "$name" a
        refuse 'sink' run -s "$name" a
    done
    for name in nonsense '' ',' 'trades,' TRADES trades.dbn; do
        refuse 'dataset' gen --dataset "$name"
        refuse 'unknown dataset' run -d "$name"
    done
    for name in nonsense '' TRADES trade; do refuse "--schema: unknown word '$name'" gen --schema "$name" --records 1 -o b; done
    refuse 'nonsense' info --advise nonsense a
    refuse 'nonsense' limits --only nonsense
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
        refuse '^dbnbench cat: --records: ' cat a "--records=$n"
        refuse '^dbnbench limits: --samples: ' limits "--samples=$n"
        for option in --samples --time --seed --threads; do refuse "^dbnbench run: $option: " run a "$option=$n"; done
        refuse '^dbnbench decode: --threads: ' decode a "--threads=$n"
        for option in --block --window-log --metadata-limit; do
            refuse "^dbnbench info: $option" info a "$option=$n"
        done
        refuse '^dbnbench info: --dbn-version' info a --fragment "--dbn-version=$n"
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
    refuse 'from 0 to' run a --time 18446744073709551615
    refuse 'are more than 16' run a -t "$(seq -s , 17)"
    refuse 'size up to 1G' run a --block 4K,2G
    refuse 'from 10 to 31' info a --window-log 9
    refuse 'from 10 to 31' info a --window-log 32
    refuse 'size up to' info a --block 0
    refuse 'size up to' info a --block 17179869184G
    refuse 'size up to' info a --block 2G
    refuse 'size up to' info a --block 1T
    refuse 'size up to' info a --metadata-limit 4G
    refuse 'from 1 to 3' info a --fragment --dbn-version 4
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

# What is stored is described where people look for it.
test_every_stored_field_is_documented()
{
    local line
    run "$DBNBENCH" list fields
    expect_status 0
    [ "$(out | wc -l)" -ge 50 ] || fail "hardly any fields"
    while read -r line; do
        grep -qxFe "$line" "$TOP/results/README.md" || fail "results/README.md: no line '$line'"
    done <"$AROUND/out"
}

test_last_of_repeated_options_counts()
{
    small
    run "$DBNBENCH" cat -n 3 -n 5 small.dbn
    expect_equal "$(out | wc -l)" 5
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
