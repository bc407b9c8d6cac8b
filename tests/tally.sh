#!/usr/bin/env bash
# Runs test jobs side by side and adds them up: tests/tally.sh [MINIMUM] <JOBS
#
# A job is a line "LABEL<tab>COMMAND". It prints "ok CASE", "skip CASE: reason" and "FAIL CASE: reason" lines, details
# of a failure indented by 4 below it, and a closing line with the three counts. A job that does not keep to that, or
# whose exit status says something else, counts as a failed case: nothing is taken for passed because it is silent.
# Fewer cases than MINIMUM are a failure as well. The closing line is the last one, and is kept in build/closing-line.
set -u
minimum=${1:-1}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
limit=$(nproc)

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
    local number=$1 label=$2 command=$3 status=0 begin=$SECONDS
    timeout --foreground -k 5 "${JOB_SECONDS:-900}" bash -c "$command" \
        >"$scratch/$number.out" 2>&1 </dev/null || status=$?
    judge "$label" "$status" "$scratch/$number.counts" <"$scratch/$number.out" >"$scratch/$number.report"
    [ -z "${V:-}" ] || echo "     $label took $((SECONDS - begin)) s" >>"$scratch/$number.report"
    cat "$scratch/$number.report"
}

jobs=0
while IFS=$'\t' read -r label command; do
    [ "$jobs" -lt "$limit" ] || wait -n
    run_job "$jobs" "$label" "$command" &
    jobs=$((jobs + 1))
done
wait

passed=0 failed=0 skipped=0
for ((number = 0; number < jobs; number++)); do
    p=0 f=1 s=0
    read -r p f s <"$scratch/$number.counts"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
if [ $((passed + failed + skipped)) -lt "$minimum" ]; then
    echo "FAIL tally: $((passed + failed + skipped)) cases, but there are at least $minimum"
    failed=$((failed + 1))
fi
mkdir -p build
echo "$passed passed, $failed failed, $skipped skipped" | tee build/closing-line
[ "$failed" -eq 0 ]
