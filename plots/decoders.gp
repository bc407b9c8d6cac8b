# Decoders side by side: CPU time as a ratio to the least, and its interval.
# row, label, dataset, sink, ratio, low, high
height = 110 + 21 * rows
set yrange [rows - 0.5 : -0.5]
set logscale x
set xlabel 'CPU time, as a ratio to the least'
set format x '%g'
set grid xtics noytics
most = 1
set table $unused
plot data skip 1 using (most = column(7) > most ? column(7) : most, 0) with table
unset table
set xrange [0.9 : most * 1.3]
# Without decades to stand on, an axis needs ticks of its own.
if (most < 12) { set xtics auto; unset logscale x; set xrange [0 : most * 1.08] }
do for [kind = 1:2] {
    eval start(kind)
    plot data skip 1 using 5:1:6:7:ytic(2) with xerrorbars pt 7 ps 0.9 lw 1.6 lc rgb '#0072B2'
    unset output
}
