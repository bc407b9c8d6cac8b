# What each step promised and gave. A bar reaches from what the step builds on to what it came to, in times as fast as the
# first; the thin mark above it is what was promised.
# row, step, gain, promised, verdict, outcome (0: gained, 1: lost, 2: neither), from, to, low, high, promised_low, promised_high
array fills[3] = [ours, loss, rest]
set table $unused
plot data skip 1 using (count(column(1), strcol(2)), 0) with table
do for [c in '8 10 12'] { plot data skip 1 using (see(column(int(c))), 0) with table }
unset table
do for [kind = 1:3] {
    narrow = kind == NARROW
    width = wide_or_narrow(kind, 720, 352)
    columns = wide_or_narrow(kind, 5, 3)
    left = narrow ? 4 : 14 + 7.7 * (longest < 34 ? longest : 34)
    right = narrow ? 12 : 258
    top = key_end(5) + (narrow ? 4 : 22)
    height = top + (narrow ? 48 : 34) * rows + 30
    eval start(kind)
    eval frame(left, right, top, 30)
    eval patch(0, 'gained', ours)
    eval patch(1, 'lost', loss)
    eval patch(2, 'neither', rest)
    eval dash(3, 'promised', 'lc rgb dim lw 5')
    eval dash(4, '95 % interval', 'lc rgb ink lw 1.2')
    set xrange [0 : most * 1.01]
    set yrange [rows - 0.5 : -0.5]
    eval ticks(most, narrow ? 4 : 5)
    set arrow from 0, graph 0 to 0, graph 1 nohead front lc rgb dim lw 1
    if (!narrow) {
        set label 'gain' at graph 1, graph 1 right offset 5.3, 0.7 textcolor rgb dim font 'DejaVu Sans,12'
        set label 'promised' at graph 1, graph 1 left offset 6.7, 0.7 textcolor rgb dim font 'DejaVu Sans,12'
        set label 'verdict' at graph 1, graph 1 left offset 16.5, 0.7 textcolor rgb dim font 'DejaVu Sans,12'
    }
    above = narrow ? -0.3 : 0
    plot for [i = 0:2] data skip 1 using ($6 == i ? ($7 + $8) / 2 : NaN):($1 + 0.16):7:8:($1 + 0.02):($1 + 0.30) \
             with boxxyerror fc rgb fills[i + 1] fs solid border lc rgb fills[i + 1], \
         data skip 1 using (($11 + $12) / 2):($1 - 0.12):11:12:($1 - 0.17):($1 - 0.07) with boxxyerror fc rgb dim fs solid \
             border lc rgb dim, \
         data skip 1 using 8:($1 + 0.16):9:10 with xerrorbars pt 0 lw 1.2 lc rgb ink, \
         data skip 1 using (narrow ? 0 : NaN):($1 - 0.36):2 with labels left offset 0.4, 0 textcolor rgb ink, \
         data skip 1 using (narrow ? most : NaN):($1 - 0.36):(strcol(3).'  '.strcol(5)) with labels right textcolor rgb ink \
             font 'DejaVu Sans,12', \
         data skip 1 using (narrow ? NaN : 0):($1 + 0.1):2 with labels right offset -0.8, 0 textcolor rgb ink, \
         data skip 1 using (narrow ? NaN : most):($1 + 0.1):3 with labels right offset 5.3, 0 textcolor rgb ink font bold(13), \
         data skip 1 using (narrow ? NaN : most):($1 + 0.1):4 with labels left offset 6.7, 0 textcolor rgb dim \
             font 'DejaVu Sans,12', \
         data skip 1 using (narrow ? NaN : most):($1 + 0.1):5 with labels left offset 16.5, 0 textcolor rgb ink
    unset output
}
