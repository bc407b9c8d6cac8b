#!/usr/bin/env bash
# Builds a revision and this tree side by side, each with its code laid out in two ways, and runs the gate on them; what
# `make gate` calls. The second layout links the same objects in the opposite order.
#
#   gate.sh MAKE REVISION [OPTION...]    options of `dbnbench gate`
#
# CC, CFLAGS and VARIANT come from the environment of make. Exit codes are those of the gate; 5 if there is nothing to
# run.
set -u
make=$1 revision=$2
shift 2
fail() { echo "gate: $*" >&2; exit 5; }

# Should it fail before there is a gate, no file is left that says how an earlier one went.
before=
for word; do
    case $before=$word in
    --junit=* | --markdown=*) file=$word ;;
    *=--junit=* | *=--markdown=*) file=${word#*=} ;;
    *) file= ;;
    esac
    [ ! -f "$file" ] || : >"$file"
    before=$word
done

commit=$(git rev-parse --quiet --verify "$revision^{commit}") ||
    fail "$revision: no such revision here; \`git fetch\` may bring it, and CI has to check out the whole history"
base=$PWD/build/gate/$commit
if [ ! -e "$base/Makefile" ]; then
    rm -rf "$base" "$base.new"
    mkdir -p "$base.new"
    { git archive "$commit" | tar -xf - -C "$base.new" && mv "$base.new" "$base"; } ||
        fail "$revision: it cannot be unpacked"
fi

# build TREE: both programs, a line each.
build()
{
    local out=build objects
    [ "${VARIANT:-release}" = release ] || out=build/$VARIANT
    # Older trees have not all of these.
    objects=$(cd "$1" && find dbn inflate backends datasets harness -name '*.c' ! -path 'harness/gbench/*' 2>/dev/null |
        LC_ALL=C sort -r | sed "s|\(.*\)\.c|$out/\1.o|" | tr '\n' ' ')
    $make -C "$1" --no-print-directory BIN="$out/dbnbench" "$out/dbnbench" >&2 &&
        $make -C "$1" --no-print-directory BIN="$out/dbnbench-shifted" OBJECTS="$objects" "$out/dbnbench-shifted" >&2 &&
        printf '%s\n' "$1/$out/dbnbench" "$1/$out/dbnbench-shifted"
}
mapfile -t bases < <(build "$base") && [ ${#bases[@]} -eq 2 ] || fail "$revision: it cannot be built"
mapfile -t heads < <(build .) && [ ${#heads[@]} -eq 2 ] || fail "this tree cannot be built"

for dataset in trades-quick mixed-quick; do
    "${heads[0]}" gen --dataset $dataset --dir datasets/data >&2 || fail "$dataset cannot be generated"
done
exec "${heads[0]}" gate "$@" -- "${bases[0]}" "${heads[0]}" "${bases[1]}" "${heads[1]}"
