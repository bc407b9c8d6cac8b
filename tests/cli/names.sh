#!/usr/bin/env bash
# Guards every command that takes the name of a file: whatever bytes it is made of, it is that name and nothing else,
# and no terminal or shell ever gets to obey it. (slow)
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2016 # they are not to be expanded
hostile=('a b' $'a\nb' $'a\tb' "it's" 'say "x"' '$(touch sentinel)' '`touch sentinel`' ';touch sentinel'
    '|touch sentinel' '&touch sentinel' '>sentinel' '<sentinel' '%s%n%d%99999s' '{}' '*' '?' '~' '\' 'a\' '#' '!' '-'
    '--' '-leading' '--help' '--output=sentinel' '=' '@sentinel' $'\xff\xfe' $'\xc3\x28' $'\e[31mred\e]0;title\a'
    $'\x7f' $'a\rb' ' ' $'\u202e' 'ä€𝄞' "$(printf %0255d 0)")
# As operands: - alone is standard input for some.
declare -A of
for name in "${hostile[@]}"; do of[$name]=$name; done
of[-]=./-

# expect_clean NAME COMMAND: nothing was obeyed, and nothing printed that a terminal would obey.
expect_clean()
{
    [ -z "$(find .. -name 'sentinel*')" ] || fail "$2 '$1': sentinel was made"
    ! grep -q $'[\x01-\x08\x0b-\x1f\x7f]' "$AROUND/out" "$AROUND/err" || fail "$2 '$1': prints control characters"
}

# try NAME STATUS WHAT COMMAND...
try()
{
    local name=$1 expected=$2 what=$3
    shift 3
    run timeout 30 "$@"
    [ "$status" -eq "$expected" ] || fail "$what '$name': exit status $status, expected $expected"
    expect_clean "$name" "$what"
}

# Twenty records under each of the names, copied rather than generated.
make_all()
{
    local name
    "$DBNBENCH" gen --schema trades --records 20 --symbols 2 -o original.dbn
    mkdir named
    for name in "${hostile[@]}"; do cp original.dbn "named/$name"; done
    expect_equal "$(find named -type f -printf x | wc -c)" ${#hostile[@]}
    cd named
}

test_gen()
{
    local name
    [ ${#hostile[@]} -ge 30 ] || fail "only ${#hostile[@]} names"
    "$DBNBENCH" gen --schema trades --records 20 --symbols 2 -o ../original.dbn
    for name in "${hostile[@]}"; do
        if [ "$name" = - ]; then # would be standard output elsewhere
            try "$name" 2 gen "$DBNBENCH" gen --schema trades --records 20 --symbols 2 --output=-
            continue
        fi
        try "$name" 0 gen "$DBNBENCH" gen --schema trades --records 20 --symbols 2 --output="$name"
        cmp -- "./$name" ../original.dbn
        try "$name" 5 'gen, again,' "$DBNBENCH" gen --schema trades --records 20 --symbols 2 --output="$name"
        rm "./$name"
    done
    expect_equal "$(ls -A)" ""
}

# each WHAT PATTERN COMMAND...: reads the file of each name, which is put behind, and prints that.
each()
{
    local name what=$1 pattern=$2
    shift 2
    for name in "${hostile[@]}"; do
        try "$name" 0 "$what" "$@" -- "${of[$name]}"
        grep -Eqe "$pattern" "$AROUND/out" || fail "$what '$name': no '$pattern'"
    done
}

test_info() { make_all && each info '^  record count +20$' "$DBNBENCH" info; }
test_cat() { make_all && each cat '^{"n": 19, ' "$DBNBENCH" cat; }
test_decode() { make_all && each decode '^20 records' "$DBNBENCH" decode; }
test_verify() { make_all && each verify ': ok, 20 records, all of: .* agree$' "$DBNBENCH" verify -b buffered,mmap; }

test_info_json()
{
    local name
    need jq
    make_all
    for name in "${hostile[@]}"; do
        try "$name" 0 'info --json' "$DBNBENCH" info --json -- "${of[$name]}"
        out | jq -e '.record_count == 20' >/dev/null || fail "info --json '$name': no JSON"
        case $name in
        $'\xff\xfe' | $'\xc3\x28') ;; # JSON has no way to say it
        *) expect_equal "$(out | jq -r .file)" "$name" ;;
        esac
    done
}

# All at once, as from a pattern; ./ keeps them from being options.
test_many_at_once()
{
    make_all
    run "$DBNBENCH" verify -b mmap ./*
    expect_status 0
    expect_equal "$(out | grep -c ': ok, 20 records')" ${#hostile[@]}
    expect_clean 'all of them' verify
    run "$DBNBENCH" decode -t 3 ./*
    expect_status 0
    expect_out "^$((20 * ${#hostile[@]})) records"
}

test_missing_files()
{
    local name command
    for name in "${hostile[@]}"; do
        for command in info "info --json" cat decode verify "run -o results"; do
            # shellcheck disable=SC2086 # several words are meant
            try "$name" 5 "$command, missing," "$DBNBENCH" $command -- "${of[$name]}"
            [ "$(err | wc -l)" -eq 1 ] || fail "$command '$name': not one line of error"
        done
    done
    expect_equal "$(ls -A)" ""
}

# The names are those of the dataset in results and tables as well.
test_run()
{
    need jq
    make_all
    run "$DBNBENCH" run --samples 1 --no-limits -b mmap -s sum -o ../results.jsonl ./*
    expect_status 0
    expect_clean 'all of them' run
    jq -s '[.[] | select(.type == "sample" and .outcome == "ok" and .tally_records == 20)]' ../results.jsonl >../samples
    expect_equal "$(jq length ../samples)" ${#hostile[@]}
    expect_equal "$(jq 'map(.index) | unique | length' ../samples)" ${#hostile[@]}
    ! grep -q $'[\x01-\x09\x0b-\x1f\x7f]' ../results.jsonl || fail "control characters in the results"
}

test_results_of_run()
{
    local name
    "$DBNBENCH" gen --schema trades --records 20 --symbols 2 -o ../original.dbn
    for name in "${hostile[@]}"; do
        case $name in
        -) continue ;; # standard output
        esac
        try "$name" 0 run "$DBNBENCH" run --samples 1 --no-limits -b mmap -s sum --output="$name" ../original.dbn
        expect_equal "$(grep -c '^{"type":"\(run\|sample\|end\)",' -- "./$name")" 3
    done
}

# Of a folder, and of one that is not there.
test_dataset_folders()
{
    local name
    for name in "${hostile[@]}"; do
        try "$name" 5 'run --dir' "$DBNBENCH" run -d trades-quick-zst --dir "./$name" -o results
        mkdir "./$name"
        : >"./$name/trades-quick-zst.dbn.zst"
        try "$name" 0 'gen --dir' "$DBNBENCH" gen --dataset trades-quick-zst --dir "./$name"
        rm -r "./$name"
    done
    expect_equal "$(ls -A)" ""
}

run_cases "$@"
