#!/usr/bin/env bash
# Builds every variant and runs every test in it; see tally.sh for what is printed. `make test` calls this.
#
#   VARIANTS   which to build, "release asan clang tsan" by default
#   TESTS      only tests with this in their label, as in "asan/unit/zstd", "cli/" or "release/*stats"
#   V          not empty: name passed cases too
#
# A program whose first line says "tsan" runs in that variant as well; one that says "release only" in no other.
# A variant's run of a case counts as a case. Where a variant cannot be built, its cases are skipped one by one.
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

out() { if [ "$1" = release ]; then echo build; else echo "build/$1"; fi; }

# wanted FILE VARIANT: does it run in this variant, and was it asked for?
wanted()
{
    local first label
    read -r first <"$1"
    [[ $1 == *.sh ]] && read -r first < <(sed -n 2p "$1")
    case $2 in
    release) ;;
    tsan) [[ $first == *tsan* ]] || return ;;
    asan) [[ $first != *"release only"* ]] || return ;;
    *) [[ $1 == *.c && $first != *"release only"* ]] || return ;;
    esac
    label=$2/$(label "$1")
    # shellcheck disable=SC2053 # a pattern is meant
    [[ -z $pattern || $label == *$pattern* ]]
}

label() { local name=${1#tests/}; echo "${name%.*}"; }

# build VARIANT TARGET...: what cannot be built is not there afterwards, not even from an earlier time.
build()
{
    local variant=$1 again
    shift
    for again in 1 2; do
        $make --no-print-directory -k VARIANT="$variant" WERROR=1 "$@" >"build/$variant.log" 2>&1 && return
        [ "$again" = 2 ] || rm -f "$@"
    done
}

job() { printf '%s\t%s\n' "$1" "$2" >>"$jobs"; }

# add VARIANT FILE: its job, or one that says why there is none.
add()
{
    local variant=$1 file=$2 name dir command
    name=$(label "$file") dir=$(out "$variant")
    case $file in
    *.c) command=$dir/${file%.c} ;;
    *) command="VARIANT=$variant BUILD=${PWD@Q}/$dir DBNBENCH=${PWD@Q}/$dir/dbnbench bash $file" ;;
    esac
    if [ -n "$reason" ]; then
        [[ $file == *.c ]] && command=build/${file%.c}
        command+=" --skip $(printf %q "$reason")"
    elif [[ $file == *.c && ! -x $command ]] || [[ $file == *.sh && ! -x $dir/dbnbench ]]; then
        command="echo 'FAIL build: it does not compile, see build/$variant.log'"
        command+="; grep -Em 5 'error:|undefined' build/$variant.log | sed 's/^/    /'"
        command+="; echo '0 passed, 1 failed, 0 skipped'; exit 1"
    elif [ "$variant" = tsan ] && setarch -R true 2>/dev/null; then
        command="setarch -R $command" # the layouts of some kernels leave no room for what TSan maps
    fi
    job "$variant/$name" "$command"
}

mkdir -p build
for variant in $variants; do
    files=() targets=()
    for file in tests/unit/*.c tests/cli/*.sh; do
        if [[ ! -e $file || $file == */lib.sh ]] || ! wanted "$file" "$variant"; then continue; fi
        files+=("$file")
        case $file in
        *.c) targets+=("$(out "$variant")/${file%.c}") ;;
        */gbench.sh) targets+=("$(out "$variant")/dbnbench" gbench-if-possible) ;;
        *) targets+=("$(out "$variant")/dbnbench" "$(out "$variant")/tests/planted") ;;
        esac
    done
    [ ${#files[@]} -gt 0 ] || continue
    reason=''
    if why=$($make --no-print-directory -s VARIANT="$variant" probe 2>&1); then
        echo "building $variant"
        build "$variant" "${targets[@]}"
    else
        reason="no program of this variant can be built and started here: ${why%%$'\n'*}"
        build release "${targets[@]/#build\/$variant/build}"
    fi
    for file in "${files[@]}"; do add "$variant" "$file"; done
done
[[ lint != *$pattern* ]] || job lint tests/lint.sh

minimum=1
[ -n "$pattern${VARIANTS:-}" ] || minimum=$(cat tests/minimum) || exit 1
tests/tally.sh "$minimum" <"$jobs"
