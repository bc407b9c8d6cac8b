#!/usr/bin/env bash
# Guards against circles: two files that call functions of each other are one matter in two places. (release only)
. "$(dirname "$0")/lib.sh"

# calls FOLDER: "A B" for each file A that calls a function of file B, by what the linker sees.
calls()
{
    local source object objects=()
    while read -r source; do
        object=${source%.c}.o
        [ ! -e "$1/$object" ] || objects+=("$object")
    done < <(cd "$TOP" && ls {dbn,inflate,backends,datasets,lib}/*.c harness/*/*.c)
    [ ${#objects[@]} -gt 50 ] || fail "only ${#objects[@]} objects in $1"
    (cd "$1" && nm -o "${objects[@]}") | awk '
        { file = substr($1, 1, index($1, ".o:") - 1); name = $NF; type = $(NF - 1) }
        type == "U" { needs[file " " name] }
        type == "T" { home[name] = file }
        END {
            for (key in needs) {
                split(key, k, " ")
                if (k[2] in home && home[k[2]] != k[1]) print k[1], home[k[2]]
            }
        }' | sort -u
}

test_no_two_files_call_each_other()
{
    need nm
    calls "$BUILD" >calls
    [ "$(wc -l <calls)" -gt 100 ] || fail "only $(wc -l <calls) files call another"
    awk '{ seen[$1 " " $2] } END { for (key in seen) { split(key, k, " ")
        if (k[1] < k[2] && (k[2] " " k[1]) in seen) print k[1], "and", k[2] } }' calls |
        sort >circles
    [ ! -s circles ] || fail "$(wc -l <circles) pairs of files call each other: $(paste -sd, circles | sed 's/,/, /g')"
}

run_cases "$@"
