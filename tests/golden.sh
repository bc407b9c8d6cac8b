#!/usr/bin/env bash
# Golden output: what the reading commands print for stored runs that do not change, against tests/golden/*.txt and
# docs/claims.md. Each line of the list below is a file and the arguments of dbnbench that print it. `make golden`
# writes the files anew: read what changed before you commit it. RUN stands for tests/golden/format-1.jsonl, a file as
# it was written before runs said what kind they are.
#
#   golden.sh [--update]
set -u
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C
program=$PWD/build/dbnbench golden=tests/golden old=tests/golden/format-1.jsonl
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/nothing" # in PATH, so that there is no gnuplot, whose pictures differ from version to version

list()
{
    local name format
    echo "help help"
    echo "help-commands help" $(sed -n 's/^COMMAND(\([a-z_]*\))$/\1/p' harness/cli/commands.h)
    echo "list-fields list fields"
    echo "list-sinks list sinks"
    for name in example example-kept example-ratios example-decoders example-scale example-profile example-phases; do
        echo "report-text-$name report --text results/$name.jsonl"
        echo "report-summary-$name report -o FOLDER results/$name.jsonl"
        echo "report-data-$name report -o PICTURES results/$name.jsonl"
        echo "compare-itself-$name compare results/$name.jsonl results/$name.jsonl"
    done
    echo "compare-two compare results/example.jsonl results/example-ratios.jsonl"
    echo "compare-two-markdown compare --markdown results/example.jsonl results/example-ratios.jsonl"
    echo "compare-two-json compare --json results/example-ratios.jsonl results/example-ratios.jsonl"
    echo "compare-two-max-slower compare --max-slower 5 results/example-ratios.jsonl results/example.jsonl"
    echo "compare-expect-json compare --json --expect docs/claims/dbn-jl.json results/example.jsonl"
    echo "compare-trend-two compare --trend results/example-scale.jsonl results/example-scale.jsonl"
    echo "report-csv-example-decoders report -f csv results/example-decoders.jsonl"
    echo "report-markdown-example-decoders report -f markdown results/example-decoders.jsonl"
    for name in tests/golden/vectors/*.dbn*; do
        echo "info-$(basename "$name") info $name"
    done
    echo "compare-trend compare results/example-kept.jsonl results/example.jsonl results/example-ratios.jsonl"
    echo "claims compare --markdown --expect docs/claims/dbn-jl.json results/example.jsonl" \
        "results/example-profile.jsonl results/example-scale.jsonl results/example-phases.jsonl" \
        "results/example-inflate.jsonl"
    for name in $(grep -l '"promises"' docs/claims/*.json); do
        echo "compare-expect-$(basename "$name" .json) compare --expect $name results/example.jsonl" \
            "results/example-kept.jsonl results/example-ratios.jsonl results/example-scale.jsonl" \
            "results/example-profile.jsonl results/example-phases.jsonl results/example-inflate.jsonl"
    done
    for name in $(sed -n 's/^{"type":"run","run":"\([^"]*\)".*/\1/p' "$old" | cat -n | tr -s ' \t' :); do
        echo "format-1-text-$(cut -d: -f2 <<<"$name") report --text $old#${name##*:}"
    done
    for format in json csv csv-samples markdown gbench github-action-benchmark; do
        echo "format-1-$format report -f $format $old#FIRST"
    done
}
first=$(sed -n '1s/.*"run":"\([^"]*\)".*/\1/p' "$old")

# Last digits depend on the machine.
rounded() { awk -F '\t' -v OFS='\t' '{ for (i = 1; i <= NF; i++) if ($i ~ /^-?[0-9]+\.[0-9]/) $i = sprintf("%.6g", $i) } 1' "$1"; }

# printed ARGUMENTS...: standard output; what is meant of a folder that it writes, the summary or the beginning of each
# picture's data; and the exit status unless that is 0.
printed()
{
    local status=0 folder="$scratch/folder" pictures="$scratch/pictures" file
    rm -rf "$folder" "$pictures"
    set -- "${@/%#FIRST/#$first}"
    set -- "${@/#PICTURES/$pictures}"
    PATH="$scratch/nothing" "$program" "${@/#FOLDER/$folder}" 2>"$scratch/err" </dev/null || status=$?
    if [ -e "$pictures" ]; then
        for file in "$pictures"/*.tsv; do
            rounded "$file" >"$scratch/data"
            printf '\n%s: %s\n' "${file##*/}" "$(cksum <"$scratch/data")"
            head -n 4 "$scratch/data"
        done
    elif [ -e "$folder/summary.md" ]; then
        cat "$folder/summary.md"
    fi
    [ "$status" -eq 0 ] || { echo "exit status $status" && cat "$scratch/err"; }
}

passed=0 failed=0 expected=()
while read -r name arguments; do
    file=$golden/$name.txt
    [ "$name" != claims ] || file=docs/claims.md
    expected+=("$file")
    # shellcheck disable=SC2086 # several words are meant
    printed $arguments | sed "s|$scratch|/tmp|g" >"$scratch/now"
    if [ "${1:-}" = --update ]; then
        cmp -s "$scratch/now" "$file" || { cp "$scratch/now" "$file" && echo "written: $file"; }
    elif diff -u "$file" "$scratch/now" >"$scratch/diff" 2>&1; then
        passed=$((passed + 1)) && echo "ok $name"
    else
        failed=$((failed + 1))
        echo "FAIL $name: \`dbnbench $arguments\` prints something else; \`make golden\` if that is meant"
        sed -n '3,22s/^/    /p' "$scratch/diff"
    fi
done < <(list)
for file in "$golden"/*.txt; do
    [[ " ${expected[*]} " == *" $file "* ]] && continue
    [ "${1:-}" != --update ] || { rm "$file" && continue; }
    failed=$((failed + 1)) && echo "FAIL ${file##*/}: nothing prints it any more"
done
[ "${1:-}" = --update ] || echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
