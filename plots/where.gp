# Where the time of each backend goes: its parts, in per cent of the whole, side by side.
# row, label, whole, part, part's number, share, from, to
array fills[9] = [ours, olive, plum, loss, dim, pale, green, theirs, rest]
array letters[9] = [on, on, on, on, on, over, on, over, over]
array named[9]
do for [i = 1:9] { named[i] = '' }
set table $unused
plot data skip 1 using (count(column(1), strcol(2)), named[int($5) + 1] = $8 > $7 ? strcol(4) : named[int($5) + 1], 0) with table
unset table
entries = 0
do for [i = 1:9] { entries = entries + (strlen(named[i]) > 0) }
do for [kind = 1:3] {
    width = wide_or_narrow(kind, 720, 352)
    columns = wide_or_narrow(kind, 5, 3)
    top = key_end(entries) + 4
    height = top + 56 * rows + 30
    eval start(kind)
    eval frame(14, 22, top, 30)
    k = 0
    do for [i = 1:9] {
        if (strlen(named[i])) {
            eval patch(k, named[i], fills[i])
            k = k + 1
        }
    }
    set xrange [0 : 100]
    set yrange [rows - 0.5 : -0.5]
    set xtics 0, 25, 100 format '%g %%'
    fits(share) = share > wide_or_narrow(kind, 8, 16) # a number
    spells(share, part) = fits(share) && share * (width - 16) / 100 > 8 * strlen(part) + 50 # and its name
    plot for [i = 1:9] data skip 1 using ($5 == i - 1 ? ($7 + $8) / 2 : NaN):($1 + 0.15):7:8:($1 - 0.05):($1 + 0.37) \
             with boxxyerror fs solid border lc rgb ground fc rgb fills[i], \
         for [i = 1:9] data skip 1 using ($5 == i - 1 && fits($8 - $7) ? $7 : NaN):($1 + 0.16): \
             (spells($8 - $7, strcol(4)) ? strcol(4).' '.strcol(6) : strcol(6)) with labels left offset 0.7, 0 font bold(12) \
             textcolor rgb letters[i], \
         data skip 1 using ($5 == 0 ? 0 : NaN):($1 - 0.25):2 with labels left font bold(13) textcolor rgb ink, \
         data skip 1 using ($5 == 0 ? 100 : NaN):($1 - 0.25):3 with labels right font 'DejaVu Sans,12' textcolor rgb dim
    unset output
}
