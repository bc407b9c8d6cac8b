# Throughput by threads, and what models make of it. gnuplot leaves out line and key of one that is NaN throughout.
# threads, measured, low, high, capacity, amdahl, usl, simulated
set xlabel 'threads'
set ylabel 'millions a second'
set yrange [0 : *]
stats data skip 1 using 1 nooutput
set xrange [STATS_min - 0.3 : STATS_max + 0.3]
if (STATS_max > 8 * STATS_min) { set logscale x 2; set xrange [STATS_min / 1.2 : STATS_max * 1.2] }
set key on outside right center vertical samplen 2.5
array named[8] = ['', '', '', '', "machine's capacity", "Amdahl's law (fitted model)", \
    'USL (fitted model)', 'simulated (model)']
array dashes[8] = [1, 1, 1, 1, 1, 4, 5, 2]
do for [kind = 1:2] {
    eval start(kind)
    plot for [i = 5 : 8] data skip 1 using 1:(column(i)):xtic(1) with linespoints pt (i == 5 ? 4 : 0) ps 1.2 lw 2 \
            dt dashes[i] lc rgb colour(i - 4) title named[i], \
        data skip 1 using 1:2:3:4:xtic(1) with yerrorbars pt 7 ps 1.2 lw 1.6 lc rgb '#0072B2' \
            title 'measured, interval'
    unset output
}
