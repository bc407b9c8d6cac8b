#!/usr/bin/env bash
# The rules of the house that no compiler knows; docs/architecture.md gives the reasons. Each rule is a function that
# prints the lines that break it. Each is tried twice: on the tree, and on a file planted to break it, since a rule
# that cannot fail is none. `plant RULE FILE TEXT`, next to each rule, is that file.
set -u
shopt -s nullglob globstar extglob
cd "$(dirname "$0")/.." || exit 1
rules=()
declare -A planted_file planted_text
plant() { rules+=("$1") && planted_file[$1]=$2 && planted_text[$1]=$3; }

in_tree() { find . \( -path ./.git -o -path ./build -o -path './decoders/*/build' \) -prune -o \( "$@" \) -print; }
sources() { in_tree -name '*.[ch]' -o -name '*.def' -o -name '*.cc'; }
scripts() { in_tree -name '*.sh' -o -path ./.ci/run; }
texts()
{
    in_tree -type f ! -path './datasets/data/*' ! -path './results/*' ! -path './tests/golden/*' \
        ! -path './tests/fuzz/corpus/*' ! -name LICENSE
}
# in_files REGEX <FILES: the lines that match.
in_files() { xargs -r -d '\n' grep -nHIE -e "$1"; }
# includes ALLOWED FILE...: the include lines that are not among the allowed.
includes() { grep -nHE '^ *# *include' "${@:2}" /dev/null | grep -vE "include +($1)"; }

# --- who may include whom ---

plant core_includes dbn/x.c '#include "../backends/backend.h"'
core_includes()
{
    local libc='assert|errno|inttypes|limits|stdarg|stdbool|stddef|stdint|stdlib|string'
    includes "\"[a-z_]+\.(h|def)\"|<($libc|zstd|zstd_errors)\.h>" dbn/*
}

plant inflate_includes inflate/x.c '#include "../backends/backend.h"'
inflate_includes() { includes '"(\.\./dbn/)?[a-z_]+\.h"|<(std(bool|def|int)|string|xxhash)\.h>' inflate/*; }

plant backend_includes backends/x.c '#include "../harness/job.h"'
backend_includes() { includes '"(\.\./(dbn|inflate)/)?[a-z_]+\.h"|<' backends/*; }

plant lib_includes lib/x.c '#include "../harness/job.h"'
lib_includes() { includes '"(\.\./(dbn|backends)/)?[a-z_]+\.h"|<' lib/*.[ch]; }

plant dataset_includes datasets/x.c '#include "../harness/job.h"'
dataset_includes() { includes '"(\.\./dbn/)?[a-z_]+\.(h|def)"|<' datasets/*.*; }

# The folders of harness/ that are no command, and what each may use: the lower ones the ones above them.
layers='
text
options
results
machine   results
sinks     dbn
reference dbn backends text sinks
foreign   dbn backends decoders sinks reference results machine text
measure   dbn backends datasets text results machine sinks reference foreign analysis
analysis  results text
view      text results analysis machine
gate      text results foreign machine measure analysis view
'
plant harness_includes harness/view/x.c '#include "../measure/run.h"'
harness_includes()
{
    local folder others other paths
    while read -r folder others; do
        paths=
        for other in $others; do
            case $other in
            dbn | backends | datasets | decoders) paths+="|\.\./\.\./$other/" ;;
            *) paths+="|\.\./$other/" ;;
            esac
        done
        includes "\"(${paths#|}${paths:+|})[a-z_0-9]+\.(h|def)\"|<" "harness/$folder"/*.[ch]
    done < <(grep . <<<"$layers")
}

plant every_folder_has_a_layer harness/other/x.c 'int x;'
every_folder_has_a_layer()
{
    local folder
    for folder in harness/*/; do
        folder=${folder#harness/}
        grep -qE "^${folder%/}( |\$)" <<<"cli$layers"$'gbench\n' || echo "harness/$folder: not among the layers"
    done
}

plant no_circles harness/view/x.h '#include "../view/x.h"'
# Headers that include each other, directly or not.
no_circles()
{
    # shellcheck disable=SC2069 # what is found goes to standard error, the order of headers nowhere
    grep -HoE '^ *# *include "[^"]+\.h"' {dbn,inflate,backends,lib,datasets}/*.h harness/*/*.h /dev/null | awk -F '[:"]' '{
        n = split($1, to, "/") - 1
        m = split($3, by, "/")
        for (i = 1; i <= m; i++)
            if (by[i] == "..") n--; else to[++n] = by[i]
        path = to[1]
        for (i = 2; i <= n; i++) path = path "/" to[i]
        if (path == $1) print path "-", path
        print $1, path == $1 ? path "-" : path }' | tsort 2>&1 >/dev/null
}

