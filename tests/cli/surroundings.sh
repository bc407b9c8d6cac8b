#!/usr/bin/env bash
# Guards against surroundings: output that cannot be written is an error, and locale, closed streams and the lack of a
# terminal change nothing.
. "$(dirname "$0")/lib.sh"

small() { "$DBNBENCH" gen --schema trades --records 20 --symbols 2 -o small.dbn; }

# --- where output goes ---

# What every command prints something for.
printing=("--help" "--version" "list" "list --help" "help gen" "list fields" "info small.dbn" "info --json small.dbn"
    "cat small.dbn" "cat --csv small.dbn" "decode small.dbn" "decode --json small.dbn" "verify small.dbn"
    "limits --samples 1 --only read_16_ns small.dbn" "run --syscalls --samples 1 -b mmap -s sum -o counted small.dbn"
    "run --samples 1 -b mmap -s sum -o stored small.dbn" "gen --dataset quick --dir kept")

# Datasets that are there are kept, and said to be.
keep_datasets()
{
    local file
    mkdir kept
    sed -n 's/^DATASET("[^"]*", "\([^"]*\)".*/\1/p' "$TOP/datasets/manifest.def" >kept/files
    while read -r file; do : >"kept/$file"; done <kept/files
}

test_full_device()
{
    local words
    small
    keep_datasets
    for words in "${printing[@]}"; do
        # shellcheck disable=SC2086 # several words are meant
        status=0 && "$DBNBENCH" $words >/dev/full 2>"$AROUND/err" || status=$?
        [ "$status" -eq 5 ] || fail "$words: exit status $status, expected 5"
        expect_err '^dbnbench: standard output: No space left on device$'
    done
}

test_closed_standard_output()
{
    local words
    small
    keep_datasets
    for words in "${printing[@]}"; do
        # shellcheck disable=SC2086 # several words are meant
        status=0 && "$DBNBENCH" $words >&- 2>"$AROUND/err" || status=$?
        [ "$status" -eq 5 ] || fail "$words: exit status $status, expected 5"
        expect_err '^dbnbench: standard output: Bad file descriptor$'
    done
}

# Nothing to print, so nothing is missed.
test_closed_streams_that_are_not_needed()
{
    run bash -c '"$0" gen --schema trades --records 20 -o a.dbn <&- >&- 2>&-' "$DBNBENCH"
    expect_status 0
    run "$DBNBENCH" verify a.dbn
    expect_status 0
    run bash -c '"$0" info a.dbn <&- 2>&-' "$DBNBENCH"
    expect_status 0
    expect_out 'mbp-0 +20$'
    run bash -c '"$0" nonsense 2>&-' "$DBNBENCH"
    expect_status 2
}

# The next file that is opened gets the number of a closed stream, and would get its messages as well.
test_closed_standard_error_is_not_the_results()
{
    local pid tries=0
    small
    stoppable "$DBNBENCH" run --samples 1000 -b mmap -s sum -o results.jsonl small.dbn >/dev/null 2>&- &
    pid=$!
    until [ -s results.jsonl ]; do
        sleep 0.05
        tries=$((tries + 1))
        [ $tries -lt 400 ] || fail "no results"
    done
    expect_equal "$(readlink "/proc/$pid/fd/2")" /dev/null
    kill -INT "$pid"
    wait "$pid" || status=$?
    expect_equal "$status" 130
}

test_broken_pipe_ends_quietly()
{
    local words
    "$DBNBENCH" gen --schema trades --records 20000 -o large.dbn
    for words in "cat large.dbn" "cat --csv large.dbn" "info --symbols large.dbn" \
        "run --samples 2 -b mmap -s sum -o - large.dbn"; do
        # shellcheck disable=SC2086 # several words are meant
        { TERM=dumb "$DBNBENCH" $words 2>"$AROUND/err" && echo ok >ended; } | head -c 1 >/dev/null || true
        case $words in
        cat*) [ ! -e ended ] || fail "$words: was not ended by the broken pipe" ;;
        esac
        rm -f ended
        [ -z "$(grep -Ev 'decoding it with the reference decoder|^1 file, for 110 s at most' "$AROUND/err")" ] || fail "$words: $(err)"
    done
}

