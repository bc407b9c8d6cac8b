#!/usr/bin/env bash
# Guards the guards: the runner of the C tests, this folder's frame and the tally notice every way a case can go
# wrong. (also: asan)
. "$(dirname "$0")/lib.sh"

units=$BUILD/tests/units
export TEST_PATIENCE=1 TEST_V=

# expect_case WHAT CASE: the planted case is reported as that.
expect_case()
{
    run "$units" planted "$2"
    expect_out "^$1 $2[: ]"
}

expect_none()
{
    run "$units" planted "$1"
    expect_status 1
    expect_out '^0 passed, 0 failed, 0 skipped$'
}

test_passing_case() { expect_case ok passes && expect_status 0; }
test_failing_case() { expect_case FAIL fails && expect_out '^    said before$' && expect_status 1; }
test_case_in_a_row() { expect_case FAIL fails_in_a_row && expect_out 'row 7$'; }
test_wrong_number() { expect_case FAIL differs_in_number && expect_out 'is 1 .*, expected 2 '; }
test_wrong_sign() { expect_case FAIL differs_in_sign && expect_out 'is -1, expected 1$'; }
test_wrong_text() { expect_case FAIL differs_in_text && expect_out '"\(NULL\)", expected "a"$'; }
test_failing_child() { expect_case FAIL fails_in_a_child; }
test_skipped_case() { expect_case skip skips && expect_out ': it is planted$' && expect_status 0; }
test_hanging_case() { expect_case FAIL hangs && expect_out 'no end within 1 s'; }
test_hanging_case_without_output() { expect_case FAIL hangs_unheard && expect_out 'no end within 1 s'; }
test_crashing_case() { expect_case FAIL crashes; }
test_aborting_case() { expect_case FAIL aborts && expect_out 'killed by signal 6'; }
test_early_exit() { expect_case FAIL exits_early && expect_out 'exited before its end'; }
test_flooding_case() { expect_case skip floods; }
test_no_such_case() { expect_none nonsense; }

test_process_left_behind()
{
    expect_case ok leaves_a_process
    [ ! -e "/proc/$(cat pid)/exe" ] || fail "it is still there"
}

test_leak()
{
    [ "$VARIANT" = asan ] || skip "leaks are looked for in the asan variant"
    expect_case FAIL leaks && expect_out 'detected memory leaks'
}

test_read_beyond_the_end()
{
    [ "$VARIANT" = asan ] || skip "reads beyond an end are looked for in the asan variant"
    expect_case FAIL reads_beyond
}

test_list_and_skip()
{
    run "$units" planted --list
    local cases
    cases=$(out | wc -l)
    run "$units" planted --skip "no reason"
    expect_status 0
    expect_out '^skip leaks: no reason$'
    expect_out "^0 passed, 0 failed, $cases skipped\$"
}

# tally JOB...: in a folder of its own, as it writes to build/.
tally()
{
    printf '%s\n' "$@" >job-list
    run env JOB_SECONDS=1 bash -c '"$0/tests/tally.sh" <job-list' "$TOP"
}

expect_closing() { expect_equal "$(out | tail -n 1)" "$1"; }

test_tally_adds_up()
{
    tally "a	echo 'ok 1'; echo 'skip 2: why'; echo '1 passed, 0 failed, 1 skipped'" \
        "b	echo 'ok 1 (2 s)'; echo 'ok 2'; echo '2 passed, 0 failed, 0 skipped'"
    expect_status 0
    expect_out '^skip a/2: why$'
    expect_closing "3 passed, 0 failed, 1 skipped"
    expect_equal "$(cat build/closing-line)" "3 passed, 0 failed, 1 skipped"
}

test_tally_reports_a_failure()
{
    tally "a	echo 'FAIL 1: why'; echo '    more'; echo '0 passed, 1 failed, 0 skipped'; exit 1"
    expect_status 1
    expect_out '^FAIL a/1: why$'
    expect_out '^    more$'
    expect_closing "0 passed, 1 failed, 0 skipped"
}

# expect_refused COMMAND: one passed case, and then something that is not right.
expect_refused()
{
    tally "a	echo 'ok 1'; $1"
    expect_status 1
    expect_closing "1 passed, 1 failed, 0 skipped"
}

test_tally_without_closing_line() { expect_refused true; }
test_tally_with_wrong_count() { expect_refused "echo '2 passed, 0 failed, 0 skipped'"; }
test_tally_with_wrong_status() { expect_refused "echo '1 passed, 0 failed, 0 skipped'; exit 3"; }
test_tally_of_a_crash() { expect_refused 'kill -SEGV $$'; }
test_tally_of_a_hang() { expect_refused 'sleep 30'; }

test_tally_of_nothing()
{
    : >job-list
    run "$TOP/tests/tally.sh" <job-list
    expect_status 1
    expect_closing "0 passed, 1 failed, 0 skipped"
}

# script BODY: runs a script of this folder's kind with the cases in BODY.
script()
{
    mkdir -p tests/cli
    cp "$TOP/tests/cli/lib.sh" tests/cli
    printf '%s\n' '. "$(dirname "$0")/lib.sh"' "$1" 'CASE_SECONDS=1' 'run_cases "$@"' >tests/cli/script.sh
    run bash tests/cli/script.sh
}

test_script_passes() { script 'test_a() { run true; expect_status 0; }' && expect_status 0 && expect_out '^ok a$'; }
test_script_skips() { script 'test_a() { need no-tool; }' && expect_out '^skip a: no-tool is not installed$'; }
test_script_without_cases() { script '' && expect_status 1; }
test_script_hangs() { script 'test_a() { sleep 30; }' && expect_out '^FAIL a: no end within 1 s$' && expect_status 1; }

test_script_fails()
{
    script 'test_a() { run echo said; expect_out other; }'
    expect_status 1
    expect_out "^FAIL a: script.sh:2: no 'other' on standard output$"
    expect_out '^    said$'
    expect_out '^0 passed, 1 failed, 0 skipped$'
}

test_script_leaves_a_process()
{
    local tries
    script "test_a() { sleep 99 & echo \$! >'$PWD/pid'; }"
    expect_out '^ok a$'
    for tries in 1 2 3 4 5 6 7 8 9; do
        # A process that has ended, but has not been waited for, has no command line.
        [ -n "$(tr -d '\0' <"/proc/$(cat pid)/cmdline" 2>/dev/null)" ] || return 0
        sleep 0.1
    done
    fail "it is still there after $tries looks"
}

test_script_with_failing_command()
{
    script 'test_a() { false; true; }'
    expect_out '^FAIL a: script.sh:2: failed: false$'
}

run_cases "$@"