# Backends, sinks and data sets are data: code that decides something by a name has to be changed when one is added.
plant no_names_in_conditions harness/x/x.c 'if (strcmp(b->name, "mmap") == 0)'
no_names_in_conditions()
{
    local names
    names=$(sed -n 's/^ *\.name = "\([a-z-]*\)".*/\1/p' backends/*.c harness/sinks/*.c 2>/dev/null)
    names+=$(sed -n 's/^DATASET("\{0,1\}\([a-z0-9-]*\).*/\n\1/p' datasets/*.def 2>/dev/null)
    grep -nHE "str(case)?cmp\([^;]*\"($(sort -u <<<"mmap
$names" | grep . | paste -sd '|'))\"\)" harness/*/*.[ch] /dev/null
}

plant only_gbench_is_cplusplus harness/x.cc 'int x;'
only_gbench_is_cplusplus()
{
    find . \( -path ./.git -o -path ./build -o -path ./harness/gbench -o -path ./decoders -o -path ./peers \) -prune \
        -o \( -name '*.cc' -o -name '*.cpp' -o -name '*.cxx' -o -name '*.hpp' \) -print
}

# --- what C files may not do ---

plant no_shell harness/x.c 'system("ls");'
no_shell() { sources | grep -v '^\./tests/' | in_files '\b(system|popen|wordexp) *\(|"(/bin/)?(ba)?sh"'; }

plant only_commands_print harness/measure/x.c 'fprintf(stderr, "x");'
only_commands_print()
{
    grep -nHE '\b(printf|vprintf|puts|putchar|perror|warnx?|errx?) *\(|\bstd(out|err)\b' \
        dbn/*.[ch] inflate/*.[ch] lib/*.[ch] backends/*.[ch] datasets/*.[ch] harness/!(cli|gbench)/*.[ch] /dev/null
}

plant no_locale harness/x.c 'setlocale(LC_ALL, "");'
no_locale() { sources | in_files '\b(set|new|use)locale *\('; }

plant no_unbounded_calls harness/x.c 'sprintf(to, from);'
no_unbounded_calls() { sources | in_files '\b(gets|sprintf|vsprintf|strtok|alloca|tmpnam|mktemp) *\('; }

# --- how text is laid out ---

# What stands in x.h speaks for x.c as well.
plant opening_comment dbn/x.c '#include "dbn.h"'
opening_comment()
{
    local file
    sources | xargs -r -d '\n' awk 'FNR == 1 && !/^\/[*\/]/ { print FILENAME }' | while read -r file; do
        [[ $file == *.c && -e ${file%.c}.h ]] || echo "$file: does not say what it is"
    done
}

plant no_blanks_at_line_ends docs/x.md 'text \ntext'
no_blanks_at_line_ends() { texts | in_files '[[:blank:]]$'; }

plant no_tabs dbn/x.c '\tint x;'
no_tabs() { sources | in_files $'\t'; }

plant no_long_lines dbn/x.c "/* $(printf '%0120d' 0) */"
# Scripts hold texts that are expected, each on one line.
no_long_lines() { { sources | in_files '^.{121}'; scripts | in_files '^.{161}'; }; }

plant nothing_left_open harness/x.c '/* TO''DO: more */'
nothing_left_open() { texts | in_files '\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b'; }

plant newline_at_the_end docs/x.md 'text\c'
newline_at_the_end()
{
    local file
    texts | xargs -r -d '\n' grep -lI '' | while read -r file; do
        [ "$(tail -c 1 "$file" | wc -l)" -eq 1 ] || echo "$file: no newline at its end"
    done
}

# In the README and in what `dbnbench help` prints, as tests/golden/ has it: 25 words at most. Code within a sentence is a
# word.
plant no_long_sentences tests/golden/help.txt "It $(printf 'very %.0s' {1..24})long is."
no_long_sentences()
{
    local file
    for file in README.md tests/golden/help*.txt; do
        [ -e "$file" ] || continue
        awk -v file="$file" '
            function check(    n, i, k, words, sentences, count) {
                gsub(/`[^`]*`/, "code", text); gsub(/\]\([^)]*\)/, "]", text)
                n = split(text, sentences, /[.!?]["\047)]* /)
                for (i = 1; i <= n; i++) {
                    count = split(sentences[i], words, / +/)
                    for (k = count; k > 0; k--) if (words[k] !~ /[[:alnum:]]/) count--
                    if (count > 25) print file ": " count " words: " substr(sentences[i], 1, 90)
                }
                text = ""
            }
            /^```/ { fenced = !fenced; check(); next }
            fenced || /^ *\|/ || /^    [^ ]/ || /^Usage:/ || /^  dbnbench / || /^!\[/ { check(); next }
            /^ *$/ || /^#/ || /^ *([-*]|[0-9]+\.) / || /^  +-/ || /^  [a-z]+  +/ { check() }
            { sub(/^  +(-[a-z], )?--[a-z-]+( [A-Z]+)?/, ""); text = text " " $0 " " }
            END { check() }' "$file"
    done
}

# --- what belongs together ---

plant manual_names_every_command harness/cli/commands.h 'COMMAND(x)'
manual_names_every_command()
{
    local name
    sed -n 's/^COMMAND(\([a-z_]*\)).*/\1/p' harness/cli/commands.h 2>/dev/null | while read -r name; do
        grep -qsE "^\.(B|BI|SS) \"?$name\b" docs/dbnbench.1 || echo "docs/dbnbench.1: nothing about $name"
    done
}

# In back-ticks and links of Markdown: what has an extension of ours, or begins with one of our folders. Words in capitals
# stand for other names. A file that is there but not tracked is in no other checkout.
plant named_files_exist docs/x.md 'see [that](y.md) and `harness/NAME.c`'
named_files_exist()
{
    in_tree -name '*.md' ! -path './plots/out/*' | xargs -r awk '
        function is_there(path,    file) {
            while (sub(/[^\/.]+\/\.\.\//, "", path)) continue
            if (path in files || path in folders || path in names) return 1
            gsub(/\./, "[.]", path)
            if (gsub(/\*/, "[^/]*", path)) for (file in files) if (file ~ "^" path "$") return 1
        }
        function check(word,    top, capitals, from) {
            sub(/#.*/, "", word); sub(/\/$/, "", word)
            top = word; sub(/\/.*/, "", top)
            capitals = word; gsub(/README/, "", capitals)
            from = FILENAME; sub(/[^\/]*$/, "", from)
            if (word !~ /^[A-Za-z0-9_.*-][A-Za-z0-9_.\/*-]*$/ || capitals ~ /[A-Z][A-Z]/) return
            if (word ~ /^(datasets\/data|plots\/out)/ || is_there(word) || is_there(substr(from, 3) word)) return
            if (word ~ /\.(md|[ch]|cc|def|sh|py|jsonl?|gp|css|js|yml)$/ || (word ~ /\// && top in folders))
                print FILENAME ": there is no " word
        }
        FNR == NR {
            files[$0]
            for (folder = $0; sub(/\/[^\/]*$/, "", folder);) folders[folder]
            sub(/.*\//, ""); names[$0]
            next
        }
        { while (match($0, /`[^`]+`|\]\([^)]+\)/)) {
              n = split(substr($0, RSTART, RLENGTH), words, /[`()\[\] \n]+/)
              $0 = substr($0, RSTART + RLENGTH)
              for (i = 1; i <= n; i++) check(words[i]) } }
        ' <(git ls-files 2>/dev/null | grep . || in_tree -type f | cut -c 3-) RS=
}

# --- tools that may be missing: a line that begins with "skip: " says so ---

plant shell_scripts tests/x.sh '#!/bin/sh\ncd /tmp && x=`ls $1`\nrm $y/*'
shell_scripts()
{
    command -v shellcheck >/dev/null || { echo "skip: shellcheck is not installed"; return; }
    scripts | xargs -r -d '\n' shellcheck -x -P SCRIPTDIR --severity=warning -f gcc
}

# Every version lays out some lines in another way, so one of them has to decide.
plant layout_of_c dbn/x.c 'int   x ( void ){return 0 ;}'
layout_of_c()
{
    local tool
    tool=$(command -v clang-format-14 || command -v clang-format)
    "${tool:-false}" --version 2>/dev/null | grep -q 'version 14\.' ||
        { echo "skip: clang-format 14 is not installed"; return; }
    sources | grep '\.[ch]$' | xargs -r -d '\n' "$tool" --dry-run 2>&1 | grep -E '(warning|error):'
}

# --- running them ---

passed=0 failed=0 skipped=0
report() # CASE VERDICT [REASON]
{
    case $2 in
    ok) passed=$((passed + 1)) && echo "ok $1" ;;
    skip) skipped=$((skipped + 1)) && echo "skip $1: $3" ;;
    FAIL) failed=$((failed + 1)) && echo "FAIL $1: $3" ;;
    esac
}

holds() # RULE
{
    local found
    found=$($1)
    case $found in
    '') report "$1" ok ;;
    'skip: '*) report "$1" skip "${found#skip: }" ;;
    *)
        report "$1" FAIL "$(wc -l <<<"$found") places"
        head -n 20 <<<"$found" | sed 's/^/    /'
        ;;
    esac
}

can_fail() # RULE
{
    local tree found
    tree=$(mktemp -d)
    mkdir -p "$tree/${planted_file[$1]%/*}"
    cp .clang-format "$tree"
    printf '%b\n' "${planted_text[$1]}" >"$tree/${planted_file[$1]}"
    found=$(cd "$tree" && $1)
    rm -rf "$tree"
    case $found in
    '') report "$1.can_fail" FAIL "it did not notice what was planted" ;;
    'skip: '*) report "$1.can_fail" skip "${found#skip: }" ;;
    *) report "$1.can_fail" ok ;;
    esac
}

for rule in "${rules[@]}"; do
    holds "$rule"
    can_fail "$rule"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