# Where SIGPIPE is ignored, as some parents do, it is an error like any other; cat has been seen enough of all the same.
test_broken_pipe_without_the_signal()
{
    "$DBNBENCH" gen --schema trades --records 20 --symbols 2000 -o large.dbn
    mkfifo pipe
    bash -c 'trap "" PIPE; exec "$0" info --json --symbols large.dbn >pipe 2>err' "$DBNBENCH" &
    head -c 1 pipe >/dev/null
    status=0
    wait $! || status=$?
    expect_equal "$status" 5
    expect_equal "$(cat err)" "dbnbench: standard output: Broken pipe"
}

# --- surroundings ---

# Every command that prints, with what a terminal would be given allowed.
test_no_escapes_where_no_terminal_is()
{
    local words
    small
    keep_datasets
    for words in "${printing[@]}" nonsense "info missing" "gen --bad"; do
        # shellcheck disable=SC2086 # several words are meant
        TERM=xterm-256color COLORTERM=truecolor CLICOLOR_FORCE=1 run "$DBNBENCH" $words
        # shellcheck disable=SC2086
        ! grep -q $'[\e\r\t\b]' "$AROUND/out" "$AROUND/err" || fail "$words: control characters in what is no terminal"
    done
}

# comma COMMAND...: in a locale with decimal commas and dots between thousands.
comma() { LOCPATH=$PWD/locale LC_ALL=de_DE LANGUAGE=de "$@"; }

test_locale_changes_nothing()
{
    local words
    need localedef
    mkdir locale
    localedef -i de_DE -f ISO-8859-1 "$PWD/locale/de_DE" 2>/dev/null || true
    [ "$(comma bash -c 'printf %.1f 1,5' 2>/dev/null)" = "1,5" ] || skip "no German locale can be built here"
    small
    keep_datasets
    for words in "list" "info small.dbn" "info --json small.dbn" "cat small.dbn" "cat --csv small.dbn" \
        "decode --json small.dbn" "verify small.dbn" "gen --dataset quick --dir kept" "nonsense" "info missing"; do
        # shellcheck disable=SC2086 # several words are meant
        run "$DBNBENCH" $words
        out >plain.out && err >plain.err
        # shellcheck disable=SC2086
        run comma "$DBNBENCH" $words
        out | cmp - plain.out || fail "$words: other output"
        err | cmp - plain.err || fail "$words: other messages"
    done
    comma "$DBNBENCH" gen --schema trades --records 20 --symbols 2 -o comma.dbn
    cmp small.dbn comma.dbn
    run comma "$DBNBENCH" run --samples 1 -b mmap -s sum --json -o results.jsonl small.dbn
    expect_status 0
    ! out | grep -E '[0-9],[0-9]' || fail "a decimal comma"
    need jq
    out | jq -e '.rows[0].decode_ns.median > 0' >/dev/null
    jq -es 'length >= 3' results.jsonl >/dev/null
}

test_empty_environment()
{
    run env -i "$DBNBENCH" list
    expect_status 0
    expect_out '^backends$'
}

# Threads and children have as little.
test_small_stack()
{
    local words
    [ "$VARIANT" != asan ] || skip "ASan takes more"
    small
    for words in "list" "info small.dbn" "info --json small.dbn" "cat small.dbn" "cat --csv small.dbn" \
        "decode small.dbn" "decode -t 2 --split 2 -s fields small.dbn" "verify small.dbn" "gate --help" \
        "report --text $TOP/results/example.jsonl" "report -o page $TOP/results/example-scale.jsonl" \
        "report --text $TOP/results/example-profile.jsonl" "report --text $TOP/results/example-phases.jsonl" \
        "report -f json $TOP/results/example.jsonl" \
        "compare $TOP/results/example.jsonl $TOP/results/example-ratios.jsonl" \
        "compare --trend $TOP/results/example.jsonl $TOP/results/example-ratios.jsonl" \
        "compare --expect $TOP/docs/claims/dbn-jl.json $TOP/results/example.jsonl"; do
        # shellcheck disable=SC2086 # several words are meant
        run bash -c 'ulimit -s 160 && exec "$0" "$@"' "$DBNBENCH" $words
        [ "$status" -eq 0 ] || fail "$words: exit status $status"
    done
}

# write() says so, and no signal ends it without a word.
test_file_size_limit_of_standard_output()
{
    local words
    "$DBNBENCH" gen --schema mbo --records 3000 -o a.dbn
    for words in "cat a.dbn" "list fields" "report --text $TOP/results/example.jsonl"; do
        run bash -c "ulimit -f 1; '$DBNBENCH' $words >out"
        expect_status 5
        expect_err '^dbnbench: standard output: File too large$'
    done
}

run_cases "$@"
