# Where the time of each backend goes: its parts, in per cent of the whole.
# row, label, dataset, backend, whole, part, part number, share, low, high, from, to
height = 175 + 30 * rows
set yrange [rows - 0.5 : -0.5]
set xlabel 'per cent of the CPU time of the whole'
set grid xtics noytics
array named[16]
array filled[16] = ['#0072B2', '#56B4E9', '#E69F00', '#CC79A7', '#009E73', '#D55E00', '#F0E442', '#A07800', '#9a9ca0', \
    '#9a9ca0', '#9a9ca0', '#9a9ca0', '#9a9ca0', '#9a9ca0', '#9a9ca0', '#9a9ca0']
parts = 0
least = 0; most = 100
set table $unused
plot data skip 1 using (parts = column(7) + 1 > parts ? int(column(7)) + 1 : parts, \
    least = column(12) < least ? column(12) : least, most = column(12) > most ? column(12) : most, 0) with table
do for [i = 0 : parts - 1] {
    label = ''; width_of = 0
    plot data skip 1 using (int(column(7)) == i ? (label = strcol(6), column(8) == column(8) && column(8) != 0 ? \
        width_of = 1 : 0) : 0, 0) with table
    named[i + 1] = width_of ? label : ''
}
unset table
set xrange [least * 1.05 : most * 1.03]
set arrow 1 from 100, graph 0 to 100, graph 1 nohead front lc rgb ink lw 1.2 dt 2
set arrow 2 from 0, graph 0 to 0, graph 1 nohead front lc rgb ink lw 1
# A key of its own, over the whole width: gnuplot's would silently lose what does not fit above the bars.
set tmargin at screen 1 - 95.0 / height
shown = 0
do for [i = 1 : parts] {
    if (strlen(named[i])) {
        x = 0.03 + 0.195 * (shown % 5); y = 1 - (18.0 + 20 * (shown / 5)) / height
        set object 10 + i rectangle center screen x, y size screen 0.014, 11.0 / height fs solid 1 noborder \
            fc rgb filled[i]
        set label 10 + i named[i] at screen x + 0.014, y left textcolor rgb ink
        shown = shown + 1
    }
}
do for [kind = 1:2] {
    eval start(kind)
    plot data skip 1 using (0):1:ytic(2) with points pt 0 lc rgb '#ffffff', \
        for [i = 0 : parts - 1] data skip 1 \
        using (int(column(7)) == i ? (column(11) + column(12)) / 2 : NaN):1:11:12:(column(1) - 0.34):(column(1) + 0.34) \
        with boxxyerror fs solid 1 border lc rgb '#ffffff' fc rgb filled[i + 1]
    unset output
}
