# Throughput of each case: median and interval, and the limit that bounds it.
# row, label, dataset, backend, sink, threads, block, rate, low, high, limit
height = 120 + 21 * rows
set yrange [rows - 0.5 : -0.5]
set logscale x
set xlabel 'million records a second'
set format x '%g'
set grid xtics noytics
set offsets graph 0, graph 0, 0, 0
lowest = 1e300; highest = 0
see(v) = v == v ? (lowest = v < lowest ? v : lowest, highest = v > highest ? v : highest, v) : 0
set table $unused
do for [c = 8:11] { # one at a time: gnuplot 6 leaves out a row of which any column is missing
    plot data skip 1 using (see(column(c)), 0) with table
}
unset table
if (highest == 0) { lowest = 1; highest = 10 }
set xrange [lowest / 1.3 : highest * 1.3]
# Without decades to stand on, an axis needs ticks of its own.
if (highest / lowest < 12) { set xtics auto; unset logscale x; set xrange [0 : highest * 1.08] }
set tmargin at screen 1 - 68.0 / height
eval entry(1, 0.03, 'median, interval', 7, '#0072B2')
eval entry(2, 0.28, 'limit', 4, '#D55E00')
do for [kind = 1:2] {
    eval start(kind)
    plot data skip 1 using 11:1:(column(11)):(column(11)):(column(1) - 0.38):(column(1) + 0.38):ytic(2) \
             with boxxyerror fs empty lc rgb '#D55E00' lw 2, \
         data skip 1 using 8:1:9:10 with xerrorbars pt 7 ps 0.9 lw 1.6 lc rgb '#0072B2'
    unset output
}
