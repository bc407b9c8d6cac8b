# Every sample as a ratio to its case's median, in the order of time from the top of a row to its bottom.
# row, label, dataset, round, rounds, time, time of the median
height = 120 + 26 * rows
set yrange [rows - 0.5 : -0.5]
set xlabel "time as a ratio to the case's median"
set grid xtics noytics
at(row, round, rounds) = row + 0.7 * ((round + 0.5) / rounds - 0.5)
set arrow 1 from 1, graph 0 to 1, graph 1 nohead back lc rgb ink lw 1
least = 0.95; most = 1.05
set table $unused
plot data skip 1 using (least = column(7) < least ? column(7) : least, most = column(7) > most ? column(7) : most, 0) \
    with table
unset table
set xrange [least - 0.02 * (most - least) : most + 0.02 * (most - least)]
do for [kind = 1:2] {
    eval start(kind)
    plot data skip 1 using 7:(at(column(1), column(4), column(5))):(int(column(1)) % 2 ? 0xD55E00 : 0x0072B2) \
             with points pt 7 ps 0.6 lc rgb variable, \
         data skip 1 using (1):1:ytic(2) with dots lc rgb ink
    unset output
}
