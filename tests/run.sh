#!/usr/bin/env bash
# Builds the variants and runs the tests in them; see tally.sh for what is printed. `make test` calls this.
#
#   VARIANTS   which to build, "release asan clang tsan" by default
#   TESTS      only tests with this in their label, as in "asan/unit/zstd", "cli/" or "release/*stats"
#   ALL        not empty: also what takes long or needs more than `make test` installs
#   QUICK      not empty: what says "slow" at its top is skipped, unless TESTS asks for it
#   V          not empty: name passed cases too
#
# Every file in tests/unit, tests/fuzz and tests/cli is a test of the release variant. The comment at its top says what
# else it is run in: "also: asan tsan clang", or "release only". Unit tests run under asan without being asked; with ALL
# everything runs in asan and clang but for "release only". A variant's run of a case counts as a case. Where a variant
# cannot be built, its cases are skipped one by one.
set -u
cd "$(dirname "$0")/.." || exit 1
make=${MAKE:-make}
[[ " ${MAKEFLAGS-}" == *" -j"* ]] || make+=" -j$(nproc)"
variants=${VARIANTS:-release asan clang tsan}
pattern=${TESTS:-}
jobs=$(mktemp) || exit 1
trap 'rm -f "$jobs"' EXIT

# Codes of its own, so that no test takes a sanitizer's verdict for an expected exit code.
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=print_stacktrace=1:exitcode=99 TSAN_OPTIONS=exitcode=99
export TEST_ALL=${ALL:-} TEST_V=${V:-}

out() { if [ "$1" = release ]; then echo build; else echo "build/$1"; fi; }
label() { local name=${1#tests/}; echo "${name%.*}"; }

# wanted FILE VARIANT: does it run in this variant, and was it asked for?
wanted()
{
    local top label also
    top=$(head -n 4 "$1")
    if [ "$2" != release ]; then
        [[ $top != *"release only"* ]] || return
        also=$(grep -oEm 1 'also:[a-z ]*' <<<"$top")
        also=${also#also:}
        [[ " $also " == *" $2 "* || $2/$1 == asan/tests/unit/* || ($2 != tsan && -n $TEST_ALL) ]] || return
    fi
    label=$2/$(label "$1")
    # shellcheck disable=SC2053 # a pattern is meant
    [[ -z $pattern || $label == *$pattern* ]]
}

# build VARIANT TARGET...: what cannot be built is not there afterwards, not even from an earlier time.
build()
{
    local variant=$1 again
    shift
    for again in 1 2; do
        $make --no-print-directory -k VARIANT="$variant" WERROR=1 "$@" >"build/$variant.log" 2>&1 && return
        [ "$again" = 2 ] || rm -f "$(out "$variant")"/{dbnbench,tests/units}
    done
}

job() { printf '%s\t%s\n' "$1" "$2" >>"$jobs"; }

# add VARIANT FILE: its job, or one that says why there is none.
add()
{
    local variant=$1 file=$2 name dir program command reason=$reason
    name=$(label "$file") dir=$(out "$variant")
    [ -z "$reason" ] || dir=build
    if [ -n "${QUICK:-}" ] && [ -z "$pattern" ] && [[ $(head -n 4 "$file") == *slow\)* ]]; then
        reason="only in make test: it is slow"
    fi
    case $file in
    *.c) program=$dir/tests/units command="$program $name" ;;
    *)
        program=$dir/dbnbench
        command="env VARIANT=$variant BUILD=${PWD@Q}/$dir DBNBENCH=${PWD@Q}/$dir/dbnbench bash $file"
        ;;
    esac
    if [ -n "$reason" ]; then
        command+=" --skip $(printf %q "$reason")"
    elif [ ! -x "$program" ]; then
        command="echo 'FAIL build: it does not compile, see build/$variant.log'"
        command+="; grep -Em 5 'error:|undefined' build/$variant.log | sed 's/^/    /'"
        command+="; echo '0 passed, 1 failed, 0 skipped'; exit 1"
    elif [ "$variant" = tsan ] && setarch -R true 2>/dev/null; then
        command="setarch -R $command" # the layouts of some kernels leave no room for what TSan maps
    fi
    job "$variant/$name" "$command"
}

mkdir -p build
SPENT=0 TIMEFORMAT='%U %S'
for variant in $variants; do
    files=() units=() targets=()
    for file in tests/unit/*.c tests/fuzz/*.c tests/cli/*.sh; do
        if [[ ! -e $file || $file == */lib.sh ]] || ! wanted "$file" "$variant"; then continue; fi
        files+=("$file")
        case $file in
        *.c) units+=("$(label "$file")") ;;
        */gbench.sh) targets+=(gbench-if-possible) ;;
        */install.sh | */libdbn.sh) targets+=(lib) ;;
        */runner.sh) units+=(planted) ;;
        esac
    done
    [ ${#files[@]} -gt 0 ] || continue
    [ ${#units[@]} -eq 0 ] || targets+=("$(out "$variant")/tests/units" "UNITS=${units[*]}")
    targets+=("$(out "$variant")/dbnbench")
    reason=''
    if why=$($make --no-print-directory -s VARIANT="$variant" probe 2>&1); then
        exec {console}>&1 # not 3 or 4, by which make hands out its jobs
        took=$({ time build "$variant" "${targets[@]}" >&"$console" 2>&1; } 2>&1 | awk '{ print int($1 + $2 + 0.5) }')
        echo "built $variant in $took s of CPU time"
        SPENT=$((SPENT + took))
    else
        reason="no program of this variant can be built and started here: ${why%%$'\n'*}"
        build release "${targets[@]/#build\/$variant/build}"
    fi
    for file in "${files[@]}"; do add "$variant" "$file"; done
done
if [[ golden == *$pattern* ]]; then
    [ -n "$(grep -s release/ "$jobs")" ] || build release build/dbnbench
    job golden tests/golden.sh
fi
[[ lint != *$pattern* ]] || job lint tests/lint.sh
export SPENT
tests/tally.sh <"$jobs"
