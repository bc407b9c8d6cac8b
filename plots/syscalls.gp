# System calls for each record. A logarithmic axis has no zero: cases without any are drawn left of a break.
# row, label, dataset, backend, threads, block, reads, calls
height = 130 + 19 * rows
set yrange [rows - 0.5 : -0.5]
set logscale x
set xlabel 'system calls a record'
set grid xtics noytics
lowest = 1e300; highest = 1e-300
see(v) = v > 0 ? (lowest = v < lowest ? v : lowest, highest = v > highest ? v : highest, v) : 0
set table $unused
plot data skip 1 using (see(column(7)), see(column(8)), 0) with table
unset table
if (lowest > highest) { lowest = 1e-3; highest = 1 }
decade = 10 ** floor(log10(lowest))
none = decade / 10
shown(v) = v > 0 ? v : none
set xrange [none / 2 : highest * 3]
set format x '%g'
set xtics ('none' none)
do for [e = int(log10(decade)) : int(ceil(log10(highest)))] {
    mark = 10.0 ** e
    set xtics add ((e < -4 ? sprintf('1e%d', e) : sprintf('%g', mark)) mark)
}
set arrow 1 from decade / 3.2, graph 0 to decade / 3.2, graph 1 nohead lc rgb faint dt 2
set tmargin at screen 1 - 68.0 / height
eval entry(1, 0.03, 'reads', 7, '#0072B2')
eval entry(2, 0.16, 'all calls of the backend', 6, '#D55E00')
do for [kind = 1:2] {
    eval start(kind)
    plot data skip 1 using (shown(column(8))):1:ytic(2) with points pt 6 ps 1.3 lw 1.6 lc rgb '#D55E00', \
         data skip 1 using (shown(column(7))):1 with points pt 7 ps 0.8 lc rgb '#0072B2'
    unset output
}
