#!/usr/bin/env bash
# Runs test jobs side by side and adds them up: tests/tally.sh <JOBS
#
# A job is a line "LABEL<tab>COMMAND". It prints "ok CASE", "skip CASE: reason" and "FAIL CASE: reason" lines, details
# of a failure indented by 4 below it, and a closing line with the three counts. A job that does not keep to that, that
# has no cases, or whose exit status says something else, counts as a failed case: nothing is taken for passed because
# it is silent. At the end come the CPU time (SPENT: what it took before, in s) and the jobs that took most of it. The
# closing line is the last one, and is kept in build/closing-line.
set -u
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
limit=$(nproc)
export LC_ALL=C TIMEFORMAT='%U %S'

# judge LABEL STATUS COUNTS <OUTPUT: prints what is worth reading; the counts go to that file.
judge()
{
    awk -v label="$1" -v status="$2" -v counts_file="$3" -v verbose="${V:-}" '
        { all[NR] = $0; shown = 0 }
        /^ok /   { passed++;  if (verbose) print "ok   " label "/" substr($0, 4) }
        /^skip / { skipped++; print "skip " label "/" substr($0, 6) }
        /^FAIL / { failed++;  print "FAIL " label "/" substr($0, 6); details = 1; next }
        /^    /  { if (details) print; next }
                 { details = 0 }
        END {
            counts = passed + 0 " passed, " failed + 0 " failed, " skipped + 0 " skipped"
            expected = failed || !(passed + skipped) ? 1 : 0
            if (status == 124 || status == 137)
                why = "no end in time"
            else if ($0 != counts)
                why = "no true closing line, exit status " status
            else if (status != expected)
                why = "exit status " status " after " counts
            else if (!(passed + failed + skipped))
                why = "no cases"
            if (why) {
                failed++
                print "FAIL " label ": " why
                for (i = NR > 30 ? NR - 29 : 1; i <= NR; i++)
                    print "    " all[i]
            }
            print passed + 0, failed + 0, skipped + 0 >counts_file
        }'
}

run_job()
{
    local number=$1 label=$2 command=$3 status=0 out=$scratch/$1 cpu
    { time timeout --foreground -k 5 "${JOB_SECONDS:-1800}" bash -c "$command" >"$out.out" 2>&1 </dev/null; } \
        2>"$out.time" || status=$?
    judge "$label" "$status" "$out.counts" <"$out.out" >"$out.report"
    cpu=$(tail -n 1 "$out.time" | awk '{ printf "%.1f", $1 + $2 }')
    echo "$cpu $label" >"$out.cpu"
    (
        flock 9
        echo >>"$scratch/done"
        done=$(wc -l <"$scratch/done")
        if [ -t 1 ]; then # one line that changes
            printf '\r\033[K'
            cat "$out.report"
            printf 'job %d of %d, about %d s left: %s' "$done" "$jobs" $((SECONDS * (jobs - done) / done)) "$label"
        else
            cat "$out.report"
            printf 'job %d of %d: %s, %s s\n' "$done" "$jobs" "$label" "$cpu"
        fi
    ) 9>"$scratch/lock"
}

mapfile -t lines
jobs=${#lines[@]}
for number in "${!lines[@]}"; do
    [ "$number" -lt "$limit" ] || wait -n
    run_job "$number" "${lines[number]%%$'\t'*}" "${lines[number]#*$'\t'}" &
done
wait
[ ! -t 1 ] || printf '\r\033[K'

passed=0 failed=0 skipped=0
for number in "${!lines[@]}"; do
    p=0 f=1 s=0
    read -r p f s <"$scratch/$number.counts"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
if [ "$jobs" -eq 0 ]; then
    echo "FAIL tally: no test has such a label"
    failed=1
else
    cat "$scratch"/*.cpu | sort -rn | awk -v spent="${SPENT:-0}" '
        NR <= 10 { slow = slow sprintf("  %6.1f s  %s\n", $1, $2) }
                 { sum += $1 }
        END      { printf "CPU time: %.0f s for building, %.0f s for running; the slowest:\n%s", spent, sum, slow }'
fi
mkdir -p build
echo "$passed passed, $failed failed, $skipped skipped" | tee build/closing-line
[ "$failed" -eq 0 ]
