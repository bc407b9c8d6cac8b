# What each step promised beside what it gave, and what all steps so far came to.
# step, promised_low, promised_high, measured, low, high, all
n = -1; lowest = 1; highest = 1
see(v) = v == v ? (lowest = v < lowest ? v : lowest, highest = v > highest ? v : highest, v) : 0
set table $unused
plot data skip 1 using (n = n + 1, 0) with table
do for [c = 2:7] { # one at a time: gnuplot 6 leaves out a row of which any column is missing
    plot data skip 1 using (see(column(c)), 0) with table
}
unset table
rows = n + 1
height = 150 + 44 * rows
set yrange [rows - 0.5 : -0.5]
set logscale x
set format x '%g'
set xlabel 'times as fast'
set xrange [lowest / 1.3 : highest * 1.3]
if (highest / lowest < 12) { set xtics auto; unset logscale x; set xrange [0 : highest * 1.08] }
set grid xtics noytics
set arrow 1 from 1, graph 0 to 1, graph 1 nohead back lc rgb ink lw 1 dt 2
set tmargin at screen 1 - 68.0 / height
eval entry(1, 0.03, 'promised', 5, '#56B4E9')
eval entry(2, 0.2, 'measured, interval', 7, '#D55E00')
eval entry(3, 0.46, 'all steps so far', 13, '#009E73')
do for [kind = 1:2] {
    eval start(kind)
    plot data skip 1 using (1):0:ytic(1) with dots lc rgb ink, \
         data skip 1 using (($2 + $3) / 2):0:2:3:($0 - 0.30):($0 + 0.02) with boxxyerror fs solid 1 \
             border lc rgb '#56B4E9' lw 2 fc rgb '#56B4E9', \
         data skip 1 using 4:($0 + 0.16):5:6 with xerrorbars pt 7 ps 1.1 lw 1.8 lc rgb '#D55E00', \
         data skip 1 using 7:($0 + 0.33) with points pt 13 ps 1.3 lc rgb '#009E73'
    unset output
}
