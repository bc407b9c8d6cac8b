# Throughput by threads, and what models make of it; gnuplot leaves out the line and the key of one that is NaN everywhere.
# threads, measured, low, high, capacity, amdahl, usl, simulated
set xlabel 'threads'
set ylabel 'million records a second'
set yrange [0 : *]
stats data skip 1 using 1 nooutput
set xrange [STATS_min - 0.3 : STATS_max + 0.3]
set key on outside right center vertical samplen 2.5
array model[8] = ['', '', '', '', 'capacity', 'Amdahl (model)', \
    'USL (model)', 'simulated (model)']
array dashes[8] = [1, 1, 1, 1, 2, 4, 5, 3]
do for [kind = 1:2] {
    eval start(kind)
    plot for [i = 5 : 8] data skip 1 using 1:(column(i)):xtic(1) with lines lw 2 dt dashes[i] lc rgb colour(i - 4) \
             title model[i], \
         data skip 1 using 1:2:3:4:xtic(1) with yerrorbars pt 7 ps 1.2 lw 1.6 lc rgb '#0072B2' title 'measured, interval'
    unset output
}
